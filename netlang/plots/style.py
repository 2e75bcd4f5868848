"""How all pictures look: their colours, which colour-blind readers tell apart, and their sizes."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netlang.diagnostics.excerpt import visible

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Of Okabe and Ito: vermillion, blue, green, orange, purple, sky blue, yellow.
COLOURS = ("#d55e00", "#0072b2", "#009e73", "#e69f00", "#cc79a7", "#56b4e9", "#f0e442")
INK, PALE, GRID = "#333333", "#999999", "#e4e4e4"
_STYLE: Any = {
    "font.family": "sans-serif",
    "font.size": 9,
    "text.parse_math": False,  # a dollar in a file's name is a dollar
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.titlesize": 10,
    "axes.edgecolor": PALE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
}
_DPI = 200  # dots of an inch, for print


def fitted(title: str, length: int = 42) -> str:
    """What can be drawn of a title: of lines too long for a panel, their ends."""
    lines = map(visible, title.split("\n"))  # a font refuses a name that is no UTF-8
    return "\n".join(one if len(one) <= length else f"…{one[1 - length :]}" for one in lines)


@contextmanager
def figure(width: float, height: float, file: Path) -> Iterator[Figure]:
    """A figure of so many inches, which is saved to ``file`` in the end.

    Raises ImportError without matplotlib, and OSError where the file cannot be written.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    # A name in letters that the font lacks, or a plane of one class, is no reason to complain.
    with mpl.rc_context(_STYLE), warnings.catch_warnings(action="ignore"):
        made = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(made)
        yield made
        made.savefig(file, dpi=_DPI)
