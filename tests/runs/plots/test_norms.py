"""Norms of a watched training have a panel each, and each layer a line."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from matplotlib.axes import Axes

from netlang.runs.plots import draw_norms
from netlang.runs.training.events import LayerNorms

pytestmark = pytest.mark.usefixtures("coarse")


def epochs(layers: int, scale: float = 1.0, count: int = 4) -> dict[int, dict[str, LayerNorms]]:
    return {
        epoch: {
            f"linear{number}": LayerNorms(scale * epoch, 2.0 * number, scale / epoch)
            for number in range(1, layers + 1)
        }
        for epoch in range(1, count + 1)
    }


def heights(panel: Axes) -> list[list[float]]:
    return [[*map(float, line.get_ydata())] for line in panel.lines]  # type: ignore[arg-type]


def test_each_layer_has_its_gradient_its_update_over_its_weight_and_its_weight(
    panels: list[Axes], tmp_path: Path
) -> None:
    draw_norms("a.net", epochs(2), tmp_path / "a.png")
    assert [panel.get_ylabel() for panel in panels] == ["gradient", "update / weight", "weight"]
    assert [heights(panel)[1] for panel in panels] == [
        [1, 2, 3, 4], [1 / 4, 1 / 8, 1 / 12, 1 / 16], [4, 4, 4, 4],
    ]  # fmt: skip
    (legend,) = panels[0].get_figure().legends  # type: ignore[union-attr]
    assert [text.get_text() for text in legend.get_texts()] == ["linear1", "linear2"]


@pytest.mark.parametrize(("layers", "scale"), [(1, 1e-9), (40, 1e30)])
def test_every_text_of_norms_is_inside_the_picture(
    layers: int, scale: float, cut_off: list[str], tmp_path: Path
) -> None:
    draw_norms("a long name, " * 20, epochs(layers, scale), tmp_path / "a.png")
    assert not cut_off


def test_of_very_many_layers_it_says_how_many_are_not_named(
    panels: list[Axes], tmp_path: Path
) -> None:
    draw_norms("a.net", epochs(100), tmp_path / "a.png")
    (legend,) = panels[0].get_figure().legends  # type: ignore[union-attr]
    assert len(panels[0].lines) == 100
    assert legend.get_texts()[-1].get_text() == "and 16 more"


STRANGE = (0.0, math.nan, math.inf, 1e300, 5e-324)


@pytest.mark.parametrize("shown", [STRANGE, (0.0,), (math.inf,)])
def test_any_norm_can_be_drawn(shown: tuple[float, ...], tmp_path: Path) -> None:
    pairs = [(value, other) for value in shown for other in (value, 1.0)]
    one = {f"linear{n}": LayerNorms(a, b, a) for n, (a, b) in enumerate(pairs)}
    draw_norms("a.net", {1: one, 2: one}, tmp_path / "a.png")
    assert (tmp_path / "a.png").exists()


def test_a_range_of_many_powers_has_ticks(panels: list[Axes], tmp_path: Path) -> None:
    shown = {n: {"linear1": LayerNorms(10.0 ** (-10 * n), 1.0, 1.0)} for n in range(1, 6)}
    draw_norms("a.net", shown, tmp_path / "a.png")
    low, high = panels[0].get_ylim()
    assert len([tick for tick in panels[0].get_yticks() if low <= tick <= high]) > 2
