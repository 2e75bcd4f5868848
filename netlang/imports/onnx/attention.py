"""Attention is written out in products, and may be one layer of netlang's.

Exporters move axes in many ways between the linear layers and the softmax. So the weights are not
read off: the part of the graph is asked. What it makes of a one at the first position, and of zeros
elsewhere, is a column of the matrix of queries, keys or values. The layer with these weights is
then compared with the whole part on random sequences: plain, causal, and with rotary positions.
Only one that gives the same numbers takes its place.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from netlang.catalogue.layers import Attention
from netlang.imports.onnx.graph import BATCH, FOLDED, OnnxGraph, Op
from netlang.system.lazy import np, torch
from netlang.system.record import Record

if TYPE_CHECKING:
    from netlang.imports.onnx.graph import Array

_MOVING = (
    *("Transpose", "Reshape", "Unsqueeze", "Squeeze", "Split", "Slice", "Gather", "Concat"),
    *("Identity", "Cast", "netlang.Affine", "Mul", "Add", "Sub", "Neg", "netlang.Squeeze"),
)
_AT_ONCE = 16  # columns that are asked for at a time
_LARGEST = 1 << 26  # numbers that a part may hold while it is asked


class _Part(Record):
    """A part of a graph that may be an attention: its scores are ``q`` times ``k`` times ``scale``,
    and its output is ``end``, made by ``out`` of what is taken of ``v``.
    """

    x: str
    memory: str
    q: str
    k: str
    v: str
    scale: float
    heads: int
    out: Op
    end: str


def name_attention(graph: OnnxGraph) -> OnnxGraph:
    """The graph with one operation for each part that is an attention of netlang's."""
    makers, users = graph.makers(), graph.users()
    replaced: dict[str, Op] = {}
    for op in graph.ops:
        if op.type == "Softmax" and (part := _part(op, graph, makers, users)):
            try:
                found = _recognised(part, graph, makers)
            except (KeyError, ValueError, IndexError, TypeError):
                continue
            if found:
                replaced[part.end] = found
    return graph.with_ops([replaced.get(op.output, op) for op in graph.ops])


def _part(
    op: Op, graph: OnnxGraph, makers: Mapping[str, Op], users: Mapping[str, list[Op]]
) -> _Part | None:
    shape = graph.shape(op.output)
    if not shape or len(shape) not in (3, 4) or op.get("axis", -1) % len(shape) != len(shape) - 1:
        return None
    scale, name = 1.0, op.inputs[0]
    while (maker := makers.get(name)) and maker.type in ("netlang.Affine", "Where", "Identity"):
        if maker.type == "netlang.Affine" and maker.attributes["factor"].size == 1:
            scale *= float(maker.attributes["factor"].reshape(-1)[0])
        open_ = [one for one in maker.inputs if one not in graph.constants]
        if len(open_) != 1:
            return None
        name = open_[0]
    if not maker or maker.type != "MatMul":
        return None
    taken = _only_user(op.output, users)
    if not taken or taken.type != "MatMul" or taken.inputs[0] != op.output:
        return None
    q, k, v = *maker.inputs, taken.inputs[1]
    bases = [_base(one, graph, makers) for one in (q, k, v)]
    x, memory = bases[0], bases[1]
    if not x or not memory or bases[2] != memory:
        return None
    ends = _end(taken.output, graph, users, x)
    heads = shape[1] if len(shape) == 4 else shape[0] // graph.batch
    return _Part(x, memory, q, k, v, scale, heads, *ends) if ends else None


def _only_user(name: str, users: Mapping[str, list[Op]]) -> Op | None:
    found = users.get(name, [])
    while len(found) == 1 and found[0].type in ("Identity", "Dropout"):
        found = users.get(found[0].output, [])
    return found[0] if len(found) == 1 else None


def _base(name: str, graph: OnnxGraph, makers: Mapping[str, Op]) -> str | None:
    """The sequences [N, T, E] that linear layers make the value of, if all have the same."""
    found, open_ = set[str](), [name]
    for _ in range(64):
        if not open_:
            break
        maker = makers.get(open_.pop())
        if maker is None:
            return None
        if maker.type == "netlang.Linear":
            found.add(_sequences(maker.inputs[0], graph, makers))
        elif maker.type in _MOVING:
            open_ += [one for one in maker.inputs if one and one not in graph.constants]
        else:
            return None
    return found.pop() if len(found) == 1 and "" not in found else None


