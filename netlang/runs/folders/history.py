"""The history of a run is a file in its folder, with a line of JSON for each epoch that is done.

It grows by whole lines. What it says may come from another program, so nothing in it is trusted.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from netlang.runs.training.events import EpochDone, LayerNorms, as_data
from netlang.system.files import GrowingFile, Irregular, TooLarge, read_regular, sync, write_whole

HISTORY = "history.jsonl"
_LARGEST = 1 << 30  # bytes
_TAIL = 1 << 16  # bytes at the end of a file, which have its last line


class NotAHistory(ValueError):
    """Raised for a history that cannot be read, or is none."""


def history(folder: Path) -> list[EpochDone]:
    """The epochs that are done.  Raises NotAHistory. A last line that is not whole is left out."""
    found = []
    for number, line in enumerate(_lines(folder / HISTORY), 1):
        if line.endswith(b"\n"):
            if (done := _parsed(line)) is None:
                raise _not_of_a_run(number)
            found.append(done)
    return found


def last_epoch(folder: Path) -> EpochDone | None:
    """The last epoch that is done; None if there is no line that tells."""
    file = folder / HISTORY
    try:
        if not file.is_file():
            return None
        with file.open("rb") as opened:
            opened.seek(max(0, file.stat().st_size - _TAIL))
            lines = opened.read(2 * _TAIL).splitlines(keepends=True)
    except OSError:
        return None
    found = (_parsed(line) for line in reversed(lines) if line.endswith(b"\n"))
    return next(filter(None, found), None)


class GrowingHistory:
    """The history of a run that goes on in ``folder``; its file is open until this is closed."""

    def __init__(self, folder: Path) -> None:
        self._file = GrowingFile(folder / HISTORY)

    def add(self, done: EpochDone) -> None:
        """Add a line for an epoch that is ``done``.  Raises OSError; the file then stays as it
        was.
        """
        self._file.append(_line(done))

    def close(self) -> None:
        self._file.close()


def go_back(folder: Path, done: EpochDone | None) -> list[EpochDone]:
    """Cut from the file all lines but those up to the epoch that is ``done``, whose line is added
    if it is not there. Returns the epochs that the file has now.

    Raises NotAHistory, for a line of something else that has epochs after it, too, and OSError; the
    file then stays as it was.
    """
    lines, kept, found = _lines(folder / HISTORY), b"", list[EpochDone]()
    for number, line in enumerate(lines if done else (), 1):
        one = _parsed(line) if line.endswith(b"\n") else None
        if not one and any(map(_parsed, lines[number:])):
            raise _not_of_a_run(number)
        before = found[-1].epoch if found else 0
        assert done
        if not one or not before < one.epoch < done.epoch or [*one.metrics] != [*done.metrics]:
            break
        found.append(one)
        kept += line
    if done:
        found.append(done)
        kept += f"{_line(done)}\n".encode()
    if kept != b"".join(lines):
        write_whole(folder / HISTORY, kept)
    return found


def save(folder: Path) -> None:
    """Have the disk keep all lines that there are, despite a loss of power.  Raises OSError."""
    if (folder / HISTORY).exists():
        sync(folder / HISTORY)


def _line(done: EpochDone) -> str:
    return json.dumps(as_data(done))


def _lines(file: Path) -> list[bytes]:
    """Raises NotAHistory."""
    if not file.exists():
        return []
    try:
        return read_regular(file, _LARGEST).splitlines(keepends=True)
    except Irregular:
        raise NotAHistory(f"its {HISTORY} is no regular file") from None
    except TooLarge:
        raise NotAHistory(f"its {HISTORY} is too large to be read") from None
    except OSError as error:
        raise NotAHistory(f"its {HISTORY} cannot be read: {error.strerror or error}") from None


def _not_of_a_run(number: int) -> NotAHistory:
    return NotAHistory(f"line {number} of its {HISTORY} is not of a run")


def _parsed(line: bytes) -> EpochDone | None:
    """What a line says; None if it is not a run's."""
    try:
        data: Any = json.loads(line)
        epoch, seconds = data["epoch"], float(data.get("train_seconds", 0.0))
        layers = {name: _norms(norms) for name, norms in data.get("layers", {}).items()}
        metrics = {name: float(value) for name, value in data["metrics"].items()}
        lr = None if data.get("lr") is None else float(data["lr"])
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError):
        return None
    is_line = type(epoch) is int
    return EpochDone(epoch, metrics, seconds, layers=layers, lr=lr) if is_line else None


def _norms(data: Mapping[str, float | None]) -> LayerNorms:
    """The norms as ``LayerNorms.as_data`` gave them, where no number is one that is not finite."""
    norms = {name: math.inf if value is None else float(value) for name, value in data.items()}
    return LayerNorms(**norms)
