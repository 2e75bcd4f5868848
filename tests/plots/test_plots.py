"""Pictures show what they are given, whatever that is."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import matplotlib.figure
import pytest
import torch
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection, PolyCollection
from torch import Tensor

from netlang.plots import Curves, Decision, decision, draw_curves, draw_decisions

Epoch = dict[str, float]


def history(factor: float = 1.0) -> list[Epoch]:
    parts = {"train": 1.0, "test": 2.0}
    return [
        {f"{part}.loss": factor * scale / n for part, scale in parts.items()}
        | {f"{part}.accuracy": 1 - 0.1 * scale / n for part, scale in parts.items()}
        for n in range(1, 6)
    ]


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


def lines(panel: Axes) -> dict[str, list[float]]:
    return {str(line.get_label()): [*map(float, line.get_ydata())] for line in panel.lines}  # type: ignore[arg-type]


def test_curves_have_a_row_for_each_metric_and_a_line_for_each_part(
    panels: list[Axes], tmp_path: Path
) -> None:
    draw_curves({"a.net": [Curves("", [history()])]}, tmp_path / "a.png")
    loss, accuracy = panels
    assert (loss.get_title(), loss.get_ylabel(), accuracy.get_ylabel()) == (
        "a.net", "loss", "accuracy",
    )  # fmt: skip
    assert lines(loss) == {
        part: [epoch[f"{part}.loss"] for epoch in history()] for part in ("train", "test")
    }
    assert not loss.collections


def test_of_several_runs_there_is_the_mean_with_a_band_of_a_deviation(
    panels: list[Axes], tmp_path: Path
) -> None:
    curves = [Curves("netlang", [history(1), history(3)]), Curves("PyTorch", [history(2)] * 2)]
    draw_curves({"a.net": curves, "b.net": curves}, tmp_path / "a.png")
    assert len(panels) == 4
    drawn = lines(panels[0])
    assert list(drawn) == ["netlang train", "netlang test", "PyTorch train", "PyTorch test"]
    assert drawn["netlang train"] == pytest.approx([2 / n for n in range(1, 6)])
    band = panels[0].collections[0]
    assert isinstance(band, PolyCollection)
    (path,) = band.get_paths()
    heights = [y for x, y in path.vertices.tolist() if x == 1.0]  # type: ignore[union-attr]
    assert (min(heights), max(heights)) == pytest.approx((2 - math.sqrt(2), 2 + math.sqrt(2)))


def test_epochs_are_whole_numbers(panels: list[Axes], tmp_path: Path) -> None:
    draw_curves({"a.net": [Curves("", [history()[:3]])]}, tmp_path / "a.png")
    assert all(float(tick).is_integer() for tick in panels[0].get_xticks())


def test_a_legend_is_whole(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found: list[tuple[float, float]] = []
    save = matplotlib.figure.Figure.savefig

    def saved(figure: matplotlib.figure.Figure, *given: Any, **how: Any) -> None:
        save(figure, *given, **how)
        (legend,) = figure.legends
        box = legend.get_window_extent()
        found.extend([(box.x0, 0), (figure.bbox.x1, box.x1)])

    monkeypatch.setattr(matplotlib.figure.Figure, "savefig", saved)
    draw_decisions([[plane(left, border=True)]], tmp_path / "a.png")
    assert all(large >= small for large, small in found)


def test_one_epoch_is_a_point(panels: list[Axes], tmp_path: Path) -> None:
    draw_curves({"a.net": [Curves("", [history()[:1]])]}, tmp_path / "a.png")
    assert {line.get_marker() for line in panels[0].lines} == {"o"}


@pytest.mark.parametrize("value", [math.nan, math.inf, 1e300, 0.0])
def test_any_number_can_be_drawn(value: float, tmp_path: Path) -> None:
    run = [{"train.loss": 1.0, "test.loss": value}, {"train.loss": value, "test.loss": value}]
    draw_curves({"a.net": [Curves("", [run, run])]}, tmp_path / "a.png")
    assert (tmp_path / "a.png").exists()


@pytest.mark.parametrize("title", ["a$b$.net", "$", r"\frac{x}", "\N{CJK UNIFIED IDEOGRAPH-96EA}"])
def test_a_title_is_no_mathematics(title: str, panels: list[Axes], tmp_path: Path) -> None:
    draw_curves({title: [Curves("", [history()])]}, tmp_path / "a.png")
    assert panels[0].get_title() == title


def test_of_a_long_title_there_is_its_end(panels: list[Axes], tmp_path: Path) -> None:
    draw_curves({"deep/" * 30 + "a.net": [Curves("", [history()])]}, tmp_path / "a.png")
    title = panels[0].get_title()
    assert title.startswith("…")
    assert title.endswith("deep/a.net")
    assert len(title) == 42


def test_two_decisions_may_show_the_same_part_of_the_plane() -> None:
    points = torch.tensor([[0.0, 0.0], [1.0, 1.0]])
    labels = torch.tensor([0, 1])
    around = torch.tensor([[-1.0, 0.0], [2.0, 3.0]])
    found = decision("a.net", left, points, labels, None, around)
    assert found.corners == decision("b.net", left, around, labels).corners


def plane(evaluate: Any, count: int = 60, classes: int = 2, border: bool = False) -> Decision:
    source = torch.Generator().manual_seed(0)
    points = torch.rand(count, 2, generator=source)
    labels = torch.arange(count) % classes
    circle = torch.rand(9, 2) if border else None
    return decision("a.net", evaluate, points, labels, circle)


def left(x: Tensor) -> Tensor:
    """Two outputs: the first class on the left."""
    return torch.stack([0.5 - x[:, 0], x[:, 0] - 0.5], dim=1)


def test_a_decision_knows_where_the_network_is_right() -> None:
    found = plane(left)
    assert torch.equal(found.right, (found.points[:, 0] > 0.5).long() == found.labels)
    x0, _, x1, _ = found.corners
    middle = found.plane.shape[1] * (0.5 - x0) / (x1 - x0)
    assert found.plane[:, : int(middle) - 1].eq(0).all()
    assert found.plane[:, int(middle) + 2 :].eq(1).all()


def test_the_first_row_of_the_plane_is_its_lowest() -> None:
    found = plane(lambda x: x[:, 1:])
    assert found.plane[0].eq(0).all()
    assert found.plane[-1].eq(1).all()


def test_right_and_wrong_points_are_told_apart(panels: list[Axes], tmp_path: Path) -> None:
    found = plane(left, border=True)
    draw_decisions([[found]], tmp_path / "a.png")
    (panel,) = panels
    points = {
        str(one.get_label()): len(one.get_offsets())  # type: ignore[arg-type]
        for one in panel.collections
        if isinstance(one, PathCollection)
    }
    right = int(found.right.sum())
    assert points == {"right": right, "wrong": 60 - right}
    assert "true border" in lines(panel)


@pytest.mark.parametrize(
    ("evaluate", "classes"),
    [
        (lambda x: torch.cat([x, 1 - x], dim=1), 4),
        (lambda x: x[:, :1], 2),
        (lambda x: torch.zeros(len(x), 1), 2),
        (lambda x: torch.ones(len(x), 2), 1),
        (lambda x: torch.full((len(x), 2), math.nan), 2),
        (lambda x: torch.cat([x] * 5, dim=1), 10),
    ],
    ids=["four classes", "one output", "one decision", "one class", "no numbers", "many classes"],
)
def test_any_decision_can_be_drawn(evaluate: Any, classes: int, tmp_path: Path) -> None:
    found = plane(evaluate, classes=classes)
    draw_decisions([[found, found], [found]], tmp_path / "a.png")
    assert (tmp_path / "a.png").exists()


def test_points_in_one_place_can_be_drawn(tmp_path: Path) -> None:
    found = decision("a", left, torch.zeros(4, 2), torch.zeros(4, dtype=torch.long))
    draw_decisions([[found]], tmp_path / "a.png")
    assert (tmp_path / "a.png").exists()
