"""Numbers come to one scale as scikit-learn and RealMLP bring them there."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from netlang.catalogue.data.pipeline import Classes, Numbers, Pipeline
from netlang.catalogue.data.pipeline.scales import Scale, curve_of
from tests.catalogue.data.conftest import Make
from tests.catalogue.data.examples import mistake

DRAWN = torch.randn(2000, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
COLUMNS = {
    "normal": DRAWN[:137],
    "heavy": DRAWN.exp() * 1e6,
    "ties": (DRAWN[:129] * 2).round(),
    "two values": torch.tensor([0.0, 1, 1, 0, 1, 0, 0, 1]).double(),
    "mostly equal": torch.tensor([3.0] * 20 + [1.0, 7.5]).double(),
    "two rows": torch.tensor([1.0, 4.0]).double(),
    "tiny": DRAWN[:50] * 1e-12,
    "huge": DRAWN[:50] * 1e37,
}
NEW = torch.tensor([-math.pi, -0.5, 0, 0.25, 1, 3, 1e7, -1e7]).double()


def scaled(name: str, scale: Scale, numbers: Tensor) -> Tensor:
    pipeline = Pipeline((Numbers.fit("a", COLUMNS[name], scale),), Classes(("y",), ("p", "q")))
    again = Pipeline.from_json(json.loads(json.dumps(pipeline.to_json())))
    assert again == pipeline
    inputs = pipeline.to_inputs(numbers.unsqueeze(1))
    assert inputs.isfinite().all()
    assert torch.equal(pipeline.encode([numbers], len(numbers)), inputs)
    return inputs.squeeze(1)


@pytest.mark.parametrize("name", [name for name in COLUMNS if name != "tiny"])
def test_quantiles_are_those_of_scikit_learn(name: str) -> None:
    from sklearn.preprocessing import QuantileTransformer

    column = COLUMNS[name]
    spread = (column.max() - column.min()).item()
    numbers = torch.cat([column, column.min() + spread * NEW])
    count = min(1000, len(column))
    theirs = QuantileTransformer(
        n_quantiles=count, output_distribution="normal", subsample=10**6
    ).fit(column.numpy()[:, None])
    wanted = theirs.transform(numbers.numpy()[:, None])[:, 0]
    found = scaled(name, "quantile", numbers).numpy()
    # Scikit-learn puts all that are equal to an end, or beyond it, at 5.2.
    ends = [(numbers <= column.min(), column.min()), (numbers >= column.max(), column.max())]
    for outside, end in ends:
        if (column == end).sum() > 1:
            assert len({*found[outside].tolist()}) == 1
            found[outside] = wanted[outside]
    np.testing.assert_allclose(found, wanted, atol=2e-6)


def test_equal_numbers_have_the_middle_of_their_places_exactly() -> None:
    # scikit-learn's own quantiles are rounded, so that it gives some of them another place.
    for count in (7, 13, 18, 52):
        column = DRAWN[:count].round()
        ordered = sorted(column.tolist())
        values = [one for one in sorted({*ordered}) if ordered.count(one) > 1]
        encoder = Numbers.fit("a", column, "quantile")
        places = [ordered.index(one) + (ordered.count(one) - 1) / 2 for one in values]
        wanted = torch.special.ndtri(torch.tensor(places).double() / (count - 1))
        np.testing.assert_allclose(scaled_by(encoder, values), wanted, atol=1e-6)


def test_two_numbers_of_many_rows_stay_near_0_by_their_places() -> None:
    scores = scaled_by(
        Numbers.fit("a", COLUMNS["two values"], "quantile"), [0, 1, -1e-9, 1 + 1e-7, -1, 2]
    )
    assert scores == pytest.approx([-0.7916, 0.7916] * 3, abs=1e-4)


@pytest.mark.parametrize("name", COLUMNS)
def test_robust_numbers_are_those_of_scikit_learn_clipped_smoothly(name: str) -> None:
    from sklearn.preprocessing import RobustScaler

    column = COLUMNS[name]
    numbers = torch.cat([column, column.median() + (column.max() - column.min()) * NEW])
    theirs = RobustScaler().fit(column.numpy()[:, None])
    wanted = theirs.transform(numbers.numpy()[:, None])[:, 0]
    if column.quantile(0.25) == column.quantile(0.75):  # RealMLP then takes half the range of all
        wanted /= (column.max() - column.min()).item() / 2
    wanted = wanted / np.sqrt(1 + (wanted / 3) ** 2)
    found = scaled(name, "robust", numbers)
    np.testing.assert_allclose(found, wanted, atol=2e-6)
    assert found.abs().max() <= 3


@pytest.mark.parametrize("scale", ["standard", "robust", "quantile"])
def test_a_constant_column_is_0_by_every_scale(scale: Scale) -> None:
    found = Numbers.fit("a", torch.full((9,), 0.1, dtype=torch.float64), scale)
    inputs = torch.empty(2, 1)
    found.encode(torch.tensor([0.1, 0.1], dtype=torch.float64), inputs)
    assert inputs.tolist() == [[0], [0]]


def test_a_column_of_roundings_of_one_number_is_constant() -> None:
    column = torch.tensor([0.3, 0.1 + 0.2] * 9, dtype=torch.float64)
    for scale in ("standard", "robust"):
        found = scaled_by(Numbers.fit("a", column, scale), [0.3, 0.1 + 0.2])
        assert found == pytest.approx([0, 0], abs=1e-15)


def test_robust_numbers_are_clipped_however_far_away_they_lie() -> None:
    robust = Numbers.fit("a", COLUMNS["normal"], "robust")
    assert scaled_by(robust, [1e9, 1e30, 1e155, 1e308, -1e200]) == [3, 3, 3, 3, -3]
    narrow = Numbers.fit("a", COLUMNS["normal"] * 1e-300, "robust")
    assert scaled_by(narrow, [1e300, -1e300]) == [3, -3]


def scaled_by(encoder: Numbers, numbers: list[float]) -> list[float]:
    inputs = torch.empty(len(numbers), 1)
    encoder.encode(torch.tensor(numbers, dtype=torch.float64), inputs)
    return inputs.flatten().tolist()


@pytest.mark.parametrize("scale", ["standard", "robust", "quantile", "none"])
def test_inputs_are_the_numbers_of_the_table_again(scale: Scale) -> None:
    column = COLUMNS["normal"]
    pipeline = Pipeline((Numbers.fit("a", column, scale),), Classes(("y",), ("p", "q")))
    inputs = pipeline.to_inputs(column.unsqueeze(1))
    np.testing.assert_allclose(pipeline.to_numbers(inputs).squeeze(1), column, atol=1e-5)


@pytest.mark.parametrize(
    "data",
    [
        {"curve": "arc"},
        {"curve": "clip", "values": [1.0]},
        {"curve": "quantiles", "values": []},
        {"curve": "quantiles", "values": [1.0, 0.0]},
        {"curve": "quantiles", "values": [0.0, float("nan")]},
        {"values": [0.0]},
    ],
)
def test_a_changed_curve_is_refused(data: Any) -> None:
    with pytest.raises(ValueError, match="no input of a pipeline"):
        curve_of(data)


def test_only_training_rows_teach_a_scale(csv: Make) -> None:
    text = "a,y\n" + "".join(f"{i * i},{'pq'[i % 2]}\n" for i in range(40))
    for scale in ("robust", "quantile"):
        split = csv(text, scale=scale).load()
        own = split.pipeline.to_numbers(split.train.inputs).squeeze(1)  # type: ignore[union-attr]
        again = Numbers.fit("a", own.round(), scale)
        inputs = torch.empty(len(own), 1)
        again.encode(own.round(), inputs)
        assert torch.allclose(inputs, split.train.inputs, atol=1e-5)


def test_a_scale_beside_standardize_false_is_refused(csv: Make) -> None:
    text = "a,y\n" + "".join(f"{i},{'pq'[i % 2]}\n" for i in range(9))
    found = mistake(csv(text, scale="robust", standardize=False))
    assert (found.code, found.message().helps) == ("E0423", "leave one of them out")
    plain = csv(text, scale="none")
    assert torch.equal(plain.load().train.inputs, csv(standardize=False).load().train.inputs)
    assert not plain.standardizes_targets
