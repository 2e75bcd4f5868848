"""Pictures are drawn on a figure of matplotlib that no setting of the user changes.

Neither a ``matplotlibrc`` nor the backend of a notebook changes a pixel.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, chdir, contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netlang.runs.plots.style import DPI, STYLE
from netlang.runs.plots.text import font
from netlang.system.files import write_whole
from netlang.system.packages import silence, work_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_FEW_POWERS = 1e4  # so far apart, an axis has ticks between the powers of ten, too

# The endings of pictures' files, and what is left out there: equal pictures have equal bytes.
FORMS: Mapping[str, Any] = {".png": None, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
_OWN = "backend", "backend_fallback", "interactive"  # settings that change no picture


@contextmanager
def figure(width: float, height: float, file: Path) -> Iterator[Figure]:
    """A figure of ``width`` and ``height`` inches, which is saved to ``file`` at the end, in the
    form of FORMS that its name has.

    Raises Unusable where matplotlib cannot draw, and OSError where the file cannot be written.
    """
    image = io.BytesIO()
    with silence(), ExitStack() as settings:
        with work_of("matplotlib"):
            made = _figure(width, height, settings)
        yield made
        with work_of("matplotlib"):
            form = file.suffix.lower() if file.suffix.lower() in FORMS else ".png"
            made.savefig(image, dpi=DPI, format=form[1:], metadata=FORMS[form])
    write_whole(file, image.getvalue())


def check() -> None:
    """Raises Unusable where there is no matplotlib that can make a figure."""
    with silence(), ExitStack() as settings, work_of("matplotlib"):
        _figure(1, 1, settings)


def on_powers(axes: Axes, across: bool = False) -> None:
    """Give what is drawn an axis of powers of ten, upwards or ``across``, where numbers that are
    not above 0 have no place.
    """
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axis, scale = (axes.xaxis, axes.set_xscale) if across else (axes.yaxis, axes.set_yscale)
    scale("log", nonpositive="mask")
    low, high = axis.get_view_interval()
    subs = (1, 2, 5) if high < _FEW_POWERS * low else (1,)
    axis.set_major_locator(LogLocator(subs=subs, numticks=8))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def _figure(width: float, height: float, settings: ExitStack) -> Figure:
    """An empty figure. Matplotlib has our settings until ``settings`` is closed."""
    mpl = _matplotlib()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    as_delivered = {k: v for k, v in mpl.rcParamsDefault.items() if k not in _OWN}
    settings.enter_context(mpl.rc_context(as_delivered | STYLE))
    made = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(made)
    font()  # a missing font is noticed here, and not in the middle of a picture
    return made


def _matplotlib() -> Any:
    """Import matplotlib, away from the settings of the user: it reads them from the working
    directory, the environment or the home, and bad ones stop it.
    """
    with ExitStack() as elsewhere:
        if "matplotlib" not in sys.modules:
            with suppress(OSError):  # without a working directory there is no file in it
                elsewhere.enter_context(chdir(Path(__file__).parent))
            elsewhere.enter_context(_environment())
        return import_module("matplotlib")


@contextmanager
def _environment() -> Iterator[None]:
    """Hide the user's variables of the environment from matplotlib for a while."""
    names = "MPLBACKEND", "MATPLOTLIBRC"
    before = {name: os.environ.pop(name) for name in names if name in os.environ}
    os.environ["MATPLOTLIBRC"] = os.devnull
    try:
        yield
    finally:
        del os.environ["MATPLOTLIBRC"]
        os.environ.update(before)
