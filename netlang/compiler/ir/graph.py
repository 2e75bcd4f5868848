"""A network as a graph of layers, which the compiler makes of a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from netlang.catalogue.arguments import as_source
from netlang.catalogue.layers import Identity
from netlang.catalogue.modules import Layer, Statistic, Weight
from netlang.language.shapes import Shape
from netlang.language.source import SourceFile, Span
from netlang.system.record import Record


class Expansion(Record):
    """One expansion that leads to a node: the use of a block or of a named network, or one copy
    of a repeat. The nodes of one expansion share one ``Expansion``.

    ``name`` is the block's or network's, "" for a repeat, ``span`` the use or the repeat;
    ``copy`` counts a repeat's copies from 1. ``outer`` is the expansion that this one stands in.
    ``definition`` is where the block or network is defined, None for a repeat.
    """

    span: Span
    name: str
    copy: int
    copies: int
    outer: Expansion | None
    definition: Span | None = None


class Origin(Record):
    """Where a node is written, and the innermost expansion that led there."""

    span: Span
    expansion: Expansion | None = None

    @property
    def trail(self) -> Iterator[Expansion]:
        """The expansions that led there, the innermost first."""
        expansion = self.expansion
        while expansion:
            yield expansion
            expansion = expansion.outer

    def within(self, source: SourceFile | None = None) -> Span:
        """Where ``source`` leads to the node: where it is written, or the innermost expansion that
        is written there, if the node is written in a file that is imported or in the library. If
        nothing there does, it is the text of the command line that leads to the node. By default,
        ``source`` is the text of the outermost expansion: the program's, or the command line's.
        """
        spans = (self.span, *(expansion.span for expansion in self.trail))
        source = source or spans[-1].source
        return next((span for span in spans if span.source is source), spans[-1])

    def line(self, source: SourceFile | None = None) -> int | None:
        """The line of what is ``within`` the source; None for a text of the command line."""
        span = self.within(source)
        return None if span.source.is_override else span.first.line

    def where(self, source: SourceFile | None = None) -> str:
        """The same for messages: ``line 3``, or the name of the command line's text."""
        line = self.line(source)
        return f"line {line}" if line else self.within(source).source.name


class Node(Record):
    """One layer of a graph. ``inputs`` are the numbers of earlier nodes.

    ``name`` is the layer's in lower case and a count, such as ``linear2``. ``layer`` is declared:
    it holds the bound arguments, and no tensor. ``takes`` are the inputs' shapes. ``shares`` is
    the number of the earlier node whose weights are this one's, too. The weights and statistics of
    a ``frozen`` one stay as they are in training. ``parts`` are those that settings name and that
    its weights belong to. A sample is as many rows of it as there are ``members`` of the network.
    """

    name: str
    layer: Layer
    inputs: tuple[int, ...]
    takes: tuple[Shape, ...]
    shape: Shape
    origin: Origin
    shares: int | None = None
    frozen: bool = False
    parts: tuple[str, ...] = ()
    members: int = 1

    @property
    def numbers(self) -> int:
        """How many numbers it gives for a sample."""
        return self.shape.size * self.members

    @property
    def own_weights(self) -> int:
        """How many weights it has that are not an earlier node's."""
        return 0 if self.shares else self.layer.size

    @property
    def own_statistics(self) -> int:
        """How many numbers its layer keeps beside weights, if they are not an earlier node's."""
        kept = () if self.shares else self.layer.tensors().values()
        return sum(one.size for one in kept if isinstance(one, Statistic))

    @property
    def call(self) -> str:
        """The layer as a file writes it, with the arguments that are not at their defaults, nor
        found. Those from the first optional one on are named.
        """
        layer, written, is_named = self.layer, [], False
        for argument, value in zip(layer.arguments, layer.values.values(), strict=True):
            is_named |= not argument.required
            if argument.required or (value != argument.default and not argument.found):
                text = as_source(value)
                written.append(f"{argument.name}={text}" if is_named else text)
        return f"{layer.name}({', '.join(written)})" if written else layer.name

    @property
    def macs(self) -> int:
        """Multiply-adds for one sample."""
        return self.layer.macs(*self.takes) if self.takes else 0


def input_node(shape: Shape, origin: Origin) -> Node:
    """The node of a network's input; ``origin`` is where its shape is written."""
    return Node("input", Identity.declared({}), (), (), shape, origin)


class Graph(Record):
    """Nodes in topological order; node number n is ``nodes[n]``, and the first one the input.

    ``result`` is the number of the node whose output is the network's.
    """

    nodes: tuple[Node, ...]
    result: int

    @property
    def layers(self) -> tuple[Node, ...]:
        """The nodes that compute something: all but the input."""
        return self.nodes[1:]

    @property
    def input(self) -> Shape:
        return self.nodes[0].shape

    @property
    def output(self) -> Shape:
        return self.nodes[self.result].shape

    @property
    def last(self) -> Node | None:
        """The layer that the output comes from, behind those that act only in training, if any."""
        return self.before_training_only(self.result)

    def before_training_only(self, number: int) -> Node | None:
        """The node of that number, or the layer behind those that act only in training, if any."""
        while self.nodes[number].layer.only_in_training:
            number = self.nodes[number].inputs[0]
        return self.nodes[number] if number else None

    def maker(self, number: int) -> Node | None:
        """The layer that makes the numbers of that node, behind those that only move them; None if
        they are the network's inputs.
        """
        node = self.before_training_only(number)
        while node and node.layer.rearranges:
            node = self.before_training_only(node.inputs[0])
        return node

    def owner(self, number: int) -> int:
        """The number of the node whose weights a node has: its own, or the one it shares with."""
        return self.nodes[number].shares or number

    @cached_property
    def weights(self) -> int:
        return sum(node.own_weights for node in self.nodes)

    @cached_property
    def frozen_weights(self) -> int:
        """How many of the weights stay as they are in training."""
        return sum(node.own_weights for node in self.nodes if node.frozen)

    @cached_property
    def tensors(self) -> Mapping[str, Weight | Statistic]:
        """All tensors of the network by name, such as ``linear2.weight``; shared ones come once."""
        return {
            f"{node.name}.{name}": tensor
            for node in self.layers
            if not node.shares
            for name, tensor in node.layer.tensors().items()
        }

    @cached_property
    def macs(self) -> int:
        return sum(node.macs for node in self.nodes)

    @cached_property
    def live(self) -> frozenset[int]:
        """The numbers of the nodes that the output depends on, the input's included."""
        found = {self.result}
        for number in reversed(range(len(self.nodes))):
            if number in found:
                found.update(self.nodes[number].inputs)
        return frozenset(found)

    @cached_property
    def last_read(self) -> Mapping[int, tuple[int, ...]]:
        """For each live node, the numbers of its inputs that are not read after it."""
        found: dict[int, tuple[int, ...]] = {}
        read = {self.result}
        for number in sorted(self.live - {0}, reverse=True):
            sources = dict.fromkeys(self.nodes[number].inputs)
            found[number] = tuple(source for source in sources if source not in read)
            read.update(sources)
        return found

    @cached_property
    def behind_weights(self) -> frozenset[int]:
        """The numbers of the nodes that have weights to train, or depend on one that has."""
        found: set[int] = set()
        for number, node in enumerate(self.nodes):
            is_trained = node.layer.size and not node.frozen
            if is_trained or found.intersection(node.inputs):
                found.add(number)
        return frozenset(found)
