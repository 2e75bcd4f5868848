"""The layers of a network as functions in C, and the calls that run them for one sample."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from netlang.catalogue.layers import Flatten, Reshape, Unflatten
from netlang.catalogue.layers.members import EachMember, MeanOfMembers, MemberLinear, OwnLinear
from netlang.compiler.ir import Graph, Node
from netlang.lowering.c.generator.writing import escaped
from netlang.lowering.c.inference import numbers
from netlang.lowering.c.inference.functions import Function, function_of
from netlang.lowering.c.inference.memory import Memory, Use
from netlang.lowering.c.inference.numbers import identifier
from netlang.lowering.c.inference.spelling import wrapped
from netlang.lowering.c.kernels import Elementwise, ForwardOnly, LayerKernel
from netlang.lowering.c.lowerings import computes
from netlang.lowering.c.rows import behind
from netlang.lowering.lowerings import described, input_names
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Tensor

# Layers that take the rows of all members of a sample together; others get them one by one.
_OF_ALL_MEMBERS = EachMember, MemberLinear, OwnLinear, MeanOfMembers


class _Step(Record):
    """The turn of node ``number``: the function that is called ``name``, and what it works in."""

    number: int
    name: str
    function: Function
    scratch: Mapping[str, int]
    in_place: bool


class NetworkInC:
    """The ``weights``, the ``functions`` and the ``calls``, each as text, for one sample.

    The network reads ``inputs`` and fills ``outputs``, which are C's names for arrays. Where one is
    None, it lies in the array ``work``, of ``size`` numbers: there, ``begin`` and ``end`` are.
    Raises Unsupported for a layer without C.
    """

    def __init__(
        self,
        graph: Graph,
        tensors: Mapping[str, Tensor],
        inputs: str | None = None,
        outputs: str | None = None,
    ) -> None:
        self.graph, self.tensors = graph, tensors
        self._names: dict[str, str] = {}  # of functions, by the text of each
        self._steps = [*self._each_step()]
        memory = Memory([*self._uses(inputs is None, outputs is None)])
        self.size = memory.size
        self._places = {name: behind("work", at) for name, at in memory.places.items()}
        result = self._value(graph.result)
        if outputs and result != "v0":
            self._places[result] = outputs
        if inputs:
            self._places["v0"] = inputs
        self.begin, self.end = self._places["v0"], self._places[result]
        self.calls = "\n".join(self._each_call())
        if outputs and result == "v0":
            size = f"{graph.nodes[graph.result].numbers} * sizeof(float)"
            self.calls += f"\nmemcpy({outputs}, {self.begin}, {size});"
        self.functions = "\n".join(self._each_function())
        self.weights = "\n".join(self._each_weight())

    def _each_function(self) -> Iterator[str]:
        for text, name in self._names.items():
            head, body = f"static void {name}{text}".split("\n", 1)
            yield "\n".join([*wrapped(head), body])

    def _value(self, number: int) -> str:
        """What the numbers are called that a node gives."""
        node = self.graph.nodes[number]
        while _gives_same_numbers(node):
            number = node.inputs[0]
            node = self.graph.nodes[number]
        return f"v{number}"

    def _each_step(self) -> Iterator[_Step]:
        counts = Counter[str]()
        for number in sorted(self.graph.live - {0}):
            node = self.graph.nodes[number]
            if _gives_same_numbers(node):
                continue
            # Behind its inputs, a layer may take how long their sequences are.
            takes = [self.graph.nodes[source].shape for source in node.inputs]
            kernel: LayerKernel | ForwardOnly = computes.lowered(
                node.layer, *takes, name=described(node)
            )
            function = function_of(node, kernel)
            if function.text not in self._names:
                stem = identifier(node.layer.name).lower()
                counts[stem] += 1
                self._names[function.text] = f"{stem}_{counts[stem]}"
            name, in_place = self._names[function.text], isinstance(kernel, Elementwise)
            scratch = kernel.scratch if isinstance(kernel, ForwardOnly) else {}
            yield _Step(number, name, function, scratch, in_place)

    def _uses(self, begins: bool, ends: bool) -> Iterator[Use]:
        """What lies in memory, and when it is needed."""
        graph, result = self.graph, self._value(self.graph.result)
        if begins:
            yield Use({"v0": graph.nodes[0].numbers}, ())
        for step in self._steps:
            node, value = graph.nodes[step.number], self._value(step.number)
            makes = {value: node.numbers} if ends or value != result else {}
            makes |= {_own(name, step.number): size for name, size in step.scratch.items()}
            yield Use(makes, tuple(map(self._value, node.inputs)), step.in_place)
        if ends:
            yield Use({}, (result,))

    def _each_call(self) -> Iterator[str]:
        """The calls in their order, each below its layer, as the file has it."""
        steps = {step.number: step for step in self._steps}
        for number in sorted(self.graph.live - {0}):
            node = self.graph.nodes[number]
            yield f"/* {escaped(f'{node.origin.where()}: {node.call}')} */"
            if number in steps:
                yield from wrapped(self._call(steps[number], node))

    def _call(self, step: _Step, node: Node) -> str:
        each = node.members > 1 and not isinstance(node.layer, _OF_ALL_MEMBERS)
        owner = self.graph.nodes[self.graph.owner(step.number)]
        known = {"y": self._row(step.number, each)}
        for name, source in zip(input_names(len(node.inputs)), node.inputs, strict=True):
            known[name] = self._row(source, each)
        known |= {name: weight_name(owner, theirs) for name, theirs in _tensors(node, owner)}
        known |= {name: self._places[_own(name, step.number)] for name in step.scratch}
        arguments = ", ".join(known[name] for name in step.function.parameters)
        call = f"{step.name}({arguments});"
        return f"for (int m = 0; m < {node.members}; m++) {call}" if each else call

    def _row(self, number: int, each: bool) -> str:
        """Where a node's numbers lie, or of ``each`` member those of number ``m``."""
        place = self._places[self._value(number)]
        return f"{place} + m * {self.graph.nodes[number].shape.size}" if each else place

    def _each_weight(self) -> Iterator[str]:
        """The tensors that functions read."""
        found: set[str] = set()
        for step in self._steps:
            node = self.graph.nodes[step.number]
            owner = self.graph.nodes[self.graph.owner(step.number)]
            for name, theirs in _tensors(node, owner):
                called = weight_name(owner, theirs)
                if name in step.function.parameters and called not in found:
                    found.add(called)
                    tensor = self.tensors[f"{owner.name}.{theirs}"]
                    about = f"{owner.origin.where()}: {owner.call}, {theirs} {[*tensor.shape]}"
                    yield f"/* {escaped(about)} */\n{numbers.weights(called, tensor)}"


def _gives_same_numbers(node: Node) -> bool:
    """Whether a layer's outputs are its inputs, number for number, when it is not trained."""
    return bool(node.layer.only_in_training) or isinstance(
        node.layer, Flatten | Unflatten | Reshape
    )


def weight_name(owner: Node, name: str) -> str:
    """What a tensor of a node is called in C."""
    return f"{identifier(owner.name)}_{name}"


def _own(scratch: str, number: int) -> str:
    """What an array is called that only node ``number`` works in."""
    return f"{scratch} of {number}"


def _tensors(node: Node, owner: Node) -> Iterator[tuple[str, str]]:
    """The names of a node's tensors, and those that they have where they are kept."""
    yield from zip(node.layer.tensors(), owner.layer.tensors(), strict=False)
