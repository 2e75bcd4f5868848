"""Readers draw a foreign graph layer by layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from netlang.imports.foreign_graph import Argument, ForeignGraph, ForeignInput, ForeignLayer
from netlang.language.source import Span


class Drawing:
    """The layers and inputs so far, and what is to be said about them."""

    def __init__(self) -> None:
        self.inputs: list[ForeignInput] = []
        self.layers: list[ForeignLayer] = []
        self.settings: dict[str, str] = {}
        self.remarks: dict[str, None] = {}
        self._names: set[str] = set()

    def begin(self, name: str, shape: tuple[int | None, ...] | None, span: Span | None) -> str:
        """Add an input."""
        self.inputs.append(ForeignInput(self._free(name), shape, span))
        return self.inputs[-1].name

    def add(
        self,
        name: str,
        call: str,
        inputs: Sequence[str],
        arguments: Mapping[str, Argument],
        span: Span | None = None,
        lacks: str = "",
        shares: str | None = None,
    ) -> str:
        """Add a layer, and return its name, which is ``name``, or one like it if that is taken."""
        free = self._free(name or call.lower())
        self.layers.append(
            ForeignLayer(free, call, tuple(inputs), arguments, span, lacks=lacks, shares=shares)
        )
        return free

    def ends(self) -> tuple[str, ...]:
        """The names of the layers from which no other one takes anything."""
        taken = {name for layer in self.layers for name in layer.inputs}
        return tuple(layer.name for layer in self.layers if layer.name not in taken)

    def remark(self, text: str) -> None:
        """Say what the file says otherwise, or not at all; the same text is said once."""
        self.remarks[text] = None

    def graph(self, name: str, outputs: tuple[str, ...]) -> ForeignGraph:
        return ForeignGraph(
            name,
            tuple(self.inputs),
            tuple(self.layers),
            outputs,
            dict(self.settings),
            tuple(self.remarks),
        )

    def _free(self, name: str) -> str:
        free, number = name, 2
        while free in self._names:
            free, number = f"{name}/{number}", number + 1
        self._names.add(free)
        return free
