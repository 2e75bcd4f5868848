"""A run is named by its folder, which stands in `runs` if nothing else is said.

A name has to be whole: the latest of several runs would be another one tomorrow. Whoever has typed
half of it, or the network's, is told the name.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from netlang.language.diagnostics.suggest import nearest
from netlang.language.run_record import record_in
from netlang.system.files import PART
from netlang.system.record import Record

RUNS = Path("runs")  # where runs are kept
STUDY = "study.json"  # the record of a study, in its folder

Test = Callable[[Path], bool]  # whether a folder is such a run as is asked for


def found_run(named: str) -> Path:
    """The folder that ``named`` stands for, which may leave out `runs/`. It need not be there."""
    path = Path(named)
    is_in_runs = not os.path.lexists(path) and os.path.isdir(RUNS / named)
    return RUNS / named if is_in_runs else path


class MeantRun(Record):
    """A run that may have been meant: its ``folder``, the latest of the ``count`` whose names begin
    as it was written.
    """

    folder: Path
    count: int = 1

    @property
    def among(self) -> str:
        """What goes on from the folder."""
        return f", the latest of {self.count} whose names begin so" if self.count > 1 else ""


def meant_run(path: Path, is_run: Test) -> MeantRun | None:
    """The run that was meant by ``path``, which is none; None where none is near."""
    places = [path.parent, *([RUNS] if path.parent == Path() else [])]
    runs = [folder for place in places for folder in _folders(place) if is_run(folder)]
    if begin_so := [folder for folder in runs if folder.name.startswith(path.name)]:
        return MeantRun(max(begin_so, key=_time), len(begin_so))
    near = nearest(path.name, [folder.name for folder in runs])
    return next((MeantRun(folder) for folder in runs if folder.name == near), None)


def latest_run_of(network: Path, is_run: Test) -> Path | None:
    """The folder in `runs` of the latest run of the file ``network``; None if there is none."""
    named = os.path.normpath(network)
    runs = filter(is_run, _folders(RUNS))
    of_it = [run for run in runs if os.path.normpath(str(record_in(run).get("file"))) == named]
    return max(of_it, key=_time, default=None)


def _folders(place: Path) -> Iterator[Path]:
    try:
        for folder in sorted(place.iterdir()):
            if not folder.name.startswith(PART) and folder.is_dir():
                yield folder
    except (OSError, ValueError):  # it is not there, or no folder has this name
        return


def _time(folder: Path) -> tuple[float, str]:
    return folder.stat().st_mtime, folder.name
