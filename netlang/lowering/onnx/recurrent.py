"""Recurrent layers in ONNX, which has them one by one, with the steps in front of the samples."""

from __future__ import annotations

from typing import Any

from netlang.catalogue.layers import GRU, LSTM, RNN
from netlang.catalogue.modules import Layer
from netlang.lowering.onnx.lowerings import Own, lowers
from netlang.lowering.onnx.values import Constant, Value, concat, constant, op, operation, whole
from netlang.system.lazy import np

# In which order ONNX has the gates of netlang's layers.
_GATES: dict[type[Layer], tuple[int, ...]] = {RNN: (0,), GRU: (1, 0, 2), LSTM: (0, 3, 1, 2)}

# Of which of netlang's tensors those of ONNX are made.
_PACKED = {"W": ["weight_ih"], "R": ["weight_hh"], "B": ["bias_ih", "bias_hh"]}


@lowers(RNN)
@lowers(GRU)
@lowers(LSTM)
def recurrent(layer: RNN | GRU | LSTM, own: Own, x: Value, lengths: Value | None = None) -> Value:
    width = (1 + layer.bidirectional) * layer.hidden_size
    count = op("Shape", x, dtype="int64", start=0, end=1)
    x, ends = _with_one(x, None if lengths is None else lengths.cast("int32"), count)
    y = x.transposed(1, 0, 2)
    for number in range(layer.num_layers):
        weights = [_packed(layer, own, number, name) for name in ("W", "R", "B")[: 2 + layer.bias]]
        absent = [] if layer.bias else [None]
        found = operation(layer.name, [y, *weights, *absent, ends], _options(layer))
        states, last = found.results(2, x.dtype)  # [T, directions, N, H], and [directions, N, H]
        y = states.transposed(0, 2, 1, 3).reshaped(0, 0, width)
    if layer.output == "last":
        return _first(last.transposed(1, 0, 2), count).reshaped(0, width)
    return _first(states.transposed(2, 0, 1, 3), count).reshaped(0, 0, width)


def _with_one(x: Value, ends: Value | None, count: Value) -> tuple[Value, Value | None]:
    """The samples, with one of zeros where there are none: runtimes break down on none at all."""
    more = op("Max", whole(1) - count, whole(0))
    sizes = op("Shape", x, dtype="int64", start=1, end=3)
    x = concat(0, x, op("ConstantOfShape", concat(0, more, sizes), dtype=x.dtype))
    if ends is not None:
        ends = concat(0, ends, op("Expand", constant([1], "int32"), more, dtype="int32"))
    return x, ends


def _first(y: Value, count: Value) -> Value:
    return op("Slice", y, whole(0), count, whole(0), whole(1))


def _options(layer: RNN | GRU | LSTM) -> dict[str, Any]:
    directions = 1 + layer.bidirectional
    options: dict[str, Any] = {
        "hidden_size": layer.hidden_size,
        "direction": "bidirectional" if layer.bidirectional else "forward",
    }
    if isinstance(layer, RNN):
        options["activations"] = [layer.nonlinearity.capitalize()] * directions
    if isinstance(layer, GRU):
        options["linear_before_reset"] = 1
    return options


def _packed(layer: RNN | GRU | LSTM, own: Own, number: int, name: str) -> Constant:
    """A tensor of ONNX: its gates, for each direction."""
    order, ways = _GATES[type(layer)], ["", "_reverse"][: 1 + layer.bidirectional]

    def of_way(way: str) -> Any:
        tensors = [own.array(f"{one}_l{number}{way}") for one in _PACKED[name]]
        gates = [np.split(one, len(order)) for one in tensors]
        return np.concatenate([each[gate] for each in gates for gate in order])

    return own.made(f"{name}_l{number}", lambda: np.stack([of_way(way) for way in ways]))
