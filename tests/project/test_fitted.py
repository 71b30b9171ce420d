"""What was fitted to the hands of a project is used for them, and for no others."""

from __future__ import annotations

import numpy as np
import pytest

from handstudio.errors import HandStudioError
from handstudio.hand.angles import LIMITS
from handstudio.hand.shape import ANYBODY, PersonalTemplate, limits_to_json
from handstudio.hand.template import relative_bone_lengths
from handstudio.project import Project
from handstudio.project.commands import SetFitted
from handstudio.project.fitted import NOBODY

from .made import add_sequence

BONES = PersonalTemplate(relative_bone_lengths() * 1.1, 42.0, 8)


def test_a_template_is_of_one_person_and_limits_are_of_all(project: Project) -> None:
    add_sequence(project, 2, "run")
    walk, run = project.sequences()
    assert project.hand_shape(walk) is ANYBODY
    change = project.history.apply(SetFitted("template", walk.person, BONES.to_json()), "ann")
    assert change.sequences == {walk.id}
    shape = project.hand_shape(walk)
    assert shape.bone_lengths is not None
    np.testing.assert_allclose(shape.bone_lengths, BONES.bone_lengths, atol=1e-4)
    assert shape.reference_mm == 42.0
    assert project.hand_shape(run) is ANYBODY
    change = project.history.apply(SetFitted("limits", NOBODY, limits_to_json(LIMITS * 0.5)), "ann")
    assert change.sequences == {walk.id, run.id}
    limits = project.hand_shape(run).limits
    assert limits is not None
    np.testing.assert_allclose(limits, LIMITS * 0.5, atol=1e-3)


def test_undo_takes_it_back(project: Project) -> None:
    (walk,) = project.sequences()
    project.history.apply(SetFitted("template", walk.person, BONES.to_json()), "ann")
    assert project.history.undo_title == "Use the bone lengths of walk"
    project.history.undo()
    assert project.hand_shape(walk) is ANYBODY
    assert project.templates() == {}


@pytest.mark.parametrize(("what", "value"), [("template", {"bone_lengths": [1]}), ("limits", [1, 2])])
def test_damaged_figures_are_an_error_that_says_what_to_do(
    project: Project, what: str, value: object
) -> None:
    (walk,) = project.sequences()
    person = walk.person if what == "template" else NOBODY
    project.history.apply(SetFitted(what, person, value), "ann")  # type: ignore[arg-type]
    with pytest.raises(HandStudioError, match=r"damaged.*--remove"):
        project.hand_shape(walk)
