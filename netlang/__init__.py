"""netlang: a small language for neural networks, whose gradients are written by hand.

``from netlang import *`` gives the catalogue's layers, losses, optimizers, data sets and metrics,
Sequential, and what a layer, a loss, an optimizer or a metric of one's own is made of.
"""

from netlang.arguments import Size, arg
from netlang.catalogue import ITEMS
from netlang.data import *
from netlang.diagnostics import DiagnosticError
from netlang.kernels import Elementwise, Routine, Rowwise, Update
from netlang.losses import *
from netlang.metrics import *
from netlang.modules import *
from netlang.modules.join import Join
from netlang.modules.module import Draws
from netlang.optim import *
from netlang.pytorch import Definition, TorchExpression, TorchLoss, TorchModule
from netlang.shapes import Misfit, Shape, Unknown, unify

__version__ = "0.1.0"
__all__ = [
    "MSE",
    "Definition",
    "DiagnosticError",
    "Draws",
    "Elementwise",
    "Join",
    "Layer",
    "Loss",
    "Metric",
    "Misfit",
    "Module",
    "Optimizer",
    "Routine",
    "Rowwise",
    "Sequential",
    "Shape",
    "Size",
    "TorchExpression",
    "TorchLoss",
    "TorchModule",
    "Unknown",
    "Update",
    "arg",
    "encode",
    "unify",
    *(item.__name__ for item in ITEMS.values()),
]


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
