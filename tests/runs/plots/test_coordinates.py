"""The picture of a study in parallel coordinates has a line for each trial."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from netlang.runs.plots import Scale, draw_coordinates
from netlang.runs.plots.palette import BLUE, VERMILLION
from netlang.runs.plots.style import PALE

matplotlib = pytest.importorskip("matplotlib.figure")

SCALES = {"lr": Scale(log=True), "units": Scale(), "act": Scale(("ReLU", "Tanh"))}
TRIALS: Any = [
    ({"lr": 0.01, "units": 8, "act": "ReLU"}, 0.5),
    ({"lr": 0.1, "units": 16, "act": "Tanh"}, None),
    ({"lr": 0.001, "units": 10, "act": "Tanh"}, 0.7),
]


@pytest.mark.parametrize(("rises", "best"), [(True, 2), (False, 0)])
def test_a_line_goes_through_all_values_of_a_trial_and_the_best_stands_out(
    rises: bool, best: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: dict[tuple[float, ...], str] = {}
    texts: set[str] = set()
    save = matplotlib.Figure.savefig

    def saved(figure: Any, *given: Any, **how: Any) -> None:
        (axes,) = figure.axes
        lines.update((tuple(one.get_ydata()), one.get_color()) for one in axes.lines[:3])
        texts.update(one.get_text() for one in axes.texts)
        save(figure, *given, **how)

    monkeypatch.setattr(matplotlib.Figure, "savefig", saved)
    draw_coordinates("a", "accuracy", SCALES, TRIALS, rises, tmp_path / "a.png")
    drawn = [(0.5, 0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (0.0, 0.25, 1.0, 1.0)]
    colours = [VERMILLION if number == best else BLUE for number in range(3)]
    colours[1] = PALE  # which ended early
    found = {tuple(round(float(y), 6) for y in line): color for line, color in lines.items()}
    assert found == dict(zip(drawn, colours, strict=True))
    ends = {"0.001", "0.1", "8", "16", "0.5", "0.7"}
    assert texts == {"lr", "units", "act", "accuracy", "ReLU", "Tanh"} | ends
