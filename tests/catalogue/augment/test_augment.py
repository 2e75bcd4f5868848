"""Augmentations: what each of them does to samples, and what is drawn for these."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import pytest
import torch
from scipy import stats
from torch import Tensor
from torch.nn import functional as F

from netlang.catalogue import registry
from netlang.catalogue.augment import (
    Augmentation,
    AugmentedData,
    Crop,
    CutMix,
    Cutout,
    Draws,
    DropFeatures,
    Flip,
    Mixup,
    Noise,
    Rotate,
    Seen,
    Shift,
    Windows,
    Zoom,
)
from netlang.catalogue.augment.mixing import beta
from netlang.catalogue.augment.moves import shifted, turned
from netlang.catalogue.data import Description
from netlang.catalogue.targets import NO_CLASS
from netlang.compiler.passes import compile_source
from netlang.language.shapes import Shape
from netlang.language.source import SourceFile

COUNT = 40  # samples that there are
EXAMPLES = [
    (text, shape)
    for item in registry.items("augmentation")
    if issubclass(item, Augmentation)
    for text, shape in item.examples
]
examples = pytest.mark.parametrize(("text", "shape"), EXAMPLES, ids=[text for text, _ in EXAMPLES])


@cache
def built(text: str) -> Augmentation:
    """The augmentation that a file calls so."""
    source = f"net = Linear(2, 2)\naugment = {text}\n"
    program = compile_source(SourceFile("a.net", source)).require()
    return program.augment[0]


def samples(shape: tuple[int, ...], dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor]:
    source = torch.Generator().manual_seed(3)
    inputs = torch.randn(COUNT, *shape, generator=source, dtype=torch.float64).float()
    return inputs.to(dtype), torch.randint(3, (COUNT,), generator=source)


def described(shape: tuple[int, ...], **others: object) -> Description:
    return Description(Shape.of(*shape), COUNT, 0, ("a", "b", "c"), **others)  # type: ignore[arg-type]


def seen(
    augmentation: Augmentation,
    inputs: Tensor,
    targets: Tensor,
    numbers: Tensor | None = None,
    found: Description | None = None,
    epoch: int = 1,
    as_inputs: Callable[[float], Tensor] = torch.tensor,
    **others: int,
) -> Seen:
    """Samples of these ``numbers`` behind the ``augmentation``."""
    found = found or described(tuple(inputs.shape[1:]))
    numbers = torch.arange(len(inputs)) if numbers is None else numbers
    data = AugmentedData(found, len(inputs), (3,), as_inputs, lambda: torch.zeros(1), **others)

    def before(some: Tensor) -> Seen:
        return Seen(inputs[some], targets[some])

    return augmentation.apply(
        before(numbers), Draws(0, epoch, 0, numbers, inputs.dtype, data, before)
    )


def test_each_augmentation_has_an_example() -> None:
    items = registry.items("augmentation")
    without = [one.name for one in items if issubclass(one, Augmentation) and not one.examples]
    assert without == ["Windows"]  # which is for texts


@examples
def test_a_sample_looks_the_same_in_any_batch_and_another_time_in_another_epoch(
    text: str, shape: tuple[int, ...]
) -> None:
    inputs, targets = samples(shape)
    kept = inputs.clone()
    whole = seen(built(text), inputs, targets)
    assert torch.equal(inputs, kept)  # nothing is written into them
    assert whole.inputs.shape == inputs.shape
    assert whole.inputs.dtype == torch.float32
    for numbers in torch.split(torch.randperm(COUNT), 7):
        part = seen(built(text), inputs, targets, numbers)
        assert torch.equal(part.inputs, whole.inputs[numbers])
        assert torch.equal(part.of_loss, whole.of_loss[numbers])
    if text != "Flip(p=1, dim=2)":  # which leaves nothing to chance
        assert not torch.equal(seen(built(text), inputs, targets, epoch=2).inputs, whole.inputs)


@examples
def test_numbers_of_32_and_of_64_bits_are_changed_alike(text: str, shape: tuple[int, ...]) -> None:
    single, double = (
        seen(built(text), *samples(shape, dtype)).inputs for dtype in (torch.float32, torch.float64)
    )
    assert double.dtype == torch.float64
    torch.testing.assert_close(single.double(), double, rtol=1e-5, atol=1e-5)


def test_flips_are_torchs_of_half_of_the_samples() -> None:
    inputs, targets = samples((2, 3, 4))
    for dim in (-1, -2, 3, 2):
        found = seen(Flip(dim=dim), inputs, targets).inputs
        turned_round = [torch.equal(*pair) for pair in zip(found, inputs.flip(dim), strict=True)]
        as_it_was = [torch.equal(*pair) for pair in zip(found, inputs, strict=True)]
        assert all(map(bool.__xor__, turned_round, as_it_was))
        assert 10 < sum(turned_round) < 30


@pytest.mark.parametrize("mode", ["constant", "reflect", "replicate", "circular"])
def test_a_crop_is_a_window_of_the_padded_picture(mode: str) -> None:
    inputs, targets = samples((1, 4, 5))
    filled = {"value": 2.0} if mode == "constant" else {}
    padded = F.pad(inputs, (2, 2, 2, 2), mode, **filled)  # type: ignore[arg-type]
    found = seen(Crop(2, mode=mode, fill=2.0), inputs, targets).inputs
    places = set()
    for picture, whole in zip(found, padded, strict=True):
        windows = {(i, j): whole[:, i : i + 4, j : j + 5] for i in range(5) for j in range(5)}
        fitting = [at for at, window in windows.items() if torch.equal(window, picture)]
        assert fitting
        places.update(fitting)
    assert len(places) > 15


def test_a_shift_goes_both_ways_along_its_dimension_alone() -> None:
    inputs, targets = samples((6, 2))
    found = seen(Shift(2, mode="circular"), inputs, targets).inputs
    by = set()
    for sequence, before in zip(found, inputs, strict=True):
        by |= {n for n in range(-2, 3) if torch.equal(before.roll(-n, 0), sequence)}
    assert by == {-2, -1, 0, 1, 2}
    ends = shifted(torch.arange(1.0, 4).view(1, 3, 1), torch.tensor([1]), 1, "constant", 9.0)
    assert ends.flatten().tolist() == [2, 3, 9]


def test_a_quarter_turn_and_a_zoom_are_torchs() -> None:
    inputs, _ = samples((2, 5, 5), torch.float64)
    ones = torch.ones(COUNT, dtype=torch.float64)
    quarter = turned(inputs, ones * math.pi / 2, ones, "constant", 0.0, exact=False)
    torch.testing.assert_close(quarter, torch.rot90(inputs, 1, (2, 3)))
    matrix = torch.tensor([[0.5, 0, 0], [0, 0.5, 0]], dtype=torch.float64).expand(COUNT, 2, 3)
    grid = F.affine_grid(matrix, list(inputs.shape), align_corners=True)
    for mode, padding in (
        ("constant", "zeros"),
        ("replicate", "border"),
        ("reflect", "reflection"),
    ):
        for factor in (2 * ones, 0.5 * ones):
            scaled = turned(inputs, 0 * ones, factor, mode, 0.0, exact=False)
            places = grid if factor[0] == 2 else 4 * grid
            theirs = F.grid_sample(inputs, places, padding_mode=padding, align_corners=True)
            torch.testing.assert_close(scaled, theirs)


def test_a_picture_that_is_turned_a_little_stays_where_it_is() -> None:
    inputs = torch.zeros(COUNT, 1, 9, 7)
    inputs[:, :, 4, 3] = 1  # its middle
    for augmentation in (Rotate(180), Zoom(0.5)):
        found = seen(augmentation, inputs, torch.zeros(COUNT).long()).inputs
        torch.testing.assert_close(found[:, :, 4, 3], torch.ones(COUNT, 1))


def test_what_comes_in_at_the_edges_is_in_the_datas_own_units() -> None:
    inputs, targets = samples((1, 3, 3))
    for augmentation in (Crop(1, fill=5.0), Rotate(45, fill=5.0)):
        found = seen(
            augmentation, inputs, targets, as_inputs=lambda number: torch.tensor(100 * number)
        )
        assert found.inputs.max() > 100


def test_noise_is_normal_and_of_columns_of_numbers_alone() -> None:
    inputs, targets = torch.zeros(COUNT, 50), torch.zeros(COUNT).long()
    noise = seen(Noise(0.5), inputs, targets).inputs.flatten()
    assert stats.kstest(noise, "norm", (0, 0.5)).pvalue > 0.01
    # The second input of the last column says where it is missing.
    columns = (("a", "number", 1), ("b", "category", 3), ("c", "number", 2))
    found = seen(Noise(), inputs[:, :6], targets, found=described((6,), columns=columns)).inputs
    assert (found != 0).all(0).tolist() == [True, False, False, False, True, False]


def test_padding_gets_no_noise_and_is_not_hidden() -> None:
    inputs = torch.ones(COUNT, 6, 2)
    inputs[:, 4:] = math.nan
    for augmentation in (Noise(), Cutout(3, dim=1)):
        found = seen(augmentation, inputs, torch.zeros(COUNT).long()).inputs
        assert torch.equal(found.isnan(), inputs.isnan())


def test_a_cutout_hides_a_box_that_may_reach_beyond_the_edges() -> None:
    inputs = torch.ones(COUNT, 1, 6, 7)
    hidden = seen(Cutout(3), inputs, torch.zeros(COUNT).long()).inputs == 0
    sizes = hidden.flatten(1).sum(1)
    assert sizes.max() == 9
    assert sizes.min() >= 4  # two by two, in a corner
    stretch = seen(Cutout(2, dim=1), torch.ones(COUNT, 6, 2), torch.zeros(COUNT).long()).inputs == 0
    assert torch.equal(stretch[:, :, 0], stretch[:, :, 1])
    assert set(stretch[:, :, 0].sum(1).tolist()) == {1, 2}


def test_a_column_is_hidden_as_a_whole() -> None:
    columns = (("a", "number", 1), ("b", "category", 3))
    found = seen(
        DropFeatures(0.5),
        torch.ones(COUNT, 4),
        torch.zeros(COUNT).long(),
        found=described((4,), columns=columns),
    ).inputs
    assert {tuple(row) for row in found.tolist()} == {
        (a, b, b, b) for a in (0.0, 1.0) for b in (0.0, 1.0)
    }


@pytest.mark.parametrize("alpha", [0.2, 0.5, 1.0, 4.0])
def test_shares_are_drawn_from_a_beta_distribution(alpha: float) -> None:
    source = torch.Generator().manual_seed(0)
    u, v = torch.rand(2, 20_000, generator=source, dtype=torch.float64)
    found = beta(u, v, alpha)
    assert stats.kstest(found, "beta", (alpha, alpha)).pvalue > 0.01
    assert torch.isfinite(beta(torch.tensor([0.0, 0.5]), torch.tensor([0.25, 0.0]), alpha)).all()


def test_mixup_mixes_targets_as_it_mixes_inputs() -> None:
    _, targets = samples((3,))
    inputs = F.one_hot(targets, 3).float()  # so that a mixture is its own target
    found = seen(Mixup(1.0), inputs, targets)
    torch.testing.assert_close(found.inputs, found.mixed)
    assert torch.equal(found.targets, targets)
    own = found.inputs.gather(1, targets.view(-1, 1))
    assert (own >= 0.5).all()
    assert ((own > 0.55) & (own < 0.95)).sum() > 10


def test_mixup_of_numbers_to_predict_mixes_these() -> None:
    inputs, _ = samples((2,))
    found = seen(Mixup(1.0), inputs, inputs)
    torch.testing.assert_close(found.inputs, found.mixed)
    assert torch.equal(found.targets, inputs)


def test_a_picture_stays_mostly_itself_by_cutmix_whatever_its_size() -> None:
    for shape in [(1, 1, 1), (1, 1, 7), (3, 7, 1), (5, 5), (1, 5, 8)]:
        inputs, _ = samples(shape)
        mixed = seen(CutMix(1.0), inputs, torch.zeros(COUNT, dtype=torch.int64)).inputs
        kept = (mixed == inputs).flatten(1).double().mean(1)
        assert kept.min() >= 0.5, shape


def test_cutmix_mixes_targets_by_the_area_of_its_box() -> None:
    _, targets = samples((1, 4, 6))
    inputs = targets.float().view(-1, 1, 1, 1).expand(COUNT, 1, 4, 6)
    found = seen(CutMix(1.0), inputs, targets)
    assert found.mixed is not None
    counted = torch.stack([(found.inputs == c).flatten(1).float().mean(1) for c in range(3)], 1)
    torch.testing.assert_close(counted, found.mixed)
    assert (found.mixed.gather(1, targets.view(-1, 1)) >= 0.5).all()
    assert (found.mixed.max(1).values < 1).sum() > 5


def test_targets_that_have_the_places_of_a_picture_move_with_it() -> None:
    pixels = torch.randint(3, (COUNT, 6, 6), generator=torch.Generator().manual_seed(0))
    by_pixel = described((1, 6, 6), target_shape=(6, 6))
    for augmentation in (Flip(), Crop(2, mode="reflect"), Shift(2, dim=2, mode="circular")):
        found = seen(augmentation, pixels.float().unsqueeze(1), pixels, found=by_pixel)
        assert torch.equal(found.inputs.squeeze(1).long(), found.targets)
        assert not torch.equal(found.targets, pixels)
    for augmentation in (Crop(2, fill=-1.0), Rotate(180, fill=-1.0)):
        found = seen(augmentation, pixels.float().unsqueeze(1), pixels, found=by_pixel)
        assert set(found.targets.unique().tolist()) == {NO_CLASS, 0, 1, 2}


def test_pictures_that_are_to_be_given_back_move_on_both_sides() -> None:
    inputs, _ = samples((1, 5, 5))
    itself = Description(Shape.of(1, 5, 5), COUNT, 0, None, target_shape=(1, 5, 5))
    for augmentation in (Flip(), Crop(1), Rotate(30), Zoom(0.2)):
        found = seen(augmentation, inputs, inputs, found=itself)
        assert torch.equal(found.inputs, found.targets)


def test_windows_of_a_text_begin_later_and_go_on_with_the_next_one() -> None:
    text = torch.arange(COUNT * 4 + 1)
    rows = text.unfold(0, 5, 4)
    inputs, targets = rows[:, :-1].float(), rows[:, 1:]
    found = seen(Windows(), inputs, targets, stride=4)
    by = found.inputs[:, 0] - inputs[:, 0]
    assert set(by.tolist()) == {0, 1, 2, 3}
    assert by[-1] == 0  # there is no text behind it
    assert torch.equal(found.inputs, found.inputs[:, :1] + torch.arange(4))
    assert torch.equal(found.targets, found.inputs.long() + 1)
