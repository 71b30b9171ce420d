"""Hands of the hold-out that a newer model made better or worse, with the poses of both models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from handstudio.project import Project
from handstudio.review.comparing import TwoPoses, TwoSets


def model_changes(
    project: Project,
    models: tuple[str, str],
    names: tuple[str, str],
    hand_ids: Sequence[int],
    errors_px: tuple[Mapping[int, float], Mapping[int, float]],
) -> TwoSets:
    """What two models proposed of hands, against their labels.

    Args:
        project: in which the hands are; any thread may.
        models: ids of the older and the newer model. names: theirs, for people.
        hand_ids: in the order in which they are to be seen; those of which neither pose was kept are left
            out.
        errors_px: mean error of each hand when it was judged, px, of both models.
    """
    kept = [project.judged_uv(model, hand_ids) for model in models]
    labels = project.poses("label", hand_ids)
    references = dict(zip(labels.hand_ids.tolist(), labels.uv, strict=True))
    hands = []
    for hand_id in hand_ids:
        before, after = (poses.get(hand_id) for poses in kept)
        if before is None and after is None:
            continue
        words = [f"{name}: {errors[hand_id]:.1f} px" for name, errors in zip(names, errors_px, strict=True)]
        hands.append(TwoPoses(hand_id, (before, after), (words[0], words[1]), "", references.get(hand_id)))
    return TwoSets(tuple(hands), side_by_side=True)
