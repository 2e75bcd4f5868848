"""A program is what the compiler makes of a file: its graph and its settings."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from netlang.catalogue.arguments import as_source
from netlang.catalogue.augment import Augmentation
from netlang.catalogue.averages import Average
from netlang.catalogue.clipping import Clipping
from netlang.catalogue.data import DataSet, Description
from netlang.catalogue.items import Item
from netlang.catalogue.losses import Loss
from netlang.catalogue.metrics import Metric
from netlang.catalogue.optimizers import Optimizer, SeveralOptimizers
from netlang.catalogue.outputs import Measure, SumOfLosses, measures
from netlang.catalogue.penalties import Penalty
from netlang.catalogue.schedules import Rates, Schedule
from netlang.catalogue.settings import SETTINGS
from netlang.catalogue.stopping import StoppingRule
from netlang.catalogue.targets import OutputPart
from netlang.compiler.ir.beginning import Beginning
from netlang.compiler.ir.graph import Graph
from netlang.compiler.ir.tunable import Tunable
from netlang.language.metric_path import MetricPath
from netlang.language.source import SourceFile, Span
from netlang.system.fingerprint import Fingerprint
from netlang.system.record import Record

COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}


class Expectation(Record):
    """``expect test.accuracy > 0.95``."""

    metric: str
    comparison: str
    bound: float
    span: Span

    @property
    def text(self) -> str:
        return f"expect {self.metric} {self.comparison} {as_source(self.bound)}"

    def met_by(self, value: float) -> bool:
        return COMPARISONS[self.comparison](value, self.bound)


class Program(Record):
    """Everything that a checked file says.

    ``files`` are all that it was read from, as they were read: itself, what it imports, and its
    data. ``imported`` are the sources that it imports. ``overrides`` are what the command line
    changed, such as ``epochs=3``. ``settings`` has values by the names in catalogue/settings.py:
    a plain one is the file's or the default, and an item that the file does not name is left out.
    ``spans`` says where each is set, and by ``optimizer.lr`` where the command line changes an
    argument of one. ``description`` is that of the data. ``beginning`` says what the weights begin
    with, where the setting ``start`` names a model file. ``outputs`` are those of a network of
    several, none of a network of one. ``plugins`` are the Python files that items of it come from.
    ``tunables`` are what `netlang tune` may change, in the order of the file.
    """

    source: SourceFile
    files: tuple[Fingerprint, ...]
    imported: tuple[SourceFile, ...]
    overrides: tuple[str, ...]
    graph: Graph
    settings: Mapping[str, Any]
    spans: Mapping[str, Span]
    description: Description | None
    expectations: tuple[Expectation, ...]
    beginning: Beginning | None = None
    outputs: tuple[OutputPart, ...] = ()
    plugins: tuple[SourceFile, ...] = ()
    tunables: tuple[Tunable, ...] = ()

    @property
    def data(self) -> DataSet | None:
        return self.settings.get("data")

    @property
    def loss(self) -> Loss | None:
        return self.settings.get("loss")

    @property
    def optimizer(self) -> Optimizer | None:
        return self.settings.get("optimizer")

    @property
    def augment(self) -> tuple[Augmentation, ...]:
        """What changes training samples, in this order."""
        return tuple(self.settings.get("augment") or ())

    @property
    def metrics(self) -> tuple[Metric, ...]:
        return tuple(self.settings.get("metrics", ()))

    @property
    def measures(self) -> tuple[Measure, ...]:
        """What is measured beside the loss: of several outputs, each by the metrics that fit it."""
        return measures(self.metrics, self.outputs, self.description)

    @property
    def stop(self) -> StoppingRule | None:
        return self.settings.get("stop")

    def rises(self, path: MetricPath) -> bool:
        """Whether the metric is better where it is higher."""
        found = (one.metric for one in self.measures if path.metric in one.paths)
        return any(metric.higher_is_better for metric in found)

    @property
    def epochs(self) -> int:
        return int(self.settings["epochs"])

    @property
    def seed(self) -> int:
        return int(self.settings["seed"])

    @property
    def batch_size(self) -> int:
        """Samples in a step: so many batches as it accumulates, or all that there are to train on
        where these are fewer.
        """
        batch = int(self.settings["batch"]) * int(self.settings.get("accumulate", 1))
        return min(batch, self.description.train) if self.description else batch

    @property
    def at_once(self) -> int:
        """Samples that go through the network at once: a batch, or as many as a step has."""
        return min(int(self.settings["batch"]), self.batch_size)

    @property
    def steps_of_epoch(self) -> int:
        """How many steps an epoch has; 1 where there are no data."""
        return -(-self.description.train // self.batch_size) if self.description else 1

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        """How the learning rate changes, one schedule behind the other."""
        return tuple(self.settings.get("schedule") or ())

    @property
    def rates(self) -> Rates | None:
        """What the learning rate is multiplied by in each step, where the file has a schedule."""
        each = self.steps_of_epoch
        return Rates(self.schedules, self.epochs * each, each) if self.schedules else None

    @property
    def penalties(self) -> tuple[Penalty, ...]:
        return tuple(self.settings.get("penalty") or ())

    @property
    def clipping(self) -> Clipping | None:
        return self.settings.get("clip")

    @property
    def average(self) -> Average | None:
        return self.settings.get("average")

    def with_settings(self, **values: Any) -> Program:
        """The same program with other values of settings."""
        return self.replace(settings={**self.settings, **values})


def setting_text(name: str, value: Any, written: Callable[[Item], str]) -> str:
    """A setting's value as text; each item is ``written`` with its arguments."""
    match value:
        case SumOfLosses() | SeveralOptimizers():
            return value.text(written)
        case Item():
            return written(value)
        case (Item(), *_):
            return (" -> " if SETTINGS[name].in_turn else ", ").join(map(written, value))
        case ():
            return ""
        case (str(part),):
            return part
        case (str(), *_):
            return f"[{', '.join(value)}]"
        case _:
            return as_source(value)
