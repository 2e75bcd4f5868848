"""A setting is declared in one table, and everything that goes by settings takes it from there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from netlang.catalogue.losses import CrossEntropy
from netlang.catalogue.settings import SETTINGS, Setting, whole_number
from netlang.compiler.ir import Program, compare, print_program
from netlang.compiler.passes import compile_source
from netlang.language.diagnostics.rendering.text import render
from netlang.language.source import SourceFile
from netlang.lowering.pytorch import to_pytorch
from netlang.runs.folders.run_folder import new_run_folder
from netlang.tools.cli.group import cli

TEXT = """\
net = Linear(2, 2) -> Softmax
data = Disc(train=10, test=10)
loss = CrossEntropy
optimizer = SGD(lr=0.1)
"""


@pytest.fixture(autouse=True)
def _two_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two more settings, by one entry of the table each: a number and an item."""
    monkeypatch.setitem(SETTINGS, "patience", whole_number("patience", 5, 1, "epochs to wait"))
    monkeypatch.setitem(SETTINGS, "teacher", Setting("teacher", "another loss", item="loss"))


def program(text: str, *overrides: str) -> Program:
    return compile_source(SourceFile("a.net", TEXT + text), overrides, to_run=True).require()


def test_a_new_setting_has_its_default_the_file_s_value_or_the_command_line_s() -> None:
    assert program("").settings["patience"] == 5
    assert program("patience = 3").settings["patience"] == 3
    assert program("patience = 3", "patience=4").settings["patience"] == 4
    assert program("", "patience=4").settings["patience"] == 4


def test_a_new_setting_is_checked_as_it_is_declared() -> None:
    for text in ("patience = 0", "patience = 1.5", "patience = ReLU", "patiense = 3"):
        (found,) = compile_source(SourceFile("a.net", TEXT + text)).diagnostics
        assert "patience" in render(found)


def test_a_new_setting_is_printed_and_compared() -> None:
    one, other = program("patience = 3"), program("patience = 4")
    assert "seed = 0, patience = 3" in print_program(one)
    (change,) = compare(one, other)
    assert (change.what, change.before, change.after) == ("patience", "3", "4")


def test_a_new_setting_is_exported_and_kept_with_a_run(tmp_path: Path) -> None:
    found = program("patience = 3")
    assert "\nPATIENCE = 3\n" in to_pytorch(found, tmp_path).source
    folder = new_run_folder(tmp_path, found)
    assert json.loads((folder.path / "run.json").read_text())["patience"] == 3


def test_a_new_setting_is_listed() -> None:
    listed = CliRunner().invoke(cli, ["layers"]).output
    assert "epochs to wait" in listed
    assert "another loss" in listed


def test_a_new_setting_may_be_an_item_of_the_catalogue() -> None:
    assert "teacher" not in program("").settings
    found = program("teacher = CrossEntropy(eps=0.1)").settings["teacher"]
    assert isinstance(found, CrossEntropy)
    assert found.eps == 0.1
    found = program("teacher = CrossEntropy", "teacher.eps=0.2").settings["teacher"]
    assert found.eps == 0.2


@pytest.mark.parametrize(
    ("text", "code", "title"),
    [
        ("teacher = Adam", "E0211", "`teacher` takes a loss, and this is the optimizer `Adam`"),
        ("teacher = 3", "E0211", "`teacher` takes a loss, and this is the number 3"),
        ("teecher = CrossEntropy", "W0601", "nothing uses `teecher`"),
        ("teacher = MES", "E0201", "unknown name `MES`"),
    ],
)
def test_a_new_setting_that_is_an_item_is_checked(text: str, code: str, title: str) -> None:
    (wrong,) = compile_source(SourceFile("a.net", TEXT + text)).diagnostics
    assert (wrong.code, wrong.title) == (code, title)


def test_a_new_setting_that_is_an_item_is_printed_and_compared() -> None:
    one, other = program("teacher = CrossEntropy(eps=0.1)"), program("teacher = CrossEntropy")
    assert 'teacher = CrossEntropy {eps=0.1, reduction="mean"}' in print_program(one)
    (change,) = compare(one, other)
    assert change.what == "teacher"


def test_a_new_setting_may_be_a_list_of_items(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Setting("watched", "what to show", item="metric", many=True)
    monkeypatch.setitem(SETTINGS, "watched", watched)
    found = program("watched = [accuracy, accuracy]").settings["watched"]
    assert [one.name for one in found] == ["accuracy", "accuracy"]
    (wrong,) = compile_source(SourceFile("a.net", f"{TEXT}watched = [accuracy, MSE]")).diagnostics
    assert "`watched` takes a metric" in render(wrong)


def test_a_new_setting_that_training_needs_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    teacher = Setting("teacher", "another loss", item="loss", to_run="teacher = MSE")
    monkeypatch.setitem(SETTINGS, "teacher", teacher)
    (wrong,) = compile_source(SourceFile("a.net", TEXT), to_run=True).diagnostics
    assert "training needs `teacher`" in render(wrong)
    assert "teacher = MSE" in render(wrong)
