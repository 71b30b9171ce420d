"""Fit the bone lengths of a project's people to their reviewed hands, and use them from then on."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from handstudio.errors import HandStudioError
from handstudio.hand.bone_fitting import LEAST_HANDS, BoneFit, fit_bone_lengths
from handstudio.hand.lift import reference_length, root_depth
from handstudio.hand.shape import PersonalTemplate
from handstudio.hand.skeleton import BONES, JOINT_NAMES, OUTSIDE, REFERENCE_CHILD
from handstudio.hand.surface import scale_from_surface_mm
from handstudio.hand.template import relative_bone_lengths
from handstudio.media.source import FrameProblem, read_stored
from handstudio.project import Project
from handstudio.project.commands import Bulk, SetFitted
from handstudio.project.records import BY_PEOPLE, Floats, HandQuery, PoseTable, SequenceRecord

from .stopping import cancel_point
from .workplace import chosen_sequences, open_project

if TYPE_CHECKING:
    from .command import Result, Work

"""What a person decided; hands that the machine accepted are its own proposals."""
MOST_DEPTHS: Final = 60
"""Frames of a person whose depth is read for the hand's size: their median stands still long before."""


def run(
    work: Work,
    project_path: Path,
    sequences: Sequence[str] | None = None,
    least: int = LEAST_HANDS,
    keep: bool = True,
    remove: bool = False,
    who: str = "person",
) -> Result:
    """Does ``handstudio fit template``; keys ``project people removed problems``.

    Args:
        work: where to show progress.
        project_path: the project.
        sequences: names; by default all sequences with a subject. Of a sequence without one that is named
            here, all hands are taken for one person's.
        least: hands that must show a bone.
        keep: whether the project uses what is fitted.
        remove: go back to the template of the program instead.
        who: for the audit trail.

    Raises:
        HandStudioError: when nobody has enough reviewed hands.
        CancelledError: when it was stopped.
    """
    with open_project(project_path, to_read=not (keep or remove)) as project:
        chosen = chosen_sequences(project, sequences)
        people = _people(chosen if sequences else [each for each in chosen if each.subject])
        if remove:
            names = sorted(
                set(project.templates()) & (set(people) if sequences else set(project.templates()))
            )
            _apply(project, [SetFitted("template", name, None) for name in names], who)
            return {"project": str(project_path), "people": [], "removed": names, "problems": []}
        if not people:
            raise HandStudioError(
                "No sequence says whose hands it shows",
                project_path,
                "Name those that show one person each, with --sequences",
            )
        problems: list[str] = []
        found: list[tuple[PersonalTemplate, dict[str, Any]]] = []
        for done, (person, records) in enumerate(people.items()):
            work.shown.report(done, len(people), "people", person)
            cancel_point(work.stop)
            hands = _Hands.read(project, records)
            try:
                fit = fit_bone_lengths(hands.table.uv, hands.table.depth, hands.K, hands.known, least)
            except ValueError:
                problems.append(f"{person}: {len(hands)} reviewed hands, {least} are needed")
                continue
            size = hands.reference_mm(project, fit.lengths, problems)
            template = PersonalTemplate(fit.lengths, size, len(hands))
            found.append((template, _told(person, records, template, fit)))
        work.shown.report(len(people), len(people), "people")
        if not found:
            raise HandStudioError(
                f"Too few reviewed hands to fit bone lengths to ({'; '.join(problems[:3])})",
                project_path,
                "Accept or fix more hands of one person, in the window or with handstudio review",
            )
        if keep:
            new = [SetFitted("template", told["person"], fitted.to_json()) for fitted, told in found]
            _apply(project, new, who)
        return {
            "project": str(project_path),
            "kept": keep,
            "people": [told for _, told in found],
            "removed": [],
            "problems": problems,
        }


def _people(records: Sequence[SequenceRecord]) -> dict[str, list[SequenceRecord]]:
    people: dict[str, list[SequenceRecord]] = {}
    for record in records:
        people.setdefault(record.person, []).append(record)
    return people


