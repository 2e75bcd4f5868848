"""Layers of several inputs."""

from __future__ import annotations

from netlang.imports.keras.file import KerasLayer
from netlang.imports.keras.teller import Step, Teller, says
from netlang.imports.telling import Lacks
from netlang.imports.views import Atom, View


@says("Add", "Subtract", "Multiply", "Average")
def join(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    calls = {"Add": "Add", "Subtract": "Sub", "Multiply": "Mul", "Average": "Add"}
    if len({view.rank for view in views}) > 1:
        raise Lacks("has inputs of several ranks")
    if len(views) == 2:
        views = [*teller.together(*views)]
    else:
        views = [teller.straight(view) for view in views]
    name, _ = teller.say(layer, calls[layer.kind], *views)
    made = max(views, key=lambda view: view.shape).replace(layer=name)
    if layer.kind == "Average":
        step = Step(f"{layer.name}.mean")
        return teller.same(step, "Scale", made, init=1 / len(views))
    return made


@says("Concatenate", "Merge")
def concatenate(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    axis = int(layer.get("axis", -1)) % views[0].rank
    orders = {
        tuple(view.axes.index(one) if one in view.axes else -1 for one in view.own)
        for view in views
    }
    if len(orders) > 1 or -1 in next(iter(orders)):
        views = [teller.straight(view) for view in views]
    first, at = teller.place(views[0], axis)
    name, sizes = teller.say(layer, "Concat", *views, dim=at)
    new = (Atom(sizes[at - 1]),)
    own = (*first.own[:at], new, *first.own[at + 1 :])
    return View(name, own, (*first.axes[:axis], new, *first.axes[axis + 1 :]))
