"""Diagrams as text for other programs: Graphviz's DOT, and Mermaid."""

from __future__ import annotations

from collections.abc import Iterator

from netlang.compiler.drawing.diagram import COLOURS, TEXT_COLOUR, Diagram

_DOT_BOX = 'shape=box, style="rounded,filled"'
_DOT_SHAPES = {"input": "shape=oval", "output": "shape=oval"}
_MERMAID_BRACKETS = {"input": ("([", "])"), "output": ("([", "])"), "join": ("{{", "}}")}


def dot(diagram: Diagram) -> str:
    """``diagram`` for Graphviz. All names are numbers: no text can end a string or a statement."""
    lines = [
        "digraph netlang {",
        '  node [fontname="sans-serif", fontsize=12, style=filled];',
        '  edge [fontname="sans-serif", fontsize=10];',
    ]
    for depth, kind, index in _nested(diagram):
        indent = "  " * (depth + 1)
        if kind == "open":
            lines.append(f"{indent}subgraph cluster_{index} {{")
            lines.append(f"{indent}  label={_dot_text(diagram.clusters[index].title)};")
        elif kind == "close":
            lines.append(f"{indent}}}")
        else:
            box = diagram.boxes[index]
            label = f"{box.text}\n{box.note}" if box.note else box.text
            fill, _ = COLOURS[box.kind]
            style = f'{_DOT_SHAPES.get(box.kind, _DOT_BOX)}, fillcolor="{fill}"'
            lines.append(f"{indent}b{index} [label={_dot_text(label)}, {style}];")
    lines += (
        f"  b{edge.source} -> b{edge.target} [label={_dot_text(edge.label)}];"
        for edge in diagram.edges
    )
    return "\n".join([*lines, "}"]) + "\n"


def _dot_text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def mermaid(diagram: Diagram) -> str:
    """``diagram`` as a Mermaid flowchart; its texts write all but letters and digits as codes."""
    lines = ["flowchart TD"]
    for depth, kind, index in _nested(diagram):
        indent = "  " * (depth + 1)
        if kind == "open":
            title = _mermaid_text(diagram.clusters[index].title)
            lines.append(f'{indent}subgraph c{index} ["{title}"]')
        elif kind == "close":
            lines.append(f"{indent}end")
        else:
            box = diagram.boxes[index]
            left, right = _MERMAID_BRACKETS.get(box.kind, ("[", "]"))
            note = f"<br/>{_mermaid_text(box.note)}" if box.note else ""
            lines.append(f'{indent}b{index}{left}"{_mermaid_text(box.text)}{note}"{right}')
    lines += (
        f'  b{edge.source} -->|"{_mermaid_text(edge.label)}"| b{edge.target}'
        for edge in diagram.edges
    )
    for kind in ("weights", "join"):
        fill, stroke = COLOURS[kind]
        lines.append(f"  classDef {kind} fill:{fill},stroke:{stroke},color:{TEXT_COLOUR}")
        members = [f"b{at}" for at, box in enumerate(diagram.boxes) if box.kind == kind]
        if members:
            lines.append(f"  class {','.join(members)} {kind}")
    return "\n".join(lines) + "\n"


def _mermaid_text(text: str) -> str:
    return "".join(
        letter if letter.isalnum() or letter in " ,._=" else f"#{ord(letter)};" for letter in text
    )


def _nested(diagram: Diagram) -> Iterator[tuple[int, str, int]]:
    """Boxes ("box") in their order, each inside its clusters, which "open" and "close" once.

    With the depth of each. Without recursion: clusters may stand in each other hundreds deep.
    """
    inside: dict[int | None, list[tuple[str, int]]] = {}
    opened: set[int] = set()
    for index, box in enumerate(diagram.boxes):
        inside.setdefault(box.cluster, []).append(("box", index))
        cluster = box.cluster
        while cluster is not None and cluster not in opened:
            opened.add(cluster)
            parent = diagram.clusters[cluster].parent
            inside.setdefault(parent, []).append(("open", cluster))
            cluster = parent
    todo = [(0, kind, index) for kind, index in reversed(inside.get(None, []))]
    while todo:
        depth, kind, index = todo.pop()
        yield depth, kind, index
        if kind == "open":
            todo.append((depth, "close", index))
            todo += [(depth + 1, *part) for part in reversed(inside.get(index, []))]
