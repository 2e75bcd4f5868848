"""Loops: elementwise layers that run together, forwards and backwards, number by number.

In a loop ``x0``, ``x1``, ... are the values it takes, ``y0``, ``y1``, ... those of its layers, and
``dy0``, ... their gradients; a layer's constants and what it keeps have its ``y``'s name behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from netlang.lowering.c.buffers import Access, Buffer
from netlang.lowering.c.calls import Call, Parameter, stem
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
        reads = [self._array("from", value) for value in self.takes]
        body = [self._load("from", value) for value in self.takes]
        writes: list[Parameter] = []
        heads: list[str] = []
        for number in self.stage.numbers:
            kernel, known = self._kernel(number), self._known(number)
            heads.append(
                constants(kernel.constants, kernel.forward, *kernel.keeps.values(), known=known)
            )
            if number in self.plan.random:
                body.append(substituted(_DRAW, known))
            for name, expression in kernel.keeps.items():
                body.append(f"const real {known[name]} = {substituted(expression, known)};")
                if number in self.plan.wanted:
                    writes.append(self._kept(number, name))
                    body.append(f"{writes[-1].name}[e] = {known[name]};")
            body.append(f"const real {known['y']} = {substituted(kernel.forward, known)};")
            if self.plan.is_stored(number):
                writes.append(self._array("to", number))
                body.append(f"{writes[-1].name}[e] = {known['y']};")
        random = [number for number in self.stage.numbers if number in self.plan.random]
        rows = [substituted(_ROW, self._known(number)) for number in random]
        text = each_unit(self.shape, rows, body) if random else each(self.shape, body)
        parameters = (*reads, *writes, *self._draws(random))
        access = Access(_buffers(reads), _buffers(writes), in_place=True)
        return self._call("forward", "".join(heads) + text, parameters, access)

    def backward(self, written: set[int]) -> Call:
        """``written`` has the values whose gradient has a first part, and gets the loop's own."""
        result = self.stage.result
        reads = {"": Parameter(f"gradient_{self.names[result]}", Buffer("gradient", result))}
        body = [f"const real d{self.names[result]} = {reads[''].name}[e];"]
        parts: dict[int, list[str]] = {result: []}
        heads: list[str] = []
        for number in reversed(self.stage.numbers):
            if number not in self.plan.wanted:
                continue
            kernel, known = self._kernel(number), self._known(number)
            heads.append(constants(kernel.constants, *kernel.backward, known=known))
            if own := parts.pop(number):
                body.append(f"const real {known['dy']} = {' + '.join(own)};")
            for source, expression in zip(self.plan.inputs(number), kernel.backward, strict=True):
                if source in self.plan.wanted:
                    for load, parameter in self._loads(number, expression):
                        if load not in reads:
                            reads[load] = parameter
                            body.append(load)
                    parts.setdefault(source, []).append(f"({substituted(expression, known)})")
        sums = {value: self._array("into", value, "gradient") for value in parts}
        again = [parameter for value, parameter in sums.items() if value in written]
        for value, parameter in sums.items():
            sign = "+=" if value in written else "="
            body.append(f"{parameter.name}[e] {sign} {' + '.join(parts[value])};")
        written.update(sums)
        access = Access(_buffers([*reads.values(), *again]), _buffers(sums.values()), in_place=True)
        parameters = (*reads.values(), *sums.values())
        return self._call("backward", "".join(heads) + each(self.shape, body), parameters, access)

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

    def _loads(self, number: int, expression: str) -> Iterator[tuple[str, Parameter]]:
        """What a backward expression needs of the forward pass: how it is loaded, and whence."""
        values = {"y": number, **self.plan.input_names(number)}
        for name, value in values.items():
            if mentions(expression, name):
                yield self._load("from", value), self._array("from", value)
        for name in self._kernel(number).keeps:
            if mentions(expression, name):
                parameter = self._kept(number, name)
                yield f"const real {self._known(number)[name]} = {parameter.name}[e];", parameter

    def _load(self, prefix: str, value: int) -> str:
        return f"const real {self.names[value]} = {prefix}_{self.names[value]}[e];"

    def _array(self, prefix: str, value: int, what: str = "value") -> Parameter:
        return Parameter(f"{prefix}_{self.names[value]}", Buffer(what, value))

    def _kept(self, number: int, name: str) -> Parameter:
        return Parameter(f"keep_{self._known(number)[name]}", Buffer(f"kept {name}", number))

    def _draws(self, random: Sequence[int]) -> Iterator[Parameter]:
        """The samples' numbers, and for each layer that draws its key and its units' hashes."""
        if random:
            yield Parameter("samples", "w->samples", "const uint32_t *restrict")
        for number in random:
            known = self._known(number)
            key = f"(uint32_t)c->keys[{self.plan.random[number]}]"
            yield Parameter(known["key"], key, "uint32_t")
            yield Parameter(known["units"], f"p->units{number}", "const uint32_t *restrict")

    def _call(
        self, what: str, text: str, parameters: tuple[Parameter, ...], access: Access
    ) -> Call:
        numbers = self.stage.numbers
        return Call(stem(self.plan.graph, numbers, what), text, parameters, access, numbers)


_DRAWN = ("drawn", "row", "units", "key")
_DRAW = "const uint32_t drawn = hash(row ^ units[u]) >> 1;"
_ROW = "const uint32_t row = hash(samples[s] ^ key);"


def _buffers(parameters: Iterable[Parameter]) -> tuple[Buffer, ...]:
    return tuple(one.argument for one in parameters if isinstance(one.argument, Buffer))
