"""Where the file of a table lies, and files that cannot be read."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from netlang.catalogue.data import CSV
from netlang.catalogue.data.formats import datafile
from tests.catalogue.data.examples import FLOWERS, NET, Make, mistake, shown


def test_the_path_starts_at_the_folder_of_the_file_that_names_it(
    csv: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "t.csv").write_text(FLOWERS)
    monkeypatch.chdir(tmp_path / "deep" / "er")
    assert csv(path="deep/t.csv").describe().train == 24


def test_without_a_place_the_path_starts_at_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "t.csv").write_text(FLOWERS)
    monkeypatch.chdir(tmp_path)
    assert CSV("t.csv", "y").describe().test == 6


def test_a_missing_file_is_e0403_and_suggests_the_near_one(csv: Make, tmp_path: Path) -> None:
    (tmp_path / "flowers.csv").write_text(FLOWERS)
    (tmp_path / "other.csv").write_text(FLOWERS)
    found = mistake(csv(path="flower.csv"))
    assert found.code == "E0403"
    assert found.title == "cannot read the data file `flower.csv`: no such file or directory"
    assert found.helps == ("did you mean `flowers.csv`?",)
    assert shown(found) == ("m.net", 1, 8, NET[7:-1])


def test_a_missing_file_with_none_near_says_where_paths_start(csv: Make) -> None:
    found = mistake(csv(path="flower.csv"))
    assert found.code == "E0403"
    assert "relative to the folder" in found.helps[0]


@pytest.mark.parametrize("path", ["folder", "."])
def test_a_folder_is_e0403(csv: Make, tmp_path: Path, path: str) -> None:
    (tmp_path / "folder").mkdir()
    found = mistake(csv(path=path))
    assert found.code == "E0403"
    assert "no regular file" in found.title


def test_a_fifo_is_e0403_and_is_not_waited_for(csv: Make, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    found = mistake(csv(path="pipe.csv"))
    assert found.code == "E0403"
    assert "no regular file" in found.title


def test_a_file_that_may_not_be_read_is_e0403(csv: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, limit: int) -> bytes:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(datafile, "read_regular", refuse)
    found = mistake(csv(FLOWERS))
    assert found.code == "E0403"
    assert found.title == "cannot read the data file `t.csv`: permission denied"
    assert found.helps == ("change its permissions, or name another file",)


def test_a_file_under_a_file_is_e0403(csv: Make) -> None:
    assert mistake(csv(FLOWERS, path="t.csv/deeper.csv")).code == "E0403"


def test_a_name_longer_than_any_file_s_is_e0403(csv: Make) -> None:
    assert mistake(csv(path="x" * 5000)).code == "E0403"


@pytest.mark.parametrize("through", ["file", "folder"])
def test_a_symlink_out_of_the_folder_is_e0410(
    csv: Make, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, through: str
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "t.csv").write_text(FLOWERS)
    (tmp_path / "file").symlink_to(elsewhere / "t.csv")
    (tmp_path / "folder").symlink_to(elsewhere)
    found = mistake(csv(path="file" if through == "file" else "folder/t.csv"))
    assert found.code == "E0410"
    assert "link" in found.title


def test_a_symlink_within_the_folder_is_followed(csv: Make, tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to("t.csv")
    assert csv(FLOWERS, path="link.csv").describe().train == 24


def test_a_symlink_to_itself_is_a_diagnostic(csv: Make, tmp_path: Path) -> None:
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    assert mistake(csv(path="loop.csv")).code in {"E0403", "E0410"}


def test_a_file_in_a_folder_with_dots_in_its_name_is_read(csv: Make, tmp_path: Path) -> None:
    (tmp_path / "a..b").mkdir()
    (tmp_path / "a..b" / "..t.csv").write_text(FLOWERS)
    assert csv(path="a..b/..t.csv").describe().train == 24


@pytest.mark.parametrize(
    ("beside", "path", "meant"),
    [
        (["lab01.csv"], "lab01.cvs", "lab01.csv"),
        (["lab01.csv", "lab02.csv"], "lab01.cvs", "lab01.csv"),
        (["iris.csv", "iris.net"], "iris", "iris.csv"),
        (["iris.csv"], "Iris.CSV", "iris.csv"),
        (["iris.csv", "iris.md"], "iris.xlsx", "iris.csv"),
        (["prices.tsv"], "price.csv", "prices.tsv"),
        (["flowers.csv", "flower.cvs"], "flower.csv", "flowers.csv"),
    ],
)
def test_a_missing_file_of_another_ending_suggests_what_is_there(
    csv: Make, tmp_path: Path, beside: list[str], path: str, meant: str
) -> None:
    for name in beside:
        (tmp_path / name).write_text(FLOWERS)
    assert mistake(csv(path=path)).helps == (f"did you mean `{meant}`?",)


def test_a_missing_file_that_is_beside_the_model_is_told(csv: Make, tmp_path: Path) -> None:
    (tmp_path / "iris.csv").write_text(FLOWERS)
    (help,) = mistake(csv(path="data/iris.csv")).helps
    assert help == "did you mean `iris.csv`, which is beside the file that names it?"
