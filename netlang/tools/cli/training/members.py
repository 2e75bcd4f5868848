"""One of several trainings of a command: a run of its own, which has a folder of its own.

Another process than that of the command may train it. So what it takes and what it tells are
records that can be pickled.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.language import run_record
from netlang.language.diagnostics import Diagnostic, NetError
from netlang.language.source import SourceFile
from netlang.runs.folders.kept_run import MEMBER, kept_run
from netlang.runs.folders.resumption import StoppedRun, reopened
from netlang.runs.folders.run_folder import RunFolder, new_run_folder
from netlang.runs.lines.display import Display
from netlang.runs.training.events import Event, Finished
from netlang.runs.training.training import Training
from netlang.system.record import Record
from netlang.tools.cli.training.folders import breaks_off
from netlang.tools.cli.training.keeping import Keeper, Keeping, trained

Tell = Callable[[Event, str | None], None]
"""Gets each event, and the name of the run's folder where it is kept."""


class Member(Record):
    """A training of ``source`` after ``overrides``, with a folder in ``root``, if there is one.

    In a series of this ``kind`` it is called by its ``number``, and so is the folder; one that is
    there goes on, after ``changes`` of the command line. Without a series, ``kind`` is empty, and
    what the file expects is held against this training.
    """

    source: SourceFile
    overrides: tuple[str, ...]
    backend: str
    how: Keeping
    root: Path | None
    kind: str = ""
    number: int = 0
    changes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What its folder is called; empty where that goes by the time."""
        return MEMBER.format(self.kind, self.number) if self.kind else ""

    @property
    def called(self) -> str:
        """Which it is of its series, in words."""
        return f"{self.kind} {self.number}" if self.kind else ""

    @property
    def place(self) -> Path | None:
        """Its folder, if it has a name already."""
        return self.root / self.name if self.root and self.name else None

    def program(self) -> Program:
        """Raises NetError."""
        made = compile_source(self.source, self.overrides, to_run=True).require()
        return made.replace(expectations=()) if self.kind else made


class Ended(Record):
    """How a training ended: with a result, or with ``problems``; and the ``folder`` that keeps it.
    ``is_kept`` says whether all of it could be written, and ``can_draw`` whether pictures can be
    drawn, as far as is known.
    """

    finished: Finished | None
    problems: tuple[Diagnostic, ...] = ()
    folder: str | None = None
    is_kept: bool = True
    can_draw: bool = True


def train(member: Member, tell: Tell) -> Ended:
    """Train ``member``, unless that is done already.  Raises OSError."""
    try:
        return _train(member, _Telling(tell))
    except NetError as error:
        return Ended(None, error.diagnostics)


def _train(member: Member, display: _Telling) -> Ended:
    program, how, place = member.program(), member.how, member.place

    def begin() -> Training:
        return Training(program, member.backend, is_watched=how.is_watched)

    if member.root is None:
        return _kept(None, begin, display, how)
    if place is None or not run_record.is_of_a_run(place):
        root, name, watched = member.root, member.name, how.is_watched
        new = new_run_folder(root, program, member.backend, name=name, is_watched=watched)
        return _kept(new, begin, display, how)
    kept = kept_run(place)
    with StoppedRun(kept) as stopped:
        training = stopped.training(program)
        if kept.is_whole and training.is_done:
            for event in training.events():
                display.show(event, str(place))
            assert isinstance(event, Finished)
            return Ended(event, folder=str(place))
        return _kept(reopened(stopped, program, member.changes), lambda: training, display, how)


def _kept(
    folder: RunFolder | None, begin: Callable[[], Training], display: _Telling, how: Keeping
) -> Ended:
    """Train as ``begin`` says, and keep it in ``folder``."""
    keeper, where = Keeper(folder), str(folder.path) if folder else None
    try:
        finished = trained(keeper, begin, display, how)
    except NetError as error:
        keeper.close("failed", error.diagnostics)
        return Ended(None, error.diagnostics, where, is_kept=not keeper.failed)
    except BaseException as error:
        keeper.close("interrupted" if breaks_off(error) else "failed")
        raise
    keeper.close("finished")
    return Ended(finished, (), where, is_kept=not keeper.failed, can_draw=keeper.can_draw)


class _Telling(Display):
    """Tells the events to somebody who shows them."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    def show(self, event: Event, folder: str | None = None) -> None:
        self._tell(event, folder)
