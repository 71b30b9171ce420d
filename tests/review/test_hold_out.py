"""A hold-out by lot: whole sequences, over people and sides, without touching what was chosen by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from handstudio.errors import HandStudioError
from handstudio.hand.box import Box
from handstudio.jobs import holding_out
from handstudio.jobs.command import Work
from handstudio.jobs.progress import Quiet
from handstudio.jobs.stopping import StopRequest
from handstudio.project import Project
from handstudio.project.commands import SetHoldOut
from handstudio.project.records import FrameImport, HandImport, SequenceImport
from handstudio.review.hold_out import Group, groups_of, plan


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Two people, four sequences of ten hands each: two with the left hand, two with the right."""
    with Project.create(tmp_path / "P") as project:
        for subject in ("ada", "bo"):
            for number in range(4):
                side = "left" if number % 2 else "right"
                add(project, f"{subject}{number}", subject, side)
        yield project


def add(project: Project, name: str, subject: str | None = None, side: str = "right", **more: object) -> int:
    hands = [HandImport(index, side, Box(0.0, 0.0, 9.0, 9.0)) for index in range(10)]  # type: ignore[arg-type]
    frames = [FrameImport(f"{index}.png", 64, 64) for index in range(10)]
    return project.add_sequence(
        SequenceImport(name, "folder", f"/x/{name}", frames, hands, subject=subject, **more)  # type: ignore[arg-type]
    )


def names(groups: tuple[Group, ...]) -> list[str]:
    return sorted(group.name for group in groups)


@pytest.mark.parametrize("seed", range(8))
def test_a_draw_reaches_its_share_with_people_and_sides_in_turn(project: Project, seed: int) -> None:
    found = plan(groups_of(project), 0.5, seed)
    assert (found.share_before, found.share_after, found.sequences) == (0.0, 0.5, 4)
    assert {group.stratum for group in found.drawn} == {
        *(("ada", "left"), ("ada", "right"), ("bo", "left"), ("bo", "right"))
    }
    assert found.warnings == ()
    assert plan(groups_of(project), 0.5, seed) == found


def test_other_seeds_draw_others_and_two_sequences_at_least(project: Project) -> None:
    drawn = {tuple(names(plan(groups_of(project), 0.01, seed).drawn)) for seed in range(12)}
    assert len(drawn) > 4
    assert {len(each) for each in drawn} == {2}


def test_what_was_chosen_by_hand_stays(project: Project) -> None:
    held, free = project.sequences()[0], project.sequences()[1]
    project.history.apply(SetHoldOut(held.id, True), "ann")
    project.history.apply(SetHoldOut(free.id, True), "ann")
    project.history.apply(SetHoldOut(free.id, False), "ann")
    for seed in range(12):
        found = plan(groups_of(project), 0.5, seed)
        assert found.share_before == pytest.approx(1 / 8)
        assert not {held.name, free.name} & set(names(found.drawn))
        assert found.sequences == 3
    everything_else = plan(groups_of(project), 0.9)
    assert free.name not in names(everything_else.drawn)
    assert "chosen by hand" in everything_else.warnings[0]


def test_a_draw_is_one_step_of_undo_and_a_second_one_adds(project: Project) -> None:
    project.history.apply(plan(groups_of(project)).command(), "ann")
    held = {record.name for record in project.sequences() if record.hold_out}
    assert len(held) == 2
    assert project.history.undo_title == "Hold 2 sequences out by lot"
    more = plan(groups_of(project), 0.5, 1)
    assert not held & set(names(more.drawn))
    assert more.share_before == 0.25
    project.history.undo()
    assert not any(record.hold_out for record in project.sequences())


def test_sequences_that_a_model_learnt_from_come_last_and_are_warned_of(project: Project) -> None:
    learnt = [record.name for record in project.sequences()][:6]
    project.add_model(
        *("m", "Second", "semihand", "lite"), source="finetune", lineage={"data": {"sequences": learnt}}
    )
    found = plan(groups_of(project), 0.25)
    assert names(found.drawn) == ["bo2", "bo3"]
    more = plan(groups_of(project), 0.5)
    leaks = [group for group in more.drawn if group.learnt_by]
    assert len(leaks) == len(more.warnings) == 2
    assert "was learnt from by Second" in more.warnings[0]


def test_views_of_one_recording_are_held_out_together(project: Project) -> None:
    for view in ("cam0", "cam1", "cam2"):
        add(project, f"take/{view}", "cy", recording="take", view=view, camera={"K": [[9.0]]})
    groups = groups_of(project)
    (take,) = [group for group in groups if len(group.sequences) == 3]
    assert (take.name, take.hands) == ("take (3 views)", 30)
    for seed in range(6):
        found = plan(groups, 0.3, seed)
        ids = {record.id for group in found.drawn for record in group.sequences}
        assert len(ids & {record.id for record in take.sequences}) in (0, 3)


def test_something_is_left_to_learn_from(project: Project) -> None:
    found = plan(groups_of(project), 0.9)
    assert found.share_after == pytest.approx(7 / 8)
    assert "Only 88 % can be held out" in found.warnings[0]
    one = groups_of(project)[:1]
    with pytest.raises(HandStudioError, match="only one sequence"):
        plan(one)
    two = groups_of(project)[:2]
    assert len(plan(two).drawn) == 1


def test_a_group_of_more_than_half_is_not_drawn_while_there_are_smaller_ones(project: Project) -> None:
    groups = groups_of(project)
    large = replace(groups[0], hands=1000)
    for seed in range(8):
        assert large not in plan((large, *groups[1:]), 0.2, seed).drawn[:1]


def test_the_shell_draws_shows_and_chooses(project: Project) -> None:
    def run(**wishes: object) -> dict[str, object]:
        work = Work(Quiet(StopRequest()), None)
        return holding_out.run(work, project.path, holding_out.Wishes(**wishes))  # type: ignore[arg-type]

    shown = run(draw=True, dry_run=True)
    assert (shown["done"], shown["share"]) == ([], 0.25)
    done = run(draw=True, seed=3)
    rows = done["sequences"]
    assert isinstance(rows, list)
    assert sum(row["hold_out"] and row["drawn"] for row in rows) == 2
    named = run(hold=["ada*"], release=["bo0"])["sequences"]
    assert isinstance(named, list)
    assert [row["hold_out"] for row in named][:5] == [True] * 4 + [False]


def test_many_models_and_many_warnings_are_counted_not_listed(project: Project) -> None:
    learnt = [record.name for record in project.sequences()]
    for number in range(4):
        project.add_model(
            *(f"m{number}", f"Model {number}", "semihand", "lite"),
            source="finetune",
            lineage={"data": {"sequences": learnt}},
        )
    found = plan(groups_of(project), 0.9)
    assert found.warnings[0].startswith("Only 88 % can be held out")
    assert "was learnt from by Model 0, Model 1 and 2 more: it cannot judge these models" in found.warnings[1]
    assert found.groups[0].learners(9) == "Model 0, Model 1, Model 2, Model 3"
