"""Pools, and means and maxima of channels."""

from __future__ import annotations

from typing import Any

from netlang.imports.keras.file import KerasLayer
from netlang.imports.keras.layers.borders import bordered
from netlang.imports.keras.layers.numbers import numbers_of, one_or_all, places_of
from netlang.imports.keras.teller import Teller, says
from netlang.imports.telling import Lacks
from netlang.imports.views import View

_POOLS = ("MaxPooling2D", "MaxPooling1D", "AveragePooling2D", "AveragePooling1D")


@says(*_POOLS)
def pool(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    axes = 1 if layer.kind.endswith("1D") else 2
    is_max = layer.kind.startswith("Max")
    kernel = numbers_of(layer.get("pool_size", 2), axes)
    stride = numbers_of(layer.get("strides") or kernel, axes)
    ones = [1] * axes
    view = views[0]
    about: dict[str, Any] = {"stride": None if stride == kernel else one_or_all(stride)}
    if layer.get("padding", "valid") == "same":
        sizes = places_of(layer, view)
        each = zip(sizes, kernel, stride, strict=True)
        if all(n % step == 0 and k <= step for n, k, step in each):
            about["padding"] = 0
        elif is_max:
            view, about["padding"] = bordered(teller, layer, view, kernel, stride, ones, -3.4e38)
        elif all(k == step for k, step in zip(kernel, stride, strict=True)):
            about["ceil_mode"] = True
            if any((-(-n // s) * s - n) > 1 for n, s in zip(sizes, stride, strict=True)):
                raise Lacks("averages what is not there at both borders")
        else:
            raise Lacks("averages what is not there at the borders")
    call = f"{'Max' if is_max else 'Avg'}Pool{axes}d"
    return teller.made_first(layer, view, call, kernel_size=one_or_all(kernel), **about)


@says(
    *("GlobalAveragePooling2D", "GlobalAveragePooling1D", "GlobalMaxPooling2D"),
    *("GlobalMaxPooling1D", "GlobalAvgPool2D", "GlobalMaxPool2D"),
)
def global_pool(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    (view,) = views
    last = layer.channels_last
    keeps = view.axes[-1 if last else 1]
    axes = range(1, view.rank - 1) if last else range(2, view.rank)
    if "1D" in layer.kind or "Max" in layer.kind:
        call = "Max" if "Max" in layer.kind else "Mean"
        for axis in reversed(axes):
            view, at = teller.place(view, axis)
            name, _ = teller.say(layer, call, view, dim=at)
            own = (*view.own[:at], *view.own[at + 1 :])
            view = View(name, own, (*view.axes[:axis], *view.axes[axis + 1 :]))
    else:
        first = teller.channels_first(layer, view)
        name, _ = teller.say(layer, "GlobalAvgPool", first)
        view = View(name, first.own[:2], (first.own[0], keeps))
    if layer.get("keepdims", False):
        new = [*axes]
        view = view.with_new(new)
    return view
