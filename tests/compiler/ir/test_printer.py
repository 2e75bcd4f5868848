"""The printed form of a program, against golden files; ``accept.py`` writes these."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from netlang.compiler.ir import print_program
from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from tests.compiler.ir.accept import FILES, HERE, golden, printed
from tests.paths import MODELS

goldens = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


@goldens
def test_a_program_is_printed_as_its_golden_file_has_it(path: Path) -> None:
    assert printed(path) == golden(path).read_text(encoding="utf-8")


@goldens
def test_the_printed_form_has_a_line_for_each_node_and_the_line_it_was_written_on(
    path: Path,
) -> None:
    source = SourceFile(path.name, path.read_text(encoding="utf-8"), path)
    graph = compile_source(source).require().graph
    rows = [row for row in printed(path).splitlines() if row.startswith("%")]
    assert len(rows) == len(graph.nodes)
    for row, node in zip(rows[1:], graph.layers, strict=True):
        line, _, library = row.rsplit("# line ", 1)[1].partition(": ")
        named = node.layer.name in source.line(int(line))
        assert named or library or node.layer.abstract  # which no file names
        assert f" : {node.shape} " in row


def test_every_golden_file_has_its_program() -> None:
    assert {file.stem for file in HERE.glob("*.ir")} == {path.stem for path in FILES}


def test_an_override_shows_in_the_printed_form_as_the_value_in_the_file_would() -> None:
    assert "Linear(%0) {in_features=2, out_features=50" in printed(
        MODELS / "model2.net", "hidden=50"
    )
    assert "optimizer = Adam {lr=0.5," in printed(MODELS / "model2.net", "optimizer.lr=0.5")


def test_the_printed_form_is_the_same_in_another_process_with_another_hash_seed() -> None:
    program = (
        "import sys\n"
        "from netlang.compiler.ir import print_program\n"
        "from netlang.compiler.passes import compile_source\n"
        "from netlang.language.syntax import read\n"
        "print(print_program(compile_source(read(sys.argv[1])).require()))\n"
    )
    path = HERE / "nested_names.net"
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", program, str(path)]
        result = subprocess.run(command, capture_output=True, env=environment, check=True)
        assert result.stdout.decode() == printed(path)


def test_a_layer_that_the_command_line_wrote_or_led_to_has_no_line_of_the_file() -> None:
    source = SourceFile("a.net", "a = Linear(2, 2)\nnet = a")
    printed = print_program(compile_source(source, ["net=a -> ReLU -> ResidualBlock(2)"]).require())
    places = [row.partition("# ")[2] for row in printed.splitlines() if "# " in row]
    assert places[:2] == ["line 1", "--set"]
    assert all(
        one.startswith("--set: netlang/std.net:") and one.endswith(" in ResidualBlock")
        for one in places[2:]
    )
