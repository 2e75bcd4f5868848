"""Pictures of learning rates: by step, as a schedule has them; and the loss by rate."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

from netlang.runs.plots.canvas import figure, on_powers
from netlang.runs.plots.palette import BLUE, VERMILLION
from netlang.runs.plots.style import PALE, TITLE
from netlang.runs.plots.text import end_of

_WIDTH, _HEIGHT = 4.8, 2.6  # inches
_MOST = 2_000  # points of a line


def draw_schedule(
    title: str, rate: Callable[[int], float], all_steps: int, of_epoch: int, file: Path
) -> None:
    """Draw the learning ``rate`` of each step, ``of_epoch`` of which are an epoch.

    Raises Unusable and OSError.
    """
    steps = range(0, all_steps, -(-all_steps // _MOST))
    with figure(_WIDTH, _HEIGHT, file) as made:
        axes = made.subplots()
        epochs = [1 + step / of_epoch for step in steps]
        axes.plot(epochs, [*map(rate, steps)], color=BLUE, linewidth=1.3)
        axes.set_xlabel("epoch")
        axes.set_ylabel("learning rate")
        axes.set_ylim(bottom=0.0)
        axes.set_title(end_of(title, _WIDTH - 0.6, TITLE))
        axes.grid()


def draw_search(
    title: str,
    rates: Sequence[float],
    losses: Sequence[float],
    smoothed: Sequence[float],
    suggested: float | None,
    file: Path,
) -> None:
    """Draw the loss by learning rate, as it was and smoothed, and the rate that is suggested.

    Raises Unusable and OSError.
    """
    finite = [one for one in smoothed if math.isfinite(one)]
    with figure(_WIDTH, _HEIGHT, file) as made:
        axes = made.subplots()
        axes.plot(rates, losses, color=PALE, linewidth=0.8, label="loss before a step")
        axes.plot(rates, smoothed, color=BLUE, linewidth=1.5, label="smoothed")
        if suggested is not None:
            axes.axvline(suggested, color=VERMILLION, linewidth=1.0, label=f"{suggested:.2g}")
        on_powers(axes, across=True)
        low, high = min(finite), max(finite[0], min(finite[-1], 2 * finite[0] + 1e-9))
        room = 0.1 * (high - low) or 0.1
        axes.set_ylim(low - room, high + room)
        axes.set_xlabel("learning rate")
        axes.set_ylabel("loss")
        axes.set_title(end_of(title, _WIDTH - 0.6, TITLE))
        axes.legend(loc="upper left")
        axes.grid()
