"""A tracker tells another program how a run goes; what the run's folder keeps stays as it is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Self

from netlang.catalogue.arguments import as_source
from netlang.catalogue.items import Item
from netlang.compiler.ir import Program
from netlang.runs.training.events import EpochDone, Finished
from netlang.system.record import Record

Hyperparameters = Mapping[str, bool | int | float | str]


class About(Record):
    """What a tracker is told at the start: the run's ``folder``, the text that it trains, and its
    ``hyperparameters``, by the names that ``--set`` gives them. ``epochs`` are done already. A run
    of several, such as one of some seeds, has their ``group``: the name of the folder around all.
    """

    folder: Path
    file: str
    text: str
    hyperparameters: Hyperparameters
    epochs: int = 0
    group: str = ""

    @property
    def called(self) -> str:
        """The name of the run."""
        return "/".join(filter(None, (self.group, self.folder.name)))

    @classmethod
    def of(cls, program: Program, folder: Path, epochs: int = 0, group: str = "") -> Self:
        source = program.source
        return cls(folder, source.name, source.text, hyperparameters(program), epochs, group)


class Tracker(ABC):
    """Every method may raise any error of the package. ``extra`` is what brings it."""

    name: ClassVar[str]
    extra: ClassVar[str]

    @classmethod
    @abstractmethod
    def packages(cls) -> tuple[str, ...]:
        """What has to be installed, by the names that are imported."""

    @classmethod
    @abstractmethod
    def begin(cls, about: About, known: Mapping[str, str]) -> Self:
        """Begin to track a run; one that was tracked before is ``known`` by what ``known_as`` gave
        then, and goes on.
        """

    @property
    @abstractmethod
    def known_as(self) -> dict[str, str]:
        """What the run's record keeps, so that another process goes on with it."""

    @abstractmethod
    def epoch(self, event: EpochDone) -> None:
        """Tell what was measured after an epoch."""

    @abstractmethod
    def result(self, event: Finished) -> None:
        """Tell what the run came to."""

    @abstractmethod
    def close(self, status: str) -> None:
        """End: "finished", "failed" or "interrupted". The folder has all of its files by now."""


def hyperparameters(program: Program) -> Hyperparameters:
    """The settings of a program, and the arguments of items: ``optimizer.lr``."""
    found: dict[str, bool | int | float | str] = {"weights": program.graph.weights}
    for name, value in program.settings.items():
        if isinstance(value, Item):
            found[name] = value.name
            for argument, given in value.values.items():
                found[f"{name}.{argument}"] = _plain(given)
        elif value is not None:
            found[name] = _plain(value)
    return found


def _plain(value: object) -> bool | int | float | str:
    if isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, tuple | list) and any(isinstance(one, Item) for one in value):
        return ", ".join(map(str, value))
    try:
        return as_source(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return str(value)
