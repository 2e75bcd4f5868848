"""Layers are told one after another, each with the axes that it gives.

Readers of formats whose axes may stand in another order have one. It writes a Permute or a Reshape
where a layer needs its axes as netlang has them, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from netlang.catalogue.registry import ITEMS
from netlang.imports.foreign_graph import ForeignLayer
from netlang.imports.refused import Refused
from netlang.imports.views import Atom, Axes, View, moves, proper, size_of
from netlang.language.shapes import Shape, ShapeError
from netlang.system.lazy import np
from netlang.system.machine import memory_limit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]


class Lacks(Exception):
    """Why something cannot be said; it goes on from its name."""


class Named(Protocol):
    """What is said: a layer or an operation of the foreign file."""

    @property
    def name(self) -> str: ...


class Telling:
    """The ``layers`` that are told so far of a network with inputs of these names."""

    def __init__(self, inputs: Iterable[str]) -> None:
        self.layers: list[ForeignLayer] = []
        self._names: set[str] = {*inputs}
        self._weights = 0  # how many numbers its layers have
        self._moved: dict[tuple[str, str, str], str] = {}  # a view that several need is made once

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
        whole = view.axes[axis]
        same = [n for n, one in enumerate(view.own) if n and one == whole]
        wanted = proper(whole)
        alike = [n for n, one in enumerate(view.own) if n and proper(one) == wanted]
        at = same or (alike if wanted else [])
        return at[0] if len(at) == 1 else None

    def together(self, one: View, other: View) -> tuple[View, View]:
        """Two values of as many axes, of layers whose axes are in one order: that of the larger."""
        is_first = one.shape >= other.shape
        large, small = (one, other) if is_first else (other, one)
        places = [self._own_place(large, at) for at in range(large.rank)]
        if sorted(place or 0 for place in places) == [*range(large.rank)]:
            order = [places.index(at) for at in range(1, large.rank)]
            batch = next(at for at, place in enumerate(places) if place is None)
            own = tuple(small.axes[at] for at in (batch, *order))
            if own[0] == small.own[0]:
                small = self.arranged(small, own)
                return (large, small) if is_first else (small, large)
        return self.straight(one), self.straight(other)

    def say(
        self,
        named: Named,
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
        return self._add(named.name, call, inputs, arguments, tensors or {}, remark), shape

    def same(self, named: Named, call: str, view: View, **more: Any) -> View:
        """Say a layer that keeps the shape of its input."""
        name, _ = self.say(named, call, view, **more)
        return view.replace(layer=name, tokens=False)

    def made(self, named: Named, call: str, *views: View, **more: Any) -> View:
        """Say a layer whose output has the axes of its first input, in new sizes."""
        name, sizes = self.say(named, call, *views, **more)
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
        name = self.free_name(wanted)
        known = {one.name: one for one in ITEMS[call].arguments}
        plain = {key: _plain(value) for key, value in arguments.items()}
        kept = {
            key: value
            for key, value in plain.items()
            if known[key].required or value != known[key].default
        }
        own = {key: np.asarray(one) for key, one in tensors.items()}
        self._weights += sum(one.size for one in own.values())
        if 4 * self._weights > memory_limit() // 4:
            raise Refused("its weights would fill a quarter of this machine's memory")
        self.layers.append(ForeignLayer(name, call, inputs, kept, tensors=own, remark=remark))
        return name

    def free_name(self, wanted: str) -> str:
        wanted = wanted or "layer"
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
