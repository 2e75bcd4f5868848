"""What happens in a run, as data: the runner yields events, and others show or store them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from netlang.compiler.ir import Expectation


@dataclass(frozen=True, slots=True)
class Started:
    """Samples are loaded and weights drawn. ``weights`` counts them, ``samples`` those of each
    part: "train", "validation" if there is one, and "test". ``note`` says why ``backend`` is not
    the one that was asked for.
    """

    epochs: int
    samples: Mapping[str, int]
    weights: int
    backend: str
    seed: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class StepsDone:
    """``samples`` of epoch ``epoch`` (from 1) are done."""

    epoch: int
    samples: int


@dataclass(frozen=True, slots=True)
class EpochDone:
    """Epoch ``epoch`` (from 1) is done; ``metrics`` by path, such as ``test.accuracy``."""

    epoch: int
    metrics: Mapping[str, float]
    seconds: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """An expectation of the file, and the value that the run gave."""

    expectation: Expectation
    value: float

    @property
    def met(self) -> bool:
        return self.expectation.met_by(self.value)

    def as_data(self) -> dict[str, object]:
        """The outcome as JSON holds it."""
        return {"expect": self.expectation.text, "value": self.value, "met": self.met}


@dataclass(frozen=True, slots=True)
class Finished:
    """Training is over. ``train_seconds`` counts steps alone, no loading and no evaluation; ``run``
    is the folder that keeps all this.
    """

    metrics: Mapping[str, float]
    train_seconds: float
    outcomes: tuple[Outcome, ...]
    backend: str
    seed: int
    run: str | None = None

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
                "backend": event.backend,
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
                "backend": event.backend,
                "seed": event.seed,
                "expectations": [one.as_data() for one in event.outcomes],
                "run": event.run,
            }
