"""A run's folder: what was run, how it went, and the pictures of it.

    runs/model2-20261124-101530/
        model2.net       the text as it was run
        run.json         status, overrides, versions, machine, time, seed, backend, result
        history.jsonl    a line for each epoch, written as it ends
        history.csv      the same as a table, in the end
        curves.png       the learning curves
        decision.png     of a network with two inputs: what it says where

No file is seen half-written: it has another name until it is whole. Only ``history.jsonl`` grows.
"""

from __future__ import annotations

import csv
import io
import json
import platform
import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from netlang.backends.threads import thread_count
from netlang.data import Samples
from netlang.files import write_whole
from netlang.ir import Program
from netlang.lazy import torch
from netlang.plots import Curves, decision, draw_curves, draw_decisions
from netlang.runner.events import EpochDone, Event, Finished, Started, as_data

if TYPE_CHECKING:
    from torch import Tensor

_LONGEST = 50  # characters of a name, so that what is made of it is no name too long for a file


class RunFolder:
    """A new folder in ``root`` for a run of ``program``; every method may raise OSError."""

    def __init__(self, root: Path, program: Program) -> None:
        self.program = program
        stem = Path(program.source.name).stem.strip("-<>")[:_LONGEST] or "run"
        self.path = new_folder(root, stem)
        self._about: dict[str, object] = {
            "status": "running",
            "file": program.source.name,
            "overrides": list(program.overrides),
            "seed": program.seed,
            "epochs": program.epochs,
            "batch": program.batch,
            "device": "cpu",
            **surroundings(),
            "threads": thread_count(program.graph.macs * program.rows),
        }
        self._history: list[Mapping[str, float]] = []
        self._seconds: list[float] = []
        write_whole(self.path / f"{stem}.net", program.source.text)
        self._say()

    def show(self, event: Event) -> None:
        """Keep what an event says."""
        match event:
            case Started():
                self._about |= {"backend": event.backend, "note": event.note}
                self._say()
            case EpochDone():
                self._history.append(event.metrics)
                self._seconds.append(event.seconds)
                with (self.path / "history.jsonl").open("a", encoding="utf-8") as file:
                    file.write(json.dumps(as_data(event)) + "\n")
            case Finished():
                self._about["result"] = as_data(event)
                self.close("finished")
            case _:
                pass

    def close(self, status: str) -> None:
        """Say how the run ended: ``finished``, ``failed`` or ``interrupted``."""
        self._about["status"] = status
        if self._history:
            write_whole(self.path / "history.csv", self._table())
        self._say()

    def draw(self, evaluate: Callable[[Tensor], Tensor], test: Samples) -> None:
        """The pictures of a finished run, whose network ``evaluate`` gives the outputs of.

        Raises ImportError without matplotlib.
        """
        program = self.program
        curves = {program.source.name: [Curves("", [self._history])]}
        self._draw("curves.png", lambda file: draw_curves(curves, file))
        assert program.data
        if program.has_plane:
            border = program.data.border(program.seed)
            shown = decision(program.source.name, evaluate, test.inputs, test.targets, border)
            self._draw("decision.png", lambda file: draw_decisions([[shown]], file))

    def _draw(self, name: str, draw: Callable[[Path], None]) -> None:
        part = self.path / f".part-{name}"
        draw(part)
        part.replace(self.path / name)

    def _say(self) -> None:
        write_whole(self.path / "run.json", json.dumps(self._about, indent=2) + "\n")

    def _table(self) -> str:
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        table.writerow(["epoch", *self._history[0], "train_seconds"])
        rows = zip(self._history, self._seconds, strict=True)
        for epoch, (metrics, seconds) in enumerate(rows, 1):
            table.writerow([epoch, *metrics.values(), seconds])
        return text.getvalue()


def surroundings() -> dict[str, object]:
    """Where and when something runs: versions, the machine, and the local time."""
    return {
        "versions": {
            "netlang": version("netlang"),
            "torch": torch.__version__,
            "python": platform.python_version(),
        },
        "machine": platform.platform(),
        "time": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }


def new_folder(root: Path, stem: str) -> Path:
    """A folder that nobody else has, called ``stem`` and the time; in one second by a number, too.

    Raises OSError.
    """
    name = f"{stem}-{time.strftime('%Y%m%d-%H%M%S')}"
    root.mkdir(parents=True, exist_ok=True)
    for number in range(1, 1000):
        path = root / (name if number == 1 else f"{name}-{number}")
        try:
            path.mkdir()
        except FileExistsError:
            continue
        return path
    raise FileExistsError(f"{name} and 998 more are there")
