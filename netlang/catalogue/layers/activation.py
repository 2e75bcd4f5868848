"""Activations: elementwise functions, and Softmax, with their derivatives."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import arg
from netlang.catalogue.kernels import Elementwise, Rowwise
from netlang.catalogue.layers.module import Layer
from netlang.catalogue.pytorch import Definition, TorchModule
from netlang.language.shapes import Shape, ShapeError
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class ReLU(Layer):
    """y = max(x, 0).

    Shape: [N, *] -> [N, *].  Source: paper (6), (7); the derivative at exactly 0 is 0.
    """

    gives = "no negative numbers"
    pointless_after = ("no negative numbers", "probabilities")
    examples = (("ReLU", (4,)), ("ReLU", (2, 3)))

    def forward(self, x: Tensor) -> Tensor:
        self.y = x.relu_() if self.in_place else torch.clamp_min(x, 0, out=self.buffer("y", x))
        return self.y

    def backward(self, dy: Tensor) -> Tensor:  # dy/dx = 1 where y > 0, else 0
        slope = self.y.sign() if self.fresh else self.y.sign_()
        return slope.mul_(dy)

    def reads(self) -> Collection[str]:
        return ("y",)

    def pytorch(self, *x: Shape) -> TorchModule:
        return TorchModule("nn.ReLU()")

    def native(self, *x: Shape) -> Elementwise:
        return Elementwise(forward="x < 0 ? 0 : x", backward=("y <= 0 ? 0 : dy",))


class Tanh(Layer):
    """y = tanh(x).

    Shape: [N, *] -> [N, *].  Source: paper (8), (9).
    """

    examples = (("Tanh", (4,)),)

    def forward(self, x: Tensor) -> Tensor:
        self.y = torch.tanh(x, out=x if self.in_place else self.buffer("y", x))
        return self.y

    def backward(self, dy: Tensor) -> Tensor:  # dy/dx = 1 - y²
        square = self.y * self.y if self.fresh else self.y.mul_(self.y)
        return torch.addcmul(dy, dy, square, value=-1, out=square)

    def reads(self) -> Collection[str]:
        return ("y",)

    def pytorch(self, *x: Shape) -> TorchModule:
        return TorchModule("nn.Tanh()")

    def native(self, *x: Shape) -> Elementwise:
        return Elementwise(forward="TANH(x)", backward=("dy * (1 - y * y)",))


class Sigmoid(Layer, known_as=("Logistic",)):
    """y = 1/(1 + exp(-x)).

    Shape: [N, *] -> [N, *].  Source: paper (16), (17).
    """

    gives = "probabilities"
    pointless_after = ("probabilities",)
    examples = (("Sigmoid", (4,)),)

    def forward(self, x: Tensor) -> Tensor:
        self.y = torch.sigmoid(x, out=x if self.in_place else self.buffer("y", x))
        return self.y

    def reads(self) -> Collection[str]:
        return ("y",)

    def backward(self, dy: Tensor) -> Tensor:  # dy/dx = y (1 - y)
        dx = torch.mul(self.y, dy, out=self.buffer("dx", dy))
        return dx.addcmul_(dx, self.y, value=-1)

    def pytorch(self, *x: Shape) -> TorchModule:
        return TorchModule("nn.Sigmoid()")

    def native(self, *x: Shape) -> Elementwise:
        return Elementwise(forward="SIGMOID(x)", backward=("dy * y * (1 - y)",))


class SeLU(Layer, known_as=("SELU",), like=("ELU",)):
    """y = λx for x > 0, and λα(exp(x) - 1) elsewhere.

    Shape: [N, *] -> [N, *].  Source: paper (18), (19), with its λ = α = 1. The self-normalising
    one of Klambauer et al. 2017 is ``SeLU(alpha=1.6732632, lam=1.0507010)``.
    """

    alpha: float = arg(default=1.0, above=0.0, doc="α, the depth of the negative side")
    lam: float = arg(
        default=1.0, above=0.0, doc="λ, the slope of the positive side", known_as=("lambda",)
    )

    examples = (("SeLU", (4,)), ("SeLU(alpha=1.6732632, lam=1.0507010)", (4,)))

    def forward(self, x: Tensor) -> Tensor:
        # exp(min(x, 0)) - 1 is 0 on the positive side, max(x, 0) on the negative one.
        self.curve = torch.clamp_max(x, 0, out=self.buffer("curve", x)).expm1_()
        y = torch.clamp_min(x, 0, out=x if self.in_place else self.buffer("y", x))
        y.add_(self.curve, alpha=self.alpha)
        self.y = y if self.lam == 1 else y.mul_(self.lam)
        return self.y

    def backward(self, dy: Tensor) -> Tensor:
        # dy/dx = λ on the positive side, λα(curve + 1) elsewhere. With α = 1 the two are one
        # expression, as the curve is 0 on the positive side.
        dx = self.buffer("dx", dy)
        if self.alpha == 1:
            dx = torch.addcmul(dy, dy, self.curve, out=dx)
        else:
            slope = torch.where(self.y > 0, 1.0, self.alpha * (self.curve + 1))
            dx = torch.mul(dy, slope, out=dx)
        return dx if self.lam == 1 else dx.mul_(self.lam)

    def reads(self) -> Collection[str]:
        return ("y",)

    def pytorch(self, *x: Shape) -> TorchModule:
        if self.lam == 1:
            return TorchModule("nn.ELU()" if self.alpha == 1 else f"nn.ELU({self.alpha})")
        return TorchModule(f"SeLU({self.alpha}, {self.lam})", uses=(_IN_PYTORCH,))

    def native(self, *x: Shape) -> Elementwise:
        return Elementwise(
            forward="lam * (x > 0 ? x : alpha * EXPM1(x))",
            backward=("dy * (y > 0 ? lam : y + lam * alpha)",),
            constants={"alpha": self.alpha, "lam": self.lam},
        )


_IN_PYTORCH = Definition(
    '''\
class SeLU(nn.Module):
    """lam x for x > 0, and lam alpha (exp(x) - 1) elsewhere."""

    def __init__(self, alpha, lam):
        super().__init__()
        self.alpha, self.lam = alpha, lam

    def forward(self, x):
        return self.lam * F.elu(x, self.alpha)
'''
)


class Softmax(Layer):
    """yᵢ = exp(xᵢ) / Σⱼ exp(xⱼ) over the last dimension.

    Shape: [N, *, C] -> [N, *, C].  Source: paper (20). Its derivative (21) keeps the diagonal
    alone, and not the right one; here the whole Jacobian acts, dx = y ⊙ (dy - Σ dy ⊙ y).
    """

    gives = "probabilities"
    pointless_after = ("probabilities",)
    examples = (("Softmax", (3,)), ("Softmax", (2, 4)))

    def infer(self, x: Shape) -> Shape:
        if not x.sample:
            raise ShapeError(x.of_rank(1))
        return x

    def remark(self, *x: Shape) -> str:
        return "of one number is always 1" if x[0].last == 1 else ""

    def forward(self, x: Tensor) -> Tensor:
        self.y = torch.softmax(x, -1, out=self.buffer("y", x))
        return self.y

    def reads(self) -> Collection[str]:
        return ("y",)

    def backward(self, dy: Tensor) -> Tensor:
        dx = torch.mul(self.y, dy, out=self.buffer("dx", dy))
        total = torch.sum(dx, -1, keepdim=True, out=self.buffer("total", dy, 1))
        return dx.addcmul_(self.y, total, value=-1)

    def pytorch(self, *x: Shape) -> TorchModule:
        return TorchModule("nn.Softmax(dim=-1)")

    def native(self, *x: Shape) -> Rowwise:
        return Rowwise(
            forward="""
                real top = x[0], total = 0;
                for (int i = 1; i < n; i++) top = x[i] > top ? x[i] : top;
                for (int i = 0; i < n; i++) y[i] = EXP(x[i] - top);
                for (int i = 0; i < n; i++) total += y[i];
                for (int i = 0; i < n; i++) y[i] /= total;""",
            backward="""
                real total = 0;
                for (int i = 0; i < n; i++) total += y[i] * dy[i];
                for (int i = 0; i < n; i++) dx[i] = y[i] * (dy[i] - total);""",
        )
