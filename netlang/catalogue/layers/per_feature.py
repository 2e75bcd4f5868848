"""What tables have: features, each of which becomes a vector by weights of its own."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import Size, arg
from netlang.catalogue.layers.initial import INITS, fill, fill_bias
from netlang.catalogue.modules import Layer, Sight, Weight
from netlang.language.shapes import Shape, ShapeError, unify
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Generator, Tensor


class PeriodicEmbedding(Layer, known_as=("PeriodicEmbeddings", "Periodic")):
    """y = [cos(2π c x), sin(2π c x)]: each feature becomes waves of ``k`` frequencies c of its own.

    With ``bias=true``, y = cos(2π c x + b), which are half as many numbers.

    Shape: [N, *, features] -> [N, *, features, 2 · k], or [N, *, features, k] with biases.
    Weights: ``weight`` c [features, k], drawn from N(0, sigma), ``bias`` b [features, k] from
    U(-π, π).  Source: Gorishniy et al. 2022; with biases Holzmüller et al. 2024.
    """

    num_features: Size = arg(
        doc="how many features there are", known_as=("n_features", "features", "in_features")
    )
    k: int = arg(
        default=16,
        at_least=1,
        doc="how many frequencies each feature has",
        known_as=("n_frequencies", "frequencies", "num_frequencies"),
    )
    sigma: float = arg(
        default=0.1,
        above=0.0,
        doc="standard deviation of the frequencies at the beginning",
        known_as=("frequency_init_scale", "frequency_scale"),
    )
    with_bias: bool = arg(
        default=False, alias="bias", doc="whether there are cosines alone, moved by biases"
    )

    examples = (
        ("PeriodicEmbedding(3, 2)", (3,)),
        ("PeriodicEmbedding(2, 3, sigma=0.5, bias=true)", (4, 2)),
    )

    def tensors(self) -> dict[str, Weight]:
        shape = (self.num_features, self.k)
        weight = Weight(shape, self._frequencies, decay=False)
        if not self.with_bias:
            return {"weight": weight}
        return {"weight": weight, "bias": Weight(shape, self._phases, decay=False)}

    def _frequencies(self, values: Tensor, generator: Generator) -> None:
        values.normal_(0.0, self.sigma, generator=generator)

    def _phases(self, values: Tensor, generator: Generator) -> None:
        values.uniform_(-math.pi, math.pi, generator=generator)

    def prepare(self) -> None:
        self.weight: Tensor
        self.bias: Tensor
        self.weight_grad: Tensor
        self.bias_grad: Tensor

    def infer(self, x: Shape) -> Shape:
        if not unify(x.last, self.num_features):
            raise ShapeError(x.with_last(self.num_features), "num_features", x.last)
        return Shape((*x.sample, self.k if self.with_bias else 2 * self.k), padded=x.padded)

    def input_shape(self) -> Shape:
        return Shape.of(self.num_features)

    def sight(self, dim: int, *x: Shape, source: int = 0) -> Sight | None:
        return Sight(dim)

    def macs(self, x: Shape) -> int:
        return x.size * self.k

    def forward(self, x: Tensor) -> Tensor:
        turns = 2 * math.pi * x.unsqueeze(-1) * self.weight
        if self.with_bias:
            turns = turns + self.bias
            self.saved = x, turns
            return turns.cos()
        self.saved = x, turns
        return torch.cat([turns.cos(), turns.sin()], -1)

    def backward(self, dy: Tensor) -> Tensor:
        # With u = 2π c x + b:  du = -sin(u) dcos + cos(u) dsin,  dc = Σ 2π x du,  dx = Σ 2π c du
        x, turns = self.saved
        d_turns = -turns.sin() * dy[..., : self.k]
        if self.with_bias:
            self.bias_grad.add_(d_turns.reshape(-1, self.num_features, self.k).sum(0))
        else:
            d_turns.addcmul_(turns.cos(), dy[..., self.k :])
        d_turns.mul_(2 * math.pi)
        along = d_turns * x.unsqueeze(-1)
        self.weight_grad.add_(along.reshape(-1, self.num_features, self.k).sum(0))
        dx: Tensor = (d_turns * self.weight).sum(-1)
        return dx


class LinearPerFeature(Layer, known_as=("NLinear", "LinearEmbeddings")):
    """y_f = w_f x_f + b_f: each feature's vector goes through a linear layer of its own.

    ``Unflatten([_, 1]) -> LinearPerFeature(_, _, 8)`` makes a vector of each number of a row.

    Shape: [N, *, features, in_features] -> [N, *, features, out_features].  Weights: ``weight`` w
    [features, out_features, in_features], ``bias`` b [features, out_features].
    Source: Gorishniy et al. 2022.
    """

    num_features: Size = arg(
        doc="how many features there are, in the dimension before the last", known_as=("n",)
    )
    in_features: Size = arg(doc="size of each feature's vector", known_as=("input_dim",))
    out_features: Size = arg(
        doc="size of each feature's output", known_as=("output_dim", "d_embedding")
    )
    init: str = arg(default="uniform", choices=INITS, doc="how the weights begin")
    with_bias: bool = arg(
        default=True, alias="bias", doc="whether b is added", known_as=("use_bias",)
    )

    examples = (
        ("LinearPerFeature(3, 2, 4)", (3, 2)),
        ('LinearPerFeature(2, 3, 1, init="lecun", bias=false)', (4, 2, 3)),
    )

    def tensors(self) -> dict[str, Weight]:
        shape = (self.num_features, self.out_features, self.in_features)
        weight = Weight(shape, self._initial, stacked=1)
        if not self.with_bias:
            return {"weight": weight}
        return {"weight": weight, "bias": Weight(shape[:2], self._initial_bias, decay=False)}

    def _initial(self, values: Tensor, generator: Generator) -> None:
        for one in values:
            fill(one, self.init, self.in_features, self.out_features, generator)

    def _initial_bias(self, values: Tensor, generator: Generator) -> None:
        fill_bias(values, self.init, self.in_features, self.out_features, generator)

    def prepare(self) -> None:
        self.weight: Tensor
        self.bias: Tensor
        self.weight_grad: Tensor
        self.bias_grad: Tensor

    def infer(self, x: Shape) -> Shape:
        wanted = Shape((*x.sample[:-2], self.num_features, self.in_features), padded=x.padded)
        if len(x.sample) < 2:
            raise ShapeError(wanted)
        if not unify(x.dim(-2), self.num_features):
            raise ShapeError(wanted, "num_features", x.dim(-2))
        if not unify(x.last, self.in_features):
            raise ShapeError(wanted, "in_features", x.last)
        return x.with_last(self.out_features)

    def input_shape(self) -> Shape:
        return Shape.of(self.num_features, self.in_features)

    def sight(self, dim: int, *x: Shape, source: int = 0) -> Sight:
        return Sight() if dim == len(x[0].sample) - 1 else Sight(dim)

    def macs(self, x: Shape) -> int:
        return x.size * self.out_features

    def forward(self, x: Tensor) -> Tensor:
        self.saved = rows = x.reshape(-1, self.num_features, self.in_features).transpose(0, 1)
        weight = self.weight.transpose(1, 2)
        y = torch.baddbmm(self.bias.unsqueeze(1), rows, weight) if self.with_bias else rows @ weight
        return y.transpose(0, 1).reshape(*x.shape[:-1], self.out_features)

    def backward(self, dy: Tensor) -> Tensor:  # for each feature:  dw += dyᵀ x,  dx = dy w
        rows = dy.reshape(-1, self.num_features, self.out_features).transpose(0, 1)
        self.weight_grad.baddbmm_(rows.transpose(1, 2), self.saved)
        if self.with_bias:
            self.bias_grad.add_(rows.sum(1))
        return (rows @ self.weight).transpose(0, 1).reshape(*dy.shape[:-1], self.in_features)
