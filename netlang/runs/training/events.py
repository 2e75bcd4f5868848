"""A training yields events, which say what happens; others show them or keep them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

from netlang.catalogue.data import Description
from netlang.compiler.ir import Beginning, Expectation
from netlang.system.record import Record


class Started(Record):
    """Samples are loaded and weights drawn. ``weights`` counts them, and ``frozen`` those of them
    that stay as they are. ``samples`` counts those of each part: "train", "validation" if there is
    one, and "test". ``engine`` trains, and up to ``threads`` share a step. ``note`` says why it is
    not the engine that was asked for. ``beginning`` says what the weights began with, if that is
    another network. ``data`` describes the samples, and ``unseen`` counts those of each category of
    a column that no sample to train on has. So many ``workers`` share a step; none where the
    process that trains was started for itself.
    """

    epochs: int
    samples: Mapping[str, int]
    weights: int
    engine: str
    threads: int
    seed: int
    note: str = ""
    frozen: int = 0
    beginning: Beginning | None = None
    data: Description | None = None
    unseen: Mapping[tuple[str, str], int] = MappingProxyType({})
    workers: int = 0

    def about_data(self) -> dict[str, object]:
        """What the columns of a table became, as JSON holds it; nothing of other data."""
        about = self.data.about() if self.data else {}
        unseen = [
            {"column": column, "category": name, "samples": count}
            for (column, name), count in self.unseen.items()
        ]
        return about | ({"unseen": unseen} if unseen else {})


class StepsDone(Record):
    """``samples`` of epoch ``epoch`` (from 1) are done."""

    epoch: int
    samples: int


class LayerNorms(Record):
    """How large a layer's tensors are after an epoch: the Euclidean norms of the ``gradient`` that
    its next step takes, of its ``weight``, and of the ``update``, the change of the weight in the
    epoch.
    """

    gradient: float
    weight: float
    update: float

    def as_data(self) -> dict[str, float | None]:
        """The norms as JSON holds them, which has no infinite numbers."""
        pairs = self.as_dict().items()
        return {name: value if math.isfinite(value) else None for name, value in pairs}


class EpochDone(Record):
    """Epoch ``epoch`` (from 1) is done; ``metrics`` by path, such as ``test.accuracy``. ``layers``
    has norms by the layer's name, where the training is watched. ``lr`` is the learning rate of its
    last step, where a schedule changes it.
    """

    epoch: int
    metrics: Mapping[str, float]
    seconds: float
    best: int = 0  # the best epoch so far, where a stopping rule looks for it
    layers: Mapping[str, LayerNorms] = MappingProxyType({})
    lr: float | None = None

    @property
    def by_epoch(self) -> Mapping[str, float]:
        """What changes from epoch to epoch, by path: the metrics, and the rate that it trained by
        where a schedule changes that.
        """
        return self.metrics if self.lr is None else {**self.metrics, "train.lr": self.lr}


class Outcome(Record):
    """An expectation of the file, and the value that the run gave."""

    expectation: Expectation
    value: float

    @property
    def met(self) -> bool:
        return self.expectation.met_by(self.value)

    def as_data(self) -> dict[str, object]:
        """The outcome as JSON holds it."""
        return {"expect": self.expectation.text, "value": self.value, "met": self.met}


class Finished(Record):
    """Training is over. ``metrics`` are those of the result; ``train_seconds`` counts the steps of
    all epochs, no loading and no evaluation.
    """

    metrics: Mapping[str, float]
    train_seconds: float
    outcomes: tuple[Outcome, ...]
    engine: str
    seed: int
    epoch: int  # whose weights are the result
    epochs: int  # that were trained

    @property
    def ok(self) -> bool:
        return all(outcome.met for outcome in self.outcomes)


Event = Started | StepsDone | EpochDone | Finished


def as_data(event: Started | EpochDone | Finished) -> dict[str, object]:
    """An event as JSON holds it, for programs and for files."""
    match event:
        case Started():
            return {
                "event": "start",
                "epochs": event.epochs,
                **event.samples,
                "parameters": event.weights,
                **({"frozen": event.frozen} if event.frozen else {}),
                "backend": event.engine,
                **({"workers": event.workers} if event.workers else {}),
                "seed": event.seed,
                **({"note": event.note} if event.note else {}),
                **({"beginning": event.beginning.as_data} if event.beginning else {}),
                **({"data": about} if (about := event.about_data()) else {}),
            }
        case EpochDone():
            layers = {name: norms.as_data() for name, norms in event.layers.items()}
            return {
                "event": "epoch",
                "epoch": event.epoch,
                "metrics": dict(event.metrics),
                "train_seconds": event.seconds,
                **({} if event.lr is None else {"lr": event.lr}),
                **({"layers": layers} if layers else {}),
            }
        case Finished():
            return {
                "event": "result",
                "metrics": dict(event.metrics),
                "train_seconds": event.train_seconds,
                "backend": event.engine,
                "seed": event.seed,
                "epoch": event.epoch,
                "epochs": event.epochs,
                "expectations": [one.as_data() for one in event.outcomes],
            }
