"""Completion: what a shell is offered, asked as the shell's own script asks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from netlang.cli import cli


def offered(*words: str) -> list[str]:
    """What is offered for the last of the words on a command line."""
    *before, incomplete = words
    completion = ShellComplete(cli, {}, "netlang", "_NETLANG_COMPLETE")
    return [item.value for item in completion.get_completions(before, incomplete)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deep").mkdir()
    for name in ("a.net", "b.net", "a.csv", "deep/c.net"):
        (tmp_path / name).write_text("")
    return tmp_path


def test_commands_are_completed() -> None:
    assert offered("su") == ["summary"]
    assert {"run", "check", "fmt", "diff", "completion"} <= set(offered(""))


def test_options_are_completed() -> None:
    assert offered("check", "--f") == ["--fix"]


def test_net_files_and_folders_are_completed(folder: Path) -> None:
    assert offered("run", "") == ["a.net", "b.net", "deep/"]
    assert offered("check", "a.net", "deep/") == ["deep/c.net"]
    assert offered("run", "nowhere/") == []


def test_names_of_the_catalogue_and_settings_are_completed() -> None:
    assert offered("layers", "Li") == ["Linear"]
    assert offered("layers", "opt") == ["optimizer"]
    assert offered("init", "ir") == ["iris"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_for_each_shell_asks_netlang(shell: str) -> None:
    result = CliRunner().invoke(cli, ["completion", shell])
    assert result.exit_code == 0
    assert f"_NETLANG_COMPLETE={shell}_complete" in result.stdout


def test_an_unknown_shell_is_wrong_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", "/bin/csh")
    assert CliRunner().invoke(cli, ["completion"]).exit_code == 2


def test_bash_itself_takes_the_script(folder: Path) -> None:
    program = folder / "bin" / "netlang"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\nfrom netlang.cli import main\nmain()\n")
    program.chmod(0o755)
    code = (
        'eval "$(netlang completion bash)"; COMP_WORDS=(netlang run a); COMP_CWORD=2; '
        '_netlang_completion netlang; echo "${COMPREPLY[@]}"'
    )
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PATH": path},
    )
    assert done.stdout == "a.net\n", done.stderr
