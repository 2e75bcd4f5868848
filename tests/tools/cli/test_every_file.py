"""The commands that show a network, on every file in models/ and in the tests."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from netlang.compiler.drawing import diagram_of, dot, mermaid, svg
from netlang.compiler.ir import Program, compare, print_program, training_memory
from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from netlang.language.syntax import decode
from tests.paths import ROOT
from tests.unparse import structure, unparse


def program(file: Path) -> Program | None:
    return compile_source(decode(file.read_bytes(), file.name, file)).program


FILES = sorted([*ROOT.glob("models/*.net"), *ROOT.glob("tests/**/*.net")])
SOUND = [file for file in FILES if program(file)]


@pytest.mark.parametrize("file", SOUND, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_sound_file_is_shown_in_every_way(file: Path) -> None:
    found = program(file)
    assert found
    graph = found.graph
    for expand in (False, True):
        diagram = diagram_of(graph, expand)
        assert ElementTree.fromstring(svg(diagram, file.name)).tag.endswith("svg")
        assert dot(diagram).count(" -> ") == len(diagram.edges)
        assert mermaid(diagram).count(" -->|") == len(diagram.edges)
    assert not compare(found, found)
    assert training_memory(found).weights == 4 * graph.weights
    assert print_program(found).count("\n%") == len(graph.nodes)
    printed = compile_source(SourceFile("printed.net", unparse(graph)))
    assert structure(printed.require().graph) == structure(graph)


def test_there_are_files_of_every_kind() -> None:
    assert len(SOUND) > 40
