"""The hands of a project as the record stream that every writer takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from handstudio.exchange.exported_hand import ExportedFrame, ExportedHand, Floats, Provenance
from handstudio.media.opening import open_source
from handstudio.media.source import Frame, FrameSource, read_stored

if TYPE_CHECKING:
    from handstudio.project import Project
    from handstudio.project.records import FrameRecord, HandQuery, HandRecord, Layer, Proposal, SequenceRecord

_BATCH: Final = 1000


@dataclass(eq=False)
class ProjectHands:
    """Streams a layer of a project's hands; iterate once.

    Args:
        project: an open project.
        layer: ``label`` for what was decided; or ``proposal``, ``perturbed``, ``correction``, ``truth``.
        query: which hands; all by default.

    Attributes:
        skipped: hands passed over so far because the layer has no pose for them.
    """

    project: Project
    layer: Layer = "label"
    query: HandQuery | None = None
    skipped: int = field(default=0, init=False)

    def __iter__(self) -> Iterator[ExportedHand]:
        ids = self.project.hand_ids() if self.query is None else self.project.hand_ids(self.query)
        sequences = uniquely_named(self.project.sequences())
        for start in range(0, len(ids), _BATCH):
            batch = ids[start : start + _BATCH]
            table = self.project.poses(self.layer, batch)
            row_of = {int(hand_id): row for row, hand_id in enumerate(table.hand_ids)}
            hands = self.project.hands([int(hand_id) for hand_id in batch])
            frames = self._frames(hands)
            self.skipped += len(batch) - len(row_of)
            for hand in hands:
                row = row_of.get(hand.id)
                if row is None:
                    continue
                frame = frames[hand.frame_id]
                yield ExportedHand(
                    frame=exported_frame(sequences[hand.sequence_id], frame),
                    side=hand.side,
                    box=hand.box,
                    uv=np.asarray(table.uv[row], dtype=np.float32),
                    visibility=np.asarray(table.visibility[row], dtype=np.uint8),
                    depth=np.asarray(table.depth[row], dtype=np.float32),
                    xyz_mm=self._xyz(hand),
                    track=hand.track,
                    box_source=hand.box_source,
                    provenance=self._provenance(hand),
                )

    def _frames(self, hands: Sequence[HandRecord]) -> dict[int, FrameRecord]:
        """The frames of some hands; neighbours of a sequence are read together."""
        wanted: dict[int, list[int]] = {}
        for hand in hands:
            wanted.setdefault(hand.sequence_id, []).append(hand.frame_index)
        found: dict[int, FrameRecord] = {}
        needed = {hand.frame_id for hand in hands}
        for sequence_id, indices in wanted.items():
            first, last = min(indices), max(indices)
            if last - first < 4 * len(indices) + _BATCH:
                found |= {each.id: each for each in self.project.frames(sequence_id, first, last - first + 1)}
        found |= {frame_id: self.project.frame(frame_id) for frame_id in needed - found.keys()}
        return found

    def _xyz(self, hand: HandRecord) -> Floats | None:
        if self.layer != "truth":
            return None
        truth = self.project.truth_of(hand.id)
        return None if truth is None else truth.xyz_mm

    def _provenance(self, hand: HandRecord) -> Provenance:
        origin: str | None = self.layer
        decided_by: str | None = None
        decided_at: float | None = None
        proposal: Proposal | None = None
        if self.layer == "label":
            label = self.project.label_of(hand.id)
            if label is not None:
                origin, decided_by, decided_at = label.origin, label.decided_by, label.decided_at
                if label.proposal_id is not None:
                    proposal = self.project.proposal(label.proposal_id)
        elif self.layer != "truth":
            proposal = self.project.proposal_of(hand.id)
        seen = self.project.bundle(hand.id).verification if hand.verified else None
        return Provenance(
            state=str(hand.state),
            origin=origin,
            decided_by=decided_by,
            decided_at=decided_at,
            model=None if proposal is None else proposal.model_id,
            confidence=None if proposal is None else proposal.confidence,
            note=hand.note,
            verified_by=None if seen is None else seen.who,
            verified_at=None if seen is None else seen.at,
        )


def uniquely_named(sequences: Sequence[SequenceRecord]) -> dict[int, SequenceRecord]:
    """Sequences by id; those that share a name get their id behind it, so that a name means one sequence."""
    counts = Counter(record.name for record in sequences)
    named: dict[int, SequenceRecord] = {}
    for record in sequences:
        name = record.name
        if counts[name] > 1:
            while counts[name]:
                name += f" ({record.id})"
            counts[name] += 1
        named[record.id] = replace(record, name=name)
    return named


def exported_frame(sequence: SequenceRecord, frame: FrameRecord) -> ExportedFrame:
    """A frame's record as writers take it."""
    return ExportedFrame(
        sequence=sequence.name,
        index=frame.index,
        name=frame.name,
        width=frame.width,
        height=frame.height,
        kind=sequence.kind,
        view=sequence.view,
        recording=sequence.recording,
        subject=sequence.subject,
        camera=sequence.camera,
        hold_out=sequence.hold_out,
        mark=frame.mark,
    )


class ProjectFrames:
    """Decodes the frames of exported hands; one source is open at a time."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._records = {record.name: record for record in uniquely_named(project.sequences()).values()}
        self._open: tuple[str, FrameSource] | None = None

    def __call__(self, frame: ExportedFrame) -> Frame:
        """The decoded frame.

        Raises:
            HandStudioError: when its footage is gone or the frame is damaged.
        """
        if self._open is None or self._open[0] != frame.sequence:
            self.close()
            record = self._records[frame.sequence]
            names = [each.name for each in self._project.frames(record.id)]
            self._open = (frame.sequence, open_source(record.kind, Path(record.path), record.view, names))
        return read_stored(self._open[1], frame.index)

    def close(self) -> None:
        """Let go of the open source."""
        if self._open is not None:
            self._open[1].close()
            self._open = None
