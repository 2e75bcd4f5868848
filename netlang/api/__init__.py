"""``from netlang import ...`` gives these names.

They are apart from ``netlang/__init__.py`` as they take a moment to import, in which the program
would heed no signal.
"""

from netlang.catalogue.arguments import Size, arg
from netlang.catalogue.data import *
from netlang.catalogue.layers import *
from netlang.catalogue.losses import *
from netlang.catalogue.metrics import *
from netlang.catalogue.modules import (
    DrawRequest,
    Join,
    Layer,
    Module,
    Sequential,
    Statistic,
    Weight,
)
from netlang.catalogue.optimizers import *
from netlang.catalogue.registry import ITEMS
from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import DiagnosticError
from netlang.language.shapes import Shape, ShapeError, Unknown, unify
from netlang.language.source import SourceFile
from netlang.language.syntax import read
from netlang.lowering.c.kernels import Elementwise, Routine, Rowwise, Update
from netlang.lowering.pytorch.counterparts import (
    TorchDefinition,
    TorchExpression,
    TorchLoss,
    TorchModule,
)
from netlang.runs.checkpoint import Checkpoint
from netlang.runs.events import EpochDone, Finished, StepsDone
from netlang.runs.training import Training

__all__ = [
    "Checkpoint",
    "ColumnError",
    "DataSet",
    "Description",
    "DiagnosticError",
    "DrawRequest",
    "Elementwise",
    "EpochDone",
    "Finished",
    "Join",
    "Layer",
    "Loss",
    "LossMSE",
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
    "SourceFile",
    "Split",
    "Statistic",
    "StepsDone",
    "TorchDefinition",
    "TorchExpression",
    "TorchLoss",
    "TorchModule",
    "Training",
    "Unknown",
    "Update",
    "Weight",
    "arg",
    "compile_source",
    "encode",
    "read",
    "unify",
    *(item.__name__ for item in ITEMS.values()),
]
