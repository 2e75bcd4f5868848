"""Kernels as functions of C: what is around the text that layers and losses say of themselves.

Names in a function depend on the kernels alone, so that layers that compute the same share one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from textwrap import dedent, indent

from netlang.lowering.c.arrays import Arrays
from netlang.lowering.c.buffers import TARGETS, Access, Buffer
from netlang.lowering.c.calls import Call, Parameter, stem
from netlang.lowering.c.kernels import Elementwise, Routine, Rowwise
from netlang.lowering.c.loops import Loop
from netlang.lowering.c.plan import Plan, Stage
from netlang.lowering.c.texts import constants, each, each_row, mentions


class Functions:
    """The calls that a plan's stages become, in the order in which they are asked for."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.graph = plan, plan.graph
        self._written: set[int] = set()  # values whose gradient has a first part
        self._summed: set[int] = set()  # owners of weights whose gradient has

    def forward(self, stage: Stage) -> Call:
        match self.plan.kernels[stage.result]:
            case Elementwise():
                return Loop(self.plan, stage).forward()
            case Rowwise() as kernel:
                return self._rows(stage.result, kernel)
            case Routine() as kernel:
                return self._routine(stage.result, kernel)

    def backward(self, stage: Stage) -> Iterator[Call]:
        """Nothing for what has no weights behind it."""
        if stage.result not in self.plan.wanted:
            return
        match self.plan.kernels[stage.result]:
            case Elementwise():
                yield Loop(self.plan, stage).backward(self._written)
            case Rowwise() as kernel:
                yield self._rows_back(stage.result, kernel)
            case Routine() as kernel:
                yield from self._routine_back(stage.result, kernel)

    def loss(self) -> Call:
        """The gradient at the network's output."""
        kernel, result = self.plan.loss, self.graph.result
        y, t, dy = Buffer("value", result), Buffer("value", TARGETS), Buffer("gradient", result)
        parameters = [Parameter("outputs", y), Parameter("targets", t), Parameter("gradients", dy)]
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
            parameters.append(Parameter("rows", "(real)rows", "real"))
        return Call("loss_gradient", text, tuple(parameters), Access((y, t), (dy,), in_place=False))

    # -- rows -----------------------------------------------------------------------------------

    def _rows(self, number: int, kernel: Rowwise) -> Call:
        (source,) = self.plan.inputs(number)
        x, y = Parameter("from", Buffer("value", source)), Parameter("to", Buffer("value", number))
        shape = self.graph.nodes[number].shape
        text = each_row(shape, {"x": "from", "y": "to"}, kernel.forward)
        access = _access([x], [y])
        return Call(self._stem(number, "forward"), text, (x, y), access, (number,))

    def _rows_back(self, number: int, kernel: Rowwise) -> Call:
        (source,) = self.plan.inputs(number)
        every = {
            "dy": Parameter("gradient", Buffer("gradient", number)),
            "x": Parameter("from", Buffer("value", source)),
            "y": Parameter("to", Buffer("value", number)),
        }
        reads = {name: one for name, one in every.items() if mentions(kernel.backward, name)}
        into = Parameter("into", Buffer("gradient", source))
        rows = {name: parameter.name for name, parameter in reads.items()}
        shape = self.graph.nodes[number].shape
        again = source in self._written
        stem = self._stem(number, "backward")
        self._written.add(source)
        if not again:
            text = each_row(shape, rows | {"dx": "into"}, kernel.backward)
            access = _access([*reads.values()], [into])
            return Call(stem, text, (*reads.values(), into), access, (number,))
        part = Parameter("part", Buffer("part of gradient", source))
        added = "for (int i = 0; i < n; i++) sum[i] += dx[i];"
        statements = f"{dedent(kernel.backward).strip()}\n{added}"
        text = each_row(shape, rows | {"dx": "part", "sum": "into"}, statements)
        access = _access([*reads.values(), into], [into, part])
        return Call(stem, text, (*reads.values(), into, part), access, (number,))

    # -- routines -------------------------------------------------------------------------------

    def _routine(self, number: int, kernel: Routine) -> Call:
        y = Parameter("y", Buffer("value", number))
        parameters = [*self._values(number), *self._of_weights(number), y]
        stem = self._stem(number, "forward")
        return self._statements(stem, number, kernel, kernel.forward, parameters, [y])

    def _routine_back(self, number: int, kernel: Routine) -> Iterator[Call]:
        dy = Parameter("dy", Buffer("gradient", number))
        reads = [*self._values(number), Parameter("y", Buffer("value", number)), dy]
        if kernel.gradients:
            owner = self.plan.owner(number)
            add = Parameter("add", "1" if owner in self._summed else "add", "int")
            self._summed.add(owner)
            parameters = [*reads, *self._of_weights(number), add]
            stem = self._stem(number, "gradients")
            yield self._statements(stem, number, kernel, kernel.gradients, parameters, [])
        for source, text in zip(self.plan.inputs(number), kernel.backward, strict=True):
            if source not in self.plan.wanted:
                continue
            dx = Parameter("dx", Buffer("gradient", source))
            again = source in self._written
            add = Parameter("add", str(int(again)), "int")
            self._written.add(source)
            parameters = [*reads, *self._of_weights(number), dx, add]
            stem = self._stem(number, "backward")
            yield self._statements(stem, number, kernel, text, parameters, [dx], again)

    def before(self) -> list[Call]:
        """What is done with each vector of weights before all chunks."""
        return [self._around(arrays.owner, "before", arrays.fill()) for arrays in self._arrays()]

    def after(self) -> list[Call]:
        """What is done for the gradients of each vector of weights after a slice."""
        return [self._around(arrays.owner, "after", arrays.empty()) for arrays in self._arrays()]

    def _arrays(self) -> Iterable[Arrays]:
        return self.plan.arrays.values()

    def _around(self, owner: int, when: str, text: str) -> Call:
        named = tuple(one for one in self._of_weights(owner) if mentions(text, one.name))
        return Call(self._stem(owner, when), text, named, _access([], []), (owner,))

    def _statements(
        self,
        stem: str,
        number: int,
        kernel: Routine,
        text: str,
        parameters: Sequence[Parameter],
        writes: Sequence[Parameter],
        again: bool = False,
    ) -> Call:
        named = tuple(one for one in parameters if mentions(text, one.name))
        reads = [one for one in named if again or one not in writes]
        body = constants(kernel.constants, text) + indent(dedent(text).strip("\n"), "    ")
        access = _access(reads, writes)
        return Call(stem, body, named, access, (number,))

    def _values(self, number: int) -> list[Parameter]:
        named = self.plan.input_names(number).items()
        return [Parameter(name, Buffer("value", source)) for name, source in named]

    def _of_weights(self, number: int) -> list[Parameter]:
        """A layer's weights, their gradients and its arrays; shared ones are their owner's."""
        owner = self.plan.owner(number)
        parameters = [Parameter("blas", "c->gemm", "gemm_function *")]
        if owner not in self.plan.arrays:
            return parameters
        at, arrays = self.plan.offsets[owner], self.plan.arrays[owner]
        for name, weight in self.graph.nodes[owner].layer.tensors().items():
            parameters.append(Parameter(name, f"c->weights + {at}"))
            parameters.append(Parameter(f"{name}_grad", f"dw + {at}"))
            at += weight.size
        parameters += [Parameter(name, f"p->{name}{owner}") for name in arrays.prepared]
        parameters += [Parameter(name, f"w->{name}{owner}") for name in arrays.sums]
        return parameters

    def _stem(self, number: int, what: str) -> str:
        return stem(self.graph, (number,), what)


def _access(reads: Sequence[Parameter], writes: Sequence[Parameter]) -> Access:
    def buffers(parameters: Sequence[Parameter]) -> tuple[Buffer, ...]:
        return tuple(one.argument for one in parameters if isinstance(one.argument, Buffer))

    return Access(buffers(reads), buffers(writes), in_place=False)
