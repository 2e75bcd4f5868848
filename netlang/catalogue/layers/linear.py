"""The fully connected layer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import Size, arg
from netlang.catalogue.modules import Layer, Weight
from netlang.language.shapes import Shape, ShapeError, unify
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Generator, Tensor


class Linear(Layer, known_as=("Dense", "FullyConnected", "FC", "Affine")):
    """y = x wᵀ + b.

    Shape: [N, *, in_features] -> [N, *, out_features].  Weights: ``weight`` w
    [out_features, in_features], ``bias`` b [out_features].  Source: paper (1)-(5).

    Initial weights: ``"xavier"`` draws both from N(0, √2/√(in + out)), ``"normal"`` from
    N(0, 1), ``"zero"`` sets them to 0.
    """

    in_features: Size = arg(
        doc="size of each input's last dimension",
        known_as=("input", "inputs", "input_dim", "input_size"),
    )
    out_features: Size = arg(
        doc="size of each output's last dimension",
        known_as=("output", "outputs", "output_dim", "units"),
    )
    init: str = arg(
        default="xavier", choices=("xavier", "normal", "zero"), doc="how the weights begin"
    )

    examples = (
        ("Linear(3, 4)", (3,)),
        ('Linear(4, 1, init="normal")', (4,)),
        ('Linear(2, 3, init="zero")', (5, 2)),
    )

    def tensors(self) -> dict[str, Weight]:
        return {
            "weight": Weight((self.out_features, self.in_features), self._initial),
            "bias": Weight((self.out_features,), self._initial, decay=False),
        }

    def _initial(self, values: Tensor, generator: Generator) -> None:
        if self.init == "zero":
            values.zero_()
            return
        xavier = math.sqrt(2 / (self.in_features + self.out_features))
        deviation = xavier if self.init == "xavier" else 1.0
        values.normal_(0.0, deviation, generator=generator)

    def initialize(self, generator: Generator) -> None:
        tensors = dict(self.tensors())  # a subclass may have others, or fill these otherwise
        weights = self.declared_weights().items()
        own = {name: tensors.pop(name) for name, one in weights if one.initial == self._initial}
        sizes = [one.size for one in own.values()]
        drawn = self.parameters.new_empty(sum(sizes))
        self._initial(drawn, generator)  # all in one draw
        for (name, one), part in zip(own.items(), torch.split(drawn, sizes), strict=True):
            setattr(self, name, part.view(one.shape))
        self.fill(tensors, generator)

    def prepare(self) -> None:
        # Their types are said here, as those of a class's attributes are its arguments for mypy.
        self.weight: Tensor
        self.bias: Tensor
        self.weight_grad: Tensor
        self.bias_grad: Tensor

    def infer(self, x: Shape) -> Shape:
        if not unify(x.last, self.in_features):
            raise ShapeError(x.with_last(self.in_features), "in_features", x.last)
        return x.with_last(self.out_features)

    def input_shape(self) -> Shape:
        return Shape.of(self.in_features)

    def macs(self, x: Shape) -> int:
        return x.size * self.out_features

    def forward(self, x: Tensor) -> Tensor:
        self.saved = rows = x if x.dim() == 2 else x.reshape(-1, self.in_features)
        y = torch.addmm(self.bias, rows, self.weight.t())
        return y if x.dim() == 2 else y.view(*x.shape[:-1], self.out_features)

    def backward(self, dy: Tensor) -> Tensor:  # dx = dy w
        self.accumulate(dy)
        return dy @ self.weight

    def accumulate(self, dy: Tensor) -> None:  # dw += dyᵀ x,  db += dyᵀ 1
        rows = dy if dy.dim() == 2 else dy.reshape(-1, self.out_features)
        self.weight_grad.addmm_(rows.t(), self.saved)
        self.bias_grad.add_(rows.sum(0))
