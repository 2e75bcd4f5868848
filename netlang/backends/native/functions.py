"""Kernels as functions of C: the loops around what layers and losses say of themselves.

Names in a function depend on the kernels alone, so that layers that compute the same share one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from textwrap import dedent, indent

from netlang.backends.native.buffers import TARGETS, Buffer, Use
from netlang.backends.native.plan import Group, Plan, mentions
from netlang.kernels import Constants, Elementwise, Routine, Rowwise, length, row_sizes
from netlang.record import Record
from netlang.shapes import Shape


class Role(Record):
    """A parameter of a function, and what a call gives for it: a buffer, or C."""

    name: str
    given: Buffer | str
    kind: str = "real *restrict"


class Call(Record):
    """A call of the function that ``body`` makes, whose parameters are the ``roles``.

    ``numbers`` are the nodes that it computes, none for the loss.
    """

    stem: str
    body: str
    roles: tuple[Role, ...]
    use: Use
    numbers: tuple[int, ...] = ()


class Functions:
    """The calls that a plan's groups become; ``owners`` has each node's owner of the weights."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.graph = plan, plan.graph
        self._written: set[int] = set()  # values whose gradient has a first part
        self._summed: set[int] = set()  # owners of weights whose gradient has

    def forward(self, group: Group) -> Call:
        match self.plan.kernels[group.result]:
            case Elementwise():
                return self._loop(group)
            case Rowwise() as kernel:
                return self._rows(group.result, kernel)
            case Routine() as kernel:
                return self._routine(group.result, kernel)

    def backward(self, group: Group) -> Iterator[Call]:
        """Nothing for what has no weights behind it."""
        if group.result not in self.plan.wanted:
            return
        match self.plan.kernels[group.result]:
            case Elementwise():
                yield self._loop_back(group)
            case Rowwise() as kernel:
                yield self._rows_back(group.result, kernel)
            case Routine() as kernel:
                yield from self._routine_back(group.result, kernel)

    def loss(self) -> Call:
        """The gradient at the network's output."""
        kernel, result = self.plan.loss, self.graph.result
        y, t, dy = Buffer("value", result), Buffer("value", TARGETS), Buffer("gradient", result)
        roles = [Role("outputs", y), Role("targets", t), Role("gradients", dy)]
        shape = self.graph.output
        if isinstance(kernel, Elementwise):
            (gradient,) = kernel.backward
            body = ["const real y = outputs[e], t = targets[e];", f"gradients[e] = {gradient};"]
            text = _constants(kernel.constants) + _each(shape, body)
        else:
            assert isinstance(kernel, Rowwise)
            rows = {"y": "outputs", "t": "targets", "dy": "gradients"}
            text = _each_row(shape, rows, kernel.backward)
        self._written.add(result)
        if mentions(text, "rows"):
            roles.append(Role("rows", "(real)rows", "real"))
        return Call("loss_gradient", text, tuple(roles), Use((y, t), (dy,), in_place=False))

    # -- loops ----------------------------------------------------------------------------------

    def _loop(self, group: Group) -> Call:
        plan = self.plan
        names = self._names(group)
        roles = [Role(f"from_{names[v]}", Buffer("value", v)) for v in plan.outside(group)]
        body = [f"const real {names[v]} = from_{names[v]}[e];" for v in plan.outside(group)]
        written: list[Role] = []
        constants = ""
        for number in group.numbers:
            kernel = self._elementwise(number)
            known = self._known(group, number, names)
            texts = (kernel.forward, *kernel.keeps.values())
            constants += _constants(_mentioned(kernel.constants, *texts), known)
            if self._draws(number):
                body.append(
                    _substituted("const uint32_t drawn = hash(row ^ units[u]) >> 1;", known)
                )
            for name, expression in kernel.keeps.items():
                body.append(f"const real {known[name]} = {_substituted(expression, known)};")
                if number in plan.wanted:
                    written.append(Role(f"keep_{known[name]}", Buffer(f"kept {name}", number)))
                    body.append(f"keep_{known[name]}[e] = {known[name]};")
            body.append(f"const real {known['y']} = {_substituted(kernel.forward, known)};")
            if plan.is_stored(number):
                written.append(Role(f"to_{known['y']}", Buffer("value", number)))
                body.append(f"to_{known['y']}[e] = {known['y']};")
        use = _use(roles, written, in_place=True)
        random = [n for n in group.numbers if self._draws(n)]
        drawing = [self._known(group, number, names) for number in random]
        draws = [
            Role("samples", "w->samples", "const uint32_t *restrict"),
            *(
                role
                for number, known in zip(random, drawing, strict=True)
                for role in (
                    Role(
                        known["key"], f"(uint32_t)c->keys[{self._draw_place(number)}]", "uint32_t"
                    ),
                    Role(known["units"], f"p->units{number}", "const uint32_t *restrict"),
                )
            ),
        ]
        text = constants + _each(self.graph.shape(group.result), body, drawing)
        every = (*roles, *written, *(draws if random else ()))
        return Call(self._stem(group, "forward"), text, every, use, group.numbers)

    def _loop_back(self, group: Group) -> Call:
        plan = self.plan
        names = self._names(group)
        own = names[group.result]
        reads = [Role(f"gradient_{own}", Buffer("gradient", group.result))]
        body = [f"const real d{own} = gradient_{own}[e];"]
        parts: dict[int, list[str]] = {}
        constants = ""
        loaded: set[str] = set()
        for number in reversed(group.numbers):
            if number not in plan.wanted:
                continue
            kernel = self._elementwise(number)
            known = self._known(group, number, names)
            if number != group.result:
                body.append(f"const real {known['dy']} = {' + '.join(parts.pop(number))};")
            constants += _constants(_mentioned(kernel.constants, *kernel.backward), known)
            for source, expression in zip(plan.inputs(number), kernel.backward, strict=True):
                if source in plan.wanted:
                    for role, load in self._loads(group, number, expression, known):
                        if load not in loaded:
                            loaded.add(load)
                            reads.append(role)
                            body.append(load)
                    parts.setdefault(source, []).append(f"({_substituted(expression, known)})")
        written: list[Role] = []
        for source, terms in parts.items():
            role = Role(f"into_{names[source]}", Buffer("gradient", source))
            sign = "+=" if source in self._written else "="
            reads += [role] if source in self._written else []
            written.append(role)
            body.append(f"into_{names[source]}[e] {sign} {' + '.join(terms)};")
            self._written.add(source)
        use = _use(reads, written, in_place=True)
        text = constants + _each(self.graph.shape(group.result), body)
        roles = tuple({role.name: role for role in (*reads, *written)}.values())
        return Call(self._stem(group, "backward"), text, roles, use, group.numbers)

    def _names(self, group: Group) -> dict[int, str]:
        """What a loop calls the values it takes and those it makes."""
        names = {value: f"x{place}" for place, value in enumerate(self.plan.outside(group))}
        return names | {value: f"y{place}" for place, value in enumerate(group.numbers)}

    def _known(self, group: Group, number: int, names: Mapping[int, str]) -> dict[str, str]:
        """From the names in a kernel's text to those in its loop."""
        own, kernel, inputs = names[number], self._elementwise(number), self.plan.inputs(number)
        known = {"y": own, "dy": f"d{own}"}
        for name in (*kernel.constants, *kernel.keeps, "drawn", "row", "units", "key"):
            known[name] = f"{name}_{own}"
        for place, source in enumerate(inputs):
            known["x" if len(inputs) == 1 else f"x{place}"] = names[source]
        return known

    def _loads(
        self, group: Group, number: int, expression: str, known: Mapping[str, str]
    ) -> Iterator[tuple[Role, str]]:
        """What a backward expression needs of the forward pass, and how it is loaded."""
        kernel, inputs = self._elementwise(number), self.plan.inputs(number)
        values = {"y": number}
        for place, source in enumerate(inputs):
            values["x" if len(inputs) == 1 else f"x{place}"] = source
        for name, value in values.items():
            if mentions(expression, name):
                array = f"from_{known[name]}"
                load = f"const real {known[name]} = {array}[e];"
                yield Role(array, Buffer("value", value)), load
        for name in kernel.keeps:
            if mentions(expression, name):
                array = f"keep_{known[name]}"
                load = f"const real {known[name]} = {array}[e];"
                yield Role(array, Buffer(f"kept {name}", number)), load

    def _elementwise(self, number: int) -> Elementwise:
        kernel = self.plan.kernels[number]
        assert isinstance(kernel, Elementwise)
        return kernel

    def _draws(self, number: int) -> bool:
        return number in self.plan.random

    def _draw_place(self, number: int) -> int:
        return self.plan.random.index(number)

    # -- rows -----------------------------------------------------------------------------------

    def _rows(self, number: int, kernel: Rowwise) -> Call:
        (source,) = self.plan.inputs(number)
        x, y = Role("from", Buffer("value", source)), Role("to", Buffer("value", number))
        shape = self.graph.shape(number)
        text = _each_row(shape, {"x": "from", "y": "to"}, kernel.forward)
        use = _use([x], [y], in_place=False)
        return Call(self._stem(Group((number,)), "forward"), text, (x, y), use, (number,))

    def _rows_back(self, number: int, kernel: Rowwise) -> Call:
        (source,) = self.plan.inputs(number)
        every = {
            "dy": Role("gradient", Buffer("gradient", number)),
            "x": Role("from", Buffer("value", source)),
            "y": Role("to", Buffer("value", number)),
        }
        reads = {name: role for name, role in every.items() if mentions(kernel.backward, name)}
        into = Role("into", Buffer("gradient", source))
        rows = {name: role.name for name, role in reads.items()}
        shape = self.graph.shape(number)
        again = source in self._written
        if again:
            added = "for (int i = 0; i < n; i++) sum[i] += dx[i];"
            statements = f"real dx[n];\n{dedent(kernel.backward).strip()}\n{added}"
            text = _each_row(shape, rows | {"sum": "into"}, statements)
        else:
            text = _each_row(shape, rows | {"dx": "into"}, kernel.backward)
        self._written.add(source)
        use = _use([*reads.values(), *([into] if again else [])], [into], in_place=False)
        stem = self._stem(Group((number,)), "backward")
        return Call(stem, text, (*reads.values(), into), use, (number,))

    # -- routines -------------------------------------------------------------------------------

    def _routine(self, number: int, kernel: Routine) -> Call:
        y = Role("y", Buffer("value", number))
        roles = [*self._values(number), *self._of_weights(number), y]
        stem = self._stem(Group((number,)), "forward")
        return self._statements(stem, number, kernel, kernel.forward, roles, [y])

    def _routine_back(self, number: int, kernel: Routine) -> Iterator[Call]:
        group = Group((number,))
        dy = Role("dy", Buffer("gradient", number))
        reads = [*self._values(number), Role("y", Buffer("value", number)), dy]
        if kernel.gradients:
            owner = self.plan.owner(number)
            add = Role("add", "1" if owner in self._summed else "add", "int")
            self._summed.add(owner)
            roles = [*reads, *self._of_weights(number), add]
            stem = self._stem(group, "gradients")
            yield self._statements(stem, number, kernel, kernel.gradients, roles, [])
        for source, text in zip(self.plan.inputs(number), kernel.backward, strict=True):
            if source not in self.plan.wanted:
                continue
            dx = Role("dx", Buffer("gradient", source))
            again = source in self._written
            add = Role("add", str(int(again)), "int")
            self._written.add(source)
            roles = [*reads, *self._of_weights(number), dx, add]
            stem = self._stem(group, "backward")
            yield self._statements(stem, number, kernel, text, roles, [dx], again)

    def around(self, when: str) -> list[Call]:
        """What is done ``before`` all chunks or ``after`` a slice, for each layer's weights."""
        return [
            self._statements(
                self._stem(Group((owner,)), when),
                owner,
                kernel,
                getattr(kernel, when),
                self._of_weights(owner),
                [],
            )
            for owner, kernel in self.plan.weights.items()
        ]

    def _statements(
        self,
        stem: str,
        number: int,
        kernel: Routine,
        text: str,
        roles: Sequence[Role],
        writes: Sequence[Role],
        again: bool = False,
    ) -> Call:
        named = tuple(role for role in roles if mentions(text, role.name))
        reads = [role for role in named if again or role not in writes]
        body = _constants(_mentioned(kernel.constants, text)) + indent(
            dedent(text).strip("\n"), "    "
        )
        use = _use(reads, writes, in_place=False)
        return Call(stem, body, named, use, (number,))

    def _values(self, number: int) -> list[Role]:
        inputs = self.plan.inputs(number)
        several = len(inputs) > 1
        return [
            Role(f"x{place}" if several else "x", Buffer("value", source))
            for place, source in enumerate(inputs)
        ]

    def _of_weights(self, number: int) -> list[Role]:
        """A layer's weights, their gradients and its arrays; shared ones are their owner's."""
        owner = self.plan.owner(number)
        roles = [Role("blas", "c->gemm", "gemm_function *")]
        if owner not in self.plan.weights:
            return roles
        at, kernel = self.plan.offsets[owner], self.plan.weights[owner]
        for name, shape in self.graph.nodes[owner - 1].layer.weights().items():
            roles.append(Role(name, f"c->weights + {at}"))
            roles.append(Role(f"{name}_grad", f"dw + {at}"))
            at += math.prod(shape)
        kernel = self.plan.weights[owner]
        roles += [Role(name, f"p->{name}{owner}") for name in kernel.prepared]
        roles += [Role(name, f"w->{name}{owner}") for name in kernel.sums]
        return roles

    def _stem(self, group: Group, what: str) -> str:
        layers = (self.graph.nodes[number - 1].layer.name.lower() for number in group.numbers)
        name = "_".join(layers)
        return f"{name if len(name) < 40 else 'loop'}_{what}"


