"""A simulated annotator: how many drags a hand costs until the data set is right.

Plays a person on hands whose poses are known, through the same session that the window uses. It goes through
the queue, worst hand first. A hand of which every joint is within the tolerance is accepted; else the joint
that is farthest off is dragged to its right place (missed by 2 px in each direction, as hands tremble), up to
``--most-drags`` times, with a look at the hand after each drag. "Every joint" may be loosened by ``--but``:
so many joints of a hand may be off and it is accepted all the same.

Three ways are compared on the same proposals: a drag that moves the finger as a finger, with the rest of the
hand following the picture (refit; the wrist is moved alone, since it takes the hand along); the finger as a
finger alone; and one joint alone. Beside them the same
hands are pointed at (pointing), all 21 joints each, missed by as much. Prints one JSON object a line.

With ``--finetune-every`` the model is finetuned on what was decided after so many hands, adopted, and
proposes what is undecided anew; what hands cost in each of these rounds is told by itself. The aim: at most
1.5 drags per hand after the first finetune, half of what it was then after the second. The queue's order has
the worst hands in the first round; with ``--order random`` rounds differ in nothing but their model.

    python tests/benchmarks/annotator.py
    python tests/benchmarks/annotator.py --domains signs --hands 200
    python tests/benchmarks/annotator.py --ways refit pointing --finetune-every 100 --order random
    python tests/benchmarks/annotator.py --domains made --made-frames 30 --ways refit --finetune-every 10 \
        --epochs 1 --set finetuning.least_steps=4 --set finetuning.rendered_share=0    (whether it runs)

The refit was made with mesh hands of the subjects ``TUNED_ON`` and is measured on the others; photographs of
every second student are measured.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Literal, get_args

import numpy as np
import numpy.typing as npt
from annotated import Played, report

from handstudio.experiments.config import Made
from handstudio.experiments.made import make_footage
from handstudio.hand.skeleton import WRIST
from handstudio.jobs.assignments import settings_from
from handstudio.jobs.importing import prepare
from handstudio.jobs.references import Reference, reference_for
from handstudio.media.opening import open_sequences
from handstudio.methods import registry
from handstudio.methods.finetuning import finetune
from handstudio.methods.proposing import propose
from handstudio.methods.weights import read_lineage, shipped_weights, weights_file
from handstudio.progress import Silent
from handstudio.project.project import Project
from handstudio.project.records import Change, HandQuery, ModelRecord
from handstudio.review.decisions import shown_pose
from handstudio.review.session import ReviewSession

DATA: Final = Path(__file__).parents[2].parent / "shared" / "data"
TUNED_ON: Final = ("s03", "s05", "s06", "s08", "s10", "s12")
MEASURED: Final = ("s01", "s02", "s04", "s07", "s09", "s11")
PHOTOS_OF_STUDENT: Final = 10
WHO: Final = "simulated"
Way = Literal["refit", "kinematics", "retouch", "pointing"]
Domain = Literal["meshhands", "made", "signs"]


class Annotator:
    """Looks, accepts, drags.

    Args:
        session: an open review.
        reference: the right answer.
        way: how joints are dragged.
        arguments: of the command line.
    """

    def __init__(
        self, session: ReviewSession, reference: Reference, way: Way, arguments: argparse.Namespace
    ) -> None:
        self._session, self._reference = session, reference
        self._alone, self._points = way == "retouch", way == "pointing"
        session.refitting.on = way == "refit"
        self._most, self._but, self._noise = arguments.most_drags, arguments.but, arguments.noise
        self._rng = np.random.default_rng(arguments.seed)
        records = session.project.hands(reference.hand_ids.tolist())
        self._row = {hand.id: row for row, hand in enumerate(records)}
        self._side = np.array([hand.box.side for hand in records])
        self._right = np.stack([reference.uv[reference.row_of(hand.id)] for hand in records])
        none = np.full((len(records), 21), np.inf)
        self.played = Played(none, none.copy(), arguments.tolerance)
        for hand in records:
            self._look(hand.id)

    @property
    def hand_ids(self) -> list[int]:
        """Of the hands that are played."""
        return list(self._row)

    def go_through(self, hand_ids: Sequence[int]) -> None:
        """Decides hands one by one."""
        for hand_id in hand_ids:
            self._session.go_to_hand(hand_id)
            if self._points:
                self._point(hand_id)
            else:
                self._decide(hand_id)

    def look_again(self) -> None:
        """The proposals of undecided hands are other ones: a round begins."""
        for hand_id in self._row:
            self._look(hand_id)
        self.played.begin_round()

    def _point(self, hand_id: int) -> None:
        """Every joint is pointed at, as a drag points."""
        right = self._right[self._row[hand_id]]
        pose = self._session.begin_edit()
        assert pose is not None
        uv = (right + self._rng.normal(0.0, self._noise, right.shape)).astype(np.float32)
        self._session.put_pose(replace(pose, uv=uv))
        self._session.commit_edit()
        self._look(hand_id)
        self.played.decided(len(right))

    def _decide(self, hand_id: int) -> None:
        session, played = self._session, self.played
        drags, given_up = 0, False
        while (self._look(hand_id) > played.tolerance).sum() > self._but:
            if drags == self._most:
                given_up = True
                break
            self._drag(hand_id)
            drags += 1
        if not drags:
            session.accept()
        played.decided(drags, accepted=not drags, given_up=given_up)

    def _drag(self, hand_id: int) -> None:
        row = self._row[hand_id]
        joint = int(np.nanargmax(self.played.errors[row]))
        goal = self._right[row, joint] + self._rng.normal(0.0, self._noise, 2)
        began = time.perf_counter()
        self._session.begin_edit()
        alone = self._alone or (joint == WRIST and self._session.refitting.on)
        self._session.move_joint(joint, goal, free=alone)
        self._session.commit_edit()
        self.played.drag_seconds.append(time.perf_counter() - began)

    def _look(self, hand_id: int) -> npt.NDArray[np.float64]:
        row = self._row[hand_id]
        pose = shown_pose(self._session.bundle(hand_id))
        assert pose is not None
        px = np.linalg.norm(pose.uv.astype(np.float64) - self._right[row], axis=-1)
        self.played.px[row] = px
        self.played.errors[row] = px / self._side[row]
        return np.asarray(self.played.errors[row])


def footage_of(domain: Domain, folder: Path, arguments: argparse.Namespace) -> list[Path]:
    """What is imported for a domain."""
    if domain == "made":
        made = Made(frames=arguments.made_frames, seed=77, views=1, scene={"anatomy": 1.8, "looseness": 1.6})
        return [make_footage(made, folder / "made", folder, Silent())]
    if domain == "meshhands":
        return [DATA / "meshhands" / "sequences" / f"{subject}_seq1" for subject in arguments.subjects]
    (folder / "photographs").mkdir()
    for path in sorted((DATA / "signs" / "images").iterdir()):
        if (int(path.name.split("_")[0]) - 1) // PHOTOS_OF_STUDENT % 2:
            (folder / "photographs" / path.name).symlink_to(path)
    return [folder / "photographs"]


def first_model(project: Project, weights: Path | None) -> ModelRecord:
    """The model that proposes first, registered."""
    path = weights_file(weights) if weights else shipped_weights(registry.load("semihand"))
    lineage = read_lineage(path)
    return project.add_model(
        path.stem, path.stem, lineage.method, lineage.profile, source="shipped", path=path, adopted=True
    )


def prepared(domain: Domain, folder: Path, arguments: argparse.Namespace) -> Path:
    """A project with the domain's hands, all proposed."""
    place = folder / "project"
    with Project.create(place, "job") as project:
        for path in footage_of(domain, folder, arguments):
            for source in open_sequences(path).sequences:
                project.add_sequence(prepare(source))
        propose(project, first_model(project, arguments.weights), settings=of_views(arguments))
    return place


