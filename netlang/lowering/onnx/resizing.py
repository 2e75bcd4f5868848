"""Layers that make pictures and sequences larger, in ONNX."""

from __future__ import annotations

from netlang.catalogue.layers import Pad, Upsample
from netlang.lowering.onnx.along_axes import weighted_sums
from netlang.lowering.onnx.lowerings import Own, lowers
from netlang.lowering.onnx.values import Value, concat, constant, op, whole

_MODES = {"constant": "constant", "reflect": "reflect", "replicate": "edge"}


@lowers(Upsample)
def upsample(layer: Upsample, own: Own, x: Value) -> Value:
    sizes, counts = x.sizes[1:], layer.infer(x.shape).sizes[1:]
    if any(count % size for size, count in zip(sizes, counts, strict=True)) or layer.align_corners:
        return weighted_sums(layer, x)  # runtimes round such steps each in its own way
    times = [count // size for size, count in zip(sizes, counts, strict=True)]
    scales = constant([1, 1, *times])
    if layer.mode == "nearest":
        how = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
        return op("Resize", x, None, scales, mode="nearest", **how)
    return op("Resize", x, None, scales, mode="linear", coordinate_transformation_mode="half_pixel")


@lowers(Pad)
def pad(layer: Pad, own: Own, x: Value) -> Value:
    borders = layer.borders(len(x.sizes) - 1)
    inner = len(x.sizes) + 1 - len(borders)
    if layer.mode == "circular":
        y = x
        for axis, (before, after) in enumerate(borders, inner):
            size = x.sizes[axis - 1]
            front = [y.sliced(axis, size - before, size)] if before else []
            back = [y.sliced(axis, 0, after)] if after else []
            y = concat(axis, *front, y, *back)
        return y
    first, last = zip(*borders, strict=True)
    ends = whole(*[0] * inner, *first, *[0] * inner, *last)
    value = layer.value if layer.mode == "constant" else None
    return op("Pad", x, ends, value, mode=_MODES[layer.mode])
