"""The folder of a study: what is tuned, its journal, and what came of it.

Every process of the study finds the same record there, or makes it. It refuses another text,
other data and all else by which trials could not be compared with those that are there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Any

from netlang.catalogue.own import in_use
from netlang.compiler.ir import Program
from netlang.compiler.ir.tunable import Interval, Tunable
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.tuning import OtherStudy
from netlang.language.metric_path import MetricPath
from netlang.runs.plots import (
    Scale,
    draw_coordinates,
    draw_history,
    draw_importances,
    draw_slices,
)
from netlang.runs.plots.pictures import Picture
from netlang.runs.run_names import STUDY
from netlang.runs.tuning.kept_study import TABLE
from netlang.runs.tuning.study import Study
from netlang.runs.tuning.trials import Trial, as_table
from netlang.system.files import write_whole
from netlang.system.lock_file import LockFile

_SAID = {  # of each entry of the record, how it is called where it differs
    "text": "another text of the file",
    "overrides": "other values by `--set`",
    "tunables": "other candidates",
    "metric": "another metric",
    "seed": "another seed",
    "plugins": "another text of a plugin",
    "backend": "another backend",
    "streamed": "its rows streamed where these would not be, or the other way round",
}
_READ = {  # the same of files, of which each entry has the names, and a digest of what they held
    "imported": "another text of {}, which the file imports",
    "data": "other data in {}",
    "start": "other weights in {}",
}
_WRITES = 30.0  # seconds that no process takes to look at the record, or to make it
_BEFORE: dict[str, Any] = {"plugins": []}  # of an entry that older records lack


class StudyFolder:
    """The folder ``path`` of the study of ``program`` by ``metric``, which ``backend`` trains; it
    is made if it is not there.

    Raises NetError where it is that of another study, and OSError.
    """

    def __init__(
        self, path: Path, program: Program, metric: MetricPath, seed: int, backend: str
    ) -> None:
        self.path, self.program, self.metric = path, program, metric
        self.about: dict[str, Any] = {
            "file": program.source.name,
            "text": program.source.text,
            "overrides": list(program.overrides),
            "tunables": [f"tune {one.path} in {one.text}" for one in program.tunables],
            "metric": metric,
            "seed": seed,
            "plugins": [one.source.text for one in in_use()],
            "backend": backend,
            "streamed": bool(program.data and program.data.is_streamed),
            **_read(program),
        }
        path.mkdir(parents=True, exist_ok=True)
        alone = LockFile(path / "record.lock", _WRITES)  # of two that begin, one makes the record
        try:
            if (path / STUDY).exists():
                self._check(_kept(path))
            else:
                write_whole(path / STUDY, json.dumps(self.about, indent=2) + "\n")
        finally:
            alone.release()

    def _check(self, kept: Mapping[str, Any]) -> None:
        """Raise NetError if the record that is ``kept`` is that of another study."""
        for name, what in _SAID.items():
            if kept.get(name, _BEFORE.get(name, self.about[name])) != self.about[name]:
                raise NetError(OtherStudy(None, str(self.path), what))
        self._check_read(kept, self.about)

    def check(self, program: Program) -> None:
        """Raise NetError if the files of a trial's ``program`` changed since the study began."""
        self._check_read(self.about, _read(program))

    def _check_read(self, kept: Mapping[str, Any], now: Mapping[str, Any]) -> None:
        for name, what in _READ.items():
            if changed := _changed(kept.get(name, now[name]), now[name]):
                raise NetError(OtherStudy(None, str(self.path), what.format(f"`{changed}`")))

    @property
    def tunables(self) -> tuple[Tunable, ...]:
        return self.program.tunables

    def write_table(self, trials: Sequence[Trial]) -> None:
        paths = [one.path for one in self.tunables]
        write_whole(self.path / TABLE, as_table(trials, paths, self.metric))

    def pictures(self, study: Study) -> dict[str, Picture]:
        """What draws each picture of the study, by the name of its file."""
        trials, name = study.trials, Path(self.program.source.name).name
        done = {one.number: one.value for one in trials if one.state == "done"}
        pruned = {one.number: one.value for one in trials if one.state == "pruned"}
        known, early = _known(done), _known(pruned)
        title = f"{name}: {len(trials)} trials"
        found: dict[str, Picture] = {
            "history.png": lambda file: draw_history(
                title, self.metric, known, early, study.rises, file
            )
        }
        if (shares := study.importances()) and len(shares) > 1:
            found["importances.png"] = lambda file: draw_importances(
                f"{name}: what decides {self.metric}", shares, file
            )
        slices = {one.path: _points(one, trials) for one in self.tunables}
        by_powers = frozenset(
            one.path
            for one in self.tunables
            if isinstance(one.candidates, Interval) and one.candidates.log
        )
        found["slices.png"] = partial(draw_slices, title, self.metric, slices, by_powers)
        if len(self.tunables) > 1:
            scales = {one.path: _scale(one) for one in self.tunables}
            lines = [
                ({one.path: _value(one, trial) for one in self.tunables}, came_to)
                for trial in trials
                if trial.state in ("done", "pruned")
                for came_to in [trial.value if trial.state == "done" else None]
            ]
            found["coordinates.png"] = partial(
                draw_coordinates, title, self.metric, scales, lines, study.rises
            )
        return found


def _kept(folder: Path) -> Mapping[str, Any]:
    """The record in the ``folder``.  Raises NetError where it is damaged, and OSError."""
    with suppress(ValueError):
        kept = json.loads((folder / STUDY).read_bytes())
        if isinstance(kept, dict):
            return kept
    raise NetError(OtherStudy(None, str(folder), f"a damaged record, `{STUDY}`"))


def _read(program: Program) -> dict[str, list[list[str]]]:
    """The files that decide what trials come to: the name of each, and the SHA-256 of it."""
    texts = [one.fingerprint for one in program.imported if one.fingerprint]
    files = {
        "imported": texts,
        "data": program.data.files if program.data else (),
        "start": [program.beginning.file] if program.beginning else [],
    }
    return {what: [[one.path.name, one.sha256] for one in found] for what, found in files.items()}


def _changed(was: object, now: Sequence[Sequence[str]]) -> str:
    """The name of the first file that is another one; none where all are as they were."""
    for before, after in zip_longest(was if isinstance(was, list) else (), now):
        if before != after:
            return str((after or before)[0])
    return ""


def _known(values: Mapping[int, float | None]) -> dict[int, float]:
    return {number: value for number, value in values.items() if value is not None}


def _points(tunable: Tunable, trials: Sequence[Trial]) -> list[tuple[float | str, float]]:
    """The value at the path and the metric, of each trial that came to its end."""
    return [
        (_value(tunable, one), one.value)
        for one in trials
        if one.state == "done" and one.value is not None
    ]


def _value(tunable: Tunable, trial: Trial) -> float | str:
    text = trial.values[tunable.path]
    return float(text) if isinstance(tunable.candidates, Interval) else text


def _scale(tunable: Tunable) -> Scale:
    if isinstance(tunable.candidates, Interval):
        return Scale(log=tunable.candidates.log)
    return Scale(tunable.candidates.texts)
