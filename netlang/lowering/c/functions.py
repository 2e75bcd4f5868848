"""Kernels as functions of C: what is around the text that layers and losses say of themselves.

Names in a function depend on the kernels alone, so that layers that compute the same share one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from textwrap import dedent, indent

from netlang.lowering.c.arrays import Arrays
from netlang.lowering.c.buffers import TARGETS, Buffer, Use
from netlang.lowering.c.calls import Call, Role, stem
from netlang.lowering.c.kernels import Elementwise, Routine, Rowwise
from netlang.lowering.c.loops import Loop
from netlang.lowering.c.plan import Group, Plan
from netlang.lowering.c.texts import constants, each, each_row, mentions


class Functions:
    """The calls that a plan's groups become, in the order in which they are asked for."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.graph = plan, plan.graph
        self._written: set[int] = set()  # values whose gradient has a first part
        self._summed: set[int] = set()  # owners of weights whose gradient has

    def forward(self, group: Group) -> Call:
        match self.plan.kernels[group.result]:
            case Elementwise():
                return Loop(self.plan, group).forward()
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
                yield Loop(self.plan, group).backward(self._written)
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
            text = constants(kernel.constants, gradient) + each(shape, body)
        else:
            assert isinstance(kernel, Rowwise)
            rows = {"y": "outputs", "t": "targets", "dy": "gradients"}
            text = each_row(shape, rows, kernel.backward)
        self._written.add(result)
        if mentions(text, "rows"):
            roles.append(Role("rows", "(real)rows", "real"))
        return Call("loss_gradient", text, tuple(roles), Use((y, t), (dy,), in_place=False))

    # -- rows -----------------------------------------------------------------------------------

    def _rows(self, number: int, kernel: Rowwise) -> Call:
        (source,) = self.plan.inputs(number)
        x, y = Role("from", Buffer("value", source)), Role("to", Buffer("value", number))
        shape = self.graph.nodes[number].shape
        text = each_row(shape, {"x": "from", "y": "to"}, kernel.forward)
        use = _use([x], [y])
        return Call(self._stem(number, "forward"), text, (x, y), use, (number,))

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
        shape = self.graph.nodes[number].shape
        again = source in self._written
        stem = self._stem(number, "backward")
        self._written.add(source)
        if not again:
            text = each_row(shape, rows | {"dx": "into"}, kernel.backward)
            use = _use([*reads.values()], [into])
            return Call(stem, text, (*reads.values(), into), use, (number,))
        part = Role("part", Buffer("part of gradient", source))
        added = "for (int i = 0; i < n; i++) sum[i] += dx[i];"
        statements = f"{dedent(kernel.backward).strip()}\n{added}"
        text = each_row(shape, rows | {"dx": "part", "sum": "into"}, statements)
        use = _use([*reads.values(), into], [into, part])
        return Call(stem, text, (*reads.values(), into, part), use, (number,))

    # -- routines -------------------------------------------------------------------------------

    def _routine(self, number: int, kernel: Routine) -> Call:
        y = Role("y", Buffer("value", number))
        roles = [*self._values(number), *self._of_weights(number), y]
        stem = self._stem(number, "forward")
        return self._statements(stem, number, kernel, kernel.forward, roles, [y])

    def _routine_back(self, number: int, kernel: Routine) -> Iterator[Call]:
        dy = Role("dy", Buffer("gradient", number))
        reads = [*self._values(number), Role("y", Buffer("value", number)), dy]
        if kernel.gradients:
            owner = self.plan.owner(number)
            add = Role("add", "1" if owner in self._summed else "add", "int")
            self._summed.add(owner)
            roles = [*reads, *self._of_weights(number), add]
            stem = self._stem(number, "gradients")
            yield self._statements(stem, number, kernel, kernel.gradients, roles, [])
        for source, text in zip(self.plan.inputs(number), kernel.backward, strict=True):
            if source not in self.plan.wanted:
                continue
            dx = Role("dx", Buffer("gradient", source))
            again = source in self._written
            add = Role("add", str(int(again)), "int")
            self._written.add(source)
            roles = [*reads, *self._of_weights(number), dx, add]
            stem = self._stem(number, "backward")
            yield self._statements(stem, number, kernel, text, roles, [dx], again)

    def before(self) -> list[Call]:
        """What is done with each vector of weights before all chunks."""
        return [self._around(arrays.owner, "before", arrays.fill()) for arrays in self._arrays()]

    def after(self) -> list[Call]:
        """What is done for the gradients of each vector of weights after a slice."""
        return [self._around(arrays.owner, "after", arrays.empty()) for arrays in self._arrays()]

    def _arrays(self) -> Iterable[Arrays]:
        return self.plan.arrays.values()

    def _around(self, owner: int, when: str, text: str) -> Call:
        named = tuple(role for role in self._of_weights(owner) if mentions(text, role.name))
        return Call(self._stem(owner, when), text, named, _use([], []), (owner,))

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
        body = constants(kernel.constants, text) + indent(dedent(text).strip("\n"), "    ")
        use = _use(reads, writes)
        return Call(stem, body, named, use, (number,))

    def _values(self, number: int) -> list[Role]:
        named = self.plan.input_names(number).items()
        return [Role(name, Buffer("value", source)) for name, source in named]

    def _of_weights(self, number: int) -> list[Role]:
        """A layer's weights, their gradients and its arrays; shared ones are their owner's."""
        owner = self.plan.owner(number)
        roles = [Role("blas", "c->gemm", "gemm_function *")]
        if owner not in self.plan.arrays:
            return roles
        at, arrays = self.plan.offsets[owner], self.plan.arrays[owner]
        for name, weight in self.graph.nodes[owner].layer.tensors().items():
            roles.append(Role(name, f"c->weights + {at}"))
            roles.append(Role(f"{name}_grad", f"dw + {at}"))
            at += weight.size
        roles += [Role(name, f"p->{name}{owner}") for name in arrays.prepared]
        roles += [Role(name, f"w->{name}{owner}") for name in arrays.sums]
        return roles

    def _stem(self, number: int, what: str) -> str:
        return stem(self.graph, (number,), what)


def _use(reads: Sequence[Role], writes: Sequence[Role]) -> Use:
    def buffers(roles: Sequence[Role]) -> tuple[Buffer, ...]:
        return tuple(role.given for role in roles if isinstance(role.given, Buffer))

    return Use(buffers(reads), buffers(writes), in_place=False)
