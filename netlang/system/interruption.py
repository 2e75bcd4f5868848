"""Handles the signals that ask the program to end, at any moment and whatever it is doing.

The handler does what is left to do, says so in one line and ends the process. It raises nothing, as
an exception in the middle of an import, of a destructor or of foreign code is lost there, or
becomes another one with a traceback. All rooms that write files use this one, to mark what must not
be cut in two.
"""

from __future__ import annotations

import _thread
import os
import signal
import time

TYPE_CHECKING = False  # of type checkers it is true; typing itself takes time to import
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows has no SIGHUP
_SIGNALS = tuple(getattr(signal, name) for name in _NAMES if hasattr(signal, name))
_PATIENCE = 1.0  # seconds, after which another signal ends the process without waiting


class _Process:
    """What this process does about signals: one object, for its one set of handlers."""

    def __init__(self) -> None:
        self.heeded: tuple[int, ...] = ()
        self.closings: list[Callable[[], str | None]] = []
        self.thread: int | None = None  # that handlers run in
        self.held = 0
        self.pending: int | None = None
        self.asked = 0.0  # when the first signal came
        self.ending = False
        self.is_silent = False
        self.folder: str | None = None  # that paths are relative to

    def handle(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if self.pending is None:
            self.pending, self.asked = number, now
        elif now - self.asked > _PATIENCE:
            os._exit(128 + self.pending)
        if not self.held and not self.ending:
            self.end(self.pending)

    def end(self, number: int) -> None:
        self.ending = True
        said: list[str | None] = []
        for closing in (self.return_to_folder, *reversed(self.closings)):
            try:
                said.append(closing())
            except BaseException:  # the process ends whatever happens
                continue
        text = next(filter(None, reversed(said)), None)
        line = f"interrupted: {text}\n" if text else "interrupted\n"
        try:
            # Not by sys.stderr, which what was interrupted may be writing to.
            if not self.is_silent:
                os.write(2, line.encode("utf-8", "backslashreplace"))
        finally:  # also where the terminal is gone
            os._exit(128 + number)

    def return_to_folder(self) -> None:
        """Return to the folder of the start, as what was interrupted may have changed it."""
        if self.folder:
            os.chdir(self.folder)


_process = _Process()


def heed() -> None:
    """Let SIGINT, SIGTERM and SIGHUP end the process with status 128 and their number.

    A signal that is ignored at the start stays ignored: `nohup` and the shell's `&` rely on it.
    """
    heeded = (one for one in _SIGNALS if signal.getsignal(one) != signal.SIG_IGN)
    _process.heeded = tuple(heeded)
    try:
        _process.folder = os.getcwd()
    except OSError:  # it has been removed
        _process.folder = None
    _process.thread = _thread.get_ident()
    for number in _process.heeded:
        signal.signal(number, _process.handle)


def ignore() -> None:
    """Ignore signals from now on, and one that waits, as the process ends by itself: the work is
    done and its result stands, or it cannot go on.

    Nothing changes in a program that uses netlang as a library and has not called ``heed``.
    """
    for number in _process.heeded:
        signal.signal(number, signal.SIG_IGN)
    if not _process.ending:
        _process.pending = None


def leave_it_to_others() -> None:
    """Say nothing where a signal ends this process: another one of the command's says it."""
    _process.is_silent = True


def has_asked() -> bool:
    """Whether a signal waits for an ``uninterrupted`` body to come to its end."""
    return _process.pending is not None


class uninterrupted:
    """A context whose body comes to its end before a signal ends the process.

    It has an effect only in the main thread, where handlers run. No other thread is waited for.
    """

    def __enter__(self) -> None:
        self.counts = _thread.get_ident() == _process.thread
        _process.held += self.counts

    def __exit__(self, *_: object) -> None:
        if not self.counts:
            return
        _process.held -= 1
        if not _process.held and _process.pending is not None and not _process.ending:
            _process.end(_process.pending)


def at_signal(closing: Callable[[], str | None]) -> Callable[[], None]:
    """Call ``closing`` when a signal ends the process; it may return a text to print then. Of
    several, the last is called first.

    Returns a function that undoes this.
    """
    _process.closings.append(closing)

    def withdraw() -> None:
        if closing in _process.closings:
            _process.closings.remove(closing)

    return withdraw
