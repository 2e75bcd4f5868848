"""A network in PyTorch: the class ``Model`` of an exported file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from netlang.compiler.ir import Graph
from netlang.language.source import SourceFile
from netlang.lowering.lowerings import Unsupported, described, input_names
from netlang.lowering.python.text import element, statement
from netlang.lowering.pytorch.counterparts import TorchDefinition, TorchExpression, TorchModule
from netlang.lowering.pytorch.lowerings import lowers
from netlang.system.terminal import visible

_INPUT = r"\bx\d*\b"


class Model:
    """``source`` is the class: an ``nn.Sequential`` where layers follow one another.

    ``paths`` are those of its modules, by the numbers of their nodes. If it is ``trained``, its
    weights are read, and nothing says how they begin, nor which of them are frozen.
    """

    def __init__(self, graph: Graph, trained: bool = False) -> None:
        self.graph, self.is_trained = graph, trained
        self.layers: dict[int, TorchModule | TorchExpression] = {}
        for number in sorted(graph.live - {0}):
            node = graph.nodes[number]
            layer = lowers.lowered(node.layer, *node.takes, name=described(node))
            if trained and isinstance(layer, TorchModule) and layer.bare:
                layer = TorchModule(layer.bare)
            self.layers[number] = layer
        self.modules = {
            number: layer for number, layer in self.layers.items() if isinstance(layer, TorchModule)
        }
        # Nodes that share weights have one module, which is named after the first of them; but a
        # layer that is tied to another has a module of its own, with the other's weight.
        first: dict[int, int] = {}
        self.holders: dict[int, int] = {}
        self.tied: dict[int, int] = {}
        for number in self.modules:
            holder = first.setdefault(graph.owner(number), number)
            is_same = graph.nodes[holder].layer.values == graph.nodes[number].layer.values
            self.holders[number] = holder if is_same else number
            if not is_same:
                self.tied[number] = holder
        self.is_chain = self._is_chain()
        self.paths = {
            number: str(index) if self.is_chain else graph.nodes[holder].name
            for index, (number, holder) in enumerate(self.holders.items())
        }

    @property
    def uses(self) -> list[TorchDefinition]:
        return [one for module in self.modules.values() for one in module.uses]

    @property
    def tied_weights(self) -> dict[str, str]:
        """The path of each weight that is another's, and the path of the other."""
        return {
            f"{self.paths[number]}.{own}": f"{self.paths[other]}.{its}"
            for number, other in self.tied.items()
            for own, its in zip(*map(self._weights, (number, other)), strict=False)
        }

    def _weights(self, number: int) -> list[str]:
        return [*self.graph.nodes[number].layer.declared_weights()]

    @property
    def has_weights(self) -> bool:
        return any(self.graph.nodes[number].layer.size for number in self.modules)

    @property
    def source(self) -> str:
        lines = self._sequential() if self.is_chain else self._wired()
        return "\n".join(lines) + "\n"

    def _is_chain(self) -> bool:
        nodes = [self.graph.nodes[number] for number in self.layers]
        follows = all(
            node.inputs == (source,) and not node.shares
            for source, node in zip([0, *self.layers], nodes, strict=False)
        )
        return follows and len(self.modules) == len(self.layers)

    def _sequential(self) -> Iterator[str]:
        yield "class Model(nn.Sequential):"
        yield "    def __init__(self):"
        yield "        super().__init__("
        for number, comment in self._commented():
            if comment:
                yield f"            {comment}"
            yield element(12, self.modules[number].text)
        yield "        )"
        for number in filter(self._is_frozen, self.modules):
            yield f"        self[{self.paths[number]}].requires_grad_(False)"
        yield from self._train(f"self[{self.paths[number]}]" for number in self._still())

    def _wired(self) -> Iterator[str]:
        yield "class Model(nn.Module):"
        yield "    def __init__(self):"
        yield "        super().__init__()"
        for number, holder in self.holders.items():
            if number == holder:
                path, module = self.paths[number], self.modules[number]
                yield statement(8, f"self.{path} = ", module.text)
                if self._is_frozen(number):
                    yield f"        self.{path}.requires_grad_(False)"
        for weight, other in self.tied_weights.items():
            yield f"        self.{weight} = self.{other}"
        yield ""
        yield "    def forward(self, x):"
        for number, comment in self._commented():
            if comment:
                yield f"        {comment}"
            yield statement(8, f"x{number} = ", self._applied(number))
        yield f"        return {self._value(self.graph.result)}"
        yield from self._train(f"self.{self.paths[number]}" for number in self._still())

    def _still(self) -> Iterator[int]:
        """The modules that are frozen with the statistics that they keep."""
        for number, holder in self.holders.items():
            node = self.graph.nodes[number]
            is_still = node.frozen and node.own_statistics and not self.is_trained
            if number == holder and is_still:
                yield number

    def _train(self, still: Iterable[str]) -> Iterator[str]:
        """The definition of ``train``, where some modules are ``still`` even then."""
        if evaluated := [f"        {module}.eval()" for module in still]:
            yield from ("", "    def train(self, mode=True):")
            yield '        """What is frozen keeps its running statistics, and takes them."""'
            yield from ("        super().train(mode)", *evaluated, "        return self")

    def _is_frozen(self, number: int) -> bool:
        node = self.graph.nodes[number]
        return node.frozen and node.layer.size > 0 and not self.is_trained

    def _applied(self, number: int) -> str:
        """The value of the node, as an expression of others."""
        layer, inputs = self.layers[number], self.graph.nodes[number].inputs
        arguments = [self._value(source) for source in inputs]
        if isinstance(layer, TorchModule):
            return f"self.{self.paths[number]}({', '.join(arguments)})"
        values = dict(zip(input_names(len(arguments)), arguments, strict=True))
        if unknown := {*re.findall(_INPUT, layer.text)} - values.keys():
            wrong = f"names {min(unknown)} in its PyTorch, which is no input of it"
            raise Unsupported(f"{described(self.graph.nodes[number])} {wrong}")
        return re.sub(_INPUT, lambda found: values[found[0]], layer.text)

    def _value(self, number: int) -> str:
        return f"x{number}" if number else "x"

    def _commented(self) -> Iterator[tuple[int, str]]:
        """The nodes, each with its line of the file as a comment, unless the last one has it."""
        last: tuple[SourceFile, int] | None = None
        for number in self.layers:
            span = self.graph.nodes[number].origin.span
            line = span.source, span.first.line
            text = "" if line == last else span.source.line(span.first.line).strip()
            yield number, f"# {visible(text)}" if text else ""
            last = line
