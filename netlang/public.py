"""What ``netlang`` gives to Python.

A room of its own because importing it takes a moment in which the program would heed no signal.
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
