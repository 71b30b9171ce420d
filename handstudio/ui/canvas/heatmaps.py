"""Where the model looks for each joint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from handstudio.ui.asking import Asking

if TYPE_CHECKING:
    from collections.abc import Callable

    from handstudio.hand.box import Box
    from handstudio.hand.skeleton import Side
    from handstudio.jobs.residents import Ticket
    from handstudio.jobs.worker import FrameAddress, ProposalWorker

Maps = npt.NDArray[np.float32]


class Heatmaps(Asking["Maps | None"]):
    """Heatmaps (21, h, w) of hands over the squares about their boxes."""

    def _ask(
        self,
        worker: ProposalWorker,
        address: FrameAddress,
        box: Box,
        side: Side,
        told: Callable[[Any], None],
    ) -> Ticket:
        return worker.heatmaps(address, box, side, told)

    def _shortcoming(self, answer: Maps | None) -> str:
        return "" if answer is not None else "This method makes no heatmaps"
