"""A confusion matrix has a row for each true class, and a column for what it was taken for."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from matplotlib.axes import Axes
from torch import Tensor

from netlang.catalogue.metrics import confusion
from netlang.runs.plots import draw_confusion

pytestmark = pytest.mark.usefixtures("coarse")
LONG = "a name that is long, and goes on and on for as long as a name may"


def guesses(classes: int, count: int = 500) -> tuple[Tensor, Tensor]:
    source = torch.Generator().manual_seed(0)
    predicted, true = (torch.randint(0, classes, (count,), generator=source) for _ in range(2))
    return predicted, true


def names(classes: int) -> list[str]:
    return [f"class {number}" for number in range(classes)]


def written(panel: Axes) -> list[str]:
    return [text.get_text() for text in panel.texts]


def test_each_cell_has_its_count_and_the_colour_of_its_share_of_the_row(
    panels: list[Axes], tmp_path: Path
) -> None:
    counts = torch.tensor([[1500, 500], [0, 3]])
    draw_confusion("a.net", ["no", "yes"], counts, tmp_path / "a.png")
    panel, _ = panels
    assert written(panel) == ["1,500", "500", "3"]
    (image,) = panel.images
    assert image.get_array().tolist() == [[0.75, 0.25], [0, 1]]  # type: ignore[union-attr]
    assert image.get_clim() == (0, 1)
    assert (panel.get_xlabel(), panel.get_ylabel()) == ("predicted", "true")
    for ticks in (panel.get_xticklabels(), panel.get_yticklabels()):
        assert [tick.get_text() for tick in ticks] == ["no", "yes"]


def test_the_row_of_a_class_without_samples_is_empty(panels: list[Axes], tmp_path: Path) -> None:
    draw_confusion("a", ["a", "b"], torch.tensor([[2, 0], [0, 0]]), tmp_path / "a.png")
    (image,) = panels[0].images
    assert image.get_array().mask.tolist() == [[False, False], [True, True]]  # type: ignore[union-attr]


def test_of_many_classes_there_are_colours_alone(panels: list[Axes], tmp_path: Path) -> None:
    draw_confusion("a", names(100), confusion(*guesses(100), 100), tmp_path / "a.png")
    assert not written(panels[0])
    assert not any("class" in tick.get_text() for tick in panels[0].get_xticklabels())


@pytest.mark.parametrize("classes", [1, 8, pytest.param(40, marks=pytest.mark.slow)])
def test_every_text_of_a_confusion_matrix_is_inside_the_picture(
    classes: int, cut_off: list[str], tmp_path: Path
) -> None:
    called = [f"{number} {LONG}" for number in range(classes)]
    counts = confusion(*guesses(classes), classes) * 1_000
    draw_confusion(LONG * 3, called, counts, tmp_path / "a.png")
    assert not cut_off


def test_names_of_classes_are_no_mathematics_and_no_orders(
    panels: list[Axes], tmp_path: Path
) -> None:
    hostile = ["$x_2$", "_hidden", "\N{BLACK STAR}\n\x1b[31m"]
    draw_confusion("$a$", hostile, torch.eye(3).long(), tmp_path / "a.png")
    shown = [tick.get_text() for tick in panels[0].get_yticklabels()]
    assert shown == ["$x_2$", "_hidden", "\N{BLACK STAR} \\x1b[31m"]
