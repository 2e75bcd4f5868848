"""Loops: elementwise layers that run together, forwards and backwards, number by number.

In a loop ``x0``, ``x1``, ... are the values it takes, ``y0``, ``y1``, ... those of its layers, and
``dy0``, ... their gradients. A layer's weights and constants, and what it keeps, have its ``y``'s
name behind their own: ``slope_y0``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from netlang.lowering.c.generator import scope
from netlang.lowering.c.generator.broadcast import index
from netlang.lowering.c.generator.buffers import Buffer
from netlang.lowering.c.generator.calls import Call, Parameter, output, stem
from netlang.lowering.c.generator.plan import Plan, Stage
from netlang.lowering.c.generator.texts import (
    constants,
    each,
    each_in_row,
    each_unit,
    mentions,
    substituted,
)
from netlang.lowering.c.kernels import ROWS, Elementwise
from netlang.lowering.c.rows import cleared

Names = dict[str, str]


class _Loop:
    """A stage as the body of a function in C, line by line, with what it can name."""

    def __init__(self, plan: Plan, stage: Stage) -> None:
        self.plan, self.stage = plan, stage
        self.shape = plan.graph.nodes[stage.result].shape
        self.layout = plan.layouts[stage.result]
        self.takes = plan.outside(stage)
        self.names = {value: f"x{index}" for index, value in enumerate(self.takes)}
        self.names |= {value: f"y{index}" for index, value in enumerate(stage.numbers)}
        self.head = ""  # what stands before the loop
        self.body: dict[str, None] = {}  # its lines, each once
        self.totals: dict[str, str] = {}  # sums over a row, and what they are added to
        self.scope: list[Parameter] = []
        self.draws = False

    def _as_call(self, what: str) -> Call:
        numbers = self.stage.numbers
        if any(self.plan.graph.nodes[number].layer.size for number in numbers):
            loop = each_in_row(self.shape, self.layout, [*self.body], self.totals)
        else:
            kind = each_unit if self.draws else each
            loop = kind(self.shape, self.layout, [*self.body])
        name = stem(self.plan.graph, numbers, what)
        scope = [one.replace(gives_way=True) for one in self.scope]
        return Call(name, self.head + loop, scope, numbers)

    def _kernel(self, number: int) -> Elementwise:
        kernel = self.plan.kernels[number]
        assert isinstance(kernel, Elementwise)
        return kernel

    def _known(self, number: int) -> Names:
        """What the loop calls each name in the text of a kernel."""
        own, kernel = self.names[number], self._kernel(number)
        weights = self.plan.graph.nodes[number].layer.declared_weights()
        behind = *kernel.constants, *kernel.keeps, *weights, "drawn", "key", "units"
        known = {"y": own, "dy": f"d{own}"} | {name: f"{name}_{own}" for name in behind}
        return known | {name: self.names[v] for name, v in self.plan.input_names(number).items()}

    def _add(self, *lines: str) -> None:
        self.body |= dict.fromkeys(lines)

    def _load(self, known: Names, sources: Mapping[str, str], *texts: str) -> None:
        """Define the names that ``texts`` use, each from where it stands in memory."""
        for name, source in sources.items():
            if any(mentions(text, name) for text in texts):
                self._add(f"const real {known[name]} = {source};")

    def _values(self, numbers: Iterable[int]) -> list[Parameter]:
        return [
            Parameter(f"from_{self.names[v]}", self.plan.value(v, self.layout)) for v in numbers
        ]

    def _kept(self, number: int) -> dict[str, Buffer]:
        """Where that stands of what a layer names which its backward pass uses, too."""
        known, kernel = self._known(number), self._kernel(number)
        texts = *kernel.backward, *kernel.gradients.values()
        return {
            f"keep_{known[name]}": Buffer(f"kept {name}", number, self.layout)
            for name in kernel.keeps
            if any(mentions(text, name) for text in texts)
        }

    def _owned(self, number: int) -> list[Parameter]:
        own = self.names[number]
        return [one.replace(name=f"all_{one.name}_{own}") for one in scope.owned(self.plan, number)]

    def _weights(self, number: int) -> dict[str, str]:
        """Where each weight of a number of the sample stands in memory."""
        weights, own = self.plan.graph.nodes[number].layer.declared_weights(), self.names[number]
        return {
            name: f"all_{name}_{own}[{index(weight.shape, self.shape)}]"
            for name, weight in weights.items()
        }


class Forward(_Loop):
    """``call`` computes the values of a stage, and keeps what its backward pass needs."""

    def call(self) -> Call:
        self.scope += self._values(self.takes)
        for value in self.takes:
            self._add(f"const real {self.names[value]} = from_{self.names[value]}[e];")
        for number in self.stage.numbers:
            self._layer(number)
        for number in self.stage.numbers:
            known, draws = self._known(number), scope.draws(self.plan, number)
            self.scope += [one.replace(name=known.get(one.name, one.name)) for one in draws]
        return self._as_call("forward")

    def _layer(self, number: int) -> None:
        kernel, known, kept = self._kernel(number), self._known(number), self._kept(number)
        used = self._used(number)
        texts = kernel.forward, *used.values()
        self.head += constants(kernel.constants, *texts, known=known)
        self._load(known, self._weights(number), *texts)
        if kernel.draws:
            self.draws = True
            unit = f"samples[s], {known['key']}, {known['units']}[u]"
            self._add(f"const uint32_t {known['drawn']} = drawn({unit});")
        for name, expression in used.items():
            self._add(f"const real {known[name]} = {substituted(expression, known)};")
            if number in self.plan.wanted and f"keep_{known[name]}" in kept:
                self._add(f"keep_{known[name]}[e] = {known[name]};")
        self._add(f"const real {known['y']} = {substituted(kernel.forward, known)};")
        if self.plan.is_stored(number):
            self._add(f"to_{known['y']}[e] = {known['y']};")
        self.scope += [output(name, buffer) for name, buffer in kept.items()]
        self.scope += [output(f"to_{known['y']}", self.plan.value(number)), *self._owned(number)]

    def _used(self, number: int) -> dict[str, str]:
        """Of what a layer names, that which its output needs, or what is kept of it."""
        kernel, known, used = self._kernel(number), self._known(number), dict[str, str]()
        kept = self._kept(number) if number in self.plan.wanted else {}
        for name, expression in reversed([*kernel.keeps.items()]):
            texts = kernel.forward, *used.values()
            if f"keep_{known[name]}" in kept or any(mentions(text, name) for text in texts):
                used[name] = expression
        return dict(reversed(used.items()))


class Backward(_Loop):
    """``call`` computes the gradients of what a stage takes, and of its weights.

    ``written`` has the gradients that have a first part, ``summed`` the owners of weights
    whose gradient has one. Both get the stage's own.
    """

    def __init__(self, plan: Plan, stage: Stage, written: set[Buffer], summed: set[int]) -> None:
        super().__init__(plan, stage)
        self.written, self.summed = written, summed
        self.parts: dict[int, list[str]] = {}  # of the gradient of each value

    def call(self) -> Call:
        result = self.stage.result
        array = f"gradient_{self.names[result]}"
        self.scope.append(Parameter(array, self.plan.gradient(result)))
        self.scope += [Parameter("add", "add", "int"), *self._values(self.names)]
        self.parts[result] = [f"{array}[e]"]
        for number in reversed(self.stage.numbers):
            if number in self.plan.wanted:
                self._layer(number)
        for value, parts in self.parts.items():
            gradient = self.plan.gradient(value, self.layout)
            into, again = f"into_{self.names[value]}", gradient in self.written
            self.scope.append(output(into, gradient, adds=again))
            self._add(f"{into}[e] {'+=' if again else '='} {' + '.join(parts)};")
        self.written.update(self.plan.gradient(value, self.layout) for value in self.parts)
        return self._as_call("backward")

    def _layer(self, number: int) -> None:
        kernel, known = self._kernel(number), self._known(number)
        texts = *kernel.backward, *kernel.gradients.values()
        self.head += constants(kernel.constants, *texts, known=known)
        self.scope += [Parameter(name, buffer) for name, buffer in self._kept(number).items()]
        self.scope += self._owned(number)
        self._add(f"const real {known['dy']} = {' + '.join(self.parts.pop(number))};")
        sources = {name: f"from_{known[name]}[e]" for name in kernel.reads}
        sources |= {name: f"keep_{known[name]}[e]" for name in kernel.keeps}
        sources |= self._weights(number)
        for name, expression in kernel.gradients.items():
            self._load(known, sources, expression)
            self._sum(number, name, substituted(expression, known))
        for source, expression in zip(self.plan.inputs(number), kernel.backward, strict=True):
            if source in self.plan.wanted:
                self._load(known, sources, expression)
                self.parts.setdefault(source, []).append(f"({substituted(expression, known)})")
        self.summed.add(self.plan.graph.owner(number))

    def _sum(self, number: int, name: str, expression: str) -> None:
        """Add to the gradient of a weight: at once, or where all of a row have it, their sum."""
        weight = self.plan.graph.nodes[number].layer.declared_weights()[name]
        own = self.names[number]
        array = f"all_{name}_grad_{own}"
        if self.plan.graph.owner(number) not in self.summed:
            self.head += f"    {cleared(array, weight.size)}\n"
        at = index(weight.shape, self.shape)
        if "i" in at and self.layout == ROWS:
            self._add(f"{array}[{at}] += {expression};")
        else:
            self.totals[f"total_{name}_{own}"] = f"{array}[{at}]"
            self._add(f"total_{name}_{own} += {expression};")