def _sequences(name: str, graph: OnnxGraph, makers: Mapping[str, Op]) -> str:
    """The value with the batch in front that a linear layer takes in another form."""
    while True:
        shape = graph.shape(name)
        if shape and len(shape) == 3 and shape[0] == graph.batch:
            return name
        maker = makers.get(name)
        if not maker or maker.type not in ("Transpose", "Reshape", "Identity"):
            return ""
        name = maker.inputs[0]


def _end(
    name: str, graph: OnnxGraph, users: Mapping[str, list[Op]], x: str
) -> tuple[Op, str] | None:
    """The linear layer behind the heads, and its value in the form of ``x``."""
    out: Op | None = None
    while (user := _only_user(name, users)) and (user.type in _MOVING or not out):
        if user.type == "netlang.Linear" and not out:
            out = user
        elif user.type not in ("Transpose", "Reshape", "Identity"):
            break
        name = user.output
        if out and graph.shape(name) == graph.shape(x):
            return out, name
    return None


def _recognised(part: _Part, graph: OnnxGraph, makers: Mapping[str, Op]) -> Op | None:
    x, memory = graph.shapes[part.x], graph.shapes[part.memory]
    width = x[2]
    if width % part.heads or max(x[1], memory[1]) * max(width, memory[2]) * _AT_ONCE > _LARGEST:
        return None
    ask = _Asked(part, graph, makers)
    size = width // part.heads
    tensors: dict[str, Array] = {}
    scales = {name: ask.scale_of(value) for name, value in (("q", part.q), ("k", part.k))}
    total = scales["q"] * scales["k"] * part.scale * math.sqrt(size)
    scales["q"] /= 1.0 if math.isclose(total, 1, rel_tol=1e-4) else total
    for name, value in (("q", part.q), ("k", part.k), ("v", part.v)):
        features = width if name == "q" else memory[2]
        scale = scales.get(name, 1.0)
        weight = np.concatenate([*ask.columns(name, value, features)], 1)
        if weight.shape != (width, features):
            return None
        tensors[f"{name}_weight"] = weight / scale
        tensors[f"{name}_bias"] = ask.offset(name, value) / scale
    tensors["out_weight"] = part.out.attributes["weight"]
    bias = part.out.attributes["bias"]
    tensors["out_bias"] = np.zeros(width) if bias is None else bias
    if tensors["out_weight"].shape != (width, width):
        return None
    about: dict[str, Any] = {"embed_dim": width, "num_heads": part.heads}
    if memory[2] != width:
        about["kdim"] = memory[2]
    if bias is None and not any(tensors[f"{name}_bias"].any() for name in ("q", "k", "v")):
        about["bias"] = False
        tensors = {name: one for name, one in tensors.items() if name.endswith("weight")}
    inputs, wanted = ask.random()
    for causal, rotary in itertools.product((False, True), repeat=2):
        if rotary and size % 2:
            continue
        more = about | ({"causal": True} if causal else {}) | ({"rotary": True} if rotary else {})
        if _gives(more, tensors, inputs, wanted):
            names = tuple(dict.fromkeys((part.x, part.memory)))
            own = {"tensors": tensors, "arguments": more}
            return Op("netlang.Attention", part.out.name, names, (part.end,), own)
    return None


def _gives(
    arguments: Mapping[str, Any],
    tensors: Mapping[str, Array],
    inputs: Sequence[Array],
    wanted: Array,
) -> bool:
    """Whether the layer makes of the inputs what is wanted."""
    layer = Attention(**arguments).eval()
    for name, one in tensors.items():
        getattr(layer, name).copy_(torch.from_numpy(np.array(one, np.float32)))
    y = layer.forward(*(torch.from_numpy(one) for one in inputs)).numpy()
    close = 1e-4 * max(1.0, float(np.abs(wanted).max()))
    return bool(y.shape == wanted.shape and np.abs(y - wanted).max() < close)


