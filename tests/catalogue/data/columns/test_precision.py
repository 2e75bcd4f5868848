"""Numbers that the 32-bit floats of training cannot tell apart."""

from __future__ import annotations

import pytest
import torch

from netlang.catalogue.data import CSV
from netlang.language.diagnostics import NetError
from tests.catalogue.data.examples import Make


def warned(data: CSV) -> tuple[str, ...]:
    data.describe()
    found = [one for one in data.warnings() if one.code == "W0608"]
    return tuple(text for one in found for text in (one.code, *one.notes))


@pytest.mark.parametrize(
    ("cells", "apart"),
    [
        ([f"{1_700_000_000 + row}" for row in range(20)], 1),
        ([f"{1_700_000_000 + 60 * row}" for row in range(20)], 10),
        ([f"{1 + row * 1e-9!r}" for row in range(20)], 1),
        ([f"{-16_777_216 - row}" for row in range(20)], 11),
        (["0", *(f"{10**12 + row}" for row in range(19))], 2),
    ],
)
def test_numbers_that_32_bits_do_not_tell_apart_are_warned_of(
    csv: Make, cells: list[str], apart: int
) -> None:
    text = "a,y\n" + "".join(f"{i},{cell}\n" for i, cell in enumerate(cells))
    target = csv(text, task="regression", standardize=False)
    assert not warned(csv(text, task="regression"))
    left = f"{apart} {'is' if apart == 1 else 'are'} left in 32-bit floats"
    assert warned(target) == ("W0608", f"of 20 different numbers in `y`, {left}")
    text = "y,a,b\n" + "".join(f"{cell},{i},{cell}\n" for i, cell in enumerate(cells))
    inputs = csv(text, target="a", task="regression", standardize=False)
    notes = [f"of 20 different numbers in `{name}`, {left}" for name in "yb"]
    assert warned(inputs) == ("W0608", *notes)
    assert not warned(csv(text, target="a", task="regression"))
    values = inputs.load()
    assert len(torch.cat([values.train.inputs, values.test.inputs])[:, 0].unique()) == apart


def test_numbers_that_32_bits_take_for_0_are_refused_as_targets_and_warned_of_as_inputs(
    csv: Make,
) -> None:
    text = "y,a\n" + "".join(f"{row}e-60,{row}\n" for row in range(20))
    with pytest.raises(NetError) as refused:
        csv(text, task="regression").describe()
    (found,) = refused.value.diagnostics
    assert (found.code, found.label) == ("E0406", "too close to 0: it would be read as 0")
    inputs = csv(text, target="a", task="regression", standardize=False)
    note = "of 20 different numbers in `y`, 1 is left in 32-bit floats"
    assert warned(inputs) == ("W0608", note)
    assert not warned(csv(text, target="a", task="regression"))
    values = inputs.load()
    assert not torch.cat([values.train.inputs, values.test.inputs]).any()


@pytest.mark.parametrize(
    "cells",
    [
        [f"{row / 7!r}" for row in range(100)],
        [f"{1_700_000_000 + 86_400 * row}" for row in range(100)],
        [f"{row * 0.1}" for row in range(100)] + ["0.30000000000000004", "0.3"],
        [f"1e{row}" for row in range(-30, 30)],
        ["5"] * 10,
        ["0.1"] * 10,
    ],
)
def test_numbers_that_32_bits_tell_apart_are_not_warned_of(csv: Make, cells: list[str]) -> None:
    text = "a,y\n" + "".join(f"{cell},{cell}\n" for cell in cells)
    assert not warned(csv(text, task="regression", standardize=False))


def test_the_way_out_of_numbers_too_close_leads_to_some_that_are_not(csv: Make) -> None:
    times = [1_700_000_000.25 + row for row in range(20)]
    text = "a,y\n" + "".join(f"{i},{time}\n" for i, time in enumerate(times))
    data = csv(text, standardize=False)
    data.describe()
    (found,) = data.warnings()
    assert found.helps == (
        "leave out `standardize=false`, or "
        "subtract `1700000000.25` from the numbers in the file, which are near it",
    )
    assert not warned(csv(text))
    shifted = [time - 1_700_000_000.25 for time in times]
    text = "a,y\n" + "".join(f"{i},{time}\n" for i, time in enumerate(shifted))
    assert not warned(csv(text, task="regression", standardize=False))
