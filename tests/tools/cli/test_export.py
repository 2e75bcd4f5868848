"""``netlang export RUN`` writes a trained network, which answers as ``netlang predict`` does."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from pathlib import Path

import pytest

from tests.models import CLASSES, NUMBERS, SPECIES, kept, trained
from tests.program import netlang


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def rows(text: str) -> list[list[str]]:
    return [*csv.reader(io.StringIO(text))]


@pytest.mark.parametrize(
    ("net", "table"), [(CLASSES, "flowers"), (NUMBERS, "houses"), (SPECIES, "birds")]
)
def test_numpy_answers_as_predict_does(net: str, table: str) -> None:
    model = kept(trained(net))
    result = netlang("export", model, "--to", "numpy", "-o", "flower.py")
    assert result.stdout.split() == ["flower.py", "flower.npz"], result.stderr
    asked = [sys.executable, "-I", "flower.py", f"{table}.csv"]
    found = rows(subprocess.run(asked, capture_output=True, text=True, check=True).stdout)
    wanted = rows(netlang("predict", model, f"{table}.csv").stdout)
    assert found[0] == wanted[0]
    width = len(Path(f"{table}.csv").read_text().partition("\n")[0].split(","))
    for one, other in zip(found[1:], wanted[1:], strict=True):
        assert one[:width] == [cell.strip() for cell in one[:width]]
        for cell, expected in zip(one[width:], other[width:], strict=True):
            try:
                number = float(expected)
            except ValueError:
                assert cell == expected
            else:
                assert float(cell) == pytest.approx(number, rel=1e-5, abs=1e-5)


def test_a_file_has_no_weights_and_a_run_is_called_after_its_file() -> None:
    model = kept(trained(CLASSES))
    Path("m.net").write_text(CLASSES)
    result = netlang("export", "m.net", "--to", "numpy")
    assert result.exit_code == 1
    assert "`netlang run m.net` trains it" in result.stderr
    assert "`netlang export RUN --to numpy` writes what it kept" in result.stderr
    assert netlang("export", model, "--to", "numpy").stdout.split() == ["m.py", "m.npz"]
    for arguments, why in (
        (("-o", "m.txt"), "-o names a file that ends in .py"),
        (("-o", "-"), "-o names a file"),
        (("-o", "numpy.py"), "numpy.py would be taken for a module that it imports"),
        (("--set", "epochs=3"), "--set and --allow are for a FILE"),
    ):
        result = netlang("export", model, "--to", "numpy", *arguments)
        assert (result.exit_code, why in result.stderr) == (2, True), result.stderr
    result = netlang("export", "runs/nothing", "--to", "numpy")
    assert result.exit_code == 1
    assert "E05" in result.stderr
