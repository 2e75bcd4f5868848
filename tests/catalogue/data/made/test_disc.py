"""The paper's disc: which points it holds, how they are labelled, and that the seed decides."""

from __future__ import annotations

import math
import subprocess
import sys
from typing import Any

import pytest
import torch

from netlang.catalogue.data import Disc
from netlang.language.shapes import Shape


def test_points_are_uniform_in_the_unit_square() -> None:
    split = Disc(train=100_000, test=1, standardize=False).load()
    points = split.train.inputs.double()
    assert points.min() >= 0
    assert points.max() <= 1
    counts = torch.histogramdd(points, bins=[10, 10], range=[0.0, 1.0, 0.0, 1.0]).hist
    chi_squared = ((counts - 1000) ** 2 / 1000).sum().item()
    assert abs(chi_squared - 99) < 5 * math.sqrt(2 * 99)


def test_a_point_is_of_class_1_within_the_radius_and_of_class_0_outside() -> None:
    split = Disc(train=5000, test=5000, standardize=False).load()
    for part in (split.train, split.test):
        distance = (part.inputs.double() - 0.5).square().sum(1).sqrt()
        radius = 1 / math.sqrt(2 * math.pi)
        decided = (distance - radius).abs() > 1e-6  # inputs are rounded after labelling
        assert torch.equal((distance < radius)[decided], (part.targets == 1)[decided])
        assert set(part.targets.tolist()) == {0, 1}


def test_half_of_the_points_are_inside() -> None:
    inside = Disc(train=100_000).load().train.targets.sum().item()
    assert abs(inside - 50_000) < 5 * math.sqrt(25_000)


def test_by_default_there_are_1000_points_of_each_kind_and_they_are_standardised() -> None:
    disc = Disc()
    split = disc.load()
    assert (disc.values["train"], disc.values["test"]) == (1000, 1000)
    assert split.validation is None
    assert (len(split.train), len(split.test)) == (1000, 1000)
    inputs = split.train.inputs.double()
    assert inputs.mean(0).abs().max() < 1e-6
    assert (inputs.std(0, correction=0) - 1).abs().max() < 1e-6


def test_test_points_are_standardised_by_the_training_points() -> None:
    raw, scaled = (Disc(train=50, test=20, standardize=on).load(3) for on in (False, True))
    train = raw.train.inputs.double()
    mean, deviation = train.mean(0), train.std(0, correction=0)
    expected = (raw.test.inputs.double() - mean) / deviation
    torch.testing.assert_close(scaled.test.inputs.double(), expected, rtol=1e-5, atol=1e-5)
    assert torch.equal(raw.test.targets, scaled.test.targets)


def test_the_seed_alone_decides_on_the_points() -> None:
    first = Disc().load(5)
    torch.manual_seed(99)
    again, other = Disc().load(5), Disc().load(6)
    assert torch.equal(first.train.inputs, again.train.inputs)
    assert torch.equal(first.test.targets, again.test.targets)
    assert not torch.equal(first.train.inputs, other.train.inputs)


def test_loading_leaves_torch_s_generator_alone() -> None:
    state = torch.get_rng_state()
    Disc(train=10, test=10).load()
    assert torch.equal(torch.get_rng_state(), state)


def test_training_and_test_points_are_different_points() -> None:
    split = Disc(train=200, test=200, standardize=False).load()
    train = set(map(tuple, split.train.inputs.tolist()))
    assert train.isdisjoint(map(tuple, split.test.inputs.tolist()))


@pytest.mark.parametrize(("train", "test"), [(1, 1), (7, 3)])
def test_the_description_says_what_load_gives(train: int, test: int) -> None:
    disc = Disc(train=train, test=test)
    description, split = disc.describe(), disc.load()
    assert description.input == Shape.of(2)
    assert description.classes == ("outside", "inside")
    assert (description.task, description.outputs) == ("classification", 2)
    for count, part in ((description.train, split.train), (description.test, split.test)):
        assert part.inputs.shape == (count, *description.input.sample)
        assert part.inputs.dtype == torch.get_default_dtype()
        assert part.targets.shape == (count,)
        assert part.targets.dtype == torch.int64


def test_describe_imports_no_torch() -> None:
    program = "import sys; from netlang.catalogue.data import Disc; Disc().describe(); "
    program += "assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize("arguments", [{"train": 0}, {"test": 0}, {"train": 100_000_001}])
def test_there_is_at_least_one_point_and_no_end_of_them(arguments: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least 1 and at most 100000000"):
        Disc(**arguments)


def test_validation_points_are_set_aside_beside_the_same_others() -> None:
    plain, split = Disc(50, 30).load(1), Disc(50, 30, validation=20).load(1)
    assert split.validation
    assert len(split.validation) == 20
    assert torch.equal(split.train.inputs, plain.train.inputs)
    assert torch.equal(split.test.targets, plain.test.targets)
    assert Disc(50, 30, validation=20).describe().parts == ("train", "validation", "test")


@pytest.mark.parametrize("standardize", [True, False])
@pytest.mark.parametrize("seed", [0, 5])
def test_the_border_is_where_the_classes_meet(standardize: bool, seed: int) -> None:
    data = Disc(train=300, test=2000, standardize=standardize)
    border, split = data.border(), data.load(seed)
    assert split.pipeline
    points, test = split.pipeline.to_numbers(split.test.inputs), split.test
    low, high = border.amin(0), border.amax(0)
    inside = (2 * (points - low) / (high - low) - 1).square().sum(1) < 1
    assert (inside == test.targets.bool()).double().mean() > 0.999
    assert torch.allclose(border[0], border[-1])


@pytest.mark.parametrize("seed", ["a", None, 1.5])
def test_a_seed_is_a_whole_number(seed: Any) -> None:
    with pytest.raises(TypeError, match=rf"a seed is a whole number, not {seed!r}"):
        Disc().load(seed=seed)


def test_samples_are_shown_by_their_shapes() -> None:
    shown = repr(Disc(train=20, test=5).load())
    assert "train=Samples(inputs=[20, 2], targets=[20])" in shown
    assert "tensor" not in shown


def test_samples_and_splits_are_compared_by_identity() -> None:
    one, other = Disc(train=4, test=2).load(), Disc(train=4, test=2).load()
    assert one != other
    assert one.train != other.train
    assert len({one.train, one.test, one.train}) == 2