def of_views(arguments: argparse.Namespace) -> dict[str, Any]:
    """Whether what several cameras see is put together."""
    return {} if arguments.across_views else {"proposing.across_views": False}


def chosen(project: Project, domain: Domain, arguments: argparse.Namespace) -> Reference:
    """The reference of the hands that are played."""
    if domain == "signs":
        reference = reference_for(project, str(DATA / "signs" / "reference.json"))
    else:
        reference = reference_for(project, "truth")
    proposed = set(project.poses("proposal").hand_ids.tolist())
    rows = [row for row, number in enumerate(reference.hand_ids.tolist()) if number in proposed]
    if arguments.hands:
        drawn = np.random.default_rng(arguments.seed).permutation(len(rows))[: arguments.hands]
        rows = [rows[place] for place in sorted(drawn.tolist())]
    return Reference(
        reference.name,
        reference.hand_ids[rows],
        reference.uv[rows],
        None if reference.depth is None else reference.depth[rows],
    )


def rounds(
    session: ReviewSession, annotator: Annotator, way: Way, arguments: argparse.Namespace
) -> Iterator[list[int]]:
    """What is left of the queue, in parts between which the model is finetuned."""
    done: set[int] = set()
    mine = set(annotator.hand_ids)
    every = 0 if way == "pointing" else arguments.finetune_every
    while True:
        session.set_query(HandQuery(order=arguments.order, seed=arguments.seed, measure=session.measure))
        queued = session.project.hand_ids(session.query).tolist()
        left = [number for number in queued if number in mine - done]
        part = left[:every] if every else left
        if not part:
            return
        yield part
        done |= set(part)
        if every and len(part) < len(left):
            adapt(session, arguments)
            annotator.look_again()


