"""Where a person's bones are known, the window shows, measures and drags with them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from handstudio.hand.angles import LIMITS
from handstudio.hand.shape import PersonalTemplate, limits_to_json
from handstudio.hand.template import relative_bone_lengths
from handstudio.project import Project
from handstudio.project.commands import SetFitted
from handstudio.project.fitted import NOBODY
from handstudio.review.session import ReviewSession

from .made import new_project


def test_bones_size_and_limits_are_those_that_were_fitted(tmp_path: Path) -> None:
    with new_project(tmp_path / "p", camera=True) as project:
        session = ReviewSession(project, "ann")
        before = session.hand_view(1)
        longer = relative_bone_lengths().copy()
        longer[19] *= 1.5
        bones = PersonalTemplate(longer, 60.0, 9).to_json()
        with Project.open(project.path) as of_a_shell:
            of_a_shell.history.apply(SetFitted("template", "walk", bones), "ann")
            of_a_shell.history.apply(SetFitted("limits", NOBODY, limits_to_json(LIMITS * 0.1)), "ann")
        session.poll()
        after = session.hand_view(1)
        assert (before.scale, after.scale) == ("template", "fitted")
        assert before.xyz is not None
        assert after.xyz is not None
        assert np.linalg.norm(after.xyz[10] - after.xyz[9]) == pytest.approx(60.0, rel=0.1)
        last = lambda view: view.joints[20].bone_percent / view.joints[19].bone_percent  # noqa: E731
        assert last(after) == pytest.approx(last(before) / 1.5, rel=0.05)
        row = after.joints[6]
        assert row.limits is not None
        assert row.limits[0] == pytest.approx((LIMITS[4, 0] * 0.1).tolist(), abs=1e-3)
