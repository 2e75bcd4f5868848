"""``from netlang import ...`` gives these names.

They are apart from ``netlang/__init__.py`` as they take a moment to import, in which the program
would heed no signal.
"""

from typing import TYPE_CHECKING, Any

from netlang.api.callbacks import Callback, StopTraining
from netlang.api.compiled import CompiledModel
from netlang.api.described import Diagnostics
from netlang.api.history import History, Rows, Runs
from netlang.api.ipython import load_ipython_extension as load_ipython_extension
from netlang.api.ipython import unload_ipython_extension as unload_ipython_extension
from netlang.api.loading import kept_runs, load
from netlang.api.loading import open as open
from netlang.api.model import Model
from netlang.api.views import Drawing, Summary
from netlang.catalogue import registry
from netlang.catalogue.arguments import Size, arg
from netlang.catalogue.augment import *
from netlang.catalogue.averages import *
from netlang.catalogue.clipping import *
from netlang.catalogue.contradiction import Contradiction
from netlang.catalogue.data import *
from netlang.catalogue.data.arrays.arranged import Arranged
from netlang.catalogue.data.arrays.targets import ArrayTargets
from netlang.catalogue.foreign import help_for
from netlang.catalogue.items import Item
from netlang.catalogue.layers import *
from netlang.catalogue.layers.sources import EqualParts, Sources
from netlang.catalogue.losses import *
from netlang.catalogue.metrics import *
from netlang.catalogue.modules import (
    DrawRequest,
    Join,
    Layer,
    Module,
    PlacedWeight,
    Sequential,
    Sight,
    Statistic,
    Weight,
    Weights,
    Window,
)
from netlang.catalogue.optimizers import *
from netlang.catalogue.own import Plugin, use_plugin
from netlang.catalogue.penalties import *
from netlang.catalogue.schedules import *
from netlang.catalogue.stopping import *
from netlang.catalogue.targets import OutputPart
from netlang.compiler.ir import Beginning, Program
from netlang.compiler.passes import Compilation, compile_source
from netlang.engine.workers import Workers
from netlang.language.diagnostics import Diagnostic, NetError
from netlang.language.metric_path import MetricPath
from netlang.language.network_name import NetworkName
from netlang.language.part_name import PartName
from netlang.language.shapes import Shape, ShapeError, Unknown, unify
from netlang.language.source import SourceFile, Span
from netlang.language.syntax import read
from netlang.lowering.c.kernels import (
    Array,
    Elementwise,
    ElementwiseLoss,
    Routine,
    Rowwise,
    RowwiseLoss,
    SamplewiseLoss,
    Update,
)
from netlang.lowering.pytorch.counterparts import (
    TorchAugmentation,
    TorchData,
    TorchDefinition,
    TorchExpression,
    TorchLoss,
    TorchMetric,
    TorchModule,
    TorchOptimizer,
)
from netlang.runs.gradients.layer_check import check_layer
from netlang.runs.models.trained import TrainedModel, load_model
from netlang.runs.training.checkpoint import Checkpoint
from netlang.runs.training.checkpoint_file import load_checkpoint, save_checkpoint
from netlang.runs.training.events import (
    EpochDone,
    Event,
    Finished,
    LayerNorms,
    Outcome,
    Started,
    StepsDone,
)
from netlang.runs.training.model_file import ModelFile
from netlang.runs.training.training import TakesNoPart, Training
from netlang.system.fingerprint import Fingerprint

if TYPE_CHECKING:
    from netlang.api.estimators import NetClassifier as NetClassifier
    from netlang.api.estimators import NetRegressor as NetRegressor

__all__ = [
    "Arranged",
    "Array",
    "ArrayPipeline",
    "ArrayTargets",
    "Augmentation",
    "AugmentedData",
    "Average",
    "Beginning",
    "Callback",
    "Checkpoint",
    "Clipping",
    "ColumnError",
    "Compilation",
    "CompiledModel",
    "Contradiction",
    "DataSet",
    "Description",
    "Diagnostic",
    "Diagnostics",
    "DrawRequest",
    "Drawing",
    "Draws",
    "Elementwise",
    "ElementwiseLoss",
    "Encoder",
    "EpochDone",
    "EqualParts",
    "Event",
    "Fingerprint",
    "Finished",
    "Given",
    "Goal",
    "History",
    "Item",
    "Join",
    "Layer",
    "LayerNorms",
    "Loss",
    "LossMSE",
    "Metric",
    "MetricPath",
    "Model",
    "ModelFile",
    "Module",
    "NetError",
    "NetworkName",
    "Optimizer",
    "Outcome",
    "OutputPart",
    "PartName",
    "Penalty",
    "Place",
    "PlacedWeight",
    "PlateauState",
    "Pipeline",
    "Plugin",
    "Program",
    "Remark",
    "Routine",
    "Rows",
    "Rowwise",
    "RowwiseLoss",
    "Runs",
    "Samples",
    "SamplewiseLoss",
    "Schedule",
    "Seen",
    "Sequential",
    "SeveralArrays",
    "Shape",
    "ShapeError",
    "Sight",
    "Size",
    "SourceFile",
    "Sources",
    "Span",
    "Split",
    "TakesNoPart",
    "TextPipeline",
    "Started",
    "Statistic",
    "StopTraining",
    "StoppingRule",
    "StepsDone",
    "Summary",
    "TorchAugmentation",
    "TorchData",
    "TorchDefinition",
    "TorchExpression",
    "TorchLoss",
    "TorchMetric",
    "TorchModule",
    "TorchOptimizer",
    "TrainedModel",
    "Training",
    "Unknown",
    "Update",
    "Weight",
    "Weights",
    "Window",
    "Workers",
    "arg",
    "check_layer",
    "compile_source",
    "encode",
    "kept_runs",
    "load",
    "load_checkpoint",
    "load_model",
    "read",
    "save_checkpoint",
    "unify",
    "use_plugin",
    *(item.__name__ for item in registry.ITEMS.values()),
]


def named_elsewhere(name: str) -> str:
    """What to write for a ``name`` of other frameworks; an empty text for any other."""
    if meant := registry.suggest(name):
        return f"did you mean `{meant}`?"
    return help_for(name) or ""


def __getattr__(name: str) -> Any:
    """The estimators, which need scikit-learn.  Raises ImportError where it is not installed."""
    if name not in ("NetClassifier", "NetRegressor"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        from netlang.api import estimators
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] != "sklearn":
            raise
        install = 'pip install "netlang[sklearn]"'
        raise ImportError(f"`netlang.{name}` needs scikit-learn: {install}") from None
    return getattr(estimators, name)
