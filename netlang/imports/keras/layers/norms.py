"""Norms."""

from __future__ import annotations

from netlang.imports.keras.file import KerasLayer
from netlang.imports.keras.teller import Teller, number, says
from netlang.imports.telling import Lacks
from netlang.imports.views import View


@says("BatchNormalization")
def batch_norm(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    (view,) = views
    axis = layer.get("axis", -1)
    axis = int(axis[0] if isinstance(axis, list) else axis) % view.rank
    center, scale = layer.get("center", True), layer.get("scale", True)
    if center != scale:
        teller.remark(f"`{layer.name}` has a factor or a bias alone in Keras, and both in netlang.")
    if view.own[1] != view.axes[axis]:
        rest = (one for at, one in enumerate(view.axes) if at not in (0, axis))
        view = teller.arranged(view, (view.axes[0], view.axes[axis], *rest))
    return teller.same(
        layer,
        "BatchNorm",
        view,
        num_features=view.shape[axis],
        eps=number(layer.config, "epsilon", 1e-3),
        momentum=1 - number(layer.config, "momentum", 0.99),
        affine=bool(center or scale),
    )


@says("LayerNormalization")
def layer_norm(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    (view,) = views
    axes = layer.get("axis", -1)
    axes = sorted(int(one) % view.rank for one in (axes if isinstance(axes, list) else [axes]))
    if axes != [*range(view.rank - len(axes), view.rank)]:
        raise Lacks("goes over other dimensions than the last")
    view = teller.straight(view)
    sizes = view.shape[axes[0] :]
    center, scale = layer.get("center", True), layer.get("scale", True)
    return teller.same(
        layer,
        "LayerNorm",
        view,
        normalized_shape=sizes[0] if len(sizes) == 1 else sizes,
        eps=number(layer.config, "epsilon", 1e-3),
        elementwise_affine=bool(scale or center),
        bias=bool(center) or not scale,
    )


@says("GroupNormalization")
def group_norm(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    view, channels = views[0], views[0].shape[-1]
    groups = int(layer.get("groups", 32))
    first = teller.channels_first(layer, view)
    about = {"num_groups": channels if groups == -1 else groups, "num_channels": channels}
    eps = number(layer.config, "epsilon", 1e-3)
    return teller.same(layer, "GroupNorm", first, eps=eps, **about)
