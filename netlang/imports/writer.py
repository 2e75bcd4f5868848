"""A foreign graph is written as a .net file: blocks, the network, settings, in netlang's style."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from netlang.catalogue.registry import NAMES
from netlang.catalogue.settings import SETTINGS
from netlang.imports.blocks import Block, find_blocks
from netlang.imports.chains import Chain, Part, inside, layers_of, written
from netlang.imports.decompose import decompose, is_wire
from netlang.imports.foreign_graph import ForeignGraph, ForeignLayer
from netlang.imports.naming import common_scope
from netlang.imports.part_text import Defaults, broken_call, call_of, one_line, text_of
from netlang.language.source import SourceFile
from netlang.language.syntax.format import WIDTH, format_source
from netlang.system.record import Record

_SHORT = 60  # branches that are shorter together stand in one line


class WrittenFile(Record):
    """The text of a .net file, and the foreign layers in the order of its graph's layers."""

    text: str
    layers: tuple[ForeignLayer, ...]


def write(graph: ForeignGraph, head: Sequence[str] = ()) -> WrittenFile:
    """``graph`` as a .net file, which begins with ``head`` as a comment."""
    chain, shared = _with_shared_layers(_with_plain_taps(decompose(graph)))
    found = find_blocks(chain)
    text = "\n\n".join(_paragraphs(graph, shared, found.blocks, found.net, head)) + "\n"
    layers = tuple(one for one in layers_of(found.net) if not is_wire(one))
    return WrittenFile(format_source(SourceFile(graph.name, text)), layers)


def _paragraphs(
    graph: ForeignGraph,
    shared: Sequence[Part],
    blocks: Sequence[Block],
    net: Chain,
    head: Sequence[str],
) -> Iterator[str]:
    comments = [*head, *graph.remarks]
    if comments:
        yield "\n".join(f"# {line}" for line in comments)
    defaults = {block.name: block.defaults for block in blocks}
    layout = _Layout(defaults)
    if shared:
        yield "\n".join(f"shared {one.tap} = {one_line(one.replace(tap=''), {})}" for one in shared)
    definitions = [_definition(block, layout) for block in blocks]
    if definitions:
        yield "\n\n".join(definitions)
    yield "\n".join(layout.network(net))
    yield "\n".join(_settings(graph))


def _settings(graph: ForeignGraph) -> Iterator[str]:
    settings = dict(graph.settings)
    if len(graph.inputs) == 1 and "data" not in settings and (shape := graph.inputs[0].shape):
        sizes = ", ".join("_" if size is None else str(size) for size in shape)
        yield f"input = [{sizes}]"
    yield from (f"{name} = {text}" for name, text in settings.items())


def _definition(block: Block, layout: _Layout) -> str:
    parameters = ", ".join(
        f"{name}={written(block.defaults[name])}" if name in block.defaults else name
        for name in block.parameters
    )
    named = f"block {block.name}({parameters})" if parameters else block.name
    return "\n".join(layout.chain(f"{named} = ", block.body, 0))


class _Layout:
    """Breaks chains into lines; the formatter indents them."""

    def __init__(self, defaults: Defaults) -> None:
        self._defaults = defaults

    def network(self, net: Chain) -> list[str]:
        """A line for each layer with weights or block, and its foreign name behind it."""
        names = [_name(row) for row in _rows(net)]
        text = "net = " + text_of(net, self._defaults)
        if len(text) <= _SHORT and not any(names):
            return [text]
        lines: list[str] = []
        for row, name in zip(_rows(net), names, strict=True):
            comment = f"  # {name}" if name else ""
            begin = "-> " if lines else "net = "
            own = self.chain(begin, row, 0)
            if len(own[0] + comment) > WIDTH and len(row) > 1 and row[0].kind == "use":
                own = [*self.chain(begin, row[:1], 0), *self.chain("-> ", row[1:], 0)]
            named = 0 if row[0].kind == "use" else len(own) - 1
            lines += [line + comment * (number == named) for number, line in enumerate(own)]
        return lines

    def chain(self, begin: str, chain: Chain, depth: int) -> list[str]:
        """The lines of a chain, the first of which begins with ``begin``."""
        width = WIDTH - 7 * depth
        text = begin + text_of(chain, self._defaults)
        branching = [part for part in chain if part.branches]
        long = [part for part in branching if self._is_long(part)]
        if len(text) <= width and not long:
            return [text]
        lines: list[str] = []
        line = begin
        for part in chain:
            is_first = line == begin and not lines
            arrow = "" if is_first else " -> "
            if part in (long or branching):
                more = self._branches(part, line + arrow, depth)
            else:
                short = one_line(part, self._defaults)
                if not is_first and len(line + arrow + short) > width:
                    lines.append(line)
                    line, arrow = "   ", "-> "
                more = [line + arrow + short]
                if len(more[0]) > width and part.kind in ("layer", "use"):
                    first, *rest = broken_call(part, self._defaults)
                    more = [line + arrow + first, *rest]
            lines += more[:-1]
            line = more[-1]
        return [*lines, line]

    def _branches(self, part: Part, begin: str, depth: int) -> list[str]:
        """A line for each branch of ``part``, or for what it repeats."""
        call = call_of(part, self._defaults)
        inner = [self.chain("", branch, depth + 1) for branch in part.branches]
        if part.kind == "repeat":
            return [begin + "(", *inner[0], f") * {call}"]
        rows = [line for one in inner for line in (*one[:-1], one[-1] + ",")]
        return [begin + "[", *rows, f"] -> {call}" if call else "]"]

    def _is_long(self, part: Part) -> bool:
        """Whether its branches need lines of their own."""
        if not part.branches:
            return False
        deep = any(self._is_long(inner) for branch in part.branches for inner in branch)
        return deep or len(one_line(part, self._defaults)) > _SHORT


