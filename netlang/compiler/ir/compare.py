"""What differs between two programs in what they compute, however they are written."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from netlang.catalogue.arguments import as_source
from netlang.catalogue.items import Item
from netlang.compiler.ir.graph import Graph, Node
from netlang.compiler.ir.program import Program, setting_text
from netlang.system.matching import Matcher
from netlang.system.record import Record

_Numbers = tuple[int | None, int | None]  # a layer's before and after; None where it is not there


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
    aligned = list(_aligned(before.graph, after.graph))
    return [
        *_layers(before, after, aligned),
        *_wiring(before, after, aligned),
        *_settings(before, after),
        *_sizes(before.graph, after.graph),
    ]


def _aligned(before: Graph, after: Graph) -> Iterator[_Numbers]:
    """The layers of both graphs, those that are in both as one, changed or not."""
    old, new = ([node.call for node in graph.nodes] for graph in (before, after))
    for tag, i, i_end, j, j_end in Matcher(old, new).get_opcodes():
        if tag == "equal":
            yield from zip(range(i, i_end), range(j, j_end), strict=True)
            continue
        # Layers that differ are taken for the same one if they are of the same kind.
        was = [node.layer.name for node in before.nodes[i:i_end]]
        now = [node.layer.name for node in after.nodes[j:j_end]]
        for alike, k, k_end, m, m_end in Matcher(was, now).get_opcodes():
            ours, theirs = range(i + k, i + k_end), range(j + m, j + m_end)
            if alike == "equal":
                yield from zip(ours, theirs, strict=True)
            else:
                yield from ((number, None) for number in ours)
                yield from ((None, number) for number in theirs)


def _layers(before: Program, after: Program, aligned: Sequence[_Numbers]) -> Iterator[Change]:
    for i, j in aligned:
        old = None if i is None else before.graph.nodes[i]
        new = None if j is None else after.graph.nodes[j]
        texts = [node.call if node else None for node in (old, new)]
        if texts[0] != texts[1]:
            kind = "changed" if old and new else "removed" if old else "added"
            node = new or old
            assert node, "a layer of either"
            lines = _line(old, before), _line(new, after)
            yield Change(kind, node.name, texts[0], texts[1], *lines)


def _line(node: Node | None, program: Program) -> int | None:
    return node.origin.line(program.source) if node else None


def _wiring(before: Program, after: Program, aligned: Sequence[_Numbers]) -> Iterator[Change]:
    """Layers of both programs that get their inputs, or their weights, from elsewhere now."""
    nodes, others = before.graph.nodes, after.graph.nodes
    became = {i: j for i, j in aligned if i is not None and j is not None}
    stayed = {*became.values()}

    def is_moved(was: int, now: int) -> bool:
        """Whether a value comes from another layer, behind those that were removed or added."""
        old, new = _behind(before.graph, was, became), _behind(after.graph, now, stayed)
        return old is not None and new is not None and became[old] != new

    for i, j in became.items():
        old, new = nodes[i], others[j]
        moved = len(old.inputs) != len(new.inputs) or any(map(is_moved, old.inputs, new.inputs))
        shares = old.shares and became.get(old.shares)
        if moved or shares != new.shares:
            lines = _line(old, before), _line(new, after)
            texts = _sources(before.graph, old), _sources(after.graph, new)
            yield Change("rewired", new.name, *texts, *lines)
    if is_moved(before.graph.result, after.graph.result):
        names = nodes[before.graph.result].name, others[after.graph.result].name
        yield Change("rewired", "output", *names)


def _behind(graph: Graph, number: int, common: Container[int]) -> int | None:
    """The nearest of the ``common`` nodes that the output of ``number`` comes from, if it is one.

    Behind a node of several inputs it is none.
    """
    while number not in common:
        inputs = graph.nodes[number].inputs
        if len(inputs) != 1:
            return None
        (number,) = inputs
    return number


def _sources(graph: Graph, node: Node) -> str:
    text = "from " + ", ".join(graph.nodes[number].name for number in node.inputs)
    return f"{text}, weights of {graph.nodes[node.shares].name}" if node.shares else text


def _settings(before: Program, after: Program) -> Iterator[Change]:
    old, new = _texts(before), _texts(after)
    for name in before.settings.keys() & after.settings.keys():
        was, now = before.settings[name], after.settings[name]
        if isinstance(was, Item) and isinstance(now, Item) and old[name] != new[name]:
            old[name], new[name] = _apart(was, now), _apart(now, was)
    for name in old | new:
        if old.get(name) != new.get(name):
            yield Change("setting", name, old.get(name), new.get(name))


def _texts(program: Program) -> dict[str, str]:
    """The values of the settings as text, and what is expected."""
    texts = {"input": str(program.graph.input)}
    texts |= {name: setting_text(name, value, _written) for name, value in program.settings.items()}
    for expected in program.expectations:
        name = f"expect {expected.metric}"
        text = f"{expected.comparison} {as_source(expected.bound)}"
        texts[name] = f"{texts[name]} and {text}" if name in texts else text
    return texts


def _apart(item: Item, other: Item) -> str:
    """``item`` as text; of one that is of the same kind, only the arguments that differ."""
    if type(item) is not type(other) or not item.arguments:
        return setting_text("", item, _written)
    values = {name: as_source(value) for name, value in item.values.items()}
    others = {name: as_source(value) for name, value in other.values.items()}
    differ = [f"{name}={text}" for name, text in values.items() if others.get(name) != text]
    return f"{item.name}({', '.join(differ)})"


def _written(item: Item) -> str:
    """``item`` as text, with the arguments that are not at their defaults."""
    values = item.values
    said = [one.name for one in item.arguments if one.required or values[one.name] != one.default]
    texts = ", ".join(f"{name}={as_source(values[name])}" for name in said)
    return f"{item.name}({texts})" if texts else item.name


def _sizes(before: Graph, after: Graph) -> Iterator[Change]:
    for what, old, new in (
        ("weights", before.weights, after.weights),
        ("multiply-adds", before.macs, after.macs),
    ):
        if old != new:
            yield Change("size", what, f"{old:,}", f"{new:,} ({new - old:+,})")
