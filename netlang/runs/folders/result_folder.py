"""A folder keeps the results of a run or of a comparison, and always says how far that has come.

It appears whole, with everything that is known at the start. One of its files is the record, whose
``status`` is ``running`` until the end. The record also names the process and the machine, so that
others can find out whether the run still goes on.
"""

from __future__ import annotations

import errno
import json
import os
import platform
import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from netlang.engine.versions import versions
from netlang.language.diagnostics import Diagnostic
from netlang.language.diagnostics.rendering.json import as_json
from netlang.runs.plots.pictures import Picture
from netlang.system.files import PART, write_whole, write_whole_or_in_place
from netlang.system.interruption import at_signal, uninterrupted
from netlang.system.terminal import visible

_LONGEST = 50  # characters of a stem, so that a folder's name is not too long
_TAKEN = (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR)


class ResultFolder:
    """The folder that ``made`` makes, or has, for the text of the record in it. The record is
    called ``record``, and says what ``about`` does. Every method may raise OSError.

    A signal that ends the process closes the record, too, and says where the folder is.
    """

    def __init__(
        self, made: Callable[[str], Path], record: str, about: Mapping[str, object]
    ) -> None:
        self._record = record
        self.keeps = "what was measured is"  # where a run is broken off, in words
        self.has_measured = False  # whether it has more than was known at the start
        self._about: dict[str, object] = {"status": "running", **about}
        with uninterrupted():
            self.path = made(self._text())
            self._withdraw = at_signal(self._interrupted)

    def update_record(self, **about: object) -> None:
        """Change the record, which stays as it was where OSError is raised."""
        before = self._about
        self._about = before | about
        try:
            write_whole(self.path / self._record, self._text())
        except OSError:
            self._about = before
            raise

    def close(self, status: str, diagnostics: Iterable[Diagnostic] = ()) -> None:
        """Say how it ended, ``finished``, ``failed`` or ``interrupted``, and what was wrong."""
        with uninterrupted():
            try:
                self._summarize()
            finally:  # the record says how it ended, even where no summary can be written
                self._close_record(status, diagnostics)

    def _summarize(self) -> None:
        """Write what is known only at the end."""

    def _close_record(self, status: str, diagnostics: Iterable[Diagnostic]) -> None:
        self._withdraw()
        for part in self.path.glob(f"{PART}*"):
            part.unlink()
        if status != "failed":
            self.update_record(status=status)
        else:  # perhaps because the disk is full
            problems = [as_json(problem) for problem in diagnostics]
            self._about |= {"status": status} | ({"diagnostics": problems} if problems else {})
            write_whole_or_in_place(self.path / self._record, self._text())

    @property
    def left_behind(self) -> str:
        """What a run that was broken off leaves, as a part of a sentence."""
        folder = visible(os.fspath(self.path))
        if self.has_measured:
            return f"{self.keeps} kept in {folder}"
        return f"nothing was measured yet, and {folder} says so"

    @property
    def way_on(self) -> str:
        """What is left where a signal has ended it, or what can be done with that."""
        return self.left_behind

    def draw(self, name: str, picture: Picture) -> None:
        """Put what ``picture`` draws into the file ``name``, which appears when it is whole."""
        part = self.path / f"{PART}{name}"
        picture(part)
        part.replace(self.path / name)

    def _interrupted(self) -> str:
        folder = visible(os.fspath(self.path))
        try:
            self.close("interrupted")
        except OSError as error:
            return f"{folder} is left, and does not say so, as it cannot be written: {error}"
        return self.way_on

    def _text(self) -> str:
        return json.dumps(self._about, indent=2) + "\n"


def surroundings() -> dict[str, object]:
    """The versions, the machine, the process and the local time of a run."""
    now = time.strftime("%Y-%m-%dT%H:%M:%S%z")  # before torch is imported
    return {
        "versions": versions(),
        "machine": platform.platform(),
        "host": platform.node(),
        "pid": os.getpid(),
        "time": now,
    }


def stem_of(name: str) -> str:
    """The name of a file without its ending, with nothing that a terminal cannot print."""
    printed = "".join(one if one.isprintable() else "_" for one in Path(name).stem)
    return printed.strip("-<>. ")[:_LONGEST] or "run"


def new_folder(
    root: Path,
    stem: str,
    files: Mapping[str, str],
    name: str = "",
    hold: Callable[[Path], None] | None = None,
) -> Path:
    """Make a folder, called ``name``, or else ``stem`` and the time; and a number if another has
    that name.

    It appears with all of ``files``, at least one. Before, ``hold`` is called with it, which may
    hold it for this process: nobody else sees it earlier.  Raises OSError.
    """
    name = name or f"{stem}-{time.strftime('%Y%m%d-%H%M%S')}"
    root.mkdir(parents=True, exist_ok=True)
    with uninterrupted():
        part = root / f"{PART}{name}-{os.getpid()}"
        part.mkdir()
        try:
            for file, text in files.items():
                (part / file).parent.mkdir(parents=True, exist_ok=True)
                write_whole(part / file, text)
            if hold:
                hold(part)
            return _renamed(part, name)
        except BaseException as error:
            shutil.rmtree(part, ignore_errors=True)
            if isinstance(error, OSError):
                raise OSError(error.errno, error.strerror, str(root)) from error
            raise


def _renamed(part: Path, name: str) -> Path:
    for number in range(1, 1000):
        path = part.with_name(name if number == 1 else f"{name}-{number}")
        if os.path.lexists(path):
            continue
        try:
            return part.rename(path)
        except OSError as error:
            if error.errno not in _TAKEN:  # somebody was faster
                raise
    raise FileExistsError(errno.EEXIST, f"{name} and 998 more are there")