def _each(shape: Shape, body: Sequence[str], drawing: Sequence[Mapping[str, str]] = ()) -> str:
    """A loop over all numbers of a chunk; one over samples and their units, if some are drawn."""
    inner = "\n".join(body)
    if not drawing:
        lines = f"#pragma omp simd\nfor (int e = 0; e < N * {length(shape)}; e++) {{\n"
        return indent(f"{lines}{indent(inner, '    ')}\n}}", "    ", _is_code)
    row = "\n".join(
        _substituted("const uint32_t row = hash(samples[s] ^ key);", known) for known in drawing
    )
    units = length(shape)
    inner = indent(f"const int e = s * {units} + u;\n{inner}", "    ")
    loop = f"#pragma omp simd\nfor (int u = 0; u < {units}; u++) {{\n{inner}\n}}"
    body_of_sample = indent(f"{row}\n{loop}", "    ", _is_code)
    outer = f"for (int s = 0; s < N; s++) {{\n{body_of_sample}\n}}"
    return indent(outer, "    ", _is_code)


def _each_row(shape: Shape, arrays: Mapping[str, str], statements: str) -> str:
    """A loop over the rows of a chunk, in which each array has a pointer to its row."""
    pointers = [f"real *const {name} = {array} + r * PAD(n);" for name, array in arrays.items()]
    body = "\n".join([*pointers, dedent(statements).strip()])
    rows, row = row_sizes(shape)
    count = "N" if rows == 1 else f"N * {rows}"
    loop = f"for (int r = 0; r < {count}; r++) {{\n{indent(body, '    ')}\n}}"
    return indent(f"enum {{ n = {row} }};\n{loop}", "    ", _is_code)


