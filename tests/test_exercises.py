"""Each exercise fits on a screen, and the commands that it names show what it asks about."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise
from pathlib import Path

import pytest

from netlang.compiler.passes import compile_source
from netlang.language.syntax import read
from tests.paths import MODELS, ROOT
from tests.program import netlang

FILES = sorted((MODELS / "exercises").glob("*.net"))
every_exercise = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def commands(file: Path) -> list[str]:
    """The commands in the file's comment, without what a column tells of them."""
    lines = re.findall(r"^# +(netlang .*)$", file.read_text(), re.MULTILINE)
    return [one for line in lines for one in re.split(r" {2,}", line)[0].split(" && ")]


def test_there_are_twelve() -> None:
    assert len(FILES) == 12
    section = (ROOT / "README.md").read_text().split("\n### Exercises\n")[1].split("\n## ")[0]
    told = re.findall(r"^\| `(\w+)\.net` \|", section, re.MULTILINE)
    assert sorted(told) == [file.stem for file in FILES]


@every_exercise
def test_it_is_short_and_nothing_is_said_about_it(file: Path) -> None:
    assert len(file.read_text().rstrip().splitlines()) < 15
    assert compile_source(read(str(file)), to_run=True).diagnostics == ()


@every_exercise
def test_its_commands_are_commands_and_what_they_change_is_there(file: Path) -> None:
    assert (MODELS / "exercises" / file.name).exists()
    assert commands(file)[0].startswith(f"netlang run {file.name}")
    for command in commands(file):
        name, *options = shlex.split(command)[1:]
        changed = [text for option, text in pairwise(options) if option == "--set"]
        if name == "run":
            assert compile_source(read(str(file)), changed, to_run=True).diagnostics == ()


@pytest.mark.slow
@every_exercise
def test_it_meets_what_it_expects_and_is_seen(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert netlang("init", "exercises").exit_code == 0
    monkeypatch.chdir(tmp_path / "exercises")
    for number, command in enumerate(commands(file)):
        words = [found for word in shlex.split(command)[1:] for found in _found(word)]
        result = netlang(*words)
        assert result.exit_code <= (number > 0), (command, result.stdout, result.stderr)
        assert result.stderr == ""


def _found(word: str) -> list[str]:
    """The runs that a pattern such as `runs/xor-*` names, or the word itself."""
    if word.startswith("runs/"):
        return sorted(map(str, Path().glob(word.replace("...", "*"))))
    return [word]
