"""What is predicted stands against what is true, in a panel for each number to predict."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from matplotlib.axes import Axes
from torch import Tensor

from netlang.runs.plots import draw_predicted

pytestmark = pytest.mark.usefixtures("coarse")
LONG = "a name that is long, and goes on and on for as long as a name may"


def values(count: int = 50, targets: int = 1, scale: float = 1.0) -> tuple[Tensor, Tensor]:
    source = torch.Generator().manual_seed(0)
    true = scale * torch.randn(count, targets, generator=source)
    return true + scale * 0.1 * torch.randn(count, targets, generator=source), true


def points(panel: Axes) -> list[list[float]]:
    (samples,) = panel.collections
    return samples.get_offsets().tolist()  # type: ignore[union-attr]


def test_a_point_has_what_is_true_across_and_what_is_predicted_up(
    panels: list[Axes], tmp_path: Path
) -> None:
    true, predicted = torch.tensor([[10.0], [30.0]]), torch.tensor([[20.0], [35.0]])
    draw_predicted("a.net", ["price"], predicted, true, tmp_path / "a.png")
    (panel,) = panels
    assert points(panel) == [[10, 20], [30, 35]]
    assert (panel.get_xlabel(), panel.get_ylabel()) == ("true", "predicted")
    assert panel.get_title() == "price, r2 0.375"  # 1 - (10² + 5²) / (10² + 10²)


def test_points_on_the_diagonal_are_right(panels: list[Axes], tmp_path: Path) -> None:
    draw_predicted("a.net", ["y"], *values(), tmp_path / "a.png")
    (panel,) = panels
    (diagonal,) = panel.lines
    assert [*diagonal.get_xdata()] == [*diagonal.get_ydata()]  # type: ignore[arg-type]
    assert panel.get_xlim() == panel.get_ylim()
    low, high = panel.get_xlim()
    assert all(low < one < high for point in points(panel) for one in point)


def test_each_number_to_predict_has_a_panel(panels: list[Axes], tmp_path: Path) -> None:
    draw_predicted("a.net", ["width", "height"], *values(targets=2), tmp_path / "a.png")
    assert [panel.get_title().partition(",")[0] for panel in panels] == ["width", "height"]


def title(panels: list[Axes]) -> str:
    return panels[0].get_figure().get_suptitle()  # type: ignore[union-attr, no-any-return]


def test_of_very_many_samples_it_says_how_many_are_drawn(
    panels: list[Axes], tmp_path: Path
) -> None:
    draw_predicted("a.net", ["y"], *values(30_000), tmp_path / "a.png")
    assert len(points(panels[0])) == 10_000
    assert title(panels) == "a.net, 10,000 of 30,000 samples"


def test_of_very_many_numbers_it_says_how_many_are_not_drawn(
    panels: list[Axes], tmp_path: Path
) -> None:
    names = [f"y{number}" for number in range(20)]
    draw_predicted("a.net", names, *values(targets=20), tmp_path / "a.png")
    assert (len(panels), title(panels)) == (9, "a.net, 11 more are not drawn")


def test_any_number_can_be_drawn(tmp_path: Path) -> None:
    strange = [math.nan, math.inf, 1e300, -1.7e308, 5e-324, 0.0]
    true = torch.tensor([[1.0] * 6, strange], dtype=torch.float64)
    names = [f"y{number}" for number in range(6)]
    for predicted, of in ((true, true), (true[[1, 1]], true), (true[1:], true[1:])):
        draw_predicted("a.net", names, predicted, of, tmp_path / "a.png")
    assert (tmp_path / "a.png").exists()


@pytest.mark.parametrize(("scale", "names"), [(1e5, [LONG]), (-1e-5, [LONG] * 4)])
def test_every_text_of_predictions_is_inside_the_picture(
    scale: float, names: list[str], cut_off: list[str], tmp_path: Path
) -> None:
    draw_predicted(LONG * 5, names, *values(targets=len(names), scale=scale), tmp_path / "a.png")
    assert not cut_off


def test_names_of_targets_are_no_mathematics_and_no_orders(
    panels: list[Axes], tmp_path: Path
) -> None:
    draw_predicted("$a$", ["$x_2$\x1b[31m"], *values(), tmp_path / "a.png")
    assert panels[0].get_title().startswith("$x_2$\\x1b[31m, r2 0.9")
