"""The fully connected layer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import Size, arg
from netlang.catalogue.kernels import Array, Constants, Routine
from netlang.catalogue.layers.module import Layer, Weight
from netlang.catalogue.pytorch import Definition, TorchModule
from netlang.language.shapes import Shape, ShapeError, unify
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Generator, Tensor

BLAS_FROM = 1 << 22  # weights from which on the products are better left to the BLAS


class Linear(Layer, known_as=("Dense", "FullyConnected", "FC", "Affine")):
    """y = x wᵀ + b.

    Shape: [N, *, in_features] -> [N, *, out_features].  Weights: ``weight`` w
    [out_features, in_features], ``bias`` b [out_features].  Source: paper (1)-(5).

    Initial weights: ``"xavier"`` draws both from N(0, √2/√(in + out)), ``"normal"`` from
    N(0, 1), ``"zero"`` sets them to 0.
    """

    in_features: Size = arg(
        doc="size of each input's last dimension", known_as=("inputs", "input_dim", "input_size")
    )
    out_features: Size = arg(
        doc="size of each output's last dimension", known_as=("units", "outputs", "output_dim")
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
            "bias": Weight((self.out_features,), self._initial),
        }

    def _initial(self, values: Tensor, generator: Generator) -> None:
        if self.init == "zero":
            values.zero_()
            return
        xavier = math.sqrt(2 / (self.in_features + self.out_features))
        deviation = xavier if self.init == "xavier" else 1.0
        values.normal_(0.0, deviation, generator=generator)

    def prepare(self) -> None:
        self.weight: Tensor
        self.bias: Tensor
        self.weight_grad: Tensor
        self.bias_grad: Tensor

    def infer(self, x: Shape) -> Shape:
        if not unify(x.last, self.in_features):
            raise ShapeError(x.with_last(self.in_features), "in_features", x.last)
        return x.with_last(self.out_features)

    def takes(self) -> Shape:
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

    def pytorch(self, *x: Shape) -> TorchModule:
        return TorchModule(
            f"{self.init}(nn.Linear({self.in_features}, {self.out_features}))",
            uses=(_IN_PYTORCH[self.init],),
        )

    def native(self, *x: Shape) -> Routine:
        rows = math.prod(x[0].sizes[:-1])
        constants = {"R": rows, "I": self.in_features, "O": self.out_features}
        if self.size > BLAS_FROM:
            return _large(constants)
        # `along` has the weights' rows padded, `across` their columns; a few samples take the rows
        # one by one, as to lay out the columns would take longer than that.
        return Routine(
            constants=constants,
            prepared={
                "along": Array(
                    "O * PAD(I)",
                    "move_rows(O, I, weight, I, along, PAD(I));",
                    when="!IS_PADDED(I)",
                ),
                "across": Array(
                    "I * PAD(O)",
                    "transpose(O, I, weight, across, PAD(O));",
                    when="!IS_FEW(N * R)",
                ),
                "bias_row": Array(
                    "PAD(O)", "move_rows(1, O, bias, O, bias_row, PAD(O));", when="!IS_FEW(N * R)"
                ),
            },
            sums={
                "along_grad": Array(
                    "O * PAD(I)",
                    "move_rows(O, I, along_grad, PAD(I), weight_grad, I);",
                    when="!IS_PADDED(I)",
                ),
                "bias_row_grad": _BIAS_ROW_GRAD,
            },
            forward="""
                /* y = x wT + b */
                const real *const w = IS_PADDED(I) ? weight : along;
                if (IS_FEW(N * R))
                    dots(N * R, O, I, x, w, bias, y);
                else
                    product(N * R, O, I, x, PAD(I), 1, across, PAD(O), y, PAD(O), bias_row, 0);""",
            gradients="""
                /* dw = dyT x,  db = dyT 1 */
                real *const dw = IS_PADDED(I) ? weight_grad : along_grad;
                product(O, I, N * R, dy, 1, PAD(O), x, PAD(I), dw, PAD(I), NULL, add);
                sum_rows(N * R, O, dy, bias_row_grad, add);""",
            backward=(
                """
                /* dx = dy w */
                const real *const w = IS_PADDED(I) ? weight : along;
                product(N * R, I, O, dy, PAD(O), 1, w, PAD(I), dx, PAD(I), NULL, add);""",
            ),
        )


_BIAS_ROW_GRAD = Array("PAD(O)", "move_rows(1, O, bias_row_grad, PAD(O), bias_grad, O);")

_IN_PYTORCH = {
    "xavier": Definition(
        '''\
def xavier(linear):
    """Weights and biases drawn from N(0, sqrt(2) / sqrt(in + out))."""
    deviation = math.sqrt(2 / (linear.in_features + linear.out_features))
    nn.init.normal_(linear.weight, std=deviation)
    nn.init.normal_(linear.bias, std=deviation)
    return linear
'''
    ),
    "normal": Definition(
        '''\
def normal(linear):
    """Weights and biases drawn from N(0, 1)."""
    nn.init.normal_(linear.weight)
    nn.init.normal_(linear.bias)
    return linear
'''
    ),
    "zero": Definition(
        '''\
def zero(linear):
    """Weights and biases that begin as 0."""
    nn.init.zeros_(linear.weight)
    nn.init.zeros_(linear.bias)
    return linear
'''
    ),
}


def _large(constants: Constants) -> Routine:
    """Products by the BLAS, which counts rows and columns the other way round."""
    return Routine(
        constants=constants,
        sums={"bias_row_grad": _BIAS_ROW_GRAD},
        forward="""
            /* y = x wT + b */
            move_rows(N * R, O, bias, 0, y, PAD(O));
            gemm(blas, "T", "N", O, N * R, I, weight, I, x, PAD(I), 1, y, PAD(O));""",
        gradients="""
            /* dw = dyT x,  db = dyT 1 */
            gemm(blas, "N", "T", I, O, N * R, x, PAD(I), dy, PAD(O), add, weight_grad, I);
            sum_rows(N * R, O, dy, bias_row_grad, add);""",
        backward=(
            """
            /* dx = dy w */
            gemm(blas, "N", "N", I, N * R, O, weight, I, dy, PAD(O), add, dx, PAD(I));""",
        ),
    )
