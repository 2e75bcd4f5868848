"""How much the rows of a table count in the loss: by a column, or so that classes count alike."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from netlang.catalogue.data import Table
from netlang.language.diagnostics import NetError

ROWS = "x,w,kind,size\n" + "".join(
    f"{n},{n % 4},{'rare' if n % 5 == 0 else 'often'},{n}.5\n" for n in range(40)
)


@pytest.fixture(autouse=True)
def _table() -> None:
    Path("t.csv").write_text(ROWS)


def test_a_column_says_what_rows_count_and_is_no_input() -> None:
    data = Table("t.csv", target="kind", weights="w", ignore=["size"], standardize=False)
    split = data.load(0)
    assert [name for name, *_ in data.describe().columns] == ["x"]
    for part in (split.train, split.test):
        assert part
        assert part.weights is not None
        assert part.weights.dtype == torch.float32
        ratio = part.weights / (part.inputs.squeeze(1) % 4)
        known = ratio[ratio.isfinite()]
        torch.testing.assert_close(known, known[:1].expand_as(known))
    assert split.train.weights is not None
    assert split.train.weights.mean().item() == pytest.approx(1)


def test_balanced_has_all_classes_count_alike() -> None:
    train = Table("t.csv", target="kind", weights="balanced").load(0).train
    assert train.weights is not None
    of_classes = [train.weights[train.targets == label].sum().item() for label in (0, 1)]
    assert of_classes[0] == pytest.approx(of_classes[1])
    assert train.weights.mean().item() == pytest.approx(1)


def test_balanced_is_refused_where_there_are_no_classes() -> None:
    data = Table("t.csv", target="size", ignore=["kind", "w"], weights="balanced")
    with pytest.raises(NetError, match="classes count alike, and the target has none"):
        data.load(0)


def test_classes_that_no_training_row_has_take_no_share() -> None:
    rows = "".join(f"{n},{n % 7},{'uvw'[n // 20]}\n" for n in range(45))
    Path("t.csv").write_text("t,x,kind\n" + rows)
    train = Table("t.csv", target="kind", weights="balanced", order="t").load(0).train
    assert {*train.targets.tolist()} == {0, 1}
    assert train.weights is not None
    assert train.weights.mean().item() == pytest.approx(1)


@pytest.mark.parametrize(
    ("weighed", "message"),
    [
        (range(28, 40), "`w` is 0 in all 28 rows to learn from"),
        ([*range(28), 39], "`w` is 0 in all 4 rows to validate on"),
        (range(32), "`w` is 0 in all 8 rows to test on"),
    ],
)
def test_a_part_of_rows_that_count_nothing_is_refused(weighed: range, message: str) -> None:
    rows = "".join(f"{n},{n % 7},{int(n in weighed)},{n}.5\n" for n in range(40))
    Path("t.csv").write_text("t,x,w,y\n" + rows)
    data = Table("t.csv", target="y", weights="w", order="t", validation=0.1)
    with pytest.raises(NetError, match=message):
        data.load(0)
