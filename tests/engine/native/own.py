"""Layers of one's own, whose C has what no layer of the catalogue needs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Generator, Tensor

from netlang import (
    DrawRequest,
    Elementwise,
    Join,
    Layer,
    Routine,
    Rowwise,
    Shape,
    Size,
    Weight,
    arg,
)
from netlang.catalogue.randomness import keep_limit, keep_mask
from netlang.lowering import c
from netlang.lowering.c.rows import length


def spread(values: Tensor, generator: Generator) -> None:
    """Weights that differ from each other."""
    numbers = torch.linspace(0.3, 1.7, values.numel(), dtype=values.dtype)
    values.copy_(numbers.view_as(values))


def reduced(gradient: Tensor, weight: Tensor) -> Tensor:
    """The gradient [N, *] summed over samples, and over what the weight is broadcast along."""
    return gradient.sum(0).sum_to_size(weight.shape)


class PReLU(Layer):
    """y = x for x > 0, and slope·x elsewhere, with a trained slope that is broadcast."""

    shape: tuple[Size, ...] = arg(default=(1,), doc="shape of the slope")

    def tensors(self) -> dict[str, Weight]:
        return {"slope": Weight(self.shape, spread)}

    def forward(self, x: Tensor) -> Tensor:
        self.saved = x
        return torch.where(x > 0, x, self.slope * x)

    def backward(self, dy: Tensor) -> Tensor:
        x = self.saved
        self.slope_grad += reduced(torch.where(x > 0, 0, dy * x), self.slope)
        return torch.where(x > 0, dy, self.slope * dy)


@c.lowers(PReLU)
def prelu(layer: PReLU, x: Shape) -> Elementwise:
    return Elementwise(
        forward="x > 0 ? x : slope * x",
        backward=("x > 0 ? dy : slope * dy",),
        gradients={"slope": "x > 0 ? 0 : dy * x"},
        reads=("x",),
    )


class Scale(Layer):
    """y = x gain + offset, with both broadcast."""

    shape: tuple[Size, ...] = arg(doc="shape of gain and offset")

    def tensors(self) -> dict[str, Weight]:
        return {"gain": Weight(self.shape, spread), "offset": Weight(self.shape, spread)}

    def forward(self, x: Tensor) -> Tensor:
        self.saved = x
        return x * self.gain + self.offset

    def backward(self, dy: Tensor) -> Tensor:
        self.gain_grad += reduced(dy * self.saved, self.gain)
        self.offset_grad += reduced(dy, self.offset)
        return dy * self.gain


@c.lowers(Scale)
def scale(layer: Scale, x: Shape) -> Elementwise:
    return Elementwise(
        forward="x * gain + offset",
        backward=("dy * gain",),
        gradients={"gain": "dy * x", "offset": "dy"},
        reads=("x",),
    )


class LayerNorm(Layer):
    """y = (x - mean) / sqrt(variance + eps) · weight + bias, over the last dimension."""

    features: Size = arg(doc="size of the last dimension")
    eps: float = arg(default=1e-3, doc="added to the variance")

    def tensors(self) -> dict[str, Weight]:
        shape = (self.features,)
        return {"weight": Weight(shape, spread), "bias": Weight(shape, spread)}

    def forward(self, x: Tensor) -> Tensor:
        scale = 1 / torch.sqrt(x.var(-1, correction=0, keepdim=True) + self.eps)
        normal = (x - x.mean(-1, keepdim=True)) * scale
        self.saved = normal, scale
        return normal * self.weight + self.bias

    def backward(self, dy: Tensor) -> Tensor:
        normal, scale = self.saved
        self.weight_grad += reduced(dy * normal, self.weight)
        self.bias_grad += reduced(dy, self.bias)
        d = dy * self.weight
        mean, along = d.mean(-1, keepdim=True), (d * normal).mean(-1, keepdim=True)
        return (d - mean - normal * along) * scale


_MOMENTS = """
    real mean = 0, variance = 0;
    for (int i = 0; i < n; i++) mean += x[i] / n;
    for (int i = 0; i < n; i++) variance += (x[i] - mean) * (x[i] - mean) / n;
    const real scale = 1 / SQRT(variance + eps);
