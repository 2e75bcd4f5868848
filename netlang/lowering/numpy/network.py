"""A network in NumPy: the function ``network`` of an exported file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from netlang.catalogue.registry import ITEMS
from netlang.compiler.ir import Graph
from netlang.lowering.lowerings import Unsupported, described, input_names
from netlang.lowering.numpy.lowerings import INPUT, TENSOR, NumpyCall, lowers
from netlang.lowering.python.text import statement
from netlang.system.terminal import visible

OF = '''\
def of(layer):
    """The weights of a layer, by their names in it."""
    own = {name.rpartition("."): one for name, one in W.items()}
    return {name: one for (begin, _, name), one in own.items() if begin == layer}
'''


class NumpyNetwork:
    """``source`` is the function. A value is called ``x`` where what follows is all that reads it,
    and else by the name of its node.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.numbers = sorted(graph.live - {0})
        self.calls: dict[int, NumpyCall] = {}
        for number in self.numbers:
            node = graph.nodes[number]
            self.calls[number] = lowers.lowered(node.layer, *node.takes, name=described(node))
        self._names = self._named()

    @property
    def uses(self) -> list[Callable[..., Any]]:
        """The functions that it calls."""
        return [one for call in self.calls.values() for one in call.uses]

    @property
    def asks_for_layers(self) -> bool:
        """Whether it takes all weights of a layer at once, by ``of``."""
        return any("{}" in call.text for call in self.calls.values())

    @property
    def source(self) -> str:
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        graph = self.graph
        shapes = f"[N, {_sizes(graph.input.sizes)}] -> [N, {_sizes(graph.output.sizes)}]"
        yield f"def network({self._names[0]}):"
        yield f'    """What the network gives for its inputs.  Shape: {shapes}."""'
        last = None
        for number in self.numbers:
            text = self._text(number)
            if text == self._names[number]:
                continue
            written = self._written(number)
            if written and written != last:
                yield f"    # {visible(written[0])}"
            last = written
            yield statement(4, f"{self._names[number]} = ", text)
        yield f"    return {self._names[graph.result]}"

    def _written(self, number: int) -> tuple[str, int] | None:
        """The line that a node is written in, and its number; None where no file has its layer."""
        node = self.graph.nodes[number]
        line = node.origin.span.first.line
        text = node.origin.span.source.line(line).strip()
        return (text, line) if text and node.layer.name in ITEMS else None

    def _named(self) -> Mapping[int, str]:
        """What each value is called."""
        readers: dict[int, list[int]] = {0: []}
        for number in self.numbers:
            readers[number] = []
            for source in dict.fromkeys(self.graph.nodes[number].inputs):
                readers[source].append(number)
        following = dict(zip([0, *self.numbers], [*self.numbers, -1], strict=True))
        names = {}
        for number, reading in readers.items():
            is_passed_on = not reading or reading == [following[number]]
            names[number] = "x" if is_passed_on else self.graph.nodes[number].name
        return names

    def _text(self, number: int) -> str:
        """The value of a node, as an expression of others."""
        call, node = self.calls[number], self.graph.nodes[number]
        given = [self._names[source] for source in node.inputs]
        values = dict(zip(input_names(len(given)), given, strict=True))
        if unknown := {*INPUT.findall(call.text)} - values.keys():
            wrong = f"names {min(unknown)} in its NumPy, which is no input of it"
            raise Unsupported(f"{described(node)} {wrong}")
        text = INPUT.sub(lambda found: values[found[0]], call.text)
        return TENSOR.sub(lambda found: self._tensor(number, found[1]), text)

    def _tensor(self, number: int, name: str) -> str:
        """A tensor of a node, which may be that of another; all of them by no name."""
        nodes, owner = self.graph.nodes, self.graph.owner(number)
        if not name:
            return f'of("{nodes[owner].name}")'
        if name not in nodes[owner].layer.tensors():  # as a tied layer calls it
            own = [*nodes[number].layer.declared_weights()]
            name = [*nodes[owner].layer.declared_weights()][own.index(name)]
        return f'W["{nodes[owner].name}.{name}"]'


def _sizes(sizes: tuple[int, ...]) -> str:
    return ", ".join(map(str, sizes)) if sizes else "1"
