"""Which nodes the names of parts freeze."""

from __future__ import annotations

from pathlib import Path

import pytest

from netlang.compiler.ir import Graph, compare, print_program
from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from netlang.language.syntax import read

TEXT = """\
block conv(width) = Linear(_, width) -> Tanh
encoder = Linear(2, 4) -> conv(6)
again = encoder
shared s = Linear(6, 6)
head = s -> Dropout(0.5) -> s -> Linear(6, 2)
net = again -> conv(6) -> head
"""


def frozen(parts: str, text: str = TEXT) -> list[str]:
    """The names of the nodes with weights that are frozen."""
    graph = made(text + f"freeze = {parts}\n")
    return [node.name for node in graph.nodes if node.frozen and node.layer.size]


def made(text: str) -> Graph:
    return compile_source(SourceFile("a.net", text)).require().graph


@pytest.mark.parametrize(
    ("parts", "names"),
    [
        ("encoder", ["linear1", "linear2"]),
        ("again", ["linear1", "linear2"]),
        ("conv", ["linear2", "linear3"]),
        ("s", ["linear4", "linear5"]),
        ("head", ["linear4", "linear5", "linear6"]),
        ("[encoder, s]", ["linear1", "linear2", "linear4", "linear5"]),
        ("[conv, s]", ["linear2", "linear3", "linear4", "linear5"]),
        ("[encoder, again, encoder]", ["linear1", "linear2"]),
        ("(encoder)", ["linear1", "linear2"]),
        ("[]", []),
    ],
)
def test_a_name_freezes_all_its_uses(parts: str, names: list[str]) -> None:
    assert frozen(parts) == names


def test_all_copies_of_a_part_are_frozen() -> None:
    text = "part = Linear(2, 2) -> Tanh\nnet = part * 3 -> Linear(2, 2) -> [part, ReLU] -> Add\n"
    assert frozen("part", text) == ["linear1", "linear2", "linear3", "linear5"]


def test_weights_that_a_frozen_part_shares_are_frozen_wherever_they_are_used() -> None:
    text = "shared s = Linear(2, 2)\npart = Tanh -> s\nnet = s -> part -> Linear(2, 2)\n"
    assert frozen("part", text) == ["linear1", "linear2"]


def test_a_block_of_the_library_and_an_imported_part_can_be_frozen(tmp_path: Path) -> None:
    (tmp_path / "parts.net").write_text("encoder = Linear(2, 4)\nblock inner() = Linear(4, 4)\n")
    file = tmp_path / "a.net"
    file.write_text(
        'import "parts.net"\nnet = encoder -> inner -> MLP(4, 3, 2)\nfreeze = encoder\n'
    )
    for parts, names in {
        "encoder": ["linear1"],
        "inner": ["linear2"],
        "[MLP, inner]": ["linear2", "linear3", "linear4", "linear5"],
    }.items():
        program = compile_source(read(str(file)), [f"freeze={parts}"]).require()
        assert [one.name for one in program.graph.nodes if one.frozen and one.layer.size] == names


def test_a_part_of_another_file_with_the_same_name_is_not_frozen(tmp_path: Path) -> None:
    (tmp_path / "inner.net").write_text("part = Linear(2, 4)\n")
    (tmp_path / "parts.net").write_text('import "inner.net"\nouter = part -> Tanh\n')
    text = 'import "parts.net"\npart = Linear(4, 4)\nnet = outer -> part -> Linear(4, 2)\n'
    file = SourceFile("a.net", text + "freeze = part\n", tmp_path / "a.net")
    graph = compile_source(file).require().graph
    assert [one.name for one in graph.nodes if one.frozen] == ["linear2"]


def test_the_whole_network_cannot_be_frozen() -> None:
    for text in ("net = Linear(2, 2)\nfreeze = net", TEXT + "freeze = [encoder, conv, head]"):
        (problem,) = compile_source(SourceFile("a.net", text)).diagnostics
        assert problem.code == "E0422"


def test_a_program_says_what_is_frozen() -> None:
    plain, other = (
        compile_source(SourceFile("a.net", TEXT), overrides).require()
        for overrides in ([], ["freeze=[encoder, s]"])
    )
    printed = print_program(other)
    assert "freeze = [encoder, s]" in printed
    assert printed.count(" frozen : ") == 4
    (change,) = compare(plain, other)
    assert (change.what, change.before, change.after) == ("freeze", None, "[encoder, s]")
    assert other.graph.frozen_weights == 12 + 30 + 42
