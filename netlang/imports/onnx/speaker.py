"""The speaker says operations of ONNX in netlang's layers, one after another.

Each kind of operation has a function below ``@says`` in ``operations/``. It asks the speaker for
its inputs as views, says layers, and gives the views that are its outputs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from netlang.catalogue.registry import ITEMS
from netlang.imports.foreign_graph import ForeignLayer
from netlang.imports.onnx.graph import OnnxGraph, Op
from netlang.imports.onnx.views import Atom, Axes, View, alike, moves, proper, size_of
from netlang.language.shapes import Shape, ShapeError
from netlang.system.lazy import np

if TYPE_CHECKING:
    from netlang.imports.onnx.graph import Array

Saying = Callable[["Speaker", Op], "View | tuple[View, ...]"]
SAYINGS: dict[str, Saying] = {}


class Lacks(Exception):
    """Why an operation cannot be said; it goes on from the operation's name."""


def says(*kinds: str) -> Callable[[Saying], Saying]:
    """The function says operations of these kinds."""

    def register(function: Saying) -> Saying:
        SAYINGS.update(dict.fromkeys(kinds, function))
        return function

    return register


class Speaker:
    """What is said so far of a graph: its ``layers``, and the ``views`` of its values by name."""

    def __init__(self, graph: OnnxGraph) -> None:
        self.graph = graph
        self.layers: list[ForeignLayer] = []
        self.views: dict[str, View] = {}
        self.users = graph.users()
        self._names: set[str] = set(graph.inputs)
        self._unknown: dict[str, str] = {}  # values whose shape is not known, and where that began
        self._moved: dict[tuple[str, str, str], str] = {}  # a view that several need is made once
        for name in graph.inputs:
            own = tuple(
                (Atom(size, is_batch=at == 0),) for at, size in enumerate(graph.shapes[name])
            )
            self.views[name] = View(name, own, own, name in graph.tokens)

    def say_all(self) -> None:
        for op in self.graph.ops:
            try:
                made = self._said(op)
            except Lacks as lacks:
                made = self._unsaid(op, str(lacks))
            except ShapeError as error:
                made = self._unsaid(op, f"gets {error.takes}" if hasattr(error, "takes") else "")
            views = (made,) if isinstance(made, View) else made
            self.views.update(zip(op.outputs, views, strict=False))

    def _said(self, op: Op) -> View | tuple[View, ...]:
        if op.type not in SAYINGS:
            raise Lacks(f"netlang has no layer that {about(op.type)}")
        return SAYINGS[op.type](self, op)

    def _unsaid(self, op: Op, why: str) -> tuple[View, ...]:
        """The views of an operation that netlang lacks, of which the shapes are known."""
        name = self._name(op.name)
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

    def straight(self, view: View) -> View:
        """The same view of a layer that has its axes, with the batch in front."""
        return self.arranged(view, view.canonical)

    def strictly(self, view: View, axes: int = 0) -> View:
        """``straight``, for what takes the batch in front, and as many ``axes`` behind it."""
        if not view.is_straight:
            raise Lacks("works along the batch, which stands in another place")
        if axes and view.rank != axes + 1:
            raise Lacks(f"takes {axes} dimensions of a sample, and gets {view.rank - 1}")
        return self.straight(view)

    def arranged(self, view: View, own: Axes) -> View:
        """The same view of a layer whose own axes are these."""
        layer = view.layer
        for call, arguments, _ in moves(view.own, own):
            key = layer, call, str(arguments)
            if key not in self._moved:
                self._moved[key] = self._add(layer, call, (layer,), arguments, {})
            layer = self._moved[key]
        return view.replace(layer=layer, own=own)

    def place(self, view: View, axis: int) -> tuple[View, int]:
        """Where an axis of the view stands among those of a layer, 0 for the batch.

        Raises Lacks for the batch.
        """
        wanted = view.axes[axis]
        if any(atom.is_batch for atom in wanted):
            raise Lacks("works along the batch")
        found = self._own_place(view, axis)
        if found is None:
            view = self.straight(view)
            found = next(at for at, one in enumerate(view.own) if one is wanted or one == wanted)
        return view, found

    def _own_place(self, view: View, axis: int) -> int | None:
        wanted = proper(view.axes[axis])
        at = [n for n, one in enumerate(view.own) if n and proper(one) == wanted]
        return at[0] if wanted and len(at) == 1 else None

    def together(self, one: View, other: View) -> tuple[View, View]:
        """Two values, of layers whose axes are in one order."""
        first = [self._own_place(one, at) for at in range(one.rank)]
        second = [self._own_place(other, at) for at in range(other.rank)]
        sizes = [[size_of(a) for a in view.own] for view in (one, other)]
        if first == second and None not in first[1:] and sizes[0] == sizes[1]:
            return one, other
        return self.straight(one), self.straight(other)

    def say(
        self,
        op: Op,
        call: str,
        *views: View,
        tensors: Mapping[str, Array] | None = None,
        remark: str = "",
        **arguments: Any,
    ) -> tuple[str, tuple[int, ...]]:
        """Say a layer of these inputs: its name, and the sizes of its output."""
        inputs = tuple(view.layer for view in views)
        sizes = [tuple(size_of(axis) for axis in view.own[1:]) for view in views]
        shape = _inferred(call, arguments, sizes)
        if shape is None:
            raise Lacks(f"gives `{call}` what it does not take")
        return self._add(op.name, call, inputs, arguments, tensors or {}, remark), shape

    def same(self, op: Op, call: str, view: View, **more: Any) -> View:
        """Say a layer that keeps the shape of its input."""
        name, _ = self.say(op, call, view, **more)
        return view.replace(layer=name, tokens=False)

    def made(self, op: Op, call: str, *views: View, **more: Any) -> View:
        """Say a layer whose output has the axes of its first input, in new sizes."""
        name, sizes = self.say(op, call, *views, **more)
        own: Axes = (views[0].own[0], *((Atom(size),) for size in sizes))
        return View(name, own, own)

    def _add(
        self,
        wanted: str,
        call: str,
        inputs: tuple[str, ...],
        arguments: Mapping[str, Any],
        tensors: Mapping[str, Array],
        remark: str = "",
    ) -> str:
        name = self._name(wanted)
        known = {one.name: one for one in ITEMS[call].arguments}
        plain = {key: _plain(value) for key, value in arguments.items()}
        kept = {
            key: value
            for key, value in plain.items()
            if known[key].required or value != known[key].default
        }
        own = {key: np.ascontiguousarray(one) for key, one in tensors.items()}
        self.layers.append(ForeignLayer(name, call, inputs, kept, tensors=own, remark=remark))
        return name

    def _name(self, wanted: str) -> str:
        name, number = wanted, 1
        while name in self._names:
            number += 1
            name = f"{wanted}.{number}"
        self._names.add(name)
        return name


def _inferred(
    call: str, arguments: Mapping[str, Any], sizes: Sequence[tuple[int, ...]]
) -> tuple[int, ...] | None:
    layer = ITEMS[call].declared({key: _plain(value) for key, value in arguments.items()})
    shapes = [Shape.of(*one) for one in sizes]
    try:
        return layer.infer(*shapes).sizes  # type: ignore[attr-defined, no-any-return]
    except (ShapeError, ValueError, IndexError):
        return None


def _plain(value: Any) -> Any:
    """A value as files write it: numbers of float32 as few digits say them."""
    if isinstance(value, tuple | list):
        return tuple(map(_plain, value))
    if isinstance(value, bool | str) or value is None:
        return value
    if isinstance(value, float | np.floating):
        return float(f"{float(value):.7g}")
    return int(value)


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


__all__ = ["SAYINGS", "Lacks", "Speaker", "alike", "says"]