def adapt(session: ReviewSession, arguments: argparse.Namespace) -> None:
    """Finetunes on what was decided so far, adopts the model and proposes again what is undecided."""
    project = session.project
    parent = project.adopted_model()
    assert parent is not None
    run_id = project.start_run("finetune", [], {})
    done = finetune(
        project,
        parent,
        run_id=run_id,
        epochs=arguments.epochs,
        settings=settings_from(arguments.set),
        seed=arguments.seed,
    )
    project.finish_run(run_id, "finished", {})
    assert done.model is not None
    session.adopt_model(done.model)
    propose(project, project.model(done.model), settings=of_views(arguments))
    session.noticed(Change(everything=True))  # stored through the session's own project, which poll() skips


def play(domain: Domain, way: Way, place: Path, arguments: argparse.Namespace) -> None:
    """One way through one domain, on a copy of its project."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(place, Path(folder) / "project")
        with Project.open(Path(folder) / "project", "window") as project:
            session = ReviewSession(project, WHO)
            session.open()
            annotator = Annotator(session, chosen(project, domain, arguments), way, arguments)
            annotator.played.note()
            for part in rounds(session, annotator, way, arguments):
                annotator.go_through(part)
                print(f"{domain} {way}: {len(annotator.played.drags)} hands", file=sys.stderr, flush=True)
            report(annotator.played, domain, way, arguments)


def main() -> None:
    """Parse and run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--domains", nargs="+", choices=get_args(Domain), default=["meshhands", "made", "signs"])
    add("--ways", nargs="+", choices=get_args(Way), default=list(get_args(Way)))
    add("--subjects", nargs="+", default=list(MEASURED), help="of the mesh hands")
    add("--hands", type=int, default=300, help="of each domain, drawn; 0 for all")
    add("--made-frames", type=int, default=300, help="pictures rendered for the made domain")
    add("--tolerance", type=float, default=0.05, help="sides of the box that a joint may be off")
    add("--but", type=int, default=0, help="joints of a hand that may be off all the same")
    add("--most-drags", type=int, default=5, help="of one hand, then it is left as it is")
    add("--noise", type=float, default=2.0, help="px by which a drag misses, in each direction")
    add("--order", choices=("worst", "random"), default="worst", help="of the queue")
    add("--finetune-every", type=int, default=0, help="hands; 0 never finetunes, nor does pointing")
    add("--epochs", type=int, help="of a finetune, instead of the profile's")
    add("--set", action="append", metavar="NAME=VALUE", help="a setting of the finetunes; repeatable")
    add("--across-views", action=argparse.BooleanOptionalAction, default=True, help="proposals of cameras")
    add("--curve", type=float, nargs="*", default=[0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 21.0])
    add("--weights", type=Path, help="a model's folder or file instead of the shipped one")
    add("--seed", type=int, default=0)
    arguments = parser.parse_args()
    for domain in arguments.domains:
        if domain != "made" and not (DATA / domain).exists():
            print(f"The data are not here: {DATA / domain}", file=sys.stderr)
            continue
        with tempfile.TemporaryDirectory() as folder:
            place = prepared(domain, Path(folder), arguments)
            for way in arguments.ways:
                play(domain, way, place, arguments)


if __name__ == "__main__":
    main()
