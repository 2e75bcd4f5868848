"""Completion: what a shell is offered, asked as the shell's own script asks."""

from __future__ import annotations

import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from netlang.tools.cli.group import cli
from tests.program import netlang


def offered(*words: str) -> list[str]:
    """What is offered for the last of the words on a command line."""
    *before, incomplete = words
    completion = ShellComplete(cli, {}, "netlang", "_NETLANG_COMPLETE")
    return [item.value for item in completion.get_completions(before, incomplete)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
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


def test_paths_keep_the_way_they_begin(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder))
    (folder / ".hidden").mkdir()
    (folder / "two words.net").write_text("")
    (folder / "new\nline.net").write_text("")
    assert offered("run", "~/") == ["~/a.net", "~/b.net", "~/deep/", "~/two words.net"]
    assert offered("run", "~/deep/") == ["~/deep/c.net"]
    assert offered("run", "./d") == ["./deep/"]
    assert offered("run", "deep/../a") == ["deep/../a.net"]
    assert offered("run", ".h") == [".hidden/"]
    assert offered("run", "~nobody-of-this-name/") == []
    assert offered("run", f"{folder}/tw") == [f"{folder}/two words.net"]


def test_names_of_the_catalogue_and_settings_are_completed() -> None:
    assert offered("layers", "GroupN") == ["GroupNorm"]
    assert offered("layers", "opt") == ["optimizer"]
    assert offered("layers", "high") == ["Highway"]
    assert offered("init", "ir") == ["iris"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_for_each_shell_asks_netlang(shell: str) -> None:
    result = netlang("completion", shell)
    assert result.exit_code == 0
    assert f"_NETLANG_COMPLETE={shell}_complete" in result.stdout


def test_an_unknown_shell_is_wrong_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", "/bin/csh")
    assert netlang("completion").exit_code == 2


def test_bash_itself_takes_the_script(folder: Path) -> None:
    program = folder / "bin" / "netlang"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\nfrom netlang.tools.cli import main\nmain()\n")
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


TYPED = {
    "run ~/tw": "<run><HOME/two words.net>",
    "run tw": "<run><two words.net>",
    "run 'tw": "<run><two words.net>",
    "run st": "<run><st*r.net>",
    "run co": "<run><com,ma.net>",
    "run ./dee": "<run><./deep/@>",  # no space behind a folder
    "run ~/dee": "<run><HOME/deep/@>",
    "layers Lin": "<layers><Linear>",
}
SHELLS = {
    "bash": (["--norc", "--noprofile", "-i"], 'eval "$(netlang completion bash)"'),
    "zsh": (
        ["-f", "-i"],
        'autoload compinit; compinit -u -D; eval "$(netlang completion zsh)"',
    ),
    "fish": (["--no-config", "-i"], "netlang completion fish | source"),
}


@pytest.mark.slow
@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_quotes_what_it_completes(folder: Path, shell: str) -> None:
    """The line that results is run, and shows its words."""
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    for name in ("two words.net", "st*r.net", "com,ma.net"):
        (folder / name).write_text("")
    program = folder / "bin" / "netlang"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\nfrom netlang.tools.cli import main\nmain()\n")
    program.chmod(0o755)
    options, script = SHELLS[shell]
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "HOME": str(folder), "TERM": "dumb"}
    child, terminal = pty.fork()
    if child == 0:
        os.execvpe(shell, [shell, *options], environment)
    try:
        os.write(terminal, f"{script}; echo rea''dy\n".encode())
        read_until(terminal, "ready")
        for number, (keys, words) in enumerate(TYPED.items()):
            out = folder / f"out{number}"
            # Completed, then at the line's start another program, and its file at the end.
            line = f"netlang {keys}\t\x01printf '<%s>' \x05@ > {out}; echo do''ne\n"
            os.write(terminal, line.encode())
            read_until(terminal, "done")
            found = out.read_text().removeprefix("<netlang>")
            expected = words.replace("HOME", str(folder))
            # zsh takes its space back where something is typed at another place.
            assert found in (expected, f"{expected}<@>", f"{expected[:-1]}@>"), keys
    finally:
        os.close(terminal)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def read_until(terminal: int, text: str, seconds: float = 60) -> None:
    """Read what the terminal shows until ``text`` is in it, which has that long to come."""
    shown, end = "", time.monotonic() + seconds
    while text not in shown:
        left = end - time.monotonic()
        assert left > 0, shown
        if select.select([terminal], [], [], left)[0]:
            shown += os.read(terminal, 65536).decode(errors="replace")
