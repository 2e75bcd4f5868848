"""The teller says Keras's layers in netlang's, whose channels stand first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from netlang.imports.foreign_graph import ForeignLayer
from netlang.imports.keras.file import KerasLayer
from netlang.imports.refused import Refused
from netlang.imports.telling import Lacks, Telling
from netlang.imports.views import Atom, Axes, View
from netlang.system.record import Record

FLATTENED = (
    "Keras flattens with the channels last, and netlang with the channels first: the weights "
    "behind stand in another order."
)
CHANNELS_FIRST = (
    "Keras has the channels of a sample last, and netlang has them first: [H, W, C] is [C, H, W]."
)

Saying = Callable[["Teller", KerasLayer, "list[View]"], View]
SAYINGS: dict[str, Saying] = {}


def says(*kinds: str) -> Callable[[Saying], Saying]:
    """The function says Keras's layers of these classes."""

    def register(function: Saying) -> Saying:
        SAYINGS.update(dict.fromkeys(kinds, function))
        return function

    return register


class Step(Record):
    """A part of a layer of Keras's, such as its activation."""

    name: str


class Teller(Telling):
    """What is said so far: the ``views`` of all layers by name, and ``remarks``."""

    def __init__(self, inputs: Mapping[str, tuple[int, ...]], is_last: bool) -> None:
        super().__init__(inputs)
        self.views: dict[str, View] = {}
        self.remarks: dict[str, None] = {}
        for name, shape in inputs.items():
            axes: Axes = ((Atom(1, is_batch=True),), *((Atom(size),) for size in shape))
            own = axes
            if is_last and len(shape) == 3:
                own = (axes[0], axes[-1], *axes[1:-1])
                self.remark(CHANNELS_FIRST)
            self.views[name] = View(name, own, axes)

    def remark(self, text: str) -> None:
        self.remarks[text] = None

    def tell(self, layer: KerasLayer) -> None:
        views = [self.views[name] for name in layer.inputs]
        try:
            if layer.lacks:
                raise Lacks(layer.lacks)
            if layer.uses > 1:
                raise Lacks("is used several times, with the same weights")
            if layer.kind not in SAYINGS:
                raise Lacks("is no layer of netlang's")
            self.views[layer.name] = SAYINGS[layer.kind](self, layer, views)
        except Refused:
            raise
        except Lacks as lacks:
            self._tell_of(layer, views, str(lacks))
        except (KeyError, ValueError, IndexError, TypeError, AttributeError, ArithmeticError):
            self._tell_of(layer, views, "has arguments that Keras would not write")

    def _tell_of(self, layer: KerasLayer, views: list[View], lacks: str) -> None:
        """Tell of a layer that netlang lacks."""
        if not views:
            raise Refused(f"nothing comes into `{layer.name}`")
        name = self.free_name(layer.name)
        sources = tuple(view.layer for view in views)
        self.layers.append(ForeignLayer(name, layer.kind, sources, lacks=lacks))
        self.views[layer.name] = views[0].replace(layer=name)

    def channels_first(self, layer: KerasLayer, view: View, axes: int | None = None) -> View:
        """The view of a layer with the channels behind the batch, as netlang's take them."""
        if axes is not None and view.rank != axes + 2:
            raise Lacks(f"takes {axes + 1} dimensions of a sample, and gets {view.rank - 1}")
        last = layer.channels_last
        order = (view.axes[0], view.axes[-1], *view.axes[1:-1]) if last else view.axes
        if view.rank == 3 and last:
            self.remark(CHANNELS_FIRST)
        return self.arranged(view, order)

    def made_first(self, layer: KerasLayer, view: View, call: str, **arguments: Any) -> View:
        """Say a layer that takes channels first: its view has them where Keras has them."""
        first = self.channels_first(layer, view)
        made = self.made(layer, call, first, **arguments)
        if not layer.channels_last:
            return made
        return made.replace(axes=(made.own[0], *made.own[2:], made.own[1]))


def number(config: Mapping[str, Any], name: str, default: float) -> float:
    value = config.get(name)
    return float(default if value is None else value)
