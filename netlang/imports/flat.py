"""A graph as text without blocks, whose every layer has a place of its own.

So a mistake that the compiler finds in it is told of that layer.
"""

from __future__ import annotations

from collections.abc import Iterator

from netlang.imports.chains import Chain
from netlang.imports.foreign_graph import ForeignGraph, ForeignLayer
from netlang.imports.part_text import call_of
from netlang.imports.writer import plain_chain, settings_of
from netlang.language.source import SourceFile, Span
from netlang.system.record import Record


class FlatFile(Record):
    """A text, and by the place where each of its layers begins, that layer."""

    source: SourceFile
    layers: dict[int, ForeignLayer]

    def layer_at(self, span: Span | None) -> ForeignLayer | None:
        """The layer that a span of the text is about."""
        if span is None or span.source is not self.source:
            return None
        before = (start for start in self.layers if start <= span.start)
        return self.layers.get(max(before, default=-1))


def flat(graph: ForeignGraph) -> FlatFile:
    text, layers = "net = ", dict[int, ForeignLayer]()
    for piece, layer in _pieces(plain_chain(graph)):
        if layer:
            layers[len(text)] = layer
        text += piece
    text = "\n".join([text, *settings_of(graph), ""])
    return FlatFile(SourceFile(f"{graph.name}.net", text), layers)


def _pieces(chain: Chain) -> Iterator[tuple[str, ForeignLayer | None]]:
    """The text of a chain piece by piece, each with the layer that it is."""
    if not chain:
        yield "Identity", None
    for number, part in enumerate(chain):
        if number:
            yield " -> ", None
        for place, branch in enumerate(part.branches):
            yield ", " if place else "[", None
            yield from _pieces(branch)
        if part.branches:
            yield "] -> " if part.kind == "layer" else "]", None
        is_layer = part.kind == "layer" and part.layers
        yield call_of(part, {}), part.layers[-1] if is_layer else None
