"""``from netlang import ...`` gives these names.

They are apart from ``netlang/__init__.py`` as they take a moment to import, in which the program
would heed no signal.
"""

from netlang.catalogue.arguments import Size, arg
from netlang.catalogue.data import *
from netlang.catalogue.layers import *
from netlang.catalogue.layers.join import Join
from netlang.catalogue.layers.layer import DrawRequest
from netlang.catalogue.layers.module import Statistic, Weight
from netlang.catalogue.losses import *
from netlang.catalogue.metrics import *
from netlang.catalogue.optimizers import *
from netlang.catalogue.registry import ITEMS
from netlang.language.diagnostics import DiagnosticError
from netlang.language.shapes import Shape, ShapeError, Unknown, unify
from netlang.lowering.c.kernels import Elementwise, Routine, Rowwise, Update
from netlang.lowering.pytorch.counterparts import (
    TorchDefinition,
    TorchExpression,
    TorchLoss,
    TorchModule,
)

__all__ = [
    "LossMSE",
    "DataSet",
    "Description",
    "DiagnosticError",
    "DrawRequest",
    "Elementwise",
    "Join",
    "Layer",
    "Loss",
    "Metric",
    "Module",
    "Optimizer",
    "Pipeline",
    "Routine",
    "Rowwise",
    "Samples",
    "Sequential",
    "Shape",
    "ShapeError",
    "Size",
    "Split",
    "Statistic",
    "TorchDefinition",
    "TorchExpression",
    "TorchLoss",
    "TorchModule",
    "Unknown",
    "Update",
    "Weight",
    "arg",
    "encode",
    "unify",
    *(item.__name__ for item in ITEMS.values()),
]
