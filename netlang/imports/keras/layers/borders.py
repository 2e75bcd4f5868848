"""What is put around pictures and sequences, cut off, or put in between."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from netlang.imports.keras.file import KerasLayer
from netlang.imports.keras.layers.numbers import numbers_of, one_or_all, pairs_of, places_of
from netlang.imports.keras.teller import Teller, says
from netlang.imports.telling import Lacks
from netlang.imports.views import Atom, View


def bordered(
    teller: Teller,
    layer: KerasLayer,
    view: View,
    kernel: Sequence[int],
    stride: Sequence[int],
    dilation: Sequence[int],
    value: float,
) -> tuple[View, Any]:
    """The view with what ``padding`` of Keras puts around it, and netlang's own padding."""
    kind = str(layer.get("padding", "valid")).lower()
    if kind == "valid":
        return view, 0
    spans = [each * (size - 1) for size, each in zip(kernel, dilation, strict=True)]
    if kind == "causal":
        ends = [(span, 0) for span in spans]
    elif max(stride) == 1:
        if value == 0.0 and "Pool" not in layer.kind:
            even = [span // 2 for span in spans]
            return view, one_or_all(even) if all(s % 2 == 0 for s in spans) else "same"
        ends = [(span // 2, span - span // 2) for span in spans]
    else:
        sizes = places_of(layer, view)
        each = zip(sizes, spans, stride, strict=True)
        whole = [
            max(0, (-(-size // step) - 1) * step + span + 1 - size) for size, span, step in each
        ]
        ends = [(one // 2, one - one // 2) for one in whole]
    if all(begin == end for begin, end in ends):
        return view, one_or_all([begin for begin, _ in ends])
    flat = tuple(one for pair in reversed(ends) for one in pair)
    pad = layer.replace(name=f"{layer.name}.pad")
    return teller.made_first(pad, view, "Pad", padding=flat, value=value), 0


@says("ZeroPadding2D", "ZeroPadding1D")
def zero_padding(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    axes = 1 if "1D" in layer.kind else 2
    ends = pairs_of(layer.config["padding"], axes)
    flat = tuple(one for pair in reversed(ends) for one in pair)
    padding = flat[0] if len({*flat}) == 1 else flat
    return teller.made_first(layer, views[0], "Pad", padding=padding)


@says("Cropping2D", "Cropping1D")
def cropping(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    axes = 1 if "1D" in layer.kind else 2
    (view,) = views
    last = layer.channels_last
    for number_, (before, after) in enumerate(pairs_of(layer.config["cropping"], axes)):
        if before or after:
            view = part_of(teller, layer, view, number_ + (1 if last else 2), before, after)
    return view


def part_of(
    teller: Teller, layer: KerasLayer, view: View, axis: int, before: int, after: int
) -> View:
    """The view without what stands at both ends of an axis."""
    view, at = teller.place(view, axis)
    length = view.shape[axis] - before - after
    name, _ = teller.say(layer, "Slice", view, start=before, length=length, dim=at)
    new = (Atom(length),)
    own = (*view.own[:at], new, *view.own[at + 1 :])
    return View(name, own, (*view.axes[:axis], new, *view.axes[axis + 1 :]))


@says("UpSampling2D", "UpSampling1D")
def up_sampling(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    axes = 1 if "1D" in layer.kind else 2
    mode = layer.get("interpolation", "nearest")
    if mode not in ("nearest", "bilinear"):
        raise Lacks(f"makes numbers in between by `{mode}`")
    factors = [float(one) for one in numbers_of(layer.get("size", 2), axes)]
    factor = factors[0] if len({*factors}) == 1 else tuple(factors)
    return teller.made_first(layer, views[0], "Upsample", scale_factor=factor, mode=mode)