def _is_code(line: str) -> bool:
    return not line.startswith("#")


def _mentioned(constants: Constants, *texts: str) -> Constants:
    text = " ".join(texts)
    return {name: value for name, value in constants.items() if mentions(text, name)}


def _constants(constants: Constants, known: Mapping[str, str] | None = None) -> str:
    """Whole numbers become enumerators, which may be lengths of arrays."""
    shown = {(known or {}).get(name, name): value for name, value in constants.items()}
    whole = ", ".join(
        f"{name} = {value}" for name, value in shown.items() if isinstance(value, int)
    )
    reals = [
        f"    const real {name} = (real){value!r};\n"
        for name, value in shown.items()
        if isinstance(value, float)
    ]
    return "".join([f"    enum {{ {whole} }};\n" if whole else "", *reals])


def _substituted(text: str, known: Mapping[str, str]) -> str:
    return re.sub(r"\b[A-Za-z_]\w*\b", lambda match: known.get(match[0], match[0]), text)


def _use(reads: Sequence[Role], writes: Sequence[Role], in_place: bool) -> Use:
    def buffers(roles: Sequence[Role]) -> tuple[Buffer, ...]:
        return tuple(role.given for role in roles if isinstance(role.given, Buffer))

    return Use(buffers(reads), buffers(writes), in_place)
