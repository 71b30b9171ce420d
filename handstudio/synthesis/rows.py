"""Hands as rows of tensors: what all records of them can do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Self

import torch
from torch import Tensor


class Rows:
    """A dataclass whose fields are tensors with one row a hand, or such dataclasses themselves."""

    def rows(self, index: Tensor | slice) -> Self:
        """The hands of ``index`` (long)."""
        return self._with({name: _rows(value, index) for name, value in self._parts().items()})

    def to(self, device: torch.device | str) -> Self:
        """The same hands on another device."""
        return self._with({name: value.to(device) for name, value in self._parts().items()})

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """The hands of all parts, one after the other."""
        columns = {name: [part._parts()[name] for part in parts] for name in parts[0]._parts()}
        return cls(**{name: _joined(values) for name, values in columns.items()})

    def _parts(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]

    def _with(self, parts: dict[str, Any]) -> Self:
        return type(self)(**parts)


def _rows(value: Tensor | Rows, index: Tensor | slice) -> Tensor | Rows:
    return value[index] if isinstance(value, Tensor) else value.rows(index)


def _joined(values: Sequence[Any]) -> Any:
    first = values[0]
    return torch.cat(list(values)) if isinstance(first, Tensor) else type(first).joined(values)
