"""A call for each stage of a plan, of a function around the text of its kernel.

Names in a function depend on the kernels alone, so that layers that compute the same share one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import dedent, indent

from netlang.language.shapes import Shape
from netlang.lowering.c.generator import scope
from netlang.lowering.c.generator.arrays import length, statements
from netlang.lowering.c.generator.buffers import Buffer, shape_of
from netlang.lowering.c.generator.calls import Call, Meeting, Parameter, meeting, output, stem
from netlang.lowering.c.generator.lone import OF_ONE_LANE
from netlang.lowering.c.generator.loops import Backward, Forward
from netlang.lowering.c.generator.losses import Losses
from netlang.lowering.c.generator.plan import Plan, Stage
from netlang.lowering.c.generator.texts import (
    constants,
    each_row,
    mentions,
    of_members,
    substituted,
)
from netlang.lowering.c.kernels import (
    ANY,
    BLOCKS,
    FLAT,
    ROWS,
    Elementwise,
    Layout,
    Routine,
    Rowwise,
)
from netlang.lowering.c.rows import cleared, row_sizes

# What the names of a routine for any layout mean in blocks.
_IN_BLOCKS = {
    "N": "BLOCKS",
    "PAD": "NOT_PADDED",
    "real": "vector",
    "move_rows": "move_vectors",
    "add_rows": "add_vectors",
}

# And flat.
_FLAT = {"PAD": "NOT_PADDED"}


class KernelCalls:
    """The calls that run a plan. They have to be asked for in the order in which they run."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.graph = plan, plan.graph
        self._converted: set[Buffer] = set()  # values that are there in another layout, too
        self._written: set[Buffer] = set()  # gradients that have a first part
        self._summed: set[int] = set()  # owners of weights whose gradient has

    def forward(self, stage: Stage) -> Iterator[Call]:
        """A stage, behind what brings its inputs into its layout."""
        for call in self._forward(stage):
            yield self._of_members(call)

    def backward(self, stage: Stage) -> Iterator[Call]:
        """Nothing for what has no weights behind it."""
        for call in self._backward(stage):
            yield self._of_members(call)

    def _of_members(self, call: Call) -> Call:
        """The same for all rows that a sample is."""
        members = self.graph.nodes[call.numbers[0]].members if call.numbers else 1
        return call if members == 1 else call.replace(body=of_members(call.body, members))

    def _forward(self, stage: Stage) -> Iterator[Call]:
        number = stage.result
        kernel = self.plan.kernels[number]
        for source in self.plan.outside(stage):
            yield from self._laid_out(source, self.plan.layouts[number])
        if isinstance(kernel, Elementwise):
            yield Forward(self.plan, stage).call()
            return
        filled = [output(name, buffer) for name, (buffer, _) in self.plan.kept(number).items()]
        filled.append(output("y", self.plan.value(number)))
        named = [*scope.inputs(self.plan, number), *self._around(number), *filled]
        if isinstance(kernel, Routine) and kernel.measure:
            yield self._call("measure", number, kernel.measure, named)
            yield self._meeting(number, kernel.measure)
        yield self._call("forward", number, kernel.forward, named)

    def _backward(self, stage: Stage) -> Iterator[Call]:
        number = stage.result
        if number not in self.plan.wanted:
            return
        kernel = self.plan.kernels[number]
        yield from self._gathered(number)
        if isinstance(kernel, Elementwise):
            yield Backward(self.plan, stage, self._written, self._summed).call()
            return
        dy = Parameter("dy", self.plan.gradient(number))
        kept = scope.kept(self.plan, number)
        named = [*scope.read_backwards(self.plan, number), dy, *kept, *self._around(number)]
        if isinstance(kernel, Routine) and kernel.inward:
            changed = [one.replace(writes=True) if one in kept else one for one in named]
            yield self._call("inward", number, kernel.inward, changed)
        if isinstance(kernel, Routine) and kernel.measure_back:
            yield self._call("measure_back", number, kernel.measure_back, named)
            yield self._meeting(number, kernel.measure_back)
        if kernel.gradients:
            owner = self.plan.graph.owner(number)
            yield from self._cleared(owner)
            add = Parameter("add", "1" if owner in self._summed else "add", "int")
            self._summed.add(owner)
            yield self._call("gradients", number, kernel.gradients, [*named, add])
        for source, text in zip(self.plan.inputs(number), kernel.backward, strict=True):
            if source in self.plan.wanted:
                yield self._to_input(number, source, text, named)
                self._written.add(self.plan.gradient(source, self.plan.layouts[number]))

    def _meeting(self, number: int, text: str) -> Meeting:
        """Where slices bring together what a ``text`` of the node measured."""
        found = self.plan.batch_sums(number)
        return meeting(array for name, (array, _) in found.items() if mentions(text, name))

    def output(self) -> Iterator[Call]:
        """Bring the network's output in rows, as the loss and the caller read it."""
        yield from map(self._of_members, self._laid_out(self.graph.result, ROWS))

    def loss(self, losses: Losses) -> list[Call]:
        """The gradient of the loss at the network's output."""
        result = self.graph.result
        y, dy = self.plan.value(self.plan.judged, ROWS), self.plan.gradient(result, ROWS)
        self._written.add(dy)
        return [*losses.calls(y, dy)]

    def before(self) -> Iterator[Call]:
        """Fill the prepared arrays of all weights, before all chunks; threads take turns."""
        for index, (owner, arrays) in enumerate(self.plan.arrays.items()):
            turn = f"id == {index} % threads"
            yield self._with_weights(owner, "before", statements(arrays.prepared), turn)

    def after(self) -> Iterator[Call]:
        """Empty the sums into the gradients of all weights, after a slice."""
        for owner, arrays in self.plan.arrays.items():
            yield self._with_weights(owner, "after", statements(arrays.sums))

    def _with_weights(self, owner: int, when: str, text: str, condition: str = "") -> Call:
        name, owned = stem(self.graph, (owner,), when), scope.owned(self.plan, owner)
        return Call(name, text, owned, (owner,), condition=condition)

    def _cleared(self, owner: int) -> Iterator[Call]:
        """Empty the gradients of weights, of which some layers that share them have no more than a
        part: then all of them add.
        """
        if owner in self._summed or not self.plan.is_used_in_part(owner):
            return
        self._summed.add(owner)
        weights = self.graph.nodes[owner].layer.declared_weights()
        sizes = {f"{name}_grad": f"{weight.size}" for name, weight in weights.items()}
        if arrays := self.plan.arrays.get(owner):
            sizes |= {name: length(array) for name, array in arrays.sums.items()}
        text = "".join(f"    {cleared(name, f'({size})')}\n" for name, size in sizes.items())
        named = [*scope.owned(self.plan, owner), Parameter("add", "add", "int")]
        yield Call(stem(self.graph, (owner,), "clear"), text, named, (owner,))

    def _around(self, number: int) -> list[Parameter]:
        """What a text can name besides values and their gradients."""
        plan = self.plan
        around = scope.blas, scope.owned, scope.draws, scope.batch_sums
        return [parameter for kind in around for parameter in kind(plan, number)]

    def _to_input(self, number: int, source: int, text: str, named: Sequence[Parameter]) -> Call:
        """Fill the gradient of an input, or add to what another reader has filled."""
        gradient = self.plan.gradient(source, self.plan.layouts[number])
        again, kernel = gradient in self._written, self.plan.kernels[number]
        if isinstance(kernel, Routine) and kernel.in_place:
            named = [one.replace(gives_way=one.name == "dy") for one in named]
        if again and isinstance(kernel, Rowwise):
            _, row = row_sizes(self.graph.nodes[source].shape)
            text = f"{{\n{dedent(text).strip()}\n}}\n"  # it may define names of its own
            text += f"for (int i = 0; i < {row}; i++) sum[i] += dx[i];"
            part = output("dx", Buffer("part of gradient", source))
            added = [output("sum", gradient, adds=True), part]
        else:
            added = [output("dx", gradient, adds=again), Parameter("add", str(int(again)), "int")]
        return self._call("backward", number, text, [*named, *added])

    def _laid_out(self, number: int, layout: Layout) -> Iterator[Call]:
        """Bring a value in another layout, once for all its readers."""
        value, own = self.plan.value(number, layout), self.plan.value(number)
        if value == own or value in self._converted:
            return
        self._converted.add(value)
        scope = [Parameter("x", own), output("y", value)]
        if FLAT in (value.layout, own.layout):
            yield self._repadded(number, layout, scope)
        else:
            yield self._conversion(number, layout, "x, y, 1, 0", scope)

    def _gathered(self, number: int) -> Iterator[Call]:
        """Bring the gradient of a value that readers in another layout have filled in its own."""
        own = self.plan.gradient(number)
        other = own._replace(layout=ROWS if own.layout == BLOCKS else BLOCKS)
        if other in self._written:
            again = own in self._written
            self._written.add(own)
            scope = [Parameter("part", other), output("dx", own, adds=again)]
            yield self._conversion(number, own.layout, f"part, dx, 0, {int(again)}", scope)

    def _repadded(self, number: int, layout: Layout, scope: Sequence[Parameter]) -> Call:
        """Bring a lone sample from rows that are padded to where none is, or back."""
        rows, row = row_sizes(self.graph.nodes[number].shape)
        apart = (f"PAD({row})", f"{row}") if layout == FLAT else (f"{row}", f"PAD({row})")
        body = f"    move_rows(N * {rows}, {row}, x, {apart[0]}, y, {apart[1]});"
        return Call(f"into_{layout}", body, scope, (number,))

    def _conversion(
        self, number: int, layout: Layout, arguments: str, scope: Sequence[Parameter]
    ) -> Call:
        rows, row = row_sizes(self.graph.nodes[number].shape)
        body = f"    into_{layout}(N, {rows}, {row}, {arguments});"
        return Call(f"into_{layout}", body, scope, (number,))

    def _call(self, what: str, number: int, text: str, named: Sequence[Parameter]) -> Call:
        kernel = self.plan.kernels[number]
        named = [*named, *scope.scratch(self.plan, number, what)]
        body = indent(dedent(text).strip("\n"), "    ")
        if isinstance(kernel, Rowwise):
            node = self.graph.nodes[number]
            body, named = self._in_rows(node.shape, text, named), _all(named)
            if what == "gradients":
                for name, weight in node.layer.declared_weights().items():
                    body = f"    {cleared(f'{name}_grad', weight.size)}\n{body}"
        if isinstance(kernel, Routine) and self.plan.layouts[number] == BLOCKS:
            named = [_of_vectors(one) for one in named]
            if kernel.layout == ANY:
                body = substituted(body, _IN_BLOCKS)
        if isinstance(kernel, Routine) and self.plan.layouts[number] == FLAT:
            body = substituted(body, _FLAT if kernel.layout == ANY else OF_ONE_LANE)
        head = constants(kernel.constants, text)
        return Call(stem(self.graph, (number,), what), head + body, named, (number,))

    def _in_rows(self, shape: Shape, text: str, named: Sequence[Parameter]) -> str:
        """The statements for one row as a loop over the rows of all arrays."""
        (_, n), rows = row_sizes(shape), {}
        for one in named:
            if isinstance(one.argument, Buffer):
                (_, row) = row_sizes(shape_of(one.argument, self.graph))
                rows[one.name] = f"all_{one.name} + r * PAD({'n' if row == n else row})"
        return each_row(shape, rows, text)


def _of_vectors(one: Parameter) -> Parameter:
    """A value or a gradient in blocks is an array of vectors."""
    is_in_blocks = isinstance(one.argument, Buffer) and one.argument.layout == BLOCKS
    return one.replace(kind="vector *restrict") if is_in_blocks else one


def _all(named: Sequence[Parameter]) -> list[Parameter]:
    """The arrays are called ``all_x`` and so on, where ``x`` is a number or a row of one."""
    return [
        one.replace(name=f"all_{one.name}") if isinstance(one.argument, Buffer) else one
        for one in named
    ]
