"""Where pictures are drawn: on a figure of matplotlib that nothing of the user's reaches.

Neither his ``matplotlibrc`` nor the backend of his notebook changes a pixel, and what matplotlib
and the libraries below it say, of fonts or folders, does not get to the screen.
"""

from __future__ import annotations

import io
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netlang import interruption
from netlang.plots.style import DPI, STYLE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_OWN = "backend", "backend_fallback", "interactive"  # what of its settings says nothing of pictures


class NoPictures(Exception):
    """Why there are none, as the end of a sentence; ``help`` is what to do about it."""

    def __init__(self, reason: str, help: str) -> None:
        super().__init__(reason)
        self.help = help


@contextmanager
def figure(width: float, height: float, file: Path) -> Iterator[Figure]:
    """A figure of so many inches, which is saved to ``file`` in the end.

    Raises NoPictures where matplotlib cannot draw, and OSError where the file cannot be written.
    """
    image = io.BytesIO()
    # A name in letters that the font lacks, or a plane of one class, is no reason to complain.
    with warnings.catch_warnings(action="ignore"), _silence():
        try:
            mpl = _matplotlib()
            from matplotlib.backends.backend_agg import FigureCanvasAgg
            from matplotlib.figure import Figure

            as_delivered = {k: v for k, v in mpl.rcParamsDefault.items() if k not in _OWN}
            with mpl.rc_context(as_delivered | STYLE):
                made = Figure(figsize=(width, height), layout="constrained")
                FigureCanvasAgg(made)
                yield made
                made.savefig(image, dpi=DPI, format="png")
        except Exception as error:
            if os.environ.get("NETLANG_DEBUG"):
                raise
            raise _reason(error) from error
    file.write_bytes(image.getvalue())


def _reason(error: Exception) -> NoPictures:
    if isinstance(error, ModuleNotFoundError) and error.name == "matplotlib":
        return NoPictures("matplotlib is not installed", "pip install matplotlib")
    lines = str(error).strip().splitlines()
    said = f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
    return NoPictures(f"matplotlib does not work here ({said})", "install it anew")


def _matplotlib() -> Any:
    """The module. It reads settings as it is imported, from a file in the working directory, or
    from one that the environment or the user's folders have, and stops where they are bad.
    """
    if "matplotlib" not in sys.modules:
        with _working_directory(Path(__file__).parent), _environment(MATPLOTLIBRC=os.devnull):
            return import_module("matplotlib")
    return import_module("matplotlib")


@contextmanager
def _working_directory(path: Path) -> Iterator[None]:
    """``contextlib.chdir`` for a folder that may have been removed."""
    try:
        here = os.open(".", os.O_RDONLY)
    except OSError:  # without a working directory there is no file in it
        yield
        return
    try:
        os.chdir(path)
        yield
    finally:
        os.fchdir(here)
        os.close(here)


@contextmanager
def _environment(**changed: str) -> Iterator[None]:
    """The environment so changed, and without a backend."""
    names = "MPLBACKEND", *changed
    before = {name: os.environ.pop(name) for name in names if name in os.environ}
    os.environ.update(changed)
    try:
        yield
    finally:
        for name in changed:
            os.environ.pop(name, None)
        os.environ.update(before)


@contextmanager
def _silence() -> Iterator[None]:
    """Nothing goes to standard error: neither from Python, nor from the programs that matplotlib
    calls, as fontconfig's does where its folders are not to be had.
    """
    with redirect_stderr(io.StringIO()):
        try:
            screen, nothing = os.dup(2), os.open(os.devnull, os.O_WRONLY)
        except OSError:  # standard error is closed
            yield
            return
        withdraw = interruption.at_signal(lambda: _show(screen))  # which says that it came
        try:
            os.dup2(nothing, 2)
            yield
        finally:
            _show(screen)
            withdraw()
            os.close(screen)
            os.close(nothing)


def _show(screen: int) -> None:
    os.dup2(screen, 2)