class _Asked:
    """A part of a graph, which is computed for some inputs."""

    def __init__(self, part: _Part, graph: OnnxGraph, makers: Mapping[str, Op]) -> None:
        self.part, self.graph, self.makers = part, graph, makers
        self.samples = _AT_ONCE if graph.batch == BATCH else graph.batch

    def scale_of(self, name: str) -> float:
        """The product of the single factors on the way from a linear layer to a value."""
        scale = 1.0
        while (op := self.makers[name]).type != "netlang.Linear":
            if op.type == "netlang.Affine" and op.attributes["factor"].size == 1:
                scale *= float(op.attributes["factor"].reshape(-1)[0])
            name = next(one for one in op.inputs if one and one not in self.graph.constants)
        return scale

    def columns(self, name: str, value: str, features: int) -> Iterator[Array]:
        """The columns of the matrix that makes queries, keys or values, some at a time."""
        for begin in range(0, features, self.samples):
            count = min(self.samples, features - begin)
            feeds = self._zeros()
            source = self.part.x if name == "q" else self.part.memory
            feeds[source][np.arange(count), 0, begin + np.arange(count)] = 1
            yield self._first(name, self._computed(value, feeds, bare=True))[:count].T

    def offset(self, name: str, value: str) -> Array:
        """What is added to the queries, keys or values."""
        return np.asarray(self._first(name, self._computed(value, self._zeros()))[0])

    def random(self) -> tuple[list[Array], Array]:
        """Random inputs, and what the whole part makes of them."""
        random = np.random.default_rng(0)
        feeds = {name: random.standard_normal(one.shape) for name, one in self._zeros(2).items()}
        feeds = {name: one.astype(np.float32) for name, one in feeds.items()}
        return [*feeds.values()], self._computed(self.part.end, feeds)

    def _zeros(self, samples: int = 0) -> dict[str, Array]:
        count = samples if samples and self.graph.batch == BATCH else self.samples
        names = dict.fromkeys((self.part.x, self.part.memory))
        return {name: np.zeros((count, *self.graph.shapes[name][1:]), np.float32) for name in names}

    def _first(self, name: str, value: Array) -> Array:
        """What stands at the first position, the heads side by side.  Shape: [n, h * d]."""
        value = value.reshape(-1, self.part.heads, *value.shape[-2:])
        first: Array = value[..., 0] if name == "k" else value[..., 0, :]
        return first.reshape(len(value), -1)

    def _computed(self, name: str, feeds: Mapping[str, Array], bare: bool = False) -> Array:
        """The value of that name; if it is ``bare``, nothing is added that is a constant."""
        values, samples = dict(feeds), len(next(iter(feeds.values())))

        def value_of(one: str) -> Array:
            if one in values:
                return values[one]
            if one in self.graph.constants:
                return self._sized(self.graph.constants[one], samples)
            op = self.makers[one]
            given = [value_of(source) if source else None for source in op.inputs]
            made = _COMPUTED[op.type](op, given, bare)
            values.update(zip(op.outputs, made if isinstance(made, list) else [made], strict=False))
            return values[one]

        return np.asarray(value_of(name))

    def _sized(self, constant: Array, samples: int) -> Array:
        """A constant, which is a shape with another number of samples, where it has the batch."""
        if self.graph.batch != BATCH or not np.issubdtype(constant.dtype, np.integer):
            return constant
        has_batch = (constant != 0) & (constant % BATCH == 0)
        return np.where(has_batch, constant // BATCH * samples, constant)


def _linear(op: Op, given: list[Any], bare: bool) -> Array:
    y = given[0] @ op.attributes["weight"].T
    bias = op.attributes["bias"]
    return np.asarray(y if bare or bias is None else y + bias)


def _affine(op: Op, given: list[Any], bare: bool) -> Array:
    y = given[0] * op.attributes["factor"]
    return np.asarray(y if bare else y + op.attributes["term"])


def _softmax(op: Op, given: list[Any], bare: bool) -> Array:
    y = np.exp(given[0] - given[0].max(-1, keepdims=True))
    return np.asarray(y / y.sum(-1, keepdims=True))


def _as_folded(kind: str) -> Callable[[Op, list[Any], bool], Any]:
    return lambda op, given, bare: FOLDED[kind](op, *given)


_COMPUTED: Mapping[str, Callable[[Op, list[Any], bool], Any]] = {
    **{kind: _as_folded(kind) for kind in FOLDED},
    "netlang.Linear": _linear,
    "netlang.Affine": _affine,
    "netlang.Squeeze": _as_folded("Squeeze"),
    "Softmax": _softmax,
    "Dropout": lambda op, given, bare: given[0],
    "MatMul": lambda op, given, bare: given[0] @ given[1],
}
