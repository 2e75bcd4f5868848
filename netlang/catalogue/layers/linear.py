"""The fully connected layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import Size, arg
from netlang.catalogue.layers.initial import DRAWN_BIASES, INITS, fill, fill_bias
from netlang.catalogue.modules import Layer, Sight, Weight
from netlang.language.network_name import NetworkName
from netlang.language.shapes import Shape, ShapeError, unify
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Generator, Tensor


class Linear(Layer, known_as=("Dense", "FullyConnected", "FC", "Affine")):
    """y = x wᵀ + b.

    Shape: [N, *, in_features] -> [N, *, out_features].  Weights: ``weight`` w
    [out_features, in_features], ``bias`` b [out_features].  Source: paper (1)-(5).

    Initial weights: ``"xavier"`` draws both from N(0, √2/√(in + out)), ``"normal"`` from N(0, 1),
    ``"uniform"``, PyTorch's way, from U(-1/√in, 1/√in). The others leave the biases at 0:
    ``"kaiming"`` draws from N(0, √2/√in), ``"lecun"`` from N(0, 1/√in), ``"xavier_uniform"`` and
    ``"kaiming_uniform"`` draw uniform numbers of their namesakes' deviations, ``"orthogonal"``
    vectors at right angles to each other. ``"zero"`` sets all to 0.
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
        default="xavier",
        choices=INITS,
        doc="how the weights begin",
        known_as=("kernel_initializer", "kernel_init"),
    )
    with_bias: bool = arg(
        default=True, alias="bias", doc="whether b is added", known_as=("use_bias",)
    )
    tied: NetworkName | None = arg(
        default=None, doc="a shared network whose weight it uses, such as an Embedding"
    )

    alike = True
    bias_dim = -1
    examples = (
        ("Linear(3, 4)", (3,)),
        ('Linear(4, 1, init="normal")', (4,)),
        ('Linear(2, 3, init="zero")', (5, 2)),
        ("Linear(3, 4, bias=false)", (3,)),
        ("Linear(2, 3, bias=false)", (5, 2)),
    )

    def tensors(self) -> dict[str, Weight]:
        weight = Weight((self.out_features, self.in_features), self._initial)
        if not self.with_bias:
            return {"weight": weight}
        bias = Weight((self.out_features,), self._initial_bias, decay=False)
        return {"weight": weight, "bias": bias}

    def _initial(self, values: Tensor, generator: Generator) -> None:
        fill(values, self.init, self.in_features, self.out_features, generator)

    def _initial_bias(self, values: Tensor, generator: Generator) -> None:
        fill_bias(values, self.init, self.in_features, self.out_features, generator)

    def initialize(self, generator: Generator) -> None:
        tensors = dict(self.tensors())  # a subclass may have others, or fill these otherwise
        if self.init in DRAWN_BIASES:
            alike, weights = (self._initial, self._initial_bias), self.declared_weights().items()
            own = {name: tensors.pop(name) for name, one in weights if one.initial in alike}
            self._draw_at_once(own, generator)
        self.fill(tensors, generator)

    def _draw_at_once(self, weights: Mapping[str, Weight], generator: Generator) -> None:
        sizes = [one.size for one in weights.values()]
        drawn = self.parameters.new_empty(sum(sizes))
        self._initial(drawn, generator)
        for (name, one), part in zip(weights.items(), torch.split(drawn, sizes), strict=True):
            setattr(self, name, part.view(one.shape))

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

    def sight(self, dim: int, *x: Shape, source: int = 0) -> Sight:
        return Sight() if dim == len(x[0].sample) - 1 else Sight(dim)

    def macs(self, x: Shape) -> int:
        return x.size * self.out_features

    def forward(self, x: Tensor) -> Tensor:
        self.saved = rows = x if x.dim() == 2 else x.reshape(-1, self.in_features)
        weight = self.weight.t()
        y = torch.addmm(self.bias, rows, weight) if self.with_bias else rows @ weight
        return y if x.dim() == 2 else y.view(*x.shape[:-1], self.out_features)

    def backward(self, dy: Tensor) -> Tensor:  # dx = dy w
        self.accumulate(dy)
        return dy @ self.weight

    def accumulate(self, dy: Tensor) -> None:  # dw += dyᵀ x,  db += dyᵀ 1
        rows = dy if dy.dim() == 2 else dy.reshape(-1, self.out_features)
        self.weight_grad.addmm_(rows.t(), self.saved)
        if self.with_bias:
            self.bias_grad.add_(rows.sum(0))
