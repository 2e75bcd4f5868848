"""An ONNX file is read: its bytes become a graph whose constants and shapes are known.

Nothing in the file is run. Weights that it keeps in other files are read from its own folder alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netlang.imports.foreign_graph import ForeignInput
from netlang.imports.onnx.graph import BATCH, OnnxGraph, Op, fold
from netlang.imports.onnx.own import context, is_own, network_alone
from netlang.imports.refused import Refused
from netlang.system.files import Irregular, open_regular
from netlang.system.lazy import np
from netlang.system.machine import memory_limit
from netlang.system.packages import Unusable, work_of

if TYPE_CHECKING:
    from netlang.imports.onnx.graph import Array

_KNOWN_TO_SHAPES = 4096  # numbers: a larger constant says nothing about shapes
_MOST_OPS = 100_000
_FLOATS = ("FLOAT", "DOUBLE", "FLOAT16", "BFLOAT16")
_TOKENS = ("INT64", "INT32", "INT16", "INT8", "UINT8", "UINT16", "UINT32", "UINT64")


class OnnxFile:
    """A file's model, checked, as bytes are: ``given`` are the shapes of samples that it leaves
    open, by the names of inputs.

    Raises Refused.
    """

    def __init__(self, path: Path, data: bytes) -> None:
        onnx = _package()
        self.folder, self.path = path.parent, path
        try:
            self.model = onnx.ModelProto.FromString(data)
        except Exception:
            raise Refused("it is cut off, or no ONNX file") from None
        if not self.model.graph.node or not self.model.graph.output:
            raise Refused("it is no ONNX file, or has no graph")
        if len(self.model.graph.node) > _MOST_OPS:
            raise Refused(f"it has more than {_MOST_OPS:,} operations")
        self.is_own = is_own(self.model)
        self._context = context(self.model) if self.is_own else None
        if self.is_own:
            self.model = network_alone(self.model)
        self.labels = _without_labels(self.model.graph)

    @property
    def is_changed(self) -> bool:
        """Whether its model is a part of what the file has."""
        return self.is_own or bool(self.labels)

    @property
    def opset(self) -> int:
        versions = [one.version for one in self.model.opset_import if one.domain in ("", "ai.onnx")]
        return max(versions, default=1)

    def inputs(self) -> tuple[ForeignInput, ...]:
        """The inputs that are no weights, with the sizes of one sample as the file says them."""
        weights = {one.name for one in self.model.graph.initializer}
        found = [one for one in self.model.graph.input if one.name not in weights]
        if not found:
            raise Refused("its graph has no input")
        shapes = {one.name: _sample(one) for one in found}
        if self._context:
            shapes = {
                name: (self._context,) if shape == (None,) else shape
                for name, shape in shapes.items()
            }
        return tuple(ForeignInput(name, shape) for name, shape in shapes.items())

    def graph(self, shapes: Mapping[str, tuple[int, ...]]) -> OnnxGraph:
        """The graph for samples of these ``shapes``.  Raises Refused."""
        ops, constants = self._ops(self.model.graph.node), self._constants()
        inputs = tuple(shapes)
        batch = self.batch(inputs)
        graph = OnnxGraph(
            ops=(),
            constants={},
            shapes={name: (batch, *shape) for name, shape in shapes.items()},
            inputs=inputs,
            outputs=tuple(one.name for one in self.model.graph.output),
            opset=self.opset,
            batch=batch,
            tokens=frozenset(
                one.name for one in self.model.graph.input if _type_name(one) in _TOKENS
            ),
        )
        graph = fold(graph.with_ops([*_with_constants(ops, constants)], **constants))
        for _ in range(8):  # shapes make constants, and these make further shapes
            before = [op.name for op in graph.ops]
            graph = fold(self._taken(graph.replace(shapes=self._shapes(graph))))
            if [op.name for op in graph.ops] == before:
                break
        return graph

    def batch(self, inputs: Sequence[str]) -> int:
        """What the inputs have for the number of samples: that of the file, where it is fixed."""
        for one in self.model.graph.input:
            dims = one.type.tensor_type.shape.dim
            if one.name in inputs and dims and dims[0].dim_value > 0:
                return int(dims[0].dim_value)
        return BATCH

    def _taken(self, graph: OnnxGraph) -> OnnxGraph:
        """The graph with one branch for each If whose condition is known."""
        ops: list[Op] = []
        constants = dict(graph.constants)
        for op in graph.ops:
            which = graph.value(op, 0) if op.type == "If" else None
            branch = None
            if which is not None and which.size == 1:
                branch = op.get("then_branch" if which.reshape(-1)[0] else "else_branch")
            if branch is None:
                ops.append(op)
                continue
            constants |= {one.name: self._array(one) for one in branch.initializer}
            ops += _with_constants(self._ops(branch.node), constants)
            for output, made in zip(op.outputs, branch.output, strict=False):
                ops.append(Op("Identity", f"{op.name}.{output}", (made.name,), (output,)))
        return graph.with_ops(ops, **constants)

    def _ops(self, nodes: Sequence[Any]) -> list[Op]:
        import onnx

        found = []
        for node in nodes:
            if node.domain not in ("", "ai.onnx"):
                kind = f"{node.domain}.{node.op_type}"
            else:
                kind = node.op_type
            attributes: dict[str, Any] = {}
            for one in node.attribute:
                if one.type == onnx.AttributeProto.GRAPH:
                    attributes[one.name] = one.g
                elif one.type == onnx.AttributeProto.GRAPHS:
                    attributes[one.name] = None
                elif one.type == onnx.AttributeProto.TENSOR:
                    attributes[one.name] = self._array(one.t)
                else:
                    value = onnx.helper.get_attribute_value(one)
                    attributes[one.name] = _text(value)
            outputs = tuple(node.output)
            if not outputs:
                continue
            name = node.name or next(filter(None, outputs), node.op_type)
            found.append(Op(kind, name, tuple(node.input), outputs, attributes))
        return found

    def _constants(self) -> dict[str, Array]:
        return {one.name: self._array(one) for one in self.model.graph.initializer}

    def _array(self, tensor: Any) -> Array:
        import onnx

        sizes = [int(one) for one in tensor.dims]
        what = f"`{tensor.name}`" if tensor.name else "a constant"
        if any(one < 0 for one in sizes) or math.prod(sizes) * 4 > memory_limit():
            raise Refused(f"{what} would have the shape {sizes}")
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            return self._external(tensor, sizes, what)
        try:
            return np.array(onnx.numpy_helper.to_array(tensor))
        except (ValueError, TypeError, KeyError):
            raise Refused(f"{what} has other numbers than its shape {sizes} says") from None

    def _external(self, tensor: Any, sizes: list[int], what: str) -> Array:
        import onnx

        about = {one.key: one.value for one in tensor.external_data}
        location = about.get("location", "")
        path = self.folder / location
        inside = path.resolve().is_relative_to(self.folder.resolve())
        if not location or Path(location).is_absolute() or not inside:
            where = f"`{location}`, which is outside its own folder"
            raise Refused(f"it keeps {what} in {where}", "put all its files into one folder")
        kind = onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type)
        begin = int(about.get("offset", 0))
        size = math.prod(sizes) * kind.itemsize
        try:
            with open_regular(path) as file:
                file.seek(max(0, begin))
                data = file.read(size)
        except (OSError, ValueError, Irregular):
            help = f"put `{location}` beside it"
            raise Refused(f"it keeps {what} in `{location}`, which cannot be read", help) from None
        if begin < 0 or len(data) < size:
            raise Refused(f"`{location}`, where it keeps {what}, is cut off")
        return np.frombuffer(data, kind).reshape(sizes)

    def _shapes(self, graph: OnnxGraph) -> dict[str, tuple[int, ...]]:
        """The shapes of all values, as far as they can be known."""
        import onnx

        known = {
            name: array for name, array in graph.constants.items() if array.size <= _KNOWN_TO_SHAPES
        }
        helper, floats = onnx.helper, onnx.TensorProto.FLOAT
        inputs = [
            helper.make_tensor_value_info(
                name,
                onnx.TensorProto.INT64 if name in graph.tokens else floats,
                graph.shapes[name],
            )
            for name in graph.inputs
        ]
        used = {name for op in graph.ops for name in op.inputs}
        for name, array in graph.constants.items():
            if name in used and name not in known:
                inputs.append(helper.make_tensor_value_info(name, floats, array.shape))
        nodes = [_node(op) for op in graph.ops]
        made = helper.make_graph(
            nodes,
            "g",
            inputs,
            [onnx.ValueInfoProto(name=name) for name in graph.outputs],
            [
                onnx.numpy_helper.from_array(np.ascontiguousarray(array).reshape(array.shape), name)
                for name, array in known.items()
                if name in used
            ],
        )
        model = helper.make_model(made, opset_imports=[*self.model.opset_import])
        try:
            inferred = onnx.shape_inference.infer_shapes(model, data_prop=True)
        except Exception:
            return dict(graph.shapes)
        found = dict(graph.shapes)
        for one in (*inferred.graph.value_info, *inferred.graph.output):
            dims = one.type.tensor_type.shape.dim
            if one.type.tensor_type.HasField("shape") and all(
                dim.HasField("dim_value") for dim in dims
            ):
                found[one.name] = tuple(dim.dim_value for dim in dims)
        return found


def _without_labels(graph: Any) -> tuple[str, ...]:
    """Take those outputs out of the graph that name the largest of others; their names."""
    makers = {name: node for node in graph.node for name in node.output}
    labels = []
    for output in graph.output:
        node = makers.get(output.name)
        while node is not None and node.op_type in ("Cast", "Identity", "Squeeze"):
            node = makers.get(node.input[0])
        if node is not None and node.op_type == "ArgMax":
            labels.append(output.name)
    if len(labels) == len(graph.output):
        return ()
    kept = [one for one in graph.output if one.name not in labels]
    del graph.output[:]
    graph.output.extend(kept)
    return tuple(labels)


def _package() -> Any:
    """The package onnx.  Raises Refused if it is missing."""
    try:
        with work_of("onnx"):
            import onnx

            return onnx
    except Unusable as problem:
        install = 'pip install "netlang[onnx]"' if problem.is_missing else problem.help
        raise Refused(f"the package {problem}", install) from None


def _with_constants(ops: Sequence[Op], constants: dict[str, Array]) -> Iterator[Op]:
    """The operations that are no constants, which are put among the others."""
    for op in ops:
        if op.type != "Constant":
            yield op
            continue
        values = [value for value in op.attributes.values() if value is not None]
        if len(values) != 1 or isinstance(values[0], (str, bytes)):
            continue
        constants[op.output] = np.asarray(values[0])
        if "value_ints" not in op.attributes and constants[op.output].dtype == np.float64:
            constants[op.output] = constants[op.output].astype(np.float32)


def _node(op: Op) -> Any:
    import onnx

    domain, _, kind = op.type.rpartition(".")
    attributes = {
        name: onnx.numpy_helper.from_array(value) if hasattr(value, "dtype") else value
        for name, value in op.attributes.items()
        if value is not None
    }
    return onnx.helper.make_node(
        kind, op.inputs, op.outputs, op.name, domain=domain or None, **attributes
    )


def _text(value: Any) -> Any:
    """Texts as texts, of which ONNX keeps bytes."""
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def _sample(value: Any) -> tuple[int | None, ...] | None:
    if not value.type.tensor_type.HasField("shape"):
        return None
    dims = [*value.type.tensor_type.shape.dim]
    return tuple(dim.dim_value if dim.dim_value > 0 else None for dim in dims[1:])


def _type_name(value: Any) -> str:
    import onnx

    return str(onnx.TensorProto.DataType.Name(value.type.tensor_type.elem_type))
