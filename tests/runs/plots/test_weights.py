"""Filters are small pictures, and the tokens of an embedding points."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from matplotlib.axes import Axes

from netlang.runs.plots import draw_embedding, draw_filters

pytestmark = pytest.mark.usefixtures("coarse")


def mosaic(panels: list[Axes]) -> np.ndarray:  # type: ignore[type-arg]
    (image,) = panels[0].images
    return np.asarray(image.get_array())


def test_a_filter_is_grey_at_0_and_black_or_white_at_its_largest(
    panels: list[Axes], tmp_path: Path
) -> None:
    weight = torch.zeros(3, 1, 2, 2)
    weight[1, 0, 0, 1], weight[2, 0, 1, 0] = 5.0, -0.1
    draw_filters("conv2d1", weight, tmp_path / "a.png")
    drawn = mosaic(panels)
    assert drawn.shape == (3, 9, 3)  # a white line before each
    assert (drawn[0] == 1).all()
    assert (drawn[:, [0, 3, 6]] == 1).all()
    assert (drawn[1:, 1:3] == 0.5).all()
    assert (drawn[1, 5] == 1).all()
    assert (drawn[2, 7] == 0).all()


def test_three_channels_are_colours_and_others_beside_each_other(
    panels: list[Axes], tmp_path: Path
) -> None:
    weight = torch.zeros(2, 3, 2, 2)
    weight[0, 2, 0, 0] = 1.0
    draw_filters("conv2d1", weight, tmp_path / "a.png")
    assert mosaic(panels)[1, 1].tolist() == [0.5, 0.5, 1]
    draw_filters("conv2d1", torch.randn(5, 4, 3, 3), tmp_path / "a.png")
    assert mosaic(panels).shape == (5 * 4, 4 * 4, 3)


def test_of_many_filters_it_says_how_many_are_drawn(panels: list[Axes], tmp_path: Path) -> None:
    draw_filters("conv2d1", torch.randn(100, 40, 1, 1), tmp_path / "a.png")
    assert panels[0].get_title() == "conv2d1, 64 of 100 filters, 16 of 40 channels"


def test_any_weight_can_be_drawn(tmp_path: Path) -> None:
    strange = torch.tensor([float("nan"), float("inf"), 0, 1e-300]).view(1, 1, 2, 2)
    draw_filters("conv2d1", strange, tmp_path / "a.png")
    draw_embedding("e", strange.view(2, 2), [], tmp_path / "b.png")
    draw_embedding("e", torch.randn(1, 1), [], tmp_path / "c.png")
    assert (tmp_path / "c.png").exists()


def points(panels: list[Axes]) -> torch.Tensor:
    (drawn,) = panels[0].collections
    return torch.tensor(drawn.get_offsets().tolist())  # type: ignore[union-attr]


def test_tokens_keep_their_distances_in_the_plane_in_which_they_differ(
    panels: list[Axes], tmp_path: Path
) -> None:
    torch.manual_seed(0)
    plane, _ = torch.linalg.qr(torch.randn(7, 2))
    weight = torch.randn(9, 2) @ plane.T + 3
    draw_embedding("e", weight, [*"abcdefghi"], tmp_path / "a.png")
    assert torch.allclose(torch.cdist(points(panels), points(panels)), torch.cdist(weight, weight))
    assert [text.get_text() for text in panels[0].texts] == [*"abcdefghi"]
    shares = [float(label.split()[0]) for label in (panels[0].get_xlabel(), panels[0].get_ylabel())]
    assert sum(shares) == 100
    assert shares[0] >= shares[1]


def test_tokens_without_names_have_their_numbers_and_very_many_have_none(
    panels: list[Axes], tmp_path: Path
) -> None:
    draw_embedding("e", torch.randn(3, 4), [], tmp_path / "a.png")
    assert [text.get_text() for text in panels[0].texts] == ["0", "1", "2"]
    draw_embedding("e", torch.randn(6000, 4), [], tmp_path / "a.png")
    assert not panels[0].texts
    assert len(points(panels)) == 5000
    assert panels[0].get_title() == "e, 5,000 of 6,000 tokens"


def test_every_text_of_weights_is_inside_the_picture(cut_off: list[str], tmp_path: Path) -> None:
    long = "a name that is long, and goes on and on for as long as a name may " * 4
    draw_filters(long, torch.randn(2, 1, 3, 3), tmp_path / "a.png")
    draw_embedding(long, torch.randn(20, 4), [long, "\x1b[31m", "$x$"] * 7, tmp_path / "a.png")
    assert not cut_off
