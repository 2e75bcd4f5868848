"""The commands that show a network, on every file in models/ and in the tests."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from netlang.compiler.drawing import diagram_of, dot, mermaid, svg
from netlang.compiler.ir import compare, print_program
from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from netlang.language.syntax import decode
from netlang.runs.training.memory import training_memory
from tests.paths import MODELS, ROOT
from tests.unparse import structure, unparse

ERRORS = ROOT / "tests" / "errors"
WARNED = [golden for golden in ERRORS.glob("*.err") if golden.read_text().startswith("warning[")]
SOUND = sorted(
    [
        *MODELS.glob("*.net"),
        *(file for file in ROOT.glob("tests/**/*.net") if not file.is_relative_to(ERRORS)),
        *filter(Path.exists, (golden.with_suffix(".net") for golden in WARNED)),
    ]
)
BLOCKS = ROOT / "tests" / "architectures" / "blocks.net"  # it has no network
SOUND.remove(BLOCKS)


@pytest.mark.parametrize("file", SOUND, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_sound_file_is_shown_in_every_way(file: Path) -> None:
    found = compile_source(decode(file.read_bytes(), file.name, file)).require()
    graph = found.graph
    for expand in (False, True):
        diagram = diagram_of(graph, expand)
        assert ElementTree.fromstring(svg(diagram, file.name)).tag.endswith("svg")
        assert dot(diagram).count(" -> ") == len(diagram.edges)
        assert mermaid(diagram).count(" -->|") == len(diagram.edges)
    assert not compare(found, found)
    assert training_memory(found).weights == 4 * graph.weights
    assert print_program(found).count("\n%") == len(graph.nodes)
    if any(node.shape.padded for node in graph.nodes):
        return  # no file can say of its input that it is padded: its data do
    if "members" in found.settings:
        return  # no file has the layers that a network of members is made of
    printed = compile_source(SourceFile("printed.net", unparse(graph)))
    assert structure(printed.require().graph) == structure(graph)


def test_there_are_files_of_every_kind() -> None:
    assert len(SOUND) > 40
