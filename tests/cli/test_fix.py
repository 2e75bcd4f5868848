"""``netlang check --fix``: mistakes that netlang knows the remedy of are mended in the file."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from netlang.cli import cli
from netlang.diagnostics import Diagnostic
from netlang.diagnostics.fixes import mended
from netlang.passes import compile_source
from netlang.source import SourceFile
from tests.errors.accept import HERE, overrides_in, to_run_in


def check(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["check", *map(str, arguments)])


def test_mistakes_behind_mistakes_are_mended_as_well(tmp_path: Path) -> None:
    file = tmp_path / "a.net"
    file.write_text(
        "los = MSE  # kept\n"
        "net = Linear(2, 8) => Relu -> Linaer(6, 4) -> [Linear(4, 3), Linear(4, 4)]"
        " -> Linear(9, 3)\n"
        "data = Disc\noptimizer = Adam(learning_rate=1e-3)\n"
    )
    result = check("--fix", file)
    assert result.exit_code == 0
    assert result.stdout.endswith(f"\n{file}: 9 fixed, ok\n")
    assert "\n-los = MSE  # kept\n" in result.stdout
    assert "\n+loss = MSE  # kept\n" in result.stdout
    assert file.read_text() == (
        "loss = MSE  # kept\n"
        "net = Linear(2, 8) -> ReLU -> Linear(8, 4) -> [Linear(4, 3), Linear(4, 4)]"
        " -> Concat -> Linear(7, 2)\n"
        "data = Disc\noptimizer = Adam(lr=1e-3)\n"
    )


def test_what_cannot_be_mended_is_shown_and_the_rest_is_mended(tmp_path: Path) -> None:
    file = tmp_path / "a.net"
    file.write_text("net = Linear(2, 8) -> Relu -> Zebra\n")
    result = check("--fix", file)
    assert result.exit_code == 1
    assert "unknown name `Zebra`" in result.stderr
    assert "1 fixed, 1 error" in result.stderr
    assert file.read_text() == "net = Linear(2, 8) -> ReLU -> Zebra\n"


def test_a_sound_file_is_not_written(tmp_path: Path) -> None:
    file = tmp_path / "a.net"
    file.write_text("net = Linear(2, 8)\n")
    before = file.stat().st_mtime_ns
    assert check("--fix", file).exit_code == 0
    assert file.stat().st_mtime_ns == before


def test_standard_input_cannot_be_fixed() -> None:
    assert check("--fix", "-").exit_code == 2


@pytest.mark.parametrize("file", sorted(HERE.glob("*.net")), ids=lambda file: file.stem)
def test_a_fix_mends_its_mistake(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    source = SourceFile(file.name, text, file)

    @cache
    def told(source: SourceFile) -> Sequence[Diagnostic]:
        return compile_source(source, overrides_in(text), to_run_in(text)).diagnostics

    fixable = [
        one for one in told(source) if one.fixes and one.fixes[0].span.source.name == file.name
    ]
    better, count = mended(source, told)
    assert bool(count) == bool(fixable)
    left = {(one.code, one.title, one.label) for one in told(better) if one.fixes}
    assert not {(one.code, one.title, one.label) for one in fixable} & left
