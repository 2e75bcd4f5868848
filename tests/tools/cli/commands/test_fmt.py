"""``netlang fmt``: which files are written, and which are not."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from click.testing import Result

from netlang.language.run_record import WhatWasRun
from tests.program import netlang

UGLY, GOOD = "net=ReLU  #a\n", "net = ReLU  # a\n"
RECORD = json.dumps(WhatWasRun("ugly.net", (), (), "ugly.net").as_data)


def fmt(*arguments: str | Path, text: str | None = None) -> Result:
    return netlang("fmt", *arguments, text=text)


@pytest.fixture
def ugly(tmp_path: Path) -> Path:
    file = tmp_path / "ugly.net"
    file.write_text(UGLY)
    return file


def test_a_file_is_written_in_place_with_its_permissions(ugly: Path) -> None:
    ugly.chmod(0o640)
    result = fmt(ugly)
    assert (result.exit_code, result.stdout) == (0, f"formatted {ugly}\n")
    assert ugly.read_text() == GOOD
    assert stat.S_IMODE(ugly.stat().st_mode) == 0o640
    assert [path.name for path in ugly.parent.iterdir()] == ["ugly.net"]


def test_a_file_in_style_is_not_touched(ugly: Path) -> None:
    ugly.write_text(GOOD)
    before = ugly.stat()
    assert (fmt(ugly).stdout, ugly.stat().st_mtime_ns) == ("", before.st_mtime_ns)


def test_check_writes_nothing_and_shows_what_would_change(ugly: Path) -> None:
    result = fmt("--check", ugly)
    assert result.exit_code == 1
    assert "-net=ReLU  #a\n+net = ReLU  # a" in result.stdout
    assert ugly.read_text() == UGLY
    ugly.write_text(GOOD)
    assert (fmt("--check", ugly).exit_code, fmt("--check", ugly).stdout) == (0, "")


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("net = ReLU", "-net = ReLU\n\\ No newline at end of file\n"),
        ("net = ReLU\r\n", "-net = ReLU\\r\n"),
    ],
)
def test_check_shows_the_ends_of_lines_that_would_change(
    ugly: Path, text: str, before: str
) -> None:
    ugly.write_bytes(text.encode())
    result = fmt("--check", ugly)
    assert result.exit_code == 1
    assert result.stdout.endswith(f"@@ -1 +1 @@\n{before}+net = ReLU\n")


def test_standard_input_goes_to_standard_output() -> None:
    assert fmt("-", text=UGLY).stdout == GOOD


def test_a_folder_means_all_files_below_it(ugly: Path) -> None:
    inner = ugly.parent / "deep" / "er" / "x.net"
    inner.parent.mkdir(parents=True)
    inner.write_text(UGLY)
    assert fmt(ugly.parent).exit_code == 0
    assert ugly.read_text() == inner.read_text() == GOOD


def test_a_folder_without_a_file_is_told(tmp_path: Path) -> None:
    result = fmt(tmp_path)
    assert result.exit_code == 1
    assert "there is no .net file" in result.output


def test_a_file_with_a_syntax_error_stays_and_the_others_are_formatted(ugly: Path) -> None:
    broken = ugly.parent / "broken.net"
    broken.write_text("net = ReLU ->\n")
    result = fmt(broken, ugly)
    assert result.exit_code == 1
    assert "error[E0101]" in result.stderr
    assert broken.read_text() == "net = ReLU ->\n"
    assert ugly.read_text() == GOOD


def test_a_file_that_is_read_only_stays_and_the_others_are_formatted(ugly: Path) -> None:
    locked = ugly.parent / "a.net"
    locked.write_text(UGLY)
    locked.chmod(0o444)
    result = fmt("--json", ugly.parent)
    assert (result.exit_code, "read-only" in result.stderr) == (1, True)
    found = json.loads(result.stdout)
    assert (found["ok"], found["changed"], found["unwritten"]) == (
        False,
        [str(ugly)],
        [str(locked)],
    )
    assert (locked.read_text(), ugly.read_text()) == (UGLY, GOOD)


def test_a_folder_means_no_file_in_a_hidden_folder_unless_that_is_named(ugly: Path) -> None:
    hidden = ugly.parent / ".venv" / "lib" / "x.net"
    hidden.parent.mkdir(parents=True)
    hidden.write_text(UGLY)
    assert fmt(ugly.parent).stdout == f"formatted {ugly}\n"
    assert hidden.read_text() == UGLY
    assert fmt(ugly.parent / ".venv").stdout == f"formatted {hidden}\n"


def test_a_folder_means_no_file_of_an_environment_or_of_installed_packages(ugly: Path) -> None:
    folder = ugly.parent
    for place in ("env/lib", "lib/site-packages/netlang", "web/node_modules/a"):
        (folder / place).mkdir(parents=True)
        (folder / place / "x.net").write_text(UGLY)
    (folder / "env" / "pyvenv.cfg").touch()
    assert fmt(folder).stdout == f"formatted {ugly}\n"
    assert fmt(folder / "env").stdout == f"formatted {folder / 'env/lib/x.net'}\n"


def test_a_link_stays_a_link_and_its_target_is_written(ugly: Path) -> None:
    link = ugly.parent / "link.net"
    link.symlink_to(ugly)
    assert fmt(link).exit_code == 0
    assert link.is_symlink()
    assert ugly.read_text() == GOOD


def test_a_disk_that_takes_nothing_leaves_the_file_as_it_was(
    ugly: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    result = fmt(ugly)
    assert result.exit_code == 1
    assert "No space left" in result.output
    assert ugly.read_text() == UGLY
    assert [path.name for path in ugly.parent.iterdir()] == ["ugly.net"]


def test_what_a_run_keeps_is_left_as_it_was_run_unless_it_is_named(ugly: Path) -> None:
    kept = ugly.parent / "runs" / "ugly-1" / "ugly.net"
    kept.parent.mkdir(parents=True)
    kept.write_text(UGLY)
    (kept.parent / "run.json").write_text(RECORD)
    assert fmt(ugly.parent).stdout == f"formatted {ugly}\n"
    assert kept.read_text() == UGLY
    assert fmt(kept.parent).stdout == f"formatted {kept}\n"
    kept.write_text(UGLY)
    assert fmt("./runs/ugly-1/").stdout == "formatted runs/ugly-1/ugly.net\n"


@pytest.mark.parametrize("text", ["{}", '{"file": "tasks.py", "reads": []}', "[]", "no JSON"])
def test_files_beside_another_programs_run_json_are_not_left_out(ugly: Path, text: str) -> None:
    below = ugly.parent / "models"
    below.mkdir()
    ugly.rename(below / "ugly.net")
    (below / "run.json").write_text(text)
    assert fmt(ugly.parent).stdout == f"formatted {below / 'ugly.net'}\n"


def test_a_folder_with_nothing_but_what_runs_keep_is_not_called_empty(ugly: Path) -> None:
    kept = ugly.parent / "runs" / "ugly-1"
    kept.mkdir(parents=True)
    ugly.rename(kept / "ugly.net")
    (kept / "run.json").write_text(RECORD)
    said = "there is no .net file in runs but those that runs keep: name one of them by its path"
    assert said in fmt("runs").output
    assert fmt("runs/ugly-1/ugly.net").exit_code == 0


def test_json_says_what_changed_and_what_is_wrong(ugly: Path) -> None:
    broken = ugly.parent / "broken.net"
    broken.write_text("net = ReLU ->\n")
    checked = fmt("--json", "--check", broken, ugly)
    said = json.loads(checked.stdout)
    assert (checked.exit_code, checked.stderr) == (1, "")
    assert (said["ok"], said["changed"]) == (False, [str(ugly)])
    assert [one["code"] for one in said["diagnostics"]] == ["E0101"]
    assert ugly.read_text() == UGLY
    assert json.loads(fmt("--json", ugly).stdout)["ok"]
    assert ugly.read_text() == GOOD
    assert json.loads(fmt("--json", ugly).stdout)["changed"] == []


def test_json_is_not_mixed_with_the_text_of_standard_input() -> None:
    assert fmt("--json", "-").exit_code == 2


def test_what_another_framework_has_is_told_as_by_check(ugly: Path) -> None:
    ugly.write_text("net = torch.nn.PixelShuffle(2)\n")
    formatted, checked = netlang("fmt", str(ugly)), netlang("check", str(ugly))
    assert "netlang has no `PixelShuffle`" in checked.stderr
    assert formatted.stderr in checked.stderr
