from __future__ import annotations

import json
import math
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from handstudio.hand.skeleton import ROOT
from handstudio.scoring.bars import joints_svg
from handstudio.scoring.comparison import compare
from handstudio.scoring.curves import Curve, curves_svg, fingers_svg, number, pck_mm_svg, pck_svg, ticks
from handstudio.scoring.evaluation import Evaluation, evaluate

K = np.array([[600.0, 0.0, 320.0], [0.0, 610.0, 240.0], [0.0, 0.0, 1.0]])


def hands(count: int = 8, seed: int = 0) -> dict[str, np.ndarray]:
    """Reference hands in front of a camera: xyz, uv, relative depth, K, box sides."""
    rng = np.random.default_rng(seed)
    xyz = rng.normal(scale=40.0, size=(count, 21, 3))
    xyz[..., 2] += 600.0
    uv = xyz[..., :2] / xyz[..., 2:] * (600.0, 610.0) + (320.0, 240.0)
    bone = np.linalg.norm(xyz[:, 10] - xyz[:, 9], axis=-1)
    depth = (xyz[..., 2] - xyz[:, ROOT, None, 2]) / bone[:, None]
    return {
        "xyz": xyz,
        "uv": uv,
        "depth": depth,
        "K": np.tile(K, (count, 1, 1)),
        "sides": np.full(count, 100.0),
    }


def against_truth(
    truth: dict[str, np.ndarray], uv: np.ndarray, depth: np.ndarray, **more: object
) -> Evaluation:
    return evaluate(
        uv,
        truth["uv"],
        truth["sides"],
        depth=depth,
        depth_reference=truth["depth"],
        xyz_reference_mm=truth["xyz"],
        K=truth["K"],
    )


def test_a_perfect_pose_has_no_error_in_2d_and_3d() -> None:
    truth = hands()
    found = against_truth(truth, truth["uv"], truth["depth"])
    assert found.epe_px == 0.0
    assert found.pck_005 == found.auc_px == found.auc_mm == 1.0
    assert found.epe_mm == pytest.approx(0.0, abs=1e-9)
    assert (found.hands, found.joints, found.hands_mm) == (8, 8 * 21, 8)
    assert found.depth_bones == 0.0


def test_errors_are_measured_by_the_side_of_each_hands_box() -> None:
    truth = hands(2)
    truth["sides"] = np.array([100.0, 50.0])
    found = evaluate(truth["uv"] + (4.0, 0.0), truth["uv"], truth["sides"])
    assert found.epe_px == pytest.approx(4.0)
    assert found.pck_005 == 0.5
    assert found.auc_px == pytest.approx((0.6 + 0.2) / 2)
    np.testing.assert_allclose(found.hand_share, [0.04, 0.08])
    assert math.isnan(found.epe_mm)
    assert math.isnan(found.depth_bones)


def test_the_3d_error_is_taken_with_roots_aligned_and_known_scale() -> None:
    truth = hands(1)
    depth = truth["depth"].copy()
    depth[0, 4] += 1.0
    found = against_truth(truth, truth["uv"], depth)
    bone = np.linalg.norm(truth["xyz"][0, 10] - truth["xyz"][0, 9])
    ray = np.array([*((truth["uv"][0, 4] - (320.0, 240.0)) / (600.0, 610.0)), 1.0])
    assert found.per_joint["thumb TIP"].epe_mm == pytest.approx(bone * np.linalg.norm(ray))
    assert found.epe_mm == pytest.approx(bone * np.linalg.norm(ray) / 21)
    assert found.depth_bones == pytest.approx(1.0 / 21)


def test_hands_without_3d_count_in_2d_alone() -> None:
    truth = hands(4)
    truth["xyz"][1:] = np.nan
    found = against_truth(truth, truth["uv"], truth["depth"])
    assert (found.hands, found.hands_mm) == (4, 1)
    assert np.isnan(found.hand_mm).tolist() == [False, True, True, True]


def test_unknown_and_uncounted_joints_are_left_out() -> None:
    truth = hands(2)
    reference = truth["uv"].copy()
    reference[0, 5] = np.nan
    counted = np.ones((2, 21), dtype=np.bool_)
    counted[1] = False
    found = evaluate(truth["uv"] + 1.0, reference, truth["sides"], counted=counted)
    assert (found.hands, found.joints) == (1, 20)
    assert np.isnan(found.hand_px[1])


def test_every_joint_and_finger_has_its_figures() -> None:
    truth = hands(3)
    uv = truth["uv"].copy()
    uv[:, 8] += (10.0, 0.0)
    found = evaluate(uv, truth["uv"], truth["sides"])
    assert found.per_joint["index TIP"].epe_px == pytest.approx(10.0)
    assert found.per_finger["index"].epe_px == pytest.approx(2.5)
    assert found.per_finger["index"].pck_005 == 0.75
    assert list(found.per_finger) == ["wrist", "thumb", "index", "middle", "ring", "pinky"]
    assert len(found.per_joint) == 21


def test_no_hands_are_an_evaluation_too_and_json_stays_valid() -> None:
    found = evaluate(np.zeros((0, 21, 2)), np.zeros((0, 21, 2)), np.zeros(0))
    figures = json.loads(json.dumps(found.to_json(with_hands=True), allow_nan=False))
    assert figures["hands"] == 0
    assert "epe_px" not in figures


