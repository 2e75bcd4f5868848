"""The made sets beside Disc: where their points lie, how they are labelled, what their noise is."""

from __future__ import annotations

import math
import subprocess
import sys
from typing import Any

import pytest
import torch
from torch import Tensor

from netlang.catalogue.data import XOR, Circles, Gauss, Moons, Shapes, Sine, Spiral
from netlang.catalogue.data.dataset import DataSet

OF_CLASSES = (Circles, Gauss, Moons, Spiral, XOR)
EACH = (*OF_CLASSES, Sine)
each = pytest.mark.parametrize("made", EACH, ids=lambda one: one.name)
of_classes = pytest.mark.parametrize("made", OF_CLASSES, ids=lambda one: one.name)


def drawn(data: DataSet, seed: int = 0) -> tuple[Tensor, Tensor]:
    """The training points in 64 bits, and their targets."""
    samples = data.load(seed).train
    return samples.inputs.double(), samples.targets


def without_noise(made: Any, **arguments: Any) -> tuple[Tensor, Tensor]:
    return drawn(made(train=4000, test=1, standardize=False, noise=0.0, **arguments))


def test_circles_have_radius_1_and_the_factor() -> None:
    points, classes = without_noise(Circles, factor=0.25)
    radius = points.square().sum(1).sqrt()
    expected = torch.where(classes == 1, 0.25, 1.0).double()
    torch.testing.assert_close(radius, expected, rtol=0, atol=1e-6)
    quadrants = torch.bincount(2 * (points[:, 0] > 0).long() + (points[:, 1] > 0))
    assert (quadrants - 1000).abs().max() < 5 * math.sqrt(750)


def test_clouds_lie_at_their_centres_and_have_the_noise_for_deviation() -> None:
    points, classes = drawn(Gauss(train=40_000, test=1, standardize=False, noise=0.7))
    for number, centre in enumerate((-1, 1)):
        cloud = points[classes == number]
        assert (cloud.mean(0) - centre).abs().max() < 5 * 0.7 / math.sqrt(20_000)
        assert (cloud.std(0) - 0.7).abs().max() < 0.02


def test_moons_are_half_circles_that_reach_into_each_other() -> None:
    points, classes = without_noise(Moons)
    upper, lower = points[classes == 0], points[classes == 1]
    for moon, centre in ((upper, [0.0, 0.0]), (lower, [1.0, 0.5])):
        radius = (moon - torch.tensor(centre).double()).square().sum(1).sqrt()
        torch.testing.assert_close(radius, torch.ones_like(radius), rtol=0, atol=1e-6)
    assert upper[:, 1].min() >= 0
    assert lower[:, 1].max() <= 0.5


def test_a_spiral_s_arms_are_each_other_turned_by_half_a_turn() -> None:
    points, classes = without_noise(Spiral)
    radius = points.square().sum(1).sqrt()
    assert radius.max() <= 1 + 1e-6
    angle = math.pi * (3.5 * radius + classes)
    on_its_arm = torch.stack([radius * angle.sin(), radius * angle.cos()], 1)
    torch.testing.assert_close(points, on_its_arm, rtol=0, atol=1e-5)


def test_xor_asks_whether_just_one_coordinate_is_above_0() -> None:
    points, classes = without_noise(XOR)
    assert torch.equal(classes == 1, points.prod(1) < 0)
    assert points.abs().max() <= 1
    assert torch.bincount(classes).min() > 1800


def test_noise_moves_a_point_of_xor_before_its_class_is_told() -> None:
    points, classes = drawn(XOR(train=20_000, test=1, standardize=False, noise=0.1))
    wrong = (points.prod(1) < 0) != (classes == 1)
    assert 0.05 < wrong.double().mean() < 0.12
    assert points[wrong].abs().amin(1).max() < 0.5


def test_a_sine_s_noise_is_what_its_values_deviate_by() -> None:
    x, y = drawn(Sine(train=40_000, test=1, standardize=False, noise=0.2))
    assert x.shape == y.shape == (40_000, 1)
    assert x.abs().max() <= math.pi
    off = y.double() - x.sin()
    assert abs(off.mean()) < 0.01
    assert abs(off.std() - 0.2) < 0.01


