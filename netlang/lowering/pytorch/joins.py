"""Joins in PyTorch."""

from __future__ import annotations

from collections.abc import Sequence

from netlang.catalogue.layers import Add, Concat, MatMul, Mul, SideBySide, Stack, Sub
from netlang.language.shapes import Shape
from netlang.lowering.lowerings import input_names
from netlang.lowering.pytorch.counterparts import TorchExpression
from netlang.lowering.pytorch.lowerings import lowers

_LONGEST_CHAIN = 16


@lowers(Add)
def add(layer: Add, *x: Shape) -> TorchExpression:
    return TorchExpression(_chained(input_names(len(x)), "+", "sum"))


@lowers(Sub)
def sub(layer: Sub, *x: Shape) -> TorchExpression:
    return TorchExpression("x0 - x1")


@lowers(Mul)
def mul(layer: Mul, *x: Shape) -> TorchExpression:
    return TorchExpression(_chained(input_names(len(x)), "*", "math.prod"))


@lowers(MatMul)
def matmul(layer: MatMul, *x: Shape) -> TorchExpression:
    return TorchExpression("x0 @ x1")


@lowers(Stack)
def stack(layer: Stack, *x: Shape) -> TorchExpression:
    return TorchExpression(f"torch.stack([{', '.join(input_names(len(x)))}], dim={layer.dim})")


@lowers(Concat)
def concat(layer: Concat, *x: Shape) -> TorchExpression:
    return TorchExpression(f"torch.cat([{', '.join(input_names(len(x)))}], dim={layer.dim})")


@lowers(SideBySide)
def side_by_side(layer: SideBySide, *x: Shape) -> TorchExpression:
    names = zip(input_names(len(x)), x, strict=True)
    rows = [name if len(one.sizes) == 1 else f"{name}.flatten(1)" for name, one in names]
    return TorchExpression(f"torch.cat([{', '.join(rows)}], dim=1)")


def _chained(names: Sequence[str], operator: str, function: str) -> str:
    """All names joined. A long chain of operators would nest too deep for Python's parser."""
    if len(names) <= _LONGEST_CHAIN:
        return f" {operator} ".join(names)
    return f"{function}([{', '.join(names)}])"
