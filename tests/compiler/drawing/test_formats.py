"""SVG, DOT and Mermaid: well formed, whatever the names in them."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import pytest

from netlang.compiler.drawing import Box, Cluster, Diagram, Edge, diagram_of, dot, mermaid, svg
from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile

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
    assert [box.note for box in shared.boxes] == ["", "", "", "weights of linear1", "", ""]


def test_a_network_without_layers_is_drawn() -> None:
    text = "net = Identity\ninput = [3]"
    assert "[N, 3]" in svg(drawn(text))
    assert "b0 -> b1" in dot(drawn(text))


def test_terminal_escapes_and_bidi_marks_of_a_title_are_shown_written_out() -> None:
    folded = drawn("block b(n) = Linear(n, n) -> ReLU\nnet = b(  2  # é\n)")
    assert folded.clusters[0].title == "b( 2 # é )"
