"""What differs between two programs in what they compute, however they are written."""

from __future__ import annotations

from collections.abc import Iterator

from netlang.catalogue.arguments import as_source
from netlang.compiler.ir.graph import Graph, Node
from netlang.compiler.ir.program import Program, setting_text
from netlang.system.matching import Matcher
from netlang.system.record import Record

# Numbers of a node before and after; None if it is not there.
_NodePair = tuple[int | None, int | None]


class Change(Record):
    """One difference. ``kind`` is "added", "removed", "changed", "rewired", "setting" or "size".

    ``what`` is a node's name, a setting, or "weights" and "multiply-adds"; ``before`` and
    ``after`` are texts, None for what is not there. Lines are those of the two files, where there
    are any.
    """

    kind: str
    what: str
    before: str | None
    after: str | None
    line_before: int | None = None
    line_after: int | None = None


def compare(before: Program, after: Program) -> list[Change]:
    """All changes: of layers in their order, of wiring, of settings, and of sizes in total."""
    pairs = list(_aligned(before.graph, after.graph))
    return [
        *_layers(before, after, pairs),
        *_wiring(before, after, pairs),
        *_settings(before, after),
        *_sizes(before.graph, after.graph),
    ]


def _aligned(before: Graph, after: Graph) -> Iterator[_NodePair]:
    """Pairs of the nodes of both graphs that are the same layer, changed or not."""
    old, new = ([node.call for node in graph.nodes] for graph in (before, after))
    for tag, i, i_end, j, j_end in Matcher(old, new).get_opcodes():
        if tag == "equal":
            yield from zip(range(i, i_end), range(j, j_end), strict=True)
            continue
        # Nodes that differ are paired by the kind of layer.
        was = [node.layer.name for node in before.nodes[i:i_end]]
        now = [node.layer.name for node in after.nodes[j:j_end]]
        for alike, k, k_end, m, m_end in Matcher(was, now).get_opcodes():
            ours, theirs = range(i + k, i + k_end), range(j + m, j + m_end)
            if alike == "equal":
                yield from zip(ours, theirs, strict=True)
            else:
                yield from ((number, None) for number in ours)
                yield from ((None, number) for number in theirs)


def _layers(before: Program, after: Program, pairs: list[_NodePair]) -> Iterator[Change]:
    for i, j in pairs:
        old = None if i is None else before.graph.nodes[i]
        new = None if j is None else after.graph.nodes[j]
        texts = [node.call if node else None for node in (old, new)]
        if texts[0] != texts[1]:
            kind = "changed" if old and new else "removed" if old else "added"
            name = (new or old).name  # type: ignore[union-attr]
            yield Change(kind, name, texts[0], texts[1], _line(old, before), _line(new, after))


def _line(node: Node | None, program: Program) -> int | None:
    """The line in the program's own file where the node is written, or where its block is used."""
    return node.origin.within(program.source).first.line if node else None


def _wiring(one: Program, other: Program, pairs: list[_NodePair]) -> Iterator[Change]:
    """Nodes of both graphs that get their inputs, or their weights, from elsewhere now."""
    before, after = one.graph, other.graph
    both = [(i, j) for i, j in pairs if i is not None and j is not None]
    became = dict(both)
    came = {j for i, j in pairs if i is None}
    for i, j in both:
        old, new = before.nodes[i], after.nodes[j]
        # Beside a layer that came or went the wiring changes with it, which is not another change.
        moved = len(old.inputs) != len(new.inputs) or any(
            was in became and now not in came and became[was] != now
            for was, now in zip(old.inputs, new.inputs, strict=False)
        )
        shares = old.shares and became.get(old.shares)
        if moved or shares != new.shares:
            lines = _line(old, one), _line(new, other)
            sources = _sources(before, old), _sources(after, new)
            yield Change("rewired", new.name, *sources, *lines)
    if became.get(before.result) != after.result and before.result in became:
        was, now = before.nodes[before.result].name, after.nodes[after.result].name
        yield Change("rewired", "output", was, now)


def _sources(graph: Graph, node: Node) -> str:
    text = "from " + ", ".join(graph.nodes[number].name for number in node.inputs)
    return f"{text}, weights of {graph.nodes[node.shares].name}" if node.shares else text


def _settings(before: Program, after: Program) -> Iterator[Change]:
    old, new = _said(before), _said(after)
    for name in (*old, *(name for name in new if name not in old)):
        if old.get(name) != new.get(name):
            yield Change("setting", name, old.get(name), new.get(name))


def _said(program: Program) -> dict[str, str]:
    """The settings as text."""
    said = {"input": str(program.graph.input)}
    said |= {name: setting_text(value, repr) for name, value in program.settings.items()}
    for expected in program.expectations:
        name = f"expect {expected.metric}"
        text = f"{expected.comparison} {as_source(expected.bound)}"
        said[name] = f"{said[name]} and {text}" if name in said else text
    return said


def _sizes(before: Graph, after: Graph) -> Iterator[Change]:
    for what, old, new in (
        ("weights", before.weights, after.weights),
        ("multiply-adds", before.macs, after.macs),
    ):
        if old != new:
            yield Change("size", what, f"{old:,}", f"{new:,} ({new - old:+,})")
