"""A model of ONNX as a file, which the package onnx writes and checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from netlang.lowering.lowerings import Unsupported
from netlang.lowering.onnx.values import ML, Constant, Operation, Result, Value, op
from netlang.system.packages import Unusable, work_of
from netlang.system.record import Record

OPSET, _ML_OPSET, _IR_VERSION = 17, 3, 8
"""Which operators there are, and how files look: runtimes of 2022 and later know these."""

_LARGEST = (1 << 31) - (1 << 20)  # bytes, with room for what is not weights

BATCH, STEPS = "N", "T"
"""What dimensions are called that may have any size."""

_DTYPES = {"float32": 1, "int32": 6, "int64": 7, "str": 8, "bool": 9, "float64": 11}


class Port(Record):
    """An input or an output of a model: what it is called, its value, the ``shape`` of a sample,
    and a ``note`` that says what it is.
    """

    name: str
    value: Value
    shape: tuple[int | str, ...]
    note: str = ""


class File:
    """A model that makes ``outputs`` of ``inputs``, as a file. Whatever would have a name that
    another has gets a number behind its own.
    """

    def __init__(self, name: str, inputs: Sequence[Port], outputs: Sequence[Port]) -> None:
        self.name, self._taken = name, {"": 1}
        self.inputs = [port.replace(name=self._free(port.name)) for port in inputs]
        own = _each_by_itself(outputs)
        self.outputs = [port.replace(name=self._free(port.name)) for port in own]
        self._names = {port.value: port.name for port in (*self.inputs, *self.outputs)}
        self._constants: dict[tuple[Any, ...], str] = {}

    def to_bytes(self, about: str, metadata: Mapping[str, str]) -> bytes:
        """The file; ``about`` is said of it.  Raises Unsupported if the package onnx is missing."""
        try:
            with work_of("onnx"):
                import onnx
        except Unusable as problem:
            install = 'pip install "netlang[onnx]"' if problem.is_missing else problem.help
            raise Unsupported(f"the package {problem}: {install}") from None
        from onnx import helper

        weights: list[onnx.TensorProto] = []
        operations = _in_order([port.value for port in self.outputs])
        nodes = [self._node(one, weights) for one in operations]
        inputs, outputs = (
            [_described(port) for port in some] for some in (self.inputs, self.outputs)
        )
        constants = [one for one in self._names if isinstance(one, Constant)]
        if sum(one.array.nbytes for one in constants) > _LARGEST:
            raise Unsupported("its weights take 2 GB, which one file of ONNX cannot hold")
        graph = helper.make_graph(nodes, self.name, inputs, outputs, weights)
        has_tables = any(node.domain == ML for node in nodes)
        opsets = [helper.make_opsetid("", OPSET)]
        opsets += [helper.make_opsetid(ML, _ML_OPSET)] if has_tables else []
        model = helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)
        model.producer_name, model.doc_string = "netlang", about
        helper.set_model_props(model, dict(metadata))
        onnx.checker.check_model(model, full_check=True)
        found: bytes = model.SerializeToString()
        return found

    def _node(self, operation: Operation, weights: list[Any]) -> Any:
        """The node of an operation, whose constants are added to the ``weights``."""
        from onnx import helper

        inputs = [self._input(one, weights) for one in operation.inputs]
        outputs = [self._name(one, operation) for one in operation.outputs]
        found = helper.make_node(
            operation.kind,
            inputs,
            outputs,
            name=outputs[0],
            doc_string=operation.note or None,
            domain=operation.domain,
        )
        for name, value in operation.attributes.items():
            found.attribute.append(helper.make_attribute(name, _attribute(name, value)))
        return found

    def _input(self, value: Value | None, weights: list[Any]) -> str:
        """The name of what an operation gets, which is among the ``weights`` if it is constant."""
        if value is None:
            return ""
        if not isinstance(value, Constant) or value in self._names:
            return self._names[value]
        key = value.dtype, value.array.shape, value.name or value.array.tobytes()
        if key not in self._constants or value.dtype == "str":
            self._constants[key] = self._free(value.name or "constant")
            weights.append(_tensor(value, self._constants[key]))
        self._names[value] = self._constants[key]
        return self._names[value]

    def _name(self, value: Value, operation: Operation) -> str:
        if value not in self._names:
            kind = operation.kind.lower()
            made = f"{operation.scope}/{kind}" if operation.scope else kind
            self._names[value] = self._free(value.name or made)
        return self._names[value]

    def _free(self, name: str) -> str:
        """The name, or one like it, if another has it."""
        free = name
        while free in self._taken:
            self._taken[name] += 1
            free = f"{name}_{self._taken[name]}"
        self._taken[free] = 1
        return free


def _each_by_itself(outputs: Sequence[Port]) -> Iterator[Port]:
    """The outputs, each of which is the result of an operation of its own."""
    seen: set[Value] = set()
    for port in outputs:
        value = port.value
        if not isinstance(value, Result) or value in seen:
            value = op("Identity", value)
        seen.add(value)
        yield port.replace(value=value)


def _in_order(outputs: Sequence[Value]) -> Iterator[Operation]:
    """The operations that make the outputs, each behind those that it needs."""
    done: set[Operation] = set()
    rest = [one.operation for one in reversed(outputs) if isinstance(one, Result)]
    while rest:
        operation = rest[-1]
        needed = [
            one.operation
            for one in operation.inputs
            if isinstance(one, Result) and one.operation not in done
        ]
        if needed:
            rest += reversed(needed)
            continue
        rest.pop()
        if operation not in done:
            done.add(operation)
            yield operation


def _attribute(name: str, value: Any) -> Any:
    if name == "to":
        return _DTYPES[value]
    return [*value] if isinstance(value, tuple | range) else value


def _tensor(value: Constant, name: str) -> Any:
    from onnx import helper, numpy_helper

    if value.dtype == "str":
        words = [word.encode() for word in value.array.flatten().tolist()]
        return helper.make_tensor(name, _DTYPES["str"], value.array.shape, words)
    return numpy_helper.from_array(value.array, name)


def _described(port: Port) -> Any:
    from onnx import helper

    shape: list[str | int | None] = [BATCH, *port.shape]
    return helper.make_tensor_value_info(
        port.name, _DTYPES[port.value.dtype], shape, doc_string=port.note
    )