def test_without_noise_a_pixel_of_a_shape_is_lighter_than_the_background() -> None:
    pictures, classes = drawn(Shapes(50, 1, noise=0.0, standardize=False))
    assert pictures.shape == (50, 1, 32, 32)
    assert torch.equal(pictures[:, 0] > 0, classes > 0)
    assert pictures[pictures > 0].min() >= 0.5
    assert classes.unique().tolist() == [0, 1, 2, 3]


def test_shapes_have_the_areas_of_their_kinds() -> None:
    data = Shapes(3000, 1, noise=0.0, by="picture", size=64, standardize=False)
    pictures, classes = drawn(data)
    radius = 64 * 0.17
    spread = 1 + (0.1 / 0.17) ** 2 / 12  # the mean of a square is more than that of its root
    for number, area in enumerate((4 * 0.9**2, math.pi, 2)):
        covered = (pictures[classes == number] > 0).sum((1, 2, 3)).double().mean()
        assert covered == pytest.approx(area * radius**2 * spread, rel=0.05)


def test_pictures_are_standardised_by_all_their_training_pixels_at_once() -> None:
    pictures, _ = drawn(Shapes(200, 1, size=16))
    assert abs(pictures.mean()) < 1e-6
    assert abs(pictures.std(correction=0) - 1) < 1e-6


@of_classes
@pytest.mark.parametrize("count", [1000, 1001])
def test_both_classes_have_as_many_points(made: Any, count: int) -> None:
    _, classes = drawn(made(train=count, test=1))
    apart = 5 * math.sqrt(count) if made is XOR else 1
    assert abs(2 * classes.sum() - count) <= apart


@each
def test_validation_points_are_set_aside_beside_the_same_others(made: Any) -> None:
    plain, split = made(33, 17).load(1), made(33, 17, validation=20).load(1)
    assert split.validation
    assert len(split.validation) == 20
    assert torch.equal(split.train.inputs, plain.train.inputs)
    assert torch.equal(split.test.inputs, plain.test.inputs)
    assert not torch.equal(split.test.inputs[:17], split.validation.inputs[:17])


@each
def test_points_are_standardised_by_the_training_points(made: Any) -> None:
    points, _ = drawn(made())
    assert points.mean(0).abs().max() < 1e-6
    assert (points.std(0, correction=0) - 1).abs().max() < 1e-6


def test_the_border_of_xor_and_of_clouds_is_where_their_classes_meet() -> None:
    axes = XOR().border()
    assert axes.nan_to_num(0.0).prod(1).abs().max() == 0
    assert axes.isnan().any(1).tolist() == [False, False, True, False, False]
    assert Gauss().border().sum(1).abs().max() == 0


@pytest.mark.parametrize("noise", [0.0, 0.1, 0.4])
def test_no_circle_tells_the_circles_apart_better_than_their_border(noise: float) -> None:
    data = Circles(train=200_000, test=1, standardize=False, noise=noise)
    border = data.border().square().sum(1).sqrt()
    assert border.std() < 1e-9
    points, classes = drawn(data)
    radius = points.square().sum(1).sqrt()

    def right(within: float) -> float:
        return ((radius < within) == (classes == 1)).double().mean().item()

    best = max(right(one / 100) for one in range(30, 160))
    assert right(border.mean().item()) > best - 0.002


@pytest.mark.parametrize("made", [Moons, Spiral, Sine], ids=lambda one: one.name)
def test_sets_without_a_true_border_give_none(made: Any) -> None:
    assert made().border() is None


@each
def test_noise_has_bounds(made: Any) -> None:
    with pytest.raises(ValueError, match="at least 0 and at most 10"):
        made(noise=-1)


def test_describing_them_imports_no_torch() -> None:
    program = "import sys; from netlang.catalogue.data import *; "
    program += f"[one().describe() for one in ({', '.join(one.name for one in EACH)})]; "
    program += "assert not {'torch', 'numpy', 'polars'} & {*sys.modules}"
    subprocess.run([sys.executable, "-c", program], check=True)
