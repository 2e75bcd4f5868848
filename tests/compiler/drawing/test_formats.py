"""SVG, DOT and Mermaid: well formed, whatever the names in them."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given

from netlang.compiler.drawing import Box, Cluster, Diagram, Edge, diagram_of, dot, mermaid, svg
from netlang.compiler.drawing.diagram import shown
from netlang.compiler.ir import Graph
from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from netlang.language.syntax import read
from tests.catalogue.test_library import USES
from tests.graphs import graphs, graphs_with_shared_weights
from tests.paths import MODELS

HOSTILE = [
    "</script><script>alert(1)</script>",
    "</text></svg>",
    '"]; b0 -> b1 [label="',
    "]]> & &amp; 'a' \"b\"",
    'end\n  click b0 href "javascript:alert(1)"',
    "--> b9 | `code` #quot; %%{init: {}}%%",
    "\\",
    "名前 😀",
]
RESIDUAL = """\
block res(n) = [Identity, Linear(n, n) -> ReLU] -> Add
net = Linear(2, 8) -> res(8) * 3 -> Linear(8, 2)
"""


def diagram(text: str) -> Diagram:
    box, other = Box(text, "weights", 0, text), Box("b", "plain", 0)
    return Diagram((box, other), (Cluster(text, None),), (Edge(0, 1, text),))


def drawn(text: str, expand: bool = False) -> Diagram:
    return diagram_of(compile_source(SourceFile("a.net", text)).require().graph, expand)


def notes(text: str) -> list[str]:
    """Those of the boxes that have weights."""
    return [box.note for box in drawn(text).boxes if box.kind == "weights"]


@pytest.mark.parametrize("text", HOSTILE)
def test_svg_is_well_formed_and_holds_names_as_text_alone(text: str) -> None:
    root = ElementTree.fromstring(svg(diagram(text), title=text))
    texts = [element.text for element in root.iter() if element.tag.endswith("text")]
    assert text in texts
    names = {element.tag.rsplit("}")[-1] for element in root.iter()}
    assert names <= {"svg", "title", "style", "defs", "marker", "path", "rect", "g", "text"}


@pytest.mark.parametrize("text", HOSTILE)
def test_dot_keeps_names_inside_their_strings(text: str) -> None:
    shown = dot(diagram(text))
    outside = re.sub(r'"(\\.|[^"\\])*"', '""', shown)
    assert '"' not in outside.replace('""', "")
    assert len(outside.splitlines()) == len(dot(diagram("a")).splitlines())
    assert "alert" not in outside


@pytest.mark.parametrize("text", HOSTILE)
def test_mermaid_writes_all_but_letters_as_codes(text: str) -> None:
    lines = mermaid(diagram(text)).splitlines()
    assert len(lines) == len(mermaid(diagram("a")).splitlines())
    quoted = re.findall(r'"([^"]*)"', "\n".join(lines))
    assert all(re.fullmatch(r"(<br/>|#\d+;|[\w ,.=])*", one) for one in quoted)


def test_a_repeat_is_drawn_once_unless_all_copies_are_asked_for() -> None:
    folded, expanded = drawn(RESIDUAL), drawn(RESIDUAL, expand=True)
    assert [cluster.title for cluster in folded.clusters] == ["3 times", "res(8)"]
    assert len(folded.boxes) == 2 + 5
    assert len(expanded.boxes) == 2 + 2 + 9
    assert [one.title for one in expanded.clusters if not one.title.startswith("res")] == [
        "copy 1 of 3",
        "copy 2 of 3",
        "copy 3 of 3",
    ]


def stands_for(diagram: Diagram, box: Box) -> int:
    """How many nodes the box is drawn for."""
    count, cluster = 1, box.cluster
    while cluster is not None:
        title, cluster = diagram.clusters[cluster].title, diagram.clusters[cluster].parent
        count *= int(title.split()[0]) if re.fullmatch(r"\d+ times", title) else 1
    return count


def check_that_boxes_are_nodes(graph: Graph) -> None:
    for expand in (False, True):
        picture, expected = diagram_of(graph, expand), Counter(shown(n.call) for n in graph.layers)
        found: Counter[str] = Counter()
        for box in picture.boxes[1:-1]:
            found[box.text] += stands_for(picture, box)
        assert found == expected


REPEATS = [
    "net = Linear(4, 4) * 3 -> Linear(4, 2)",
    "net = ([Identity, Linear(_, 4)] -> Concat) * 3 -> Linear(_, 2)\ninput = [2]",
    "net = Linear(_, 8) * 3\ninput = [10]",
    "net = (Linear(_, 8) * 3 -> Linear(_, 10) * 2) * 2\ninput = [10]",
    "net = ((Linear(4, 4) -> ReLU) * 2 -> Tanh) * 3",
    "net = ((Linear(4, 4) * 2) * 3 -> Tanh) * 2",
    "block b(n) = Linear(n, n) * 2 -> ReLU\nnet = b(2) * 3 -> (b(2) -> b(2)) * 2 -> b(2)",
    "shared s = Linear(4, 4)\nnet = s * 3 -> Linear(4, 2)",
]


@pytest.mark.parametrize("text", REPEATS)
def test_boxes_times_their_copies_are_the_layers(text: str) -> None:
    check_that_boxes_are_nodes(compile_source(SourceFile("a.net", text)).require().graph)


@pytest.mark.parametrize("path", sorted(MODELS.glob("*.net")), ids=lambda path: path.name)
def test_so_they_are_for_every_model(path: Path) -> None:
    check_that_boxes_are_nodes(compile_source(read(str(path))).require().graph)


@pytest.mark.parametrize("name", USES)
def test_so_they_are_for_every_block_of_the_library(name: str) -> None:
    text = f"net = ({USES[name][0]} -> Linear(_, 8)) * 3\ninput = [8]"
    check_that_boxes_are_nodes(compile_source(SourceFile("a.net", text)).require().graph)


@given(graphs() | graphs_with_shared_weights())
def test_so_they_are_for_every_graph(graph: Graph) -> None:
    check_that_boxes_are_nodes(graph)


def test_a_repeat_is_drawn_as_one_even_if_it_is_of_one_layer() -> None:
    folded = drawn("net = Linear(4, 4) * 3 -> Linear(4, 2)")
    assert [one.text for one in folded.boxes] == ["input", "Linear(4, 4)", "Linear(4, 2)", "output"]
    assert [one.title for one in folded.clusters] == ["3 times"]


def test_copies_of_other_sizes_are_all_drawn() -> None:
    folded = drawn("net = Linear(_, 8) * 3\ninput = [10]")
    assert [one.text for one in folded.boxes[1:-1]] == ["Linear(10, 8)", *["Linear(8, 8)"] * 2]


def test_copies_with_the_same_weights_say_so() -> None:
    noted = [notes(f"{how} s = Linear(4, 4)\nnet = s * 3") for how in ("", "shared")]
    assert noted == [[""], ["the same weights each time"]]


def test_what_leaves_the_last_copy_leaves_the_one_that_is_drawn() -> None:
    folded = drawn(RESIDUAL)
    texts = [box.text for box in folded.boxes]
    edges = [(texts[edge.source], texts[edge.target]) for edge in folded.edges]
    assert ("Add", "Linear(8, 2)") in edges
    assert ("input", "Linear(2, 8)") in edges
    assert ("Linear(8, 2)", "output") in edges
    assert all(edge.source < edge.target for edge in folded.edges)


def test_a_block_of_one_layer_has_no_frame() -> None:
    assert not drawn("block one(n) = Linear(n, n)\nnet = one(2) -> one(2)").clusters


def test_a_single_copy_has_no_frame() -> None:
    assert not drawn("net = (Linear(2, 2) -> ReLU) * 1").clusters


def test_shared_weights_are_noted() -> None:
    shared = drawn("shared s = Linear(2, 2) -> ReLU\nnet = s -> s")
    assert [box.note for box in shared.boxes] == ["", *["shared weights 1", ""] * 2, ""]


def test_boxes_say_which_weights_they_share() -> None:
    lines = ("shared s = Linear(2, 2)", "shared t = Linear(2, 2)", "net = s -> t -> t * 3 -> s")
    numbers = [note.removeprefix("shared weights ") for note in notes("\n".join(lines))]
    assert numbers == ["1", "2", "2", "1"]


def test_a_network_without_layers_is_drawn() -> None:
    text = "net = Identity\ninput = [3]"
    assert "[N, 3]" in svg(drawn(text))
    assert "b0 -> b1" in dot(drawn(text))


def test_terminal_escapes_and_bidi_marks_of_a_title_are_shown_written_out() -> None:
    folded = drawn("block b(n) = Linear(n, n) -> ReLU\nnet = b(  2  # é\n)")
    assert folded.clusters[0].title == "b( 2 # é )"
