"""With ``missing="drop"``, rows that lack an input or a target are left out."""

from __future__ import annotations

import pytest
import torch

from netlang.language.diagnostics import DiagnosticError
from tests.catalogue.data.conftest import Make

ROWS = "".join(f"{n},{n % 3}\n" for n in range(40))
CLASSES = "".join(f"{n},{'pq'[n % 2]}\n" for n in range(40))


@pytest.mark.parametrize("mark", ["", "NA", "?"])
@pytest.mark.parametrize("rows", [ROWS.replace(",", ".5,0."), CLASSES], ids=["numbers", "classes"])
def test_a_row_that_lacks_its_target_is_left_out(csv: Make, rows: str, mark: str) -> None:
    data = csv(f"x,y\n{rows}7,{mark}\n,{rows[-2]}\n", missing="drop")
    found, split = data.describe(), data.load()
    assert (found.samples, found.dropped) == (40, 2)
    assert split.test
    assert len(split.train) + len(split.test) == 40
    assert all(
        bool(torch.isfinite(part.targets.double()).all()) for part in (split.train, split.test)
    )
    if found.classes:
        assert found.classes == ("p", "q")
        assert int(split.train.targets.min()) == 0
    assert not [one for one in data.warnings() if one.code == "W0610"]


def test_one_of_several_targets_may_be_missing(csv: Make) -> None:
    rows = "".join(f"{n},{n / 3},{n / 7}\n" for n in range(40))
    data = csv(f"x,y,z\n{rows}3,NA,1\n3,1,NA\n", target=("y", "z"), missing="drop")
    assert (data.describe().samples, data.describe().dropped) == (40, 2)


def test_labels_may_be_missing(csv: Make) -> None:
    rows = "".join(f"{n},{n % 2},{n // 2 % 2}\n" for n in range(40))
    data = csv(f"x,y,z\n{rows}3,NA,1\n", target=("y", "z"), missing="drop")
    assert data.describe().task == "labels"


def test_a_missing_target_is_refused_otherwise_with_the_way_out(csv: Make) -> None:
    with pytest.raises(DiagnosticError) as found:
        csv(f"x,y\n{CLASSES}7,NA\n", missing="mean").describe()
    (diagnostic,) = found.value.diagnostics
    assert 'missing="drop"' in str(diagnostic.message().helps)


def test_a_target_that_is_wrong_and_not_missing_is_refused(csv: Make) -> None:
    with pytest.raises(DiagnosticError):
        csv(f"x,y\n{ROWS.replace(',', '.5,0.')}7,many\n", missing="drop").describe()


def test_a_row_is_left_out_for_one_cell_whatever_the_others_hold(csv: Make) -> None:
    rows = "".join(f"{n % 5 - 2},{n},{'pq'[n % 2]}\n" for n in range(40))
    data = csv(f"a,b,y\n{rows}-1,,p\n,-1,q\n", missing="drop")
    assert data.describe().dropped == 2
    assert bool(torch.isfinite(data.load().train.inputs).all())
