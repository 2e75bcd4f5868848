"""Factors: one that is learned, and one that the size of the input says."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import Size, arg
from netlang.catalogue.layers.dims import place
from netlang.catalogue.modules import Layer, Weight
from netlang.language.shapes import Shape, ShapeError, Unknown, unify

if TYPE_CHECKING:
    from torch import Generator, Tensor


class Scale(
    Layer,
    known_as=("LayerScale", "ReZero", "SkipInit", "Gain"),
    elsewhere={
        "LayerScale": {"init": "1e-05"},
        **{name: {"init": "0"} for name in ("ReZero", "SkipInit")},
    },
):
    """y = weight ⊙ x, with one factor for all numbers, or one for each feature.

    ``F -> Scale(init=0)`` at the end of a residual branch is ReZero, ``F -> Scale(_, init=1e-6)``
    is LayerScale; of pictures, ``Scale(_, dim=1)`` has a factor for each channel.

    Shape: [N, *] -> [N, *].  Weights: ``weight`` [num_features], or [1], at first ``init``.
    Source: Bachlechner et al. 2020; Touvron et al. 2021.
    """

    num_features: Size | None = arg(
        default=None,
        doc="the size of the dimension that has a factor for each of its places; with `none` there "
        "is one factor for all",
        known_as=("features", "num_channels", "channels", "normalized_shape"),
    )
    init: float = arg(
        default=1.0, doc="the factors at the beginning", known_as=("init_value", "init_values")
    )
    dim: int = arg(
        default=-1, doc="that dimension; -1 is the last one, and 1 the first", known_as=("axis",)
    )

    examples = (
        ("Scale", (4,)),
        ("Scale(init=0.5)", (2, 3)),
        ("Scale(3, init=1e-6)", (2, 3)),
        ("Scale(2, dim=1)", (2, 3, 2)),
    )

    @property
    def alike(self) -> bool:
        return self.num_features is None or self.dim not in (1, -2)  # the steps of a sequence

    def tensors(self) -> dict[str, Weight]:
        shape = (1 if self.num_features is None else self.num_features,)
        return {"weight": Weight(shape, self._initial, decay=False)}

    def _initial(self, values: Tensor, generator: Generator) -> None:
        values.fill_(self.init)

    def prepare(self) -> None:
        self.weight: Tensor
        self.weight_grad: Tensor

    def infer(self, x: Shape) -> Shape:
        if self.num_features is not None:
            at = place(x, self.dim)
            if not unify(x.dim(at), self.num_features):
                raise ShapeError(x.with_dim(at, self.num_features), "num_features", x.dim(at))
        return x

    def forward(self, x: Tensor) -> Tensor:
        self.saved = x
        return x * self._along(x)

    def backward(self, dy: Tensor) -> Tensor:  # dw = Σ dy ⊙ x where it is used,  dx = w ⊙ dy
        weight = self._along(dy)
        self.weight_grad.add_((dy * self.saved).sum_to_size(weight.shape).view(-1))
        return dy * weight

    def _along(self, x: Tensor) -> Tensor:
        """The factors in the shape in which they are multiplied with ``x``."""
        sizes = [1] * x.dim()
        if self.num_features is not None:
            sizes[self.dim] = self.num_features
        return self.weight.view(sizes)


class FanInScale(Layer, like=("NTK", "NTKLinear", "NTKParametrization")):
    """y = x / √n, where n is the size of the last dimension.

    ``FanInScale -> Linear(_, 256, init="normal")`` is the NTK parametrisation of a linear layer:
    weights of size 1 get steps that fit them at any width.

    Shape: [N, *] -> [N, *].  Source: Jacot et al. 2018.
    """

    alike = True
    examples = (("FanInScale", (4,)), ("FanInScale", (2, 3)))

    def infer(self, x: Shape) -> Shape:
        if not x.sample:
            raise ShapeError(Shape.of(Unknown()))
        return x

    def forward(self, x: Tensor) -> Tensor:
        return x / math.sqrt(x.shape[-1])

    def backward(self, dy: Tensor) -> Tensor:
        return dy / math.sqrt(dy.shape[-1])
