"""A training yields events, which say what happens; others show them or keep them."""

from __future__ import annotations

from collections.abc import Mapping

from netlang.compiler.ir import Expectation
from netlang.system.record import Record


class Started(Record):
    """Samples are loaded and weights drawn. ``weights`` counts them, ``samples`` those of each
    part: "train", "validation" if there is one, and "test". ``engine`` trains, and up to
    ``threads`` share a step. ``note`` says why it is not the engine that was asked for.
    """

    epochs: int
    samples: Mapping[str, int]
    weights: int
    engine: str
    threads: int
    seed: int
    note: str = ""


class StepsDone(Record):
    """``samples`` of epoch ``epoch`` (from 1) are done."""

    epoch: int
    samples: int


class EpochDone(Record):
    """Epoch ``epoch`` (from 1) is done; ``metrics`` by path, such as ``test.accuracy``."""

    epoch: int
    metrics: Mapping[str, float]
    seconds: float


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
                "backend": event.engine,
                "seed": event.seed,
                **({"note": event.note} if event.note else {}),
            }
        case EpochDone():
            return {
                "event": "epoch",
                "epoch": event.epoch,
                "metrics": dict(event.metrics),
                "train_seconds": event.seconds,
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
