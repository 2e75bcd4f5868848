"""Layers that move numbers, and compute nothing."""

from __future__ import annotations

import math

from netlang.imports.keras.file import KerasLayer
from netlang.imports.keras.teller import FLATTENED, Teller, says
from netlang.imports.telling import Lacks
from netlang.imports.views import View, proper


@says("Flatten")
def flatten(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    (view,) = views
    if [proper(axis) for axis in view.own] != [proper(axis) for axis in view.axes]:
        teller.remark(FLATTENED)
    plain = View(view.layer, view.own, view.own)
    found = plain.regrouped([1, math.prod(view.shape[1:])])
    assert found, "all axes of a sample become one"
    return found


@says("Reshape")
def reshape(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    (view,) = views
    sizes, whole = [int(one) for one in layer.config["target_shape"]], math.prod(view.shape[1:])
    if -1 in sizes:
        rest = math.prod(one for one in sizes if one != -1)
        sizes = [whole // max(1, rest) if one == -1 else one for one in sizes]
    if math.prod(sizes) != whole:
        raise Lacks(f"makes {sizes} of {whole} numbers")
    found = view.regrouped([1, *sizes])
    if found:
        return found
    straight = teller.straight(view)
    return teller.made(layer, "Reshape", straight, shape=tuple(sizes))


@says("Permute")
def permute(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    return views[0].permuted([0, *map(int, layer.config["dims"])])