"""


@c.lowers(LayerNorm)
def layer_norm(layer: LayerNorm, x: Shape) -> Rowwise:
    return Rowwise(
        forward=f"""{_MOMENTS}
            for (int i = 0; i < n; i++) y[i] = (x[i] - mean) * scale * weight[i] + bias[i];""",
        gradients=f"""{_MOMENTS}
            for (int i = 0; i < n; i++) weight_grad[i] += dy[i] * (x[i] - mean) * scale;
            for (int i = 0; i < n; i++) bias_grad[i] += dy[i];""",
        backward=(
            f"""{_MOMENTS}
            real total = 0, along = 0;
            for (int i = 0; i < n; i++) total += dy[i] * weight[i] / n;
            for (int i = 0; i < n; i++) along += dy[i] * weight[i] * (x[i] - mean) * scale / n;
            for (int i = 0; i < n; i++)
                dx[i] = (dy[i] * weight[i] - total - (x[i] - mean) * scale * along) * scale;""",
        ),
        reads=("x",),
        constants={"eps": layer.eps},
    )


class Gate(Join):
    """y = x₁ softmax(x₂) along the last dimension."""

    def infer(self, *x: Shape) -> Shape:
        return x[0]

    def forward(self, *x: Tensor) -> Tensor:
        self.saved = x[0], x[1].softmax(-1)
        return self.saved[0] * self.saved[1]

    def backward(self, dy: Tensor) -> tuple[Tensor, ...]:
        x, gate = self.saved
        d = dy * x
        return dy * gate, gate * (d - (d * gate).sum(-1, keepdim=True))


_SOFTMAX = """
    real top = x1[0], all = 0;
    for (int i = 1; i < n; i++) top = x1[i] > top ? x1[i] : top;
    for (int i = 0; i < n; i++) all += EXP(x1[i] - top);
"""


@c.lowers(Gate)
def gate(layer: Gate, *x: Shape) -> Rowwise:
    return Rowwise(
        forward=f"""{_SOFTMAX}
            for (int i = 0; i < n; i++) y[i] = x0[i] * EXP(x1[i] - top) / all;""",
        backward=(
            f"""{_SOFTMAX}
            for (int i = 0; i < n; i++) dx[i] = dy[i] * EXP(x1[i] - top) / all;""",
            f"""{_SOFTMAX}
            real total = 0;
            for (int i = 0; i < n; i++) total += dy[i] * x0[i] * EXP(x1[i] - top) / all;
            for (int i = 0; i < n; i++)
                dx[i] = EXP(x1[i] - top) / all * (dy[i] * x0[i] - total);""",
        ),
        reads=("x0", "x1"),
    )


class GLU(Layer):
    """y = a sigmoid(b), where a and b are the halves of each row."""

    def infer(self, x: Shape) -> Shape:
        return Shape((*x.sizes[:-1], x.sizes[-1] // 2))

    def forward(self, x: Tensor) -> Tensor:
        a, b = x.chunk(2, -1)
        self.saved = a, torch.sigmoid(b)
        return a * self.saved[1]

    def backward(self, dy: Tensor) -> Tensor:
        a, gate = self.saved
        return torch.cat([dy * gate, dy * a * gate * (1 - gate)], -1)


@c.lowers(GLU)
def glu(layer: GLU, x: Shape) -> Rowwise:
    return Rowwise(
        forward="for (int i = 0; i < n; i++) y[i] = x[i] * SIGMOID(x[n + i]);",
        backward=(
            """
            for (int i = 0; i < n; i++) {
                const real gate = SIGMOID(x[n + i]);
                dx[i] = dy[i] * gate;
                dx[n + i] = dy[i] * x[i] * gate * (1 - gate);
            }""",
        ),
        reads=("x",),
    )


class CReLU(Layer):
    """y = the positive parts of x and of -x, one behind the other in each row.

    A row of the output is longer than one of the input.
    """

    def infer(self, x: Shape) -> Shape:
        return Shape((*x.sizes[:-1], x.sizes[-1] * 2))

    def forward(self, x: Tensor) -> Tensor:
        self.saved = x
        return torch.cat([x, -x], -1).clamp(min=0)

    def backward(self, dy: Tensor) -> Tensor:
        positive, negative = dy.chunk(2, -1)
        return torch.where(self.saved > 0, positive, -negative)


@c.lowers(CReLU)
def crelu(layer: CReLU, x: Shape) -> Rowwise:
    return Rowwise(
        forward="""
            for (int i = 0; i < n / 2; i++) {
                y[i] = x[i] > 0 ? x[i] : 0;
                y[n / 2 + i] = x[i] > 0 ? 0 : -x[i];
            }""",
        backward=("for (int i = 0; i < n / 2; i++) dx[i] = x[i] > 0 ? dy[i] : -dy[n / 2 + i];",),
        reads=("x",),
    )


class ChannelDropout(Layer):
    """Zero each channel, an index of a sample's first dimension, with probability ``p``."""

    p: float = arg(default=0.5, doc="probability that a channel is dropped")

    draws = True
    masks: Iterator[Tensor]

    def draw(self, request: DrawRequest) -> None:
        place = request.seed, request.epoch, request.layer
        mask = keep_mask(1 - self.p, *place, request.samples, request.shape[0], request.dtype)
        self.masks = iter(torch.split(mask, request.batch))

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        mask = next(self.masks)
        self.saved = mask.view(*mask.shape, *[1] * (x.dim() - 2))
        return x * self.saved

    def backward(self, dy: Tensor) -> Any:
        return dy * self.saved


