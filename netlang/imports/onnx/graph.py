"""An ONNX graph as the reader sees it: what depends on the input, and constants for all else.

ONNX computes with shapes as with numbers. A sample's shape is known before anything runs, so all
that is made of shapes and of weights alone is folded into constants here. The number of samples in
a batch stands in shapes as a prime, which no other size is, nor divides.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from netlang.system.lazy import np
from netlang.system.record import Record

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

BATCH = 1_000_003  # a prime
_LARGEST = 1 << 24  # numbers that a constant may have which is made of others
_MOST_WEIGHTS = 1 << 28  # numbers of a constant that are all equal


class Op(Record):
    """One operation: ``name`` is the node's in the file, or that of its first output."""

    type: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any] = {}

    @property
    def output(self) -> str:
        return self.outputs[0]

    def get(self, name: str, default: Any = None) -> Any:
        """The attribute of that name."""
        return self.attributes.get(name, default)


class OnnxGraph(Record):
    """Operations in topological order, with the constants and the shapes of all values by name.

    In ``inputs`` and ``outputs`` are names; ``opset`` is the version of the operations. ``batch``
    is what shapes have for the number of samples.
    """

    ops: tuple[Op, ...]
    constants: Mapping[str, Array]
    shapes: Mapping[str, tuple[int, ...]]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    opset: int
    batch: int
    tokens: frozenset[str] = frozenset()  # those inputs that are whole numbers

    def constant(self, name: str) -> Array | None:
        return self.constants.get(name)

    def shape(self, name: str) -> tuple[int, ...] | None:
        return self.shapes.get(name)

    def input(self, op: Op, index: int) -> str:
        """The name of an input; an empty text where it is left out."""
        return op.inputs[index] if index < len(op.inputs) else ""

    def value(self, op: Op, index: int, attribute: str = "") -> Array | None:
        """The constant that is an input of ``op``, or in an earlier version was an attribute."""
        if attribute and attribute in op.attributes:
            return np.asarray(op.attributes[attribute])
        return self.constants.get(self.input(op, index))

    def numbers(self, op: Op, index: int, attribute: str = "") -> list[int] | None:
        """The same as a list of whole numbers."""
        found = self.value(op, index, attribute)
        return None if found is None else [int(one) for one in found.reshape(-1)]

    def makers(self) -> dict[str, Op]:
        """By the name of each value, the operation that makes it."""
        return {output: op for op in self.ops for output in op.outputs if output}

    def users(self) -> dict[str, list[Op]]:
        """By the name of each value, the operations that take it."""
        found: dict[str, list[Op]] = {}
        for op in self.ops:
            for name in dict.fromkeys(op.inputs):
                found.setdefault(name, []).append(op)
        return found

    def with_ops(self, ops: Sequence[Op], **constants: Array) -> OnnxGraph:
        """The graph with other operations, those of them alone that an output depends on."""
        return self.replace(
            ops=tuple(_live(ops, self.outputs)), constants={**self.constants, **constants}
        )


def _live(ops: Sequence[Op], outputs: Sequence[str]) -> Iterator[Op]:
    needed, kept = {*outputs}, []
    for op in reversed(ops):
        if needed.intersection(op.outputs):
            kept.append(op)
            needed.update(op.inputs, *map(_read_within, op.attributes.values()))
    return reversed(kept)


def _read_within(attribute: Any) -> set[str]:
    """The values that a graph reads which is an attribute, as a branch of If is."""
    nodes = getattr(attribute, "node", ())
    inner = (_read_within(one.g) for node in nodes for one in node.attribute if one.HasField("g"))
    return {name for node in nodes for name in node.input}.union(*inner)


def fold(graph: OnnxGraph) -> OnnxGraph:
    """The graph without the operations whose outputs are known before anything runs."""
    constants, left = dict(graph.constants), []
    for op in graph.ops:
        made = _folded(op, constants, graph)
        if made is None:
            left.append(op)
        else:
            constants |= zip(op.outputs, made, strict=False)
    return graph.replace(ops=tuple(_live(left, graph.outputs)), constants=constants)


