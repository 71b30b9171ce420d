"""A part of a network as an ONNX graph, kept in the user's cache, and run by ONNX Runtime."""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import torch
from torch import Tensor

from handstudio.user_cache import Shelf, key_of

if TYPE_CHECKING:
    from handstudio.methods.part import Part

_GRAPHS: Final = Shelf("networks", ".onnx", most=8)
_QUIET: Final = 3
"""Errors alone are printed."""


class OnnxRun:
    """Runs a part with as many threads as torch would take in the calling thread.

    Args:
        part: what is run.
        example: inputs of the shapes that are to come.
    """

    def __init__(self, part: Part, example: tuple[Tensor, ...]) -> None:
        self._graph = graph(part, example)
        self._sessions: dict[int, Any] = {}
        self._lock = threading.Lock()

    def __call__(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        session = self._session(torch.get_num_threads())
        named = {f"input{place}": value.contiguous().numpy() for place, value in enumerate(inputs)}
        return tuple(torch.from_numpy(answer) for answer in session.run(None, named))

    def _session(self, threads: int) -> Any:
        with self._lock:
            if threads not in self._sessions:
                import onnxruntime

                options = onnxruntime.SessionOptions()
                options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
                options.log_severity_level = _QUIET
                # Threads that wait give their core away: the window and the decoding want it.
                options.add_session_config_entry("session.intra_op.allow_spinning", "0")
                self._sessions[threads] = onnxruntime.InferenceSession(
                    self._graph, options, providers=["CPUExecutionProvider"]
                )
            return self._sessions[threads]


def graph(part: Part, example: tuple[Tensor, ...]) -> bytes:
    """The ONNX graph of a part, from the cache where the same weights were exported before."""
    key = key_of(_facts(part, example))
    kept = _GRAPHS.read(key)
    if kept is None:
        kept = exported(part, example)
        _GRAPHS.keep(key, kept)
    return kept


def exported(part: Part, example: tuple[Tensor, ...]) -> bytes:
    """The ONNX graph of a part, for batches of any length.

    The exporter that traces is taken, though PyTorch calls it the older one: 0.7 s for the network of
    SemiHand ``lite`` instead of 12 s, and two packages fewer.
    """
    inputs = [f"input{place}" for place in range(len(example))]
    stream = io.BytesIO()
    with warnings.catch_warnings(), torch.inference_mode(False), torch.no_grad():
        warnings.simplefilter("ignore")
        plain = tuple(value.clone() for value in example)
        outputs = [f"output{place}" for place in range(len(part(*plain)))]
        torch.onnx.export(
            part,
            plain,
            stream,  # type: ignore[arg-type]
            dynamo=False,
            input_names=inputs,
            output_names=outputs,
            dynamic_axes={name: {0: "batch"} for name in (*inputs, *outputs)},
        )
    return stream.getvalue()


def _facts(part: Part, example: tuple[Tensor, ...]) -> Iterator[str | bytes]:
    """Everything that the graph depends on: PyTorch's version, structure, weights, shapes."""
    shapes = [tuple(value.shape[1:]) for value in example]
    yield f"{torch.__version__}|{part.answer}|{part.network!r}|{shapes}"
    for name, value in part.network.state_dict().items():
        yield name
        yield value.detach().cpu().contiguous().numpy().tobytes()