@c.lowers(ChannelDropout)
def channel_dropout(layer: ChannelDropout, x: Shape) -> Routine:
    channels, *rest = x.sizes
    loop = """
        for (int s = 0; s < N; s++)
            for (int u = 0; u < C; u++) {{
                const real mask = drawn(samples[s], key, units[u]) < limit ? scale : 0;
                for (int e = (s * C + u) * SIZE; e < (s * C + u + 1) * SIZE; e++)
                    {};
            }}"""
    size = length(Shape(tuple(rest)))
    return Routine(
        forward=loop.format("y[e] = x[e] * mask").replace("SIZE", size),
        backward=(loop.format("dx[e] = (add ? dx[e] : 0) + dy[e] * mask").replace("SIZE", size),),
        evaluated=f"for (int e = 0; e < N * C * {size}; e++) y[e] = x[e];",
        draws=channels,
        constants={"C": channels, "limit": keep_limit(1 - layer.p), "scale": 1 / (1 - layer.p)},
    )


class Normalized(Layer):
    """y = x / sqrt(the mean of x² over a sample + 1)"""

    def forward(self, x: Tensor) -> Tensor:
        dims = (*range(1, x.dim()),)
        inverse = (x.square().mean(dims, keepdim=True) + 1).rsqrt()
        self.saved = x, inverse
        return x * inverse

    def backward(self, dy: Tensor) -> Tensor:
        x, inverse = self.saved
        mean = (dy * x).mean((*range(1, x.dim()),), keepdim=True)
        return dy * inverse - x * inverse**3 * mean


@c.lowers(Normalized)
def normalized(layer: Normalized, x: Shape) -> Routine:
    """It keeps a number for each sample, and works in a copy of each sample without padding."""
    *rows, last = x.sizes
    copy = "move_rows(ROWS, LAST, x + s * ROWS * PAD(LAST), PAD(LAST), copy, LAST);"
    return Routine(
        constants={"ROWS": math.prod(rows), "LAST": last},
        keeps={"inverse": "N"},
        scratch={"copy": "ROWS * LAST", "product": "ROWS * LAST"},
        reads=("x",),
        forward=f"""
        for (int s = 0; s < N; s++) {{
            real sum = 0;
            {copy}
            for (int i = 0; i < ROWS * LAST; i++) sum += copy[i] * copy[i];
            inverse[s] = 1 / SQRT(sum / (ROWS * LAST) + 1);
            for (int i = 0; i < ROWS * LAST; i++) copy[i] *= inverse[s];
            move_rows(ROWS, LAST, copy, LAST, y + s * ROWS * PAD(LAST), PAD(LAST));
        }}""",
        backward=(
            f"""
        for (int s = 0; s < N; s++) {{
            real mean = 0;
            {copy}
            for (int r = 0; r < ROWS; r++)
                for (int i = 0; i < LAST; i++)
                    product[r * LAST + i] = copy[r * LAST + i] * dy[(s * ROWS + r) * PAD(LAST) + i];
            for (int i = 0; i < ROWS * LAST; i++) mean += product[i];
            mean *= inverse[s] * inverse[s] / (ROWS * LAST);
            for (int r = 0; r < ROWS; r++)
                for (int i = 0; i < LAST; i++) {{
                    const int e = (s * ROWS + r) * PAD(LAST) + i;
                    dx[e] = (add ? dx[e] : 0) + inverse[s] * (dy[e] - copy[r * LAST + i] * mean);
                }}
        }}""",
        ),
    )


class Neighbours(Layer):
    """y is x plus ``share`` times the number before it in the sample."""

    def tensors(self) -> dict[str, Weight]:
        return {"share": Weight((1,), spread)}

    def forward(self, x: Tensor) -> Tensor:
        flat = x.flatten(1)
        self.saved = torch.nn.functional.pad(flat, (1, 0))[:, :-1]
        return (flat + self.share * self.saved).view_as(x)

    def backward(self, dy: Tensor) -> Tensor:
        flat = dy.flatten(1)
        self.share_grad += (flat * self.saved).sum()
        later = torch.nn.functional.pad(flat, (0, 1))[:, 1:]
        return (flat + self.share * later).view_as(dy)


@c.lowers(Neighbours)
def neighbours(layer: Neighbours, x: Shape) -> Routine:
    each = "for (int b = 0; b < BLOCKS; b++) for (int i = {}; i < SIZE; i++)"
    return Routine(
        layout="blocks",
        constants={"SIZE": x.size},
        reads=("x",),
        forward=f"""
        {each.format(0)}
            y[b * SIZE + i] =
                x[b * SIZE + i] + (i ? share[0] * x[b * SIZE + i - 1] : (vector){{0}});""",
        gradients=f"""
        vector sum = {{0}};
        {each.format(1)} sum += dy[b * SIZE + i] * x[b * SIZE + i - 1];
        share_grad[0] = (add ? share_grad[0] : 0) + total(sum);""",
        backward=(
            f"""
        {each.format(0)} {{
            const vector part = i + 1 < SIZE ? share[0] * dy[b * SIZE + i + 1] : (vector){{0}};
            dx[b * SIZE + i] = (add ? dx[b * SIZE + i] : (vector){{0}}) + dy[b * SIZE + i] + part;
        }}""",
        ),
    )
