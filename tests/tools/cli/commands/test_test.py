"""``netlang test``: a line for each file that expects something."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result

from tests.program import DISC, netlang

MODEL = f"{DISC}epochs = 1\n"


def run(*arguments: str | Path) -> Result:
    return netlang("test", *arguments)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "met.net").write_text(MODEL + "expect test.loss < 99\nexpect train.loss > 0\n")
    (tmp_path / "quiet.net").write_text(MODEL)
    (tmp_path / "blocks.net").write_text("block twice(layer) = layer -> layer\n")
    return tmp_path


def test_files_that_expect_nothing_are_passed_over(folder: Path) -> None:
    result = run(".")
    (line,) = result.stdout.splitlines()
    assert line.split()[:3] == ["ok", "met.net", "test.loss"]
    assert " < 99; train.loss " in line
    assert result.exit_code == 0


def test_a_miss_and_an_error_are_exit_status_1_and_do_not_stop_the_others(folder: Path) -> None:
    (folder / "bad.net").write_text(MODEL.replace("ReLU", "RLeU") + "expect test.loss < 99\n")
    (folder / "missed.net").write_text(MODEL + "expect test.loss < 1e-9\n")
    result = run(".")
    assert result.exit_code == 1
    assert [line.split()[:2] for line in result.stdout.splitlines()] == [
        ["error", "bad.net"],
        ["ok", "met.net"],
        ["missed", "missed.net"],
    ]
    assert "< 1e-09 MISSED" in result.stdout
    assert "did you mean `ReLU`?" in result.stderr


def test_the_warnings_of_a_sound_file_are_shown(folder: Path) -> None:
    (folder / "warned.net").write_text(MODEL + "unused = 3\nexpect test.loss < 99\n")
    result = run("warned.net")
    assert (result.exit_code, result.stdout.split()[0]) == (0, "ok")
    assert "warning[" in result.stderr
    (found,) = map(json.loads, run("warned.net", "--json").stdout.splitlines())
    assert found["verdict"] == "ok"
    assert [one["severity"] for one in found["diagnostics"]] == ["warning"]


def test_standard_input_has_the_name_that_messages_give_it() -> None:
    result = netlang("test", "-", text=MODEL + "expect test.loss < 99\n")
    assert result.stdout.split()[:2] == ["ok", "<stdin>"]


def test_without_any_expectation_nothing_was_tested(folder: Path) -> None:
    result = run("quiet.net", "blocks.net")
    assert result.exit_code == 1
    assert "none of these files has an `expect`" in result.output


def test_json_is_an_object_per_file(folder: Path) -> None:
    (found,) = [json.loads(line) for line in run("met.net", "--json").stdout.splitlines()]
    assert (found["event"], found["file"], found["verdict"]) == ("file", "met.net", "ok")
    assert [one["met"] for one in found["expectations"]] == [True, True]


def test_an_expectation_without_what_training_needs_is_an_error(folder: Path) -> None:
    (folder / "half.net").write_text("net = Linear(2, 2)\nexpect test.loss < 1\n")
    result = run("half.net")
    assert result.exit_code == 1
    assert "error[E0402]" in result.stderr
