"""A run's folder is read again: what was run, how far it came, and what it reached.

Neither torch nor the run's file is needed for that. What a folder says may come from a later
netlang or from another program, so nothing in it is trusted.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from netlang.catalogue import registry
from netlang.language.diagnostics.wording import counted
from netlang.language.model_files import MODEL_FILE
from netlang.language.run_record import RECORD, WhatWasRun, record_in
from netlang.runs.folders.history import NotAHistory, history, last_epoch
from netlang.runs.training.checkpoint_file import CHECKPOINT_FILE
from netlang.system.files import PART
from netlang.system.lock import is_held
from netlang.system.record import Record

MEMBER = "{}-{}"  # what the folder of a training in a series is called: `fold-1`, `seed-7`
PARTS = ("test", "validation", "train")  # of the data, the first of which judges

Metrics = Mapping[str, float]


class NotARun(ValueError):
    """Raised for a folder that no run made, or whose record cannot be read."""


class KeptRun(Record):
    """What ``folder`` keeps: its ``record``, as run.json has it; ``epoch``, the number of epochs
    that are done; and ``metrics`` by path, of the result, or where there is none of the last epoch.
    """

    folder: Path
    record: Mapping[str, Any]
    epoch: int
    metrics: Metrics

    @property
    def file(self) -> str:
        """The file that was run, as the command line named it."""
        return str(self.record["file"])

    @property
    def status(self) -> str:
        """``finished``, ``failed``, ``interrupted``, ``running``, or ``killed`` if its process is
        gone. What runs on another machine cannot be asked: ``running on`` that, it then says.
        """
        status = self.record.get("status")
        if status != "running":
            return status if isinstance(status, str) else "unknown"
        host = self.record.get("host")
        if host != platform.node():
            return f"running on {host}"
        held = is_held(self.folder)  # a process of another run may have the number of this one's
        goes_on = _is_alive(self.record.get("pid")) if held is None else held
        return "running" if goes_on else "killed"

    @property
    def can_go_on(self) -> bool:
        """Whether it did not come to its end, and has a checkpoint; or was broken off, and is a
        series, of which trainings are left.
        """
        is_broken_off = self.status in ("killed", "interrupted")
        if self.members:
            return is_broken_off
        return (is_broken_off or self.status == "failed") and self.has_checkpoint

    @property
    def is_whole(self) -> bool:
        """Whether it is finished, and neither it nor a training of its series has lost the model
        that a checkpoint gives again.
        """
        if self.status != "finished" or len(self._trained_in) < self.members:
            return False
        return all(
            (folder / MODEL_FILE).is_file() or not (folder / CHECKPOINT_FILE).is_file()
            for folder in self._trained_in
        )

    @property
    def has_checkpoint(self) -> bool:
        """Whether it, or a training of its series, has a checkpoint to go on from."""
        return any((folder / CHECKPOINT_FILE).is_file() for folder in self._trained_in)

    @property
    def most_epochs(self) -> int:
        """How many are done, in a series by the training that has the most."""
        last = filter(None, map(last_epoch, self._trained_in)) if self.members else ()
        return max((done.epoch for done in last), default=self.epoch)

    @property
    def _trained_in(self) -> list[Path]:
        """The folders that have a model: its own, or if it is a series those in it."""
        name = MEMBER.format(self.series, "*")
        return [*self.folder.glob(name)] if self.members else [self.folder]

    @property
    def model_so_far(self) -> str:
        """What is to be known of its model if that is not the result: a line; empty if it is."""
        if self.status == "finished":
            return ""
        done = f"{self.epoch} of {counted(self.epochs or self.epoch, 'epoch')} done"
        epoch = _count(self.record.get("model_epoch"))
        said = f"{self.folder}: {self.status}, {done}"
        return f"{said}; its model is that of epoch {epoch}" if epoch else said

    @property
    def started(self) -> datetime | None:
        """When it began, in the time of this place."""
        try:
            return datetime.fromisoformat(str(self.record.get("time"))).astimezone()
        except (ValueError, OverflowError, OSError):
            return None

    @property
    def epochs(self) -> int | None:
        """How many it was to have."""
        epochs = self.record.get("epochs")
        return epochs if isinstance(epochs, int) else None

    @property
    def series(self) -> str:
        """By what the trainings are numbered that have a folder each in its own, where it is a
        series: ``fold`` or ``seed``; empty where it is one training.
        """
        return "seed" if self._seeds else "fold" if _count(self.record.get("folds")) else ""

    @property
    def members(self) -> int:
        """How many trainings its series has; 0 if it is one training."""
        return len(self._seeds) or _count(self.record.get("folds"))

    @property
    def members_done(self) -> int:
        """How many of these are done, so that ``metrics`` are the means of them."""
        done = _result(self.record)
        return len(seeds_in(done)) if self._seeds else _count(done.get("folds"))

    @property
    def _seeds(self) -> tuple[int, ...]:
        return seeds_in(self.record)

    @property
    def best(self) -> int | None:
        """The epoch whose weights are the result, if that is not the last one."""
        best, last = (_result(self.record).get(name) for name in ("epoch", "epochs"))
        return best if isinstance(best, int) and isinstance(last, int) and best < last else None

    @property
    def seconds(self) -> float | None:
        """What its training took, if it came to its end."""
        return _number(_result(self.record).get("train_seconds"))

    @property
    def overrides(self) -> dict[str, str]:
        """What --set changed: values by name."""
        changes = self.record.get("overrides")
        texts = map(str, changes if isinstance(changes, list) else ())
        pairs = (text.partition("=") for text in texts)
        return {name.strip(): value.strip() for name, _, value in pairs}

    @property
    def settings(self) -> dict[str, str]:
        """What decides about the run, as far as its record says that: texts by name."""
        plain = {name: self.record.get(name) for name in ("epochs", "batch", "seed", "backend")}
        known = {name: str(value) for name, value in plain.items() if value is not None}
        return {"file": self.file, **known, **self.overrides}

    @property
    def judged(self) -> Metrics:
        """The metrics on the test data; without such, on those of validation or of training."""
        for part in PARTS:
            if found := {p: v for p, v in self.metrics.items() if p.startswith(f"{part}.")}:
                return found
        return {}

    def history(self) -> list[Metrics]:
        """The metrics of each epoch that is done, by path, and its learning rate if that changes.

        Raises NotARun where the history cannot be read. A last line that is not whole is left out.
        """
        try:
            return [done.by_epoch for done in history(self.folder)]
        except NotAHistory as error:
            raise NotARun(str(error)) from None


def kept_run(folder: Path) -> KeptRun:
    """The run that ``folder`` keeps.  Raises NotARun."""
    if not folder.is_dir():
        raise NotARun("there is no such folder" if not os.path.lexists(folder) else "it is a file")
    if not (folder / RECORD).is_file():
        raise NotARun(f"it has no {RECORD}")
    record = record_in(folder)
    if not record.keys() >= {*WhatWasRun.fields}:
        raise NotARun(f"its {RECORD} is broken, or not netlang's")
    last, result = last_epoch(folder), _result(record)
    epoch = last.epoch if last else _count(result.get("epochs"))  # its history was lost
    metrics = _metrics(result.get("metrics")) or (last.metrics if last else {})
    return KeptRun(folder, record, epoch, metrics)


def runs_in(root: Path) -> tuple[list[KeptRun], dict[Path, str]]:
    """The runs whose folders are in ``root``, in the order of their time; and the folders that have
    a record, but not that of a run, with what is wrong with it.

    Raises OSError.
    """
    runs, others = [], {}
    for folder in sorted(root.iterdir()):
        if folder.name.startswith(PART) or not (folder / RECORD).is_file():
            continue
        try:
            runs.append(kept_run(folder))
        except NotARun as error:
            others[folder] = str(error)
    return sorted(runs, key=_time), others


def is_better_higher(path: str) -> bool:
    """Whether the metric at ``path``, such as ``test.accuracy``, is the better the higher it is."""
    metric = registry.metric_called(path.rpartition(".")[2])
    return metric is not None and metric.higher_is_better


def differing(runs: Sequence[KeptRun]) -> list[dict[str, str]]:
    """For each run, those of its settings that not all of ``runs`` have alike."""
    settings = [run.settings for run in runs]
    names = dict.fromkeys(name for one in settings for name in one)
    apart = [name for name in names if len({one.get(name) for one in settings}) > 1]
    return [{name: one[name] for name in apart if name in one} for one in settings]


def _time(run: KeptRun) -> float:
    return run.started.timestamp() if run.started else 0.0


def _is_alive(pid: object) -> bool:
    if not isinstance(pid, int) or not 0 < pid < 1 << 31:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is another user's
        return True
    return True


def seeds_in(record: Mapping[str, Any]) -> tuple[int, ...]:
    """The seeds of the series that a record, or its result, tells of; none if that is no such."""
    seeds = record.get("seeds")
    return tuple(one for one in seeds if type(one) is int) if isinstance(seeds, list) else ()


def _result(record: Mapping[str, Any]) -> Mapping[str, Any]:
    result = record.get("result")
    return result if isinstance(result, dict) else {}


def _metrics(data: object) -> Metrics:
    return dict(_numbers(data)) if isinstance(data, dict) else {}


def _numbers(data: Mapping[object, object]) -> Iterator[tuple[str, float]]:
    for path, value in data.items():
        if (number := _number(value)) is not None:
            yield str(path), number


def _count(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _number(value: object) -> float | None:
    try:
        return float(value) if isinstance(value, int | float) else None
    except OverflowError:  # JSON may have whole numbers of any length
        return None
