"""``netlang new`` writes a first file for a table, and overwrites none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.program import CLASSES, netlang


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.csv").write_text(CLASSES)
    return tmp_path


def test_new_writes_a_file_that_checks_and_runs(folder: Path) -> None:
    result = netlang("new", "a.csv", "--target", "y")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "wrote a.net\nNow train it: netlang run a.net\n"
    assert netlang("check", "a.net").stdout == "a.net: ok\n"
    assert netlang("run", "--no-folder", "a.net", "--set", "epochs=1").exit_code == 0


def test_new_says_what_it_asks_in_the_file(folder: Path) -> None:
    rows = "".join(f"{n * 5 % 9},{n},{n > 15}\n" for n in range(30))
    (folder / "b.csv").write_text(f"a,b,y\n{rows}")
    told = netlang("new", "b.csv", "--target", "y").stdout.splitlines()
    asked = "did you mean to leave out `b`? It alone tells all: `False` up to 15, `True` from 16"
    assert told[1] == f"note: {asked}"
    assert f"    # {asked}\n" in Path("b.net").read_text()


def test_new_lists_the_columns_where_no_target_is_named(folder: Path) -> None:
    result = netlang("new", "a.csv")
    assert result.exit_code == 1
    assert "error[E0454]" in result.stderr
    assert "`netlang new a.csv --target y`" in result.stderr
    assert not (folder / "a.net").exists()


def test_new_suggests_a_column_that_is_called_alike(folder: Path) -> None:
    (folder / "a.csv").write_text(CLASSES.replace("a,b,y", "a,b,price"))
    assert "did you mean `price`?" in netlang("new", "a.csv", "--target", "prize").stderr


def test_new_leaves_a_file_that_is_there_unless_it_is_forced(folder: Path) -> None:
    (folder / "a.net").write_text("# mine\n")
    result = netlang("new", "a.csv", "--target", "y")
    assert result.exit_code == 1
    assert "a.net is there already, and stays as it is" in result.stderr
    assert (folder / "a.net").read_text() == "# mine\n"
    assert netlang("new", "a.csv", "--target", "y", "--force").exit_code == 0
    assert "# mine" not in (folder / "a.net").read_text()


def test_new_writes_no_file_that_might_not_read_its_data(folder: Path) -> None:
    (folder / "below").mkdir()
    result = netlang("new", "a.csv", "--target", "y", "-o", "below/a.net")
    assert result.exit_code == 2
    assert "a file may read only what lies in its own folder, or below it" in result.stderr
    assert netlang("new", "a.csv", "--target", "y", "-o", "a.txt").exit_code == 2


def test_new_says_what_only_the_owner_of_a_table_can_mend(folder: Path) -> None:
    (folder / "a.csv").write_text(CLASSES + "41,5,Yes\n")
    result = netlang("new", "a.csv", "--target", "y")
    assert result.exit_code == 1
    assert "error[E0458]: `a.csv` needs mending first: the class `Yes` has only one row" in (
        result.stderr
    )
    assert not (folder / "a.net").exists()


def test_new_says_how_the_column_to_predict_is_named(folder: Path) -> None:
    assert "named by --target" in netlang("new", "a.csv", "y").stderr
