"""Tests of pictures look at what was drawn: the panels, and texts beyond an edge."""

from __future__ import annotations

from typing import Any

import matplotlib.figure
import pytest
from matplotlib.axes import Axes
from matplotlib.text import Text

from netlang.runs.plots import canvas, decisions


@pytest.fixture
def coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures have few dots, and take less time."""
    monkeypatch.setattr(canvas, "DPI", 50)


@pytest.fixture
def panels(monkeypatch: pytest.MonkeyPatch) -> list[Axes]:
    """The panels of the picture that was saved last."""
    found: list[Axes] = []
    save = matplotlib.figure.Figure.savefig

    def saved(figure: matplotlib.figure.Figure, *given: Any, **how: Any) -> None:
        found[:] = figure.axes
        save(figure, *given, **how)

    monkeypatch.setattr(matplotlib.figure.Figure, "savefig", saved)
    return found


@pytest.fixture
def cut_off(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts of pictures that are drawn beyond an edge."""
    found: list[str] = []
    draw = Text.draw

    def drawn(text: Text, renderer: Any, *given: Any, **how: Any) -> None:
        if text.get_text() and text.get_visible():
            box = text.get_window_extent(renderer)
            fits = box.x0 >= 0 and box.x1 <= renderer.width
            if not (fits and box.y0 >= 0 and box.y1 <= renderer.height):
                found.append(f"{text.get_text()} at {box.extents}")
        draw(text, renderer, *given, **how)

    monkeypatch.setattr(Text, "draw", drawn)
    monkeypatch.setattr(decisions, "_FINE", 40)
    return found
