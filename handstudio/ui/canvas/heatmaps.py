"""Where the model looks for each joint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from handstudio.ui.asking import Asking

if TYPE_CHECKING:
    from collections.abc import Callable

    from handstudio.jobs.residents import Ticket
    from handstudio.jobs.worker import ProposalWorker

Maps = npt.NDArray[np.float32]


class Heatmaps(Asking["Maps | None"]):
    """Heatmaps (21, h, w) of hands over the squares about their boxes."""

    def _question(self, worker: ProposalWorker) -> Callable[..., Ticket]:
        return worker.heatmaps

    def _shortcoming(self, answer: Maps | None) -> str:
        return "" if answer is not None else "This method makes no heatmaps"