def _folded(op: Op, constants: Mapping[str, Array], graph: OnnxGraph) -> list[Array] | None:
    """The outputs of ``op``, if they are constants."""
    if op.type in ("Shape", "Size"):
        shape = graph.shape(op.inputs[0])
        if op.inputs[0] in constants:
            shape = constants[op.inputs[0]].shape
        if shape is None:
            return None
        if op.type == "Size":
            return [np.array(math.prod(shape), np.int64)]
        return [np.array(shape[op.get("start", 0) : op.get("end")], np.int64)]
    if op.type not in FOLDED or not all(one in constants or not one for one in op.inputs):
        return None
    values = [constants.get(one) for one in op.inputs]
    try:
        with np.errstate(all="ignore"):
            made = FOLDED[op.type](op, *values)
    except (ValueError, IndexError, TypeError, KeyError, ZeroDivisionError, MemoryError):
        return None
    found = made if isinstance(made, list) else [np.asarray(made)]
    given = sum(one.size for one in values if one is not None)
    takes_memory = sum(one.size for one in found if 0 not in one.strides)
    return found if takes_memory <= max(given, _LARGEST) else None


def _cast(op: Op, x: Array) -> Array:
    import onnx

    return x.astype(onnx.helper.tensor_dtype_to_np_dtype(op.attributes["to"]))


def _slice(op: Op, x: Array, *given: Array | None) -> Array:
    starts, ends, axes, steps = slices(op, given)
    cut = [slice(None)] * x.ndim
    for axis, start, end, step in zip(axes or range(len(starts)), starts, ends, steps, strict=True):
        cut[axis] = slice(start, None if step < 0 and end < -x.shape[axis] else end, step)
    return x[tuple(cut)]


def slices(
    op: Op, given: Sequence[Array | None]
) -> tuple[list[int], list[int], list[int], list[int]]:
    """The starts, ends, axes and steps of a Slice; no axes stand for the first ones."""
    if "starts" in op.attributes:
        starts, ends = list(op.attributes["starts"]), list(op.attributes["ends"])
        return starts, ends, list(op.get("axes", [])), [1] * len(starts)
    each = [[] if one is None else [int(n) for n in one] for one in given]
    starts, ends, axes, steps = [*each, [], []][:4]
    return starts, ends, axes, steps or [1] * len(starts)


def _of_shape(op: Op, shape: Array) -> Array:
    sizes = tuple(1 if int(one) == BATCH else int(one) for one in shape)
    if math.prod(sizes) > _MOST_WEIGHTS:
        raise ValueError
    value = np.asarray(op.get("value", np.float32(0))).reshape(-1)[0]
    return np.broadcast_to(value, sizes)  # which takes no memory


def _small(shape: Array) -> tuple[int, ...]:
    """The shape.  Raises ValueError if it has more numbers than a constant may have.

    Where the batch is among them, they are the state that a sequence begins with: one is enough.
    """
    sizes = tuple(1 if int(one) == BATCH else int(one) for one in shape)
    if math.prod(sizes) > _LARGEST:
        raise ValueError
    return sizes


def _reshape(op: Op, x: Array, shape: Array) -> Array:
    keeps = not op.get("allowzero", 0)
    return x.reshape([x.shape[at] if keeps and n == 0 else int(n) for at, n in enumerate(shape)])


def _unsqueeze(op: Op, x: Array, axes: Array | None = None) -> Array:
    return np.expand_dims(x, tuple(int(n) for n in (op.get("axes") if axes is None else axes)))


def _squeeze(op: Op, x: Array, axes: Array | None = None) -> Array:
    given = op.get("axes") if axes is None else axes
    return np.squeeze(x, None if given is None else tuple(int(n) for n in given))


