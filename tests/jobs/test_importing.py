"""Import reads footage into a project, shifts nothing when done again, and lists what is damaged."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import cv2
import numpy as np
import pytest

from handstudio.errors import HandStudioError
from handstudio.jobs.command import Work
from handstudio.jobs.importing import run
from handstudio.jobs.progress import Quiet
from handstudio.jobs.stopping import StopRequest
from handstudio.progress import CancelledError
from handstudio.project import Project, footage
from handstudio.project.commands import SetLabel
from handstudio.project.records import Pose, State

Import = Callable[..., dict[str, Any]]


@pytest.fixture
def project_path(tmp_path: Path) -> Path:
    return tmp_path / "P"


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in (1, 2, 10):
        photograph(folder / f"{number}_digit.png")
    return folder


@pytest.fixture
def import_(project_path: Path) -> Import:
    def do(*paths: Path, **options: Any) -> dict[str, Any]:
        return run(Work(Quiet(StopRequest()), None), paths, project_path, **options)

    return do


def photograph(path: Path) -> None:
    image = np.random.default_rng(len(path.name)).integers(0, 255, (40, 60, 3), dtype=np.uint8)
    assert cv2.imwrite(str(path), image)


def test_a_folder_becomes_a_sequence_with_one_hand_a_frame(
    import_: Import, photos: Path, project_path: Path
) -> None:
    result = import_(photos)
    assert (result["frames"], result["hands"], result["problems"]) == (3, 3, [])
    with Project.open(project_path) as project:
        (sequence,) = project.sequences()
        hands = project.hands()
    assert sequence.frame_count == 3
    assert {(hand.box.width, hand.box.height, hand.box_source, hand.side) for hand in hands} == {
        (60.0, 40.0, "whole", "right")
    }


def test_importing_again_adds_new_frames_at_the_end_and_shifts_no_label(
    import_: Import, photos: Path, project_path: Path
) -> None:
    import_(photos)
    pose = Pose(np.full((21, 2), 5.0), np.zeros(21))
    with Project.open(project_path) as project:
        (sequence,) = project.sequences()
        last = project.hands()[-1]
        project.history.apply(SetLabel(last.id, pose, State.FIXED, "dragged"), "person")
    photograph(photos / "3_digit.png")
    result = import_(photos)
    assert (result["frames"], result["hands"], result["known"]) == (1, 1, 3)
    with Project.open(project_path) as project:
        names = [frame.name for frame in project.frames(sequence.id)]
        assert names == ["1_digit.png", "2_digit.png", "10_digit.png", "3_digit.png"]
        assert len(project.sequences()) == 1
        label = project.label_of(last.id)
        assert label is not None
        assert project.frame(project.hand(last.id).frame_id).name == "10_digit.png"


def test_an_interrupted_import_goes_on_where_it_stopped(
    import_: Import, photos: Path, project_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, calls = footage._put_hands, []

    def interrupted(*arguments: Any) -> Any:
        calls.append(True)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return put(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(footage, "AT_ONCE", 1)
        patched.setattr(footage, "_put_hands", interrupted)
        with pytest.raises(KeyboardInterrupt):
            import_(photos)
    result = import_(photos)
    assert (result["frames"], result["known"]) == (2, 1)
    with Project.open(project_path) as project:
        assert [frame.name for frame in project.frames(1)] == ["1_digit.png", "2_digit.png", "10_digit.png"]
        assert [hand.frame_index for hand in project.hands()] == [0, 1, 2]


def test_a_damaged_file_is_listed_and_the_rest_goes_on(import_: Import, photos: Path) -> None:
    (photos / "4_digit.png").write_bytes(b"no image")
    result = import_(photos)
    assert result["hands"] == 3
    assert [Path(problem["path"]).name for problem in result["problems"]] == ["4_digit.png"]
    assert result["problems"][0]["reason"]


def test_importing_again_shows_frames_that_were_made_whole(
    import_: Import, photos: Path, project_path: Path
) -> None:
    image = photos / "2_digit.png"
    whole = image.read_bytes()
    image.write_bytes(whole[:-20])
    assert import_(photos)["hands"] == 2
    image.write_bytes(whole)
    (photos / "1_digit.png").write_bytes((photos / "1_digit.png").read_bytes()[:-20])
    assert import_(photos)["hands"] == 1
    with Project.open(project_path) as project:
        frames = project.frames(1)
        assert [frame.problem for frame in frames] == ["the image is cut short", None, None]
        assert [len(project.hands_of_frame(frame.id)) for frame in frames] == [1, 1, 1]


def test_hands_of_the_other_side_or_none_at_all(
    import_: Import, photos: Path, project_path: Path, tmp_path: Path
) -> None:
    import_(photos, side="left")
    other = tmp_path / "more"
    other.mkdir()
    photograph(other / "a.png")
    assert import_(other, hands="none")["hands"] == 0
    with Project.open(project_path) as project:
        assert {hand.side for hand in project.hands()} == {"left"}


def test_footage_that_is_not_there_makes_no_project(
    import_: Import, tmp_path: Path, project_path: Path
) -> None:
    with pytest.raises(HandStudioError, match="There is no such file or folder"):
        import_(tmp_path / "nowhere")
    assert not project_path.exists()


def test_one_bad_path_of_two_is_a_problem(import_: Import, photos: Path, tmp_path: Path) -> None:
    result = import_(photos, tmp_path / "nowhere")
    assert result["frames"] == 3
    assert [problem["path"] for problem in result["problems"]] == [str(tmp_path / "nowhere")]


def test_a_recording_brings_its_truth(import_: Import, shared_data: Path, project_path: Path) -> None:
    recording = next(iter(sorted((shared_data / "meshhands" / "sequences").iterdir())))
    result = import_(recording)
    with Project.open(project_path) as project:
        assert len(project.sequences()) == 4
        truth = project.poses("truth")
        assert len(truth) == result["hands"] == result["frames"] == 160
        first = project.truth_of(int(truth.hand_ids[0]))
        assert first is not None
        assert first.xyz_mm is not None
        assert project.hand(int(truth.hand_ids[0])).box_source == "dataset"


@pytest.mark.skipif(os.name != "posix", reason="names of files are bytes on POSIX alone")
def test_a_name_that_is_no_text_is_a_problem_of_its_own(
    import_: Import, photos: Path, project_path: Path
) -> None:
    name = os.fsdecode(b"5_\xff.png")
    photos.joinpath("1_digit.png").rename(photos / name)
    result = import_(photos)
    assert (result["frames"], result["hands"]) == (2, 2)
    assert result["problems"] == [
        {"path": str(photos / name), "reason": "its name is not valid UTF-8; rename it"}
    ]
    with Project.open(project_path) as project:
        assert [frame.name for frame in project.frames(1)] == ["2_digit.png", "10_digit.png"]
        assert [hand.frame_index for hand in project.hands()] == [0, 1]


def test_moved_footage_keeps_its_labels(
    import_: Import, photos: Path, project_path: Path, tmp_path: Path
) -> None:
    import_(photos)
    pose = Pose(np.full((21, 2), 5.0), np.zeros(21))
    with Project.open(project_path) as project:
        hand = project.hands()[0]
        project.history.apply(SetLabel(hand.id, pose, State.FIXED, "dragged"), "person")
    (tmp_path / "elsewhere").mkdir()
    photos.rename(tmp_path / "elsewhere" / "photos")
    result = import_(tmp_path / "elsewhere" / "photos")
    assert (result["frames"], result["hands"], result["known"]) == (0, 0, 3)
    assert result["relinked"] == ["photos"]
    with Project.open(project_path) as project:
        (sequence,) = project.sequences()
        assert sequence.path == str(tmp_path / "elsewhere" / "photos")
        assert project.label_of(hand.id) is not None
        assert len(project.history.entries()) == 1


@pytest.mark.parametrize("change", ["still there", "another frame", "another size"])
def test_other_footage_of_the_same_name_is_a_sequence_of_its_own(
    import_: Import, photos: Path, project_path: Path, tmp_path: Path, change: str
) -> None:
    import_(photos)
    (tmp_path / "elsewhere").mkdir()
    copied = Path(shutil.copytree(photos, tmp_path / "elsewhere" / "photos"))
    if change != "still there":
        photos.rename(tmp_path / "gone")
    if change == "another frame":
        copied.joinpath("10_digit.png").rename(copied / "11_digit.png")
    if change == "another size":
        assert cv2.imwrite(str(copied / "10_digit.png"), np.zeros((50, 60, 3), np.uint8))
    result = import_(copied)
    assert (result["frames"], result["relinked"]) == (3, [])
    with Project.open(project_path) as project:
        assert len(project.sequences()) == 2


def test_an_import_that_is_stopped_while_it_reads_makes_no_project(photos: Path, project_path: Path) -> None:
    stop = StopRequest()
    stop.request()
    with pytest.raises(CancelledError):
        run(Work(Quiet(stop), None), [photos], project_path)
    assert not project_path.exists()


def test_an_import_that_is_stopped_does_not_claim_to_be_through(photos: Path, project_path: Path) -> None:
    class StopsAtTheFirst(Quiet):
        told: ClassVar[list[tuple[float, float | None]]] = []

        def report(self, done: float, total: float | None, unit: str, message: str = "") -> None:
            self.told.append((done, total))
            if total is not None:
                self.stop.request()

    more = Path(shutil.copytree(photos, photos.with_name("more")))
    result = run(Work(StopsAtTheFirst(StopRequest()), None), [photos, more], project_path)
    assert result["sequences"] == ["photos"]
    assert StopsAtTheFirst.told[-1] == (0, 2)