def test_the_figures_that_programs_rely_on_are_there() -> None:
    truth = hands()
    figures = against_truth(truth, truth["uv"] + 1.0, truth["depth"]).to_json()
    assert {"hands", "epe_px", "pck_005", "auc_px", "epe_mm", "auc_mm"} <= figures.keys()
    flat = evaluate(truth["uv"], truth["uv"], truth["sides"]).to_json()
    assert "epe_mm" not in flat
    json.dumps(figures, allow_nan=False)


def test_a_box_without_a_side_is_refused() -> None:
    truth = hands(1)
    with pytest.raises(ValueError, match="side"):
        evaluate(truth["uv"], truth["uv"], [0.0])


def test_a_comparison_names_what_got_better_and_what_worse() -> None:
    truth = hands(4)
    before, after = truth["uv"] + (3.0, 0.0), truth["uv"] + (3.0, 0.0)
    after[0] += (5.0, 0.0)
    after[2] -= (3.0, 0.0)
    after[3] -= (0.5, 0.0)
    first = evaluate(before, truth["uv"], truth["sides"], hand_ids=[10, 11, 12, 13])
    second = evaluate(after, truth["uv"], truth["sides"], hand_ids=[10, 11, 12, 13])
    found = compare(first, second)
    assert found.hands == 4
    assert found.better.tolist() == [12]
    assert found.worse.tolist() == [10]
    assert found.figures["epe_px"].change == pytest.approx((5.0 - 3.0 - 0.5) / 4)
    assert found.per_finger["ring"].before == pytest.approx(3.0)
    assert "epe_mm" not in found.figures
    json.dumps(found.to_json(), allow_nan=False)


def test_only_common_hands_are_compared_one_by_one() -> None:
    truth = hands(3)
    first = evaluate(truth["uv"], truth["uv"], truth["sides"], hand_ids=[1, 2, 3])
    second = evaluate(truth["uv"] + 5.0, truth["uv"], truth["sides"], hand_ids=[3, 4, 5])
    found = compare(first, second)
    assert found.hand_ids.tolist() == [3]
    assert found.hands == 1


def test_curves_are_drawn_as_valid_svg() -> None:
    truth = hands()
    one = against_truth(truth, truth["uv"] + 2.0, truth["depth"])
    two = evaluate(truth["uv"] + 8.0, truth["uv"], truth["sides"])
    for text, lines in (
        (pck_svg({"model <A> & B": one, "new": two}), 2),
        (pck_mm_svg({"a": one, "flat": two}), 1),
    ):
        root = ET.fromstring(text)
        assert len(root.findall("{http://www.w3.org/2000/svg}polyline")) == lines
    assert "model &lt;A&gt; &amp; B" in pck_svg({"model <A> & B": one})


def test_labels_of_equal_curves_do_not_cover_each_other() -> None:
    line = np.linspace(0.0, 1.0, 5)
    text = curves_svg([Curve(name, line, line) for name in "abc"], "t", "x", "y", (0.0, 1.0))
    ends = [
        each for each in ET.fromstring(text).iter("{http://www.w3.org/2000/svg}text") if each.get("style")
    ]
    heights = sorted(float(each.get("y", "0")) for each in ends)
    assert min(np.diff(heights)) >= 12.0


def test_ticks_are_round() -> None:
    assert [number(value) for value in ticks(0.0, 0.1)] == ["0", "0.02", "0.04", "0.06", "0.08", "0.1"]
    assert [number(value) for value in ticks(0.0, 50.0)] == ["0", "10", "20", "30", "40", "50"]
    assert [number(value) for value in ticks(0.0, 1.0)] == ["0", "0.2", "0.4", "0.6", "0.8", "1"]


def test_each_joint_and_finger_has_an_area_and_a_curve_of_its_own() -> None:
    truth = hands()
    uv = truth["uv"].copy()
    uv[:, 8] += (4.0, 0.0)
    found = against_truth(truth, uv, truth["depth"])
    tip, index = found.per_joint["index TIP"], found.per_finger["index"]
    assert tip.auc_px == pytest.approx(0.6)
    assert index.auc_px == pytest.approx(0.9)
    np.testing.assert_allclose(tip.curve, found.thresholds >= 0.04 - 1e-9)
    np.testing.assert_allclose(index.curve[:40], 0.75)
    assert found.per_finger["ring"].auc_px == found.per_finger["ring"].auc_mm == 1.0
    figures = json.loads(json.dumps(found.to_json(with_curves_of_parts=True), allow_nan=False))
    assert figures["per_finger"]["index"]["curve"] == pytest.approx(index.curve.tolist())
    assert figures["per_joint"]["index TIP"].keys() >= {"epe_px", "pck_005", "auc_px", "curve"}
    assert "curve" not in found.to_json()["per_joint"]["wrist"]


def test_fingers_are_drawn_as_curves_and_joints_as_bars() -> None:
    truth = hands()
    uv = truth["uv"] + np.arange(21.0)[:, None]
    uv[:, 3] = np.nan
    found = against_truth(truth, uv, truth["depth"])
    space = "{http://www.w3.org/2000/svg}"
    assert len(ET.fromstring(fingers_svg(found)).findall(f"{space}polyline")) == 6
    bars = [each for each in ET.fromstring(joints_svg(found)).iter(f"{space}rect") if each.get("class")]
    assert len(bars) == 20
    heights = [float(bar.get("height", "nan")) for bar in bars]
    assert heights == sorted(heights)
    nothing = against_truth(truth, np.full_like(uv, np.nan), truth["depth"])
    assert "bar" not in {each.get("class") for each in ET.fromstring(joints_svg(nothing)).iter()}
