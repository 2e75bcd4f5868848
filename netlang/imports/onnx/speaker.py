"""The speaker says operations of ONNX in netlang's layers, one after another.

Each kind of operation has a function below ``@says`` in ``operations/``. It asks the speaker for
its inputs as views, says layers, and gives the views that are its outputs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from netlang.imports.foreign_graph import ForeignLayer
from netlang.imports.onnx.graph import OnnxGraph, Op
from netlang.imports.refused import Refused
from netlang.imports.telling import Lacks, Telling
from netlang.imports.views import Atom, Axes, View
from netlang.language.shapes import ShapeError

if TYPE_CHECKING:
    from netlang.imports.onnx.graph import Array

# What a file raises that breaks the rules of ONNX, such as a pool that does not say its kernel.
MALFORMED = (KeyError, ValueError, IndexError, TypeError, AttributeError, ArithmeticError)

Saying = Callable[["Speaker", Op], "View | tuple[View, ...]"]
SAYINGS: dict[str, Saying] = {}


def says(*kinds: str) -> Callable[[Saying], Saying]:
    """The function says operations of these kinds."""

    def register(function: Saying) -> Saying:
        SAYINGS.update(dict.fromkeys(kinds, function))
        return function

    return register


class Speaker(Telling):
    """What is said so far of a graph: its ``layers``, and the ``views`` of its values by name."""

    def __init__(self, graph: OnnxGraph) -> None:
        super().__init__(graph.inputs)
        self.graph = graph
        self.views: dict[str, View] = {}
        self.users = graph.users()
        self._sources: dict[tuple[str, str], ForeignLayer] = {}  # who had these weights first
        self._unknown: dict[str, str] = {}  # values whose shape is not known, and where that began
        for name in graph.inputs:
            own = tuple(
                (Atom(size, is_batch=at == 0),) for at, size in enumerate(graph.shapes[name])
            )
            self.views[name] = View(name, own, own, name in graph.tokens)

    def say_all(self) -> None:
        for op in self.graph.ops:
            try:
                made = self._said(op)
            except Refused:
                raise
            except Lacks as lacks:
                made = self._unsaid(op, str(lacks))
            except (*MALFORMED, ShapeError):
                made = self._unsaid(op, f"is not written as ONNX says of `{op.type}`")
            views = (made,) if isinstance(made, View) else made
            self.views.update(zip(op.outputs, views, strict=False))

    def _said(self, op: Op) -> View | tuple[View, ...]:
        if op.type not in SAYINGS:
            raise Lacks(f"has no layer in netlang: none {about(op.type)}")
        return SAYINGS[op.type](self, op)

    def share(self, name: str, source: object) -> None:
        """Let the layer that was said last have the weights of the one that came from the same
        ``source`` before, if one did.
        """
        layer = self.layers[-1]
        first = self._sources.setdefault((layer.call, str(source)), layer)
        if first is not layer and source and first.arguments == layer.arguments:
            self.layers[-1] = layer.replace(shares=first.name)
        assert layer.name == name

    def _unsaid(self, op: Op, why: str) -> tuple[View, ...]:
        """The views of an operation that netlang lacks, of which the shapes are known."""
        name = self.free_name(op.name)
        sources = tuple(self.views[one].layer for one in op.inputs if one in self.views)
        layer = ForeignLayer(name, op.type.rpartition(".")[2], sources, lacks=why)
        self.layers.append(layer)
        found = []
        for output in op.outputs:
            shape = self.graph.shape(output)
            if shape is None:
                self._unknown.update(dict.fromkeys(op.outputs, op.name))
                return ()
            axes: Axes = tuple((Atom(n, is_batch=at == 0),) for at, n in enumerate(shape))
            found.append(View(name, axes, axes))
        return tuple(found)

    def view(self, op: Op, index: int = 0) -> View:
        """An input of ``op``.  Raises Lacks if it is a constant."""
        name = self.graph.input(op, index)
        if name in self._unknown:
            before = self._unknown[name]
            self._unknown.update(dict.fromkeys(op.outputs, before))
            raise Lacks(f"stands behind `{before}`, of which nobody knows what shape it gives")
        if name not in self.views:
            raise Lacks("takes a constant where layers take what comes before them")
        return self.views[name]

    def weights(self, op: Op, index: int, what: str) -> Array:
        """An input of ``op`` that has to be a constant."""
        found = self.graph.value(op, index)
        if found is None:
            raise Lacks(f"computes its {what}, which are weights in netlang")
        return found


def about(kind: str) -> str:
    """What an operation of ONNX does, by ONNX's own words."""
    import onnx

    domain, _, name = kind.rpartition(".")
    try:
        doc = onnx.defs.get_schema(name, domain=domain).doc
    except onnx.defs.SchemaError:
        return f"does what `{kind}` does"
    first = " ".join((doc or "").split()).partition(". ")[0].rstrip(".:")
    return f"does what `{kind}` does: {first[:1].lower()}{first[1:90]}" if first else f"is `{kind}`"


__all__ = ["SAYINGS", "Lacks", "Speaker", "says"]
