"""Packages that only some commands need: why one cannot be used, and silence while one works.

They, and the packages that they use, complain of fonts, folders and versions on standard error,
which is of no use to people who run netlang.
"""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, suppress

from netlang.system import interruption


class Unusable(Exception):
    """Why a package cannot be used, as the end of a sentence; ``help`` is what to do about it."""

    def __init__(self, package: str, error: BaseException) -> None:
        self.package = package
        self.is_missing = isinstance(error, ModuleNotFoundError) and error.name == package
        if self.is_missing:
            self.reason, self.help = "is not installed", f"pip install {package}"
        else:
            said = ": ".join([type(error).__name__, *str(error).strip().splitlines()[:1]])
            self.reason, self.help = f"does not work here ({said})", "install it anew"
        super().__init__(f"{package} {self.reason}")


@contextmanager
def work_of(package: str) -> Iterator[None]:
    """Raises Unusable for any error in its body, which is taken to be the package's fault.

    Where memory runs out, or where NETLANG_DEBUG is set, the error itself is raised.
    """
    try:
        yield
    except (Exception, SystemExit) as error:
        if isinstance(error, MemoryError) or os.environ.get("NETLANG_DEBUG"):
            raise
        raise Unusable(package, error) from error


@contextmanager
def silence() -> Iterator[None]:
    """Keep standard error silent: Python's, and that of a library below it, such as fontconfig,
    which complains where it cannot use its folders.
    """
    with warnings.catch_warnings(action="ignore"), redirect_stderr(io.StringIO()):
        try:
            screen = os.dup(2)
        except OSError:  # standard error is closed
            yield
            return
        withdraw = interruption.at_signal(lambda: _show(screen))  # which says that it came
        try:
            with suppress(OSError), open(os.devnull, "wb") as nothing:  # without it, all is heard
                os.dup2(nothing.fileno(), 2)
            yield
        finally:
            _show(screen)
            withdraw()
            os.close(screen)


def _show(screen: int) -> None:
    os.dup2(screen, 2)
