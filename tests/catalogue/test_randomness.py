"""Random draws are functions of what they are for, and look random."""

from __future__ import annotations

import math

import pytest
import torch
from scipy import stats
from torch import Tensor

from netlang.catalogue import randomness
from netlang.catalogue.randomness import (
    below,
    generator,
    keep_mask,
    normal,
    permutation,
    uniform,
)

DRAWS = 1_000_000


def mask(
    keep: float = 0.5,
    seed: int = 0,
    epoch: int = 1,
    layer: int = 1,
    rows: int = 1000,
    units: int = 1000,
) -> Tensor:
    return keep_mask(keep, seed, epoch, layer, torch.arange(rows), units, torch.float32)


def triple32(x: int) -> int:
    """The published hash, on whole numbers that are kept to 32 bits."""
    x ^= x >> 17
    x = x * 0xED5AD4BB & 0xFFFFFFFF
    x ^= x >> 11
    x = x * 0xAC4C1B51 & 0xFFFFFFFF
    x ^= x >> 15
    x = x * 0x31848BAB & 0xFFFFFFFF
    return x ^ x >> 14


def test_the_hash_in_tensor_operations_is_the_published_one() -> None:
    words = [0, 1, 2, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 123456789, 0xDEADBEEF]
    signed = torch.tensor([word - (1 << 32) if word >> 31 else word for word in words])
    hashed = randomness._hash(signed.to(torch.int32)).tolist()
    assert [value & 0xFFFFFFFF for value in hashed] == [triple32(word) for word in words]


def test_a_mask_is_the_same_whenever_it_is_drawn() -> None:
    assert torch.equal(mask(), mask())


def test_a_samples_mask_does_not_depend_on_the_batch_it_comes_in() -> None:
    whole = mask(rows=100, units=7)
    order = torch.randperm(100)
    for rows in torch.split(order, 13):
        part = keep_mask(0.5, 0, 1, 1, rows, 7, torch.float32)
        assert torch.equal(part, whole[rows])


@pytest.mark.parametrize("other", [{"seed": 1}, {"epoch": 2}, {"layer": 2}])
def test_masks_of_other_seeds_epochs_and_layers_are_unrelated(other: dict[str, int]) -> None:
    together = (mask() > 0) == (mask(**other) > 0)
    assert abs(together.float().mean() - 0.5) < 5 * 0.5 / math.sqrt(DRAWS)


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9, 0.999])
def test_the_share_that_is_kept_is_the_probability(keep: float) -> None:
    kept = (mask(keep) > 0).double().mean().item()
    assert abs(kept - keep) < 5 * math.sqrt(keep * (1 - keep) / DRAWS)


def test_what_is_kept_is_scaled_so_that_the_mean_stays() -> None:
    values = mask(0.8).unique().tolist()
    assert values == pytest.approx([0.0, 1.25])


def test_a_mask_that_keeps_all_is_all_ones() -> None:
    assert mask(1.0, rows=10, units=10).eq(1.0).all()


@pytest.mark.parametrize("shift", [(1, 0), (0, 1), (1, 1), (7, 3)])
def test_neighbours_are_uncorrelated(shift: tuple[int, int]) -> None:
    drawn = mask() - 1
    product = drawn * drawn.roll(shift, (0, 1))
    assert abs(product.mean()) < 5 / math.sqrt(DRAWS)


def test_a_permutation_holds_every_number_once_and_differs_by_epoch() -> None:
    first, second = permutation(100, 0, 1), permutation(100, 0, 2)
    assert first.sort().values.tolist() == list(range(100))
    assert not torch.equal(first, second)
    assert torch.equal(first, permutation(100, 0, 1))


def test_generators_of_different_purposes_and_seeds_draw_different_numbers() -> None:
    drawn = {
        torch.rand((), generator=generator(seed, purpose)).item()
        for seed in range(5)
        for purpose in ("disc", "split")
    }
    assert len(drawn) == 10


def test_torchs_own_generator_is_left_alone() -> None:
    state = torch.get_rng_state()
    mask(rows=3, units=3)
    permutation(5, 0, 0)
    torch.rand(2, generator=generator(0, "disc"))
    assert torch.equal(torch.get_rng_state(), state)


def test_uniform_and_normal_numbers_are_what_they_are_called() -> None:
    samples = torch.arange(400)
    for dtype in (torch.float32, torch.float64):
        u, z = (draw(1, samples, 50, dtype) for draw in (uniform, normal))
        assert u.dtype == z.dtype == dtype
        assert ((u >= 0) & (u < 1)).all()
        assert stats.kstest(u.flatten(), "uniform").pvalue > 0.01
        assert stats.kstest(z.flatten(), "norm").pvalue > 0.01
    assert torch.equal(
        uniform(1, samples, 3, torch.float32).double(), uniform(1, samples, 3, torch.float64)
    )
    for rows in torch.split(torch.randperm(400), 33):
        assert torch.equal(normal(1, rows, 50, torch.float64), z[rows])


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_numbers_of_fewer_bits_stay_in_their_bounds(dtype: torch.dtype) -> None:
    samples = torch.arange(3000)
    u, z = (draw(1, samples, 50, dtype) for draw in (uniform, normal))
    assert u.dtype == z.dtype == dtype
    assert 0 <= u.min() < u.max() < 1
    assert z.isfinite().all()
    assert abs(z.double()).max() < 5.5


def test_whole_numbers_below_a_count_are_as_likely() -> None:
    found = below(1, torch.arange(30_000), 7)
    assert stats.chisquare(found.bincount(minlength=7)).pvalue > 0.01
    assert below(1, torch.arange(1000), 1).unique().tolist() == [0]
    assert below(1, torch.arange(1000), (1 << 31) - 1).max() > 1 << 30
