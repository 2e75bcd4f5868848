"""The layers of a network as functions in C, and the calls that run them for one sample."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from netlang.compiler.ir import Graph, Node
from netlang.lowering.c.generator.writing import escaped
from netlang.lowering.c.inference import numbers
from netlang.lowering.c.inference.functions import Function, function_of
from netlang.lowering.c.inference.memory import Memory, Use
from netlang.lowering.c.kernels import Elementwise, Forward, LayerKernel
from netlang.lowering.c.lowerings import computes
from netlang.lowering.lowerings import described, input_names
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Tensor

# Layers that take the rows of all members of a sample together; others get them one by one.
_OF_ALL_MEMBERS = "EachMember", "MemberLinear", "OwnLinear", "MeanOfMembers"


class _Step(Record):
    """A node's turn: the ``name`` of its function, which has the ``parameters`` of ``function``."""

    number: int
    name: str
    function: Function
    scratch: Mapping[str, int]
    in_place: bool


class NetworkInC:
    """The ``weights``, the ``functions`` and the ``calls``, each as text.

    The network reads ``inputs`` and fills ``outputs``, which are C's names for arrays; where one is
    None, it lies in ``work``, of ``size`` numbers, from ``begin`` or ``end`` on.
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
        self._names: dict[str, str] = {}
        self._steps = [*self._each_step()]
        memory = Memory(self._uses(inputs is None, outputs is None))
        self.size = memory.size
        places = {name: f"work + {at}" if at else "work" for name, at in memory.places.items()}
        places |= {"v0": inputs} if inputs else {}
        places |= {f"v{graph.result}": outputs} if outputs and self._steps else {}
        self.begin, self.end = places["v0"], places[f"v{graph.result}"]
        self.calls = "\n".join(self._call(step, places) for step in self._steps)
        self.functions = "\n".join(f"static void {name}{text}" for text, name in self._names.items())
        self.weights = "\n".join(self._weights())

    def _each_step(self) -> list[_Step]:
        counts = Counter[str]()
        found = []
        for number in sorted(self.graph.live - {0}):
            node = self.graph.nodes[number]
            kernel: LayerKernel | Forward = computes.lowered(
                node.layer, *node.takes, name=described(node)
            )
            function = function_of(node, kernel)
            if function.text not in self._names:
                stem = "".join(one if one.isalnum() else "_" for one in node.layer.name.lower())
                counts[stem] += 1
                self._names[function.text] = f"{stem}_{counts[stem]}"
            scratch = kernel.scratch if isinstance(kernel, Forward) else {}
            in_place = isinstance(kernel, Elementwise)
            found.append(
                _Step(number, self._names[function.text], function, scratch, in_place)
            )
        return found

    def _uses(self, begins: bool, ends: bool) -> list[Use]:
        """What lies in memory, and when it is needed."""
        graph = self.graph
        uses = [Use({"v0": graph.nodes[0].numbers}, ())] if begins else []
        for step in self._steps:
            node = graph.nodes[step.number]
            makes = {f"{name}{step.number}": size for name, size in step.scratch.items()}
            if ends or step.number != graph.result:
                makes = {f"v{step.number}": node.numbers, **makes}
            uses.append(Use(makes, tuple(f"v{one}" for one in node.inputs), step.in_place))
        return [*uses, Use({}, (f"v{graph.result}",))] if ends else uses

    def _call(self, step: _Step, places: Mapping[str, str]) -> str:
        node = self.graph.nodes[step.number]
        each = node.members > 1 and node.layer.name not in _OF_ALL_MEMBERS
        owner = self.graph.nodes[self.graph.owner(step.number)]
        known = {"y": _row(places[f"v{step.number}"], node.shape.size if each else 0)}
        for name, source in zip(input_names(len(node.inputs)), node.inputs, strict=True):
            size = self.graph.nodes[source].shape.size
            known[name] = _row(places[f"v{source}"], size if each else 0)
        own = zip(node.layer.tensors(), owner.layer.tensors(), strict=False)
        known |= {name: weight_name(owner, theirs) for name, theirs in own}
        known |= {name: places[f"{name}{step.number}"] for name in step.scratch}
        arguments = ", ".join(known[name] for name in step.function.parameters)
        where = f"{node.origin.where()}: {node.call}"
        call = f"{step.name}({arguments});"
        if each:
            call = f"for (int m = 0; m < {node.members}; m++) {call}"
        return f"/* {escaped(where)} */\n{call}"

    def _weights(self) -> Sequence[str]:
        """The tensors that functions read."""
        found: dict[str, str] = {}
        for step in self._steps:
            node = self.graph.nodes[step.number]
            owner = self.graph.nodes[self.graph.owner(step.number)]
            for name, theirs in zip(node.layer.tensors(), owner.layer.tensors(), strict=False):
                called = weight_name(owner, theirs)
                if name in step.function.parameters and called not in found:
                    tensor = self.tensors[f"{owner.name}.{theirs}"]
                    where = f"{owner.origin.where()}: {owner.call}"
                    shape = f"{theirs} {[*tensor.shape]}"
                    head = f"/* {escaped(f'{where}, {shape}')} */\n"
                    found[called] = head + numbers.weights(called, tensor)
        return [*found.values()]


def weight_name(owner: Node, name: str) -> str:
    return f"{owner.name}_{name}"


def _row(place: str, size: int) -> str:
    """The part of a value that is of member ``m``, or all of it."""
    if not size:
        return place
    return f"{place} + m * {size}"