def _rows(net: Chain) -> Iterator[Chain]:
    """The parts of the network by lines: one with weights, and those without behind it."""
    row: list[Part] = []
    for part in net:
        begins = part.learns or part.name in ("Flatten", "GlobalAvgPool")
        waits = bool(row) and all(not one.learns for one in row)
        if row and begins and not waits:
            yield tuple(row)
            row = []
        row.append(part)
    if row:
        yield tuple(row)


def _name(row: Chain) -> str:
    """What the foreign file calls the part of ``row`` that has weights, if it has a name for it."""
    part = next((part for part in row if part.learns), row[0])
    names = [layer.name for layer in part.layers if not _is_made_up(layer.name)]
    weighted = [one.name for one in part.layers if Part("layer", one.call).family == "weights"]
    if len(weighted) == 1 and weighted[0] in names:
        return weighted[0]
    if not names or (part.kind == "layer" and not part.branches):
        return names[-1] if names else ""
    return common_scope(names) or f"{names[0]} to {names[-1]}"


def _is_made_up(name: str) -> bool:
    return name.startswith("#")


def _with_plain_taps(chain: Chain) -> Chain:
    """Taps get names that the language allows."""
    names = _Names()

    def renamed(chain: Chain) -> Chain:
        return tuple(
            part.replace(
                name=names.of(part.name) if part.kind == "tap" else part.name,
                tap=part.tap and names.of(part.tap),
                branches=tuple(map(renamed, part.branches)),
            )
            for part in chain
        )

    return renamed(chain)


def _with_shared_layers(chain: Chain) -> tuple[Chain, tuple[Part, ...]]:
    """Layers that share their weights become uses of ``shared`` definitions, which come, too."""
    parts = {part.layers[-1].name: part for part in inside(chain) if part.kind == "layer"}
    owners = {part.layers[-1].shares for part in parts.values()} - {None}
    taken = {part.tap for part in inside(chain) if part.tap}
    names = _Names(taken)

    def changed(chain: Chain) -> Chain:
        found = []
        for part in chain:
            layer = part.layers[-1] if part.kind == "layer" else None
            owner = layer and (layer.shares or layer.name)
            if owner in owners and owner:
                found.append(Part("use", names.of(owner), tap=part.tap, layers=part.layers))
            else:
                found.append(part.replace(branches=tuple(map(changed, part.branches))))
        return tuple(found)

    shared = (parts[one].replace(tap=names.of(one)) for one in parts if one in owners)
    return changed(chain), tuple(shared)


class _Names:
    """Names that the language allows, made of foreign ones."""

    def __init__(self, taken: Collection[str] = ()) -> None:
        self._taken = {*taken}
        self._names: dict[str, str] = {}

    def of(self, foreign: str) -> str:
        if foreign not in self._names:
            said = re.sub(r"^#(\d+).*", r"layer\1", foreign)
            word = re.sub(r"\W+", "_", said, flags=re.ASCII).strip("_").lower()
            word = word if re.match(r"[a-z]", word) else f"layer_{word}".strip("_")
            free, number = word, 2
            while free in self._taken or free in NAMES or free in SETTINGS:
                free, number = f"{word}_{number}", number + 1
            self._taken.add(free)
            self._names[foreign] = free
        return self._names[foreign]