def _apply(project: Project, commands: Sequence[SetFitted], who: str) -> None:
    """As one step that undo takes back."""
    if len(commands) == 1:
        project.history.apply(commands[0], who)
    elif commands:
        verb = "Use" if commands[0].value is not None else "Drop"
        project.history.apply(
            Bulk(tuple(commands), f"{verb} the bone lengths of {len(commands)} people"), who
        )


@dataclass(frozen=True, eq=False)
class _Hands:
    """The reviewed hands of one person: their labels, cameras (N, 3, 3) and sequences (N,)."""

    table: PoseTable
    K: Floats
    frames: list[tuple[SequenceRecord, int]]

    @classmethod
    def read(cls, project: Project, records: Sequence[SequenceRecord]) -> _Hands:
        by_id = {record.id: record for record in records}
        ids = project.hand_ids(HandQuery(tuple(by_id), BY_PEOPLE))
        table = project.poses("label", ids)
        frames = [(by_id[hand.sequence_id], hand.frame_index) for hand in project.hands(table.hand_ids)]
        K = np.full((len(table), 3, 3), np.nan, dtype=np.float32)
        for row, (record, _) in enumerate(frames):
            if record.camera is not None:
                K[row] = record.camera["K"]
        return cls(table, K, frames)

    def __len__(self) -> int:
        return len(self.table)

    @property
    def known(self) -> Any:
        """(N, 21): joints that lie in the frame."""
        return self.table.visibility != OUTSIDE

    def reference_mm(self, project: Project, bones: Floats, problems: list[str]) -> float | None:
        """The middle length of the reference bone: as the truth says it, else as depth and camera show it."""
        lengths = [
            float(reference_length(truth.xyz_mm))
            for hand_id in self.table.hand_ids.tolist()
            if (truth := project.truth_of(hand_id)) is not None and truth.xyz_mm is not None
        ] or self._by_depth(project, bones, problems)
        sizes = [length for length in lengths if np.isfinite(length) and length > 0.0]
        return float(np.median(sizes)) if sizes else None

    def _by_depth(self, project: Project, bones: Floats, problems: list[str]) -> list[float]:
        from handstudio.methods.opening import open_stored

        metric = [row for row, (record, _) in enumerate(self.frames) if record.camera is not None]
        chosen = metric[:: max(len(metric) // MOST_DEPTHS, 1)]
        sizes = []
        for record in {self.frames[row][0].id: self.frames[row][0] for row in chosen}.values():
            source = open_stored(project, record, problems)
            if source is None:
                continue
            with closing(source):
                for row in (row for row in chosen if self.frames[row][0].id == record.id):
                    try:
                        frame = read_stored(source, self.frames[row][1])
                    except FrameProblem as problem:
                        problems.append(str(problem))
                        continue
                    uv, depth = self.table.uv[row], self.table.depth[row]
                    if frame.depth_mm is None or not (np.isfinite(uv).all() and np.isfinite(depth).all()):
                        continue
                    root = float(root_depth(uv, depth, self.K[row], bones))
                    size = scale_from_surface_mm(uv, root + depth, frame.depth_mm, frame.mask)
                    sizes += [] if size is None else [size]
        return sizes


def _told(
    person: str, records: Sequence[SequenceRecord], template: PersonalTemplate, fit: BoneFit
) -> dict[str, Any]:
    size = template.reference_mm
    usual = relative_bone_lengths() / relative_bone_lengths()[REFERENCE_CHILD - 1]
    lengths = fit.lengths / fit.lengths[REFERENCE_CHILD - 1]
    return {
        "person": person,
        "sequences": [record.name for record in records],
        "hands": template.hands,
        "reference_mm": size,
        "bones": [
            {
                "bone": JOINT_NAMES[child],
                "length": float(lengths[row]),
                "template": float(usual[row]),
                "mm": None if size is None else float(fit.lengths[row]) * size,
                "hands": int(fit.hands[row]),
                "spread": float(fit.spread[row]) if np.isfinite(fit.spread[row]) else None,
                "fitted": bool(fit.fitted[row]),
            }
            for row, (_, child) in enumerate(BONES)
        ],
    }
