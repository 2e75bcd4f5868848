"""The optimizers in PyTorch."""

from __future__ import annotations

from netlang.catalogue.optimizers import SGD, Adam
from netlang.lowering.pytorch.lowerings import lowers


@lowers(SGD)
def sgd(optimizer: SGD) -> str:
    return f"optim.SGD(model.parameters(), lr={optimizer.lr})"


@lowers(Adam)
def adam(optimizer: Adam) -> str:
    rest = f"betas=({optimizer.beta1}, {optimizer.beta2}), eps={optimizer.eps}"
    return f"optim.Adam(model.parameters(), lr={optimizer.lr}, {rest})"
