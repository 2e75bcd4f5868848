"""Norms in C."""

from __future__ import annotations

import math

from netlang.catalogue.layers import (
    BatchNorm,
    GroupNorm,
    InstanceNorm,
    LayerNorm,
    LocalResponseNorm,
    RMSNorm,
)
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import ForwardOnly
from netlang.lowering.c.lowerings import computes

_PRECISION = 2.0**-23  # of 32 bits


@computes(BatchNorm)
def batch_norm(layer: BatchNorm, x: Shape) -> ForwardOnly:
    y = "(x[c * n + i] - running_mean[c]) * inverse"
    return ForwardOnly(
        constants={"C": x.sizes[0], "n": math.prod(x.sizes[1:]), "eps": layer.eps},
        forward=f"""
        for (int c = 0; c < C; c++) {{
            const float inverse = 1 / sqrtf(running_var[c] + eps);
            for (int i = 0; i < n; i++) y[c * n + i] = {_affine(y, "c", layer.affine)};
        }}""",
    )


@computes(InstanceNorm)
def instance_norm(layer: InstanceNorm, x: Shape) -> ForwardOnly:
    return _of_groups(x, x.sizes[0], layer.eps, layer.affine)


@computes(GroupNorm)
def group_norm(layer: GroupNorm, x: Shape) -> ForwardOnly:
    return _of_groups(x, layer.num_groups, layer.eps, layer.affine)


def _of_groups(x: Shape, groups: int, eps: float, affine: bool) -> ForwardOnly:
    y = "(from[i] - mean) * inverse"
    return ForwardOnly(
        constants={
            "GROUPS": groups,
            "n": x.size // groups,
            "EACH": math.prod(x.sizes[1:]),  # numbers of a channel
            "CHANNELS": x.sizes[0] // groups,
            "eps": eps,
        },
        forward=f"""
        for (int g = 0; g < GROUPS; g++) {{
            const float *const from = x + g * n;
            {_MEAN_AND_VARIANCE}
            for (int i = 0; i < n; i++)
                y[g * n + i] = {_affine(y, "g * CHANNELS + i / EACH", affine)};
        }}""",
    )


@computes(LayerNorm)
def layer_norm(layer: LayerNorm, x: Shape) -> ForwardOnly:
    y = "(from[i] - mean) * inverse"
    if layer.elementwise_affine:
        y = _affine(y, "i", affine=True, bias=layer.with_bias)
    size = _together(layer)
    return ForwardOnly(
        constants={"ROWS": x.size // size, "n": size, "eps": layer.eps},
        forward=f"""
        for (int r = 0; r < ROWS; r++) {{
            const float *const from = x + r * n;
            {_MEAN_AND_VARIANCE}
            for (int i = 0; i < n; i++) y[r * n + i] = {y};
        }}""",
    )


@computes(RMSNorm)
def rms_norm(layer: RMSNorm, x: Shape) -> ForwardOnly:
    y, size = "x[r * n + i] * inverse", _together(layer)
    if layer.elementwise_affine:
        y += " * weight[i]"
    eps = _PRECISION if layer.eps is None else layer.eps
    return ForwardOnly(
        constants={"ROWS": x.size // size, "n": size, "eps": eps},
        forward=f"""
        for (int r = 0; r < ROWS; r++) {{
            float squares = 0;
            for (int i = 0; i < n; i++) squares += x[r * n + i] * x[r * n + i];
            const float inverse = 1 / sqrtf(squares / n + eps);
            for (int i = 0; i < n; i++) y[r * n + i] = {y};
        }}""",
    )


@computes(LocalResponseNorm)
def local_response_norm(layer: LocalResponseNorm, x: Shape) -> ForwardOnly:
    return ForwardOnly(
        constants={
            "C": x.sizes[0],
            "n": math.prod(x.sizes[1:]),
            "WINDOW": layer.window,
            "BEFORE": layer.window // 2,
            "share": layer.alpha / layer.window,
            "beta": float(layer.beta),
            "k": float(layer.k),
        },
        forward="""
        for (int c = 0; c < C; c++)
            for (int i = 0; i < n; i++) {
                float squares = 0;
                for (int j = c - BEFORE; j < c - BEFORE + WINDOW; j++)
                    if (j >= 0 && j < C) squares += x[j * n + i] * x[j * n + i];
                y[c * n + i] = x[c * n + i] * powf(k + share * squares, -beta);
            }""",
    )


_MEAN_AND_VARIANCE = """
            float mean = 0, variance = 0;
            for (int i = 0; i < n; i++) mean += from[i];
            mean /= n;
            for (int i = 0; i < n; i++) variance += (from[i] - mean) * (from[i] - mean);
            const float inverse = 1 / sqrtf(variance / n + eps);""".strip()


def _affine(y: str, at: str, affine: bool, bias: bool = True) -> str:
    """``y`` times the weight at that place, plus the bias, if there are any."""
    if not affine:
        return y
    return f"{y} * weight[{at}]" + (f" + bias[{at}]" if bias else "")


def _together(layer: LayerNorm | RMSNorm) -> int:
    """How many numbers are normalised together."""
    sizes = layer.normalized_shape
    return math.prod(sizes) if isinstance(sizes, tuple) else sizes
