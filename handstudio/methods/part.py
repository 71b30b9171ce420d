"""One answer of a network as a module of its own, to be run in one way or another."""

from __future__ import annotations

from torch import Tensor, nn

Tensors = tuple[Tensor, ...]


class Part(nn.Module):
    """One answer of a network as a module of its own: tensors in, a tuple of tensors out.

    Args:
        network: ready for inference and on its device.
        answer: the name of the method that gives the answer.
    """

    def __init__(self, network: nn.Module, answer: str) -> None:
        super().__init__()
        self.network = network
        self.answer = answer

    def forward(self, *inputs: Tensor) -> Tensors:
        """What the network's method answers."""
        found = getattr(self.network, self.answer)(*inputs)
        return (found,) if isinstance(found, Tensor) else tuple(found)
