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
from netlang.imports.layout import Layout
from netlang.imports.part_text import in_one_line, one_line
from netlang.language.source import SourceFile
from netlang.language.syntax.format import format_source
from netlang.system.record import Record


class WrittenFile(Record):
    """The text of a .net file, and the foreign layers in the order of its graph's layers."""

    text: str
    layers: tuple[ForeignLayer, ...]


def write(graph: ForeignGraph, head: Sequence[str] = ()) -> WrittenFile:
    """``graph`` as a .net file, which begins with ``head`` as a comment."""
    chain, shared = _with_shared_layers(plain_chain(graph))
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
        yield "\n".join(f"# {in_one_line(line)}" for line in comments)
    defaults = {block.name: block.defaults for block in blocks}
    layout = Layout(defaults)
    if shared:
        yield "\n".join(f"shared {one.tap} = {one_line(one.replace(tap=''), {})}" for one in shared)
    definitions = [_definition(block, layout) for block in blocks]
    if definitions:
        yield "\n\n".join(definitions)
    yield "\n".join(layout.network(net))
    yield "\n".join(settings_of(graph))


def settings_of(graph: ForeignGraph) -> Iterator[str]:
    """The lines of the file's settings."""
    settings = dict(graph.settings)
    if len(graph.inputs) == 1 and "data" not in settings and (shape := graph.inputs[0].shape):
        sizes = ", ".join("_" if size is None else str(size) for size in shape)
        yield f"input = [{sizes}]"
    yield from (f"{name} = {text}" for name, text in settings.items())


def _definition(block: Block, layout: Layout) -> str:
    parameters = ", ".join(
        f"{name}={written(block.defaults[name])}" if name in block.defaults else name
        for name in block.parameters
    )
    named = f"block {block.name}({parameters})" if parameters else block.name
    return "\n".join(layout.chain(f"{named} = ", block.body, 0))


def plain_chain(graph: ForeignGraph) -> Chain:
    """The network as a chain without blocks, whose taps have names that the language allows."""
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

    return renamed(decompose(graph))


def _with_shared_layers(chain: Chain) -> tuple[Chain, tuple[Part, ...]]:
    """Layers that share their weights become uses of ``shared`` definitions, which come, too."""
    layers = (part for part in inside(chain) if part.kind == "layer" and part.layers)
    parts = {part.layers[-1].name: part for part in layers}
    owners = {part.layers[-1].shares for part in parts.values()} - {None}
    taken = {part.tap for part in inside(chain) if part.tap}
    names = _Names(taken)

    def changed(chain: Chain) -> Chain:
        found = []
        for part in chain:
            layer = part.layers[-1] if part.kind == "layer" and part.layers else None
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