def _expand(op: Op, x: Array, shape: Array) -> Array:
    wanted = np.broadcast_shapes(x.shape, _small(shape))
    return np.broadcast_to(x, wanted)


def _tile(op: Op, x: Array, repeats: Array) -> Array:
    _small(np.array(x.shape) * repeats)
    return np.tile(x, repeats)


def _range(op: Op, start: Any, limit: Any, delta: Any) -> Array:
    if abs((float(limit) - float(start)) / float(delta)) > _LARGEST:
        raise ValueError
    return np.arange(start, limit, delta, dtype=start.dtype)


def _div(op: Op, x: Array, y: Array) -> Array:
    if np.issubdtype(x.dtype, np.integer):
        return (np.sign(x) * np.sign(y) * (abs(x) // abs(y))).astype(x.dtype)
    return x / y


def _broadcast(made: Any) -> Any:
    """``made`` of arrays that have no more numbers together than a constant may have."""

    def checked(op: Op, *values: Array) -> Array:
        _small(np.array(np.broadcast_shapes(*(one.shape for one in values)) or (1,)))
        return np.asarray(made(*values))

    return checked


def _split(op: Op, x: Array, sizes: Array | None = None) -> list[Array]:
    axis, given = op.get("axis", 0), op.get("split") if sizes is None else sizes
    if given is None:
        return np.array_split(x, len(op.outputs), axis)
    return np.split(x, np.cumsum(np.asarray(given))[:-1].tolist(), axis)


FOLDED: Mapping[str, Any] = {
    "Identity": lambda op, x: x,
    "Cast": _cast,
    "Reshape": _reshape,
    "Transpose": lambda op, x: np.transpose(x, op.get("perm")),
    "Unsqueeze": _unsqueeze,
    "Squeeze": _squeeze,
    "Flatten": lambda op, x: x.reshape(math.prod(x.shape[: op.get("axis", 1)]), -1),
    "Concat": lambda op, *x: np.concatenate(x, op.attributes["axis"]),
    "Gather": lambda op, x, at: np.take(x, at, op.get("axis", 0)),
    "Slice": _slice,
    "Split": _split,
    "ConstantOfShape": _of_shape,
    "Expand": _expand,
    "Tile": _tile,
    "Range": _range,
    "Neg": lambda op, x: -x,
    "Sqrt": lambda op, x: np.sqrt(x),
    "Exp": lambda op, x: np.exp(x),
    "Log": lambda op, x: np.log(x),
    "Sin": lambda op, x: np.sin(x),
    "Cos": lambda op, x: np.cos(x),
    "Reciprocal": lambda op, x: 1 / x,
    "Floor": lambda op, x: np.floor(x),
    "Ceil": lambda op, x: np.ceil(x),
    "Not": lambda op, x: ~x,
    "Trilu": lambda op, x, k=0: (np.triu if op.get("upper", 1) else np.tril)(x, int(k)),
    "ReduceProd": lambda op, x, *axes: np.prod(x),
    "Add": _broadcast(lambda x, y: x + y),
    "Sub": _broadcast(lambda x, y: x - y),
    "Mul": _broadcast(lambda x, y: x * y),
    "Mod": _broadcast(lambda x, y: x % y),
    "Pow": _broadcast(lambda x, y: x**y),
    "Min": _broadcast(lambda *x: np.minimum.reduce([*x])),
    "Max": _broadcast(lambda *x: np.maximum.reduce([*x])),
    "Equal": _broadcast(lambda x, y: x == y),
    "Less": _broadcast(lambda x, y: x < y),
    "Greater": _broadcast(lambda x, y: x > y),
    "LessOrEqual": _broadcast(lambda x, y: x <= y),
    "GreaterOrEqual": _broadcast(lambda x, y: x >= y),
    "And": _broadcast(lambda x, y: x & y),
    "Or": _broadcast(lambda x, y: x | y),
    "Where": _broadcast(lambda c, x, y: np.where(c, x, y)),
    "Div": _div,
}
