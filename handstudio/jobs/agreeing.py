"""Say how far two annotators agree: two people of one project, or this project and another."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from handstudio.errors import HandStudioError
from handstudio.project import Project
from handstudio.project.opening import DATABASE_NAME
from handstudio.project.records import DECIDED, Pose, State
from handstudio.review.agreement import Agreement, Pair, agreement, pairs_of
from handstudio.review.other_project import pairs_with
from handstudio.scoring.bars import joints_svg
from handstudio.scoring.curves import fingers_svg, pck_mm_svg, pck_svg

from .references import reference_from_file
from .workplace import open_project

if TYPE_CHECKING:
    from .command import Result, Work

TITLE: Final = "Joints of two annotators within a distance"


@dataclass(frozen=True)
class Compared:
    """Two annotators, their agreement, and what of a file could not be used."""

    found: Agreement
    problems: tuple[str, ...] = ()


def run(
    work: Work,
    project_path: Path,
    other: Path | None = None,
    between: tuple[str, str] | None = None,
    blind_only: bool = False,
    count: int = 20,
    curves: Path | None = None,
) -> Result:
    """Does ``handstudio agree``; keys ``annotators hands blind poses states disagreements curves``.

    ``poses`` has the figures of ``evaluate`` (``None`` where no hand has a pose by both), ``states`` Cohen's
    ``kappa``; ``count`` disagreements are listed, the largest first.

    Raises:
        HandStudioError: when there is nothing that both decided.
    """
    with open_project(project_path, to_read=True) as project:
        work.shown.report(0, None, "steps", "Comparing")
        compared = compared_with(project, other) if other is not None else None
        if compared is None:
            compared = Compared(between_people(project, between, blind_only))
        found = compared.found
        names = {record.id: record.name for record in project.sequences()}
        told = found.to_json(count)
        for row in told["disagreements"]:
            row["sequence"] = names[row["sequence_id"]]
        return {
            **told,
            "problems": list(compared.problems),
            "curves": [str(path) for path in _drawn(curves, found)] if curves is not None else [],
        }


def between_people(
    project: Project, people: tuple[str, str] | None = None, blind_only: bool = False
) -> Agreement:
    """Two people of one project; those with most hands in common where none are named.

    Raises:
        HandStudioError: when no two people decided the same hand, or one of them nothing.
    """
    if people is None:
        pairs = project.annotator_pairs()
        if not pairs:
            raise HandStudioError(
                "No two people decided the same hand",
                project.path,
                "Let a second one annotate hands of the first blind (in the window), or name another project",
            )
        people = pairs[0][:2]
    said = project.annotations(*people)
    if not said:
        people = _known(project, people)
        said = project.annotations(*people)
    return agreement(project, people, pairs_of(said, blind_only))


def _known(project: Project, people: tuple[str, str]) -> tuple[str, str]:
    """Their names as they stand in the project, whatever the capitals.

    Raises:
        HandStudioError: when one of them decided nothing.
    """
    known = project.hands_by_person()
    names = {name.casefold(): name for name in known}
    for name in people:
        if name not in known and name.casefold() not in names:
            there = ", ".join(sorted(known, key=str.casefold)) or "nobody yet"
            raise HandStudioError(f"{name} decided nothing", project.path, f"Who decided: {there}")
    one, other = (name if name in known else names[name.casefold()] for name in people)
    return one, other


def compared_with(project: Project, other: Path) -> Compared:
    """This project and another one, or an export, of the same footage.

    Raises:
        HandStudioError: when it is neither, or they have nothing in common.
    """
    names = _named_apart(project.path, other)
    if (other / DATABASE_NAME).exists():
        with Project.open(other, read_only=True) as second:
            return Compared(agreement(project, names, pairs_with(project, second)))
    if not other.is_file():
        raise HandStudioError("There is no project or export", other, "Name a project's folder, or a file")
    reference = reference_from_file(project, other)
    pairs = []
    for record in project.hands(reference.hand_ids.tolist()):
        if record.state in DECIDED and record.state is not State.AUTO_ACCEPTED:
            label = project.label_of(record.id)
            row = reference.row_of(record.id)
            depth = None if reference.depth is None else reference.depth[row]
            theirs = Pose(reference.uv[row], [float("nan")] * 21 if depth is None else depth)  # type: ignore[arg-type]
            mine = None if label is None else label.pose
            pairs.append(Pair(record.id, (record.state, State.FIXED), (mine, theirs), blind=True))
    return Compared(agreement(project, names, pairs), reference.problems)


def _named_apart(one: Path, other: Path) -> tuple[str, str]:
    """Names of two places that tell them apart."""
    first, second = one.resolve(), other.resolve()
    if first.name != second.name:
        return first.name, second.name
    return f"{first.parent.name}/{first.name}", f"{second.parent.name}/{second.name}"


def _drawn(folder: Path, found: Agreement) -> list[Path]:
    """The PCK curves, of fingers too, and a bar per joint (SVG)."""
    if found.evaluation is None:
        return []
    name = f"{found.names[0]} and {found.names[1]}"
    drawings = {
        "pck": pck_svg({name: found.evaluation}, TITLE),
        "pck_fingers": fingers_svg(found.evaluation, f"{TITLE}, by finger"),
        "joints": joints_svg(found.evaluation, "Mean distance of two annotators, by joint"),
    }
    if found.evaluation.hands_mm:
        drawings["pck_mm"] = pck_mm_svg({name: found.evaluation}, f"{TITLE}, 3D, roots aligned")
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"agreement_{what}.svg" for what in drawings]
    for path, drawing in zip(paths, drawings.values(), strict=True):
        path.write_text(drawing, "utf-8")
    return paths
