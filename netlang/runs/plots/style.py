"""All pictures have these greys, sizes and settings."""

from __future__ import annotations

from typing import Any

INK, PALE, GRID = "#333333", "#999999", "#e4e4e4"
TEXT, TITLE = 9, 10  # sizes, in points
DPI = 200  # dots of an inch, for print
STYLE: Any = {
    "svg.hashsalt": "netlang",  # else equal pictures have other names in them each time
    "font.family": "sans-serif",
    "font.size": TEXT,
    "text.parse_math": False,  # a dollar in a file's name is a dollar
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.titlesize": TITLE,
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
