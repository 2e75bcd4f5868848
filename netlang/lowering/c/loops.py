"""Loops: elementwise layers that run together, forwards and backwards, number by number.

In a loop ``x0``, ``x1``, ... are the values it takes, ``y0``, ``y1``, ... those of its layers, and
``dy0``, ... their gradients; a layer's constants and what it keeps have its ``y``'s name behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from netlang.lowering.c import scope
from netlang.lowering.c.buffers import Buffer
from netlang.lowering.c.calls import Call, Parameter, output, stem
from netlang.lowering.c.kernels import Elementwise
from netlang.lowering.c.plan import Plan, Stage
from netlang.lowering.c.texts import constants, each, each_unit, mentions, substituted


class Loop:
    def __init__(self, plan: Plan, stage: Stage) -> None:
        self.plan, self.stage = plan, stage
        self.shape = plan.graph.nodes[stage.result].shape
        self.takes = plan.outside(stage)
        self.names = {value: f"x{index}" for index, value in enumerate(self.takes)}
        self.names |= {value: f"y{index}" for index, value in enumerate(stage.numbers)}

    def forward(self) -> Call:
        body = [f"const real {self.names[x]} = from_{self.names[x]}[e];" for x in self.takes]
        named = self._values(self.takes)
        heads: list[str] = []
        rows: list[str] = []
        for number in self.stage.numbers:
            kernel, known = self._kernel(number), self._known(number)
            heads.append(
                constants(kernel.constants, kernel.forward, *kernel.keeps.values(), known=known)
            )
            if kernel.draws:
                rows.append(substituted(_ROW, known))
                body.append(substituted(_DRAW, known))
            for name, expression in kernel.keeps.items():
                body.append(f"const real {known[name]} = {substituted(expression, known)};")
                if number in self.plan.wanted:
                    body.append(f"keep_{known[name]}[e] = {known[name]};")
            body.append(f"const real {known['y']} = {substituted(kernel.forward, known)};")
            if self.plan.is_stored(number):
                body.append(f"to_{known['y']}[e] = {known['y']};")
            named += [output(name, buffer) for name, buffer in self._kept(number).items()]
            named.append(output(f"to_{known['y']}", Buffer("value", number)))
        for number in self.stage.numbers:
            known = self._known(number)
            named += [
                one.called(known.get(one.name, one.name)) for one in scope.draws(self.plan, number)
            ]
        text = each_unit(self.shape, rows, body) if rows else each(self.shape, body)
        return self._call("forward", "".join(heads) + text, named)

    def backward(self, written: set[int]) -> Call:
        """``written`` has the values whose gradient has a first part, and gets the loop's own."""
        result = self.stage.result
        body = [f"const real d{self.names[result]} = gradient_{self.names[result]}[e];"]
        named = [Parameter(f"gradient_{self.names[result]}", Buffer("gradient", result))]
        named += self._values(self.names)
        parts: dict[int, list[str]] = {result: []}
        loaded: set[str] = set()
        heads: list[str] = []
        for number in reversed(self.stage.numbers):
            if number not in self.plan.wanted:
                continue
            kernel, known = self._kernel(number), self._known_backwards(number)
            heads.append(constants(kernel.constants, *kernel.backward, known=known))
            named += [Parameter(name, buffer) for name, buffer in self._kept(number).items()]
            if own := parts.pop(number):
                body.append(f"const real {known['dy']} = {' + '.join(own)};")
            for source, expression in zip(self.plan.inputs(number), kernel.backward, strict=True):
                if source in self.plan.wanted:
                    loads = dict.fromkeys(self._loads(number, expression))
                    body += [load for load in loads if load not in loaded]
                    loaded.update(loads)
                    parts.setdefault(source, []).append(f"({substituted(expression, known)})")
        for value, sums in parts.items():
            into, again = f"into_{self.names[value]}", value in written
            named.append(output(into, Buffer("gradient", value), adds=again))
            body.append(f"{into}[e] {'+=' if again else '='} {' + '.join(sums)};")
        written.update(parts)
        return self._call("backward", "".join(heads) + each(self.shape, body), named)

    def _kernel(self, number: int) -> Elementwise:
        kernel = self.plan.kernels[number]
        assert isinstance(kernel, Elementwise)
        return kernel

    def _known(self, number: int) -> dict[str, str]:
        """From the names in a kernel's text to those in the loop."""
        own, kernel = self.names[number], self._kernel(number)
        known = {"y": own, "dy": f"d{own}"}
        known |= {name: f"{name}_{own}" for name in (*kernel.constants, *kernel.keeps, *_DRAWN)}
        return known | {name: self.names[v] for name, v in self.plan.input_names(number).items()}

    def _known_backwards(self, number: int) -> dict[str, str]:
        """The same without the values that the kernel does not declare to read."""
        values = {"y", *self.plan.input_names(number)}.difference(self._kernel(number).reads)
        known = self._known(number)
        return {name: known[name] for name in known if name not in values}

    def _loads(self, number: int, expression: str) -> Iterator[str]:
        """What a backward expression needs of the forward pass."""
        kernel, known = self._kernel(number), self._known(number)
        arrays = dict.fromkeys(kernel.reads, "from") | dict.fromkeys(kernel.keeps, "keep")
        for name, array in arrays.items():
            if mentions(expression, name):
                yield f"const real {known[name]} = {array}_{known[name]}[e];"

    def _values(self, numbers: Iterable[int]) -> list[Parameter]:
        return [Parameter(f"from_{self.names[v]}", Buffer("value", v)) for v in numbers]

    def _kept(self, number: int) -> dict[str, Buffer]:
        known = self._known(number)
        return {
            f"keep_{known[name]}": Buffer(f"kept {name}", number)
            for name in self._kernel(number).keeps
        }

    def _call(self, what: str, text: str, named: Sequence[Parameter]) -> Call:
        numbers = self.stage.numbers
        name = stem(self.plan.graph, numbers, what)
        return Call(name, text, named, numbers, in_place=True)


_DRAWN = ("drawn", "row", "units", "key")
_DRAW = "const uint32_t drawn = hash(row ^ units[u]) >> 1;"
_ROW = "const uint32_t row = hash(samples[s] ^ key);"
