"""Libraries that only some commands need: why one does nothing, and silence while one is at work.

What they and the libraries below them say, of fonts, folders or versions, is nothing that the user
of netlang has asked for.
"""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr

from netlang.system import interruption


class Unusable(Exception):
    """Why a library cannot be used, as the end of a sentence; ``help`` is what to do about it."""

    def __init__(self, library: str, error: BaseException) -> None:
        self.library = library
        self.is_missing = isinstance(error, ModuleNotFoundError) and error.name == library
        if self.is_missing:
            reason, self.help = "is not installed", f"pip install {library}"
        else:
            reason, self.help = f"does not work here ({_said(error)})", "install it anew"
        super().__init__(f"{library} {reason}")


def _said(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


@contextmanager
def work_of(library: str) -> Iterator[None]:
    """What it encloses is the library's alone, and so is what goes wrong there: raises Unusable.

    Not where memory runs out, nor where NETLANG_DEBUG wants to see it.
    """
    try:
        yield
    except MemoryError:
        raise
    except (Exception, SystemExit) as error:
        if os.environ.get("NETLANG_DEBUG"):
            raise
        raise Unusable(library, error) from error


@contextmanager
def silence() -> Iterator[None]:
    """Nothing goes to standard error: neither from Python, nor from the programs that a library
    calls, as fontconfig's does where its folders are not to be had.
    """
    with warnings.catch_warnings(action="ignore"), redirect_stderr(io.StringIO()):
        try:
            screen = os.dup(2)
        except OSError:  # standard error is closed
            yield
            return
        withdraw = interruption.at_signal(lambda: _show(screen))  # which says that it came
        try:
            _hide()
            yield
        finally:
            _show(screen)
            withdraw()
            os.close(screen)


def _hide() -> None:
    try:
        nothing = os.open(os.devnull, os.O_WRONLY)
    except OSError:  # then it is heard
        return
    try:
        os.dup2(nothing, 2)
    finally:
        os.close(nothing)


def _show(screen: int) -> None:
    os.dup2(screen, 2)
