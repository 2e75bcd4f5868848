"""Inputs can be taken back to the numbers that the data has."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from netlang.catalogue.data import CSV, Disc


@pytest.mark.parametrize("standardize", [True, False])
def test_inputs_of_a_table_are_cells_of_the_file_again(standardize: bool) -> None:
    rows = [(20 + n, 10_000.0 * n, 5, "ab"[n % 2]) for n in range(20)]
    lines = ["age,income,fixed,buys", *(",".join(map(str, row)) for row in rows)]
    Path("a.csv").write_text("\n".join(lines))
    data = CSV("a.csv", target="buys", standardize=standardize)
    for seed in (0, 3):
        units = data.units(seed)
        assert units.names == ("age", "income", "fixed")
        loaded = data.load(seed)
        inputs = torch.cat([loaded.train.inputs, loaded.test.inputs])
        found = sorted(map(tuple, units.to_data(inputs).round(decimals=1).tolist()))
        assert found == [row[:3] for row in rows]
        assert torch.allclose(units.from_data(units.to_data(inputs)), inputs.double())


@pytest.mark.parametrize("standardize", [True, False])
def test_a_disc_lies_in_the_unit_square(standardize: bool) -> None:
    data = Disc(train=50, test=200, standardize=standardize)
    places = data.units(1).to_data(data.load(1).test.inputs)
    assert places.amin() >= -1e-6
    assert places.amax() <= 1 + 1e-6
    inside = (places - 0.5).norm(dim=1) < 1 / (2 * torch.pi) ** 0.5
    assert torch.equal(inside.long(), data.load(1).test.targets)
