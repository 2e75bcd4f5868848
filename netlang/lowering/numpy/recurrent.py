"""Recurrent layers in NumPy: each is a cell, which goes through a sequence step by step."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from netlang.catalogue.layers import GRU, LSTM, RNN
from netlang.language.shapes import Shape
from netlang.lowering.numpy.lowerings import Array, NumpyCall, call, inputs_of, lowers
from netlang.lowering.numpy.sequences import behind
from netlang.lowering.python.mathematics import sigmoid
from netlang.system.lazy import np


def turned(x: Array, lengths: Array) -> Array:
    """Each sequence from its end to its beginning, with the padding still behind it.

    Shape: [N, T, *].
    """
    steps = np.arange(x.shape[1])
    order = lengths[:, None] - 1 - steps
    order = np.where(order >= 0, order, steps)
    return x[np.arange(len(x))[:, None], order]


def recurrent(
    cell: Callable[..., tuple[Array, ...]],
    states: int,
    x: Array,
    weights: Mapping[str, Array],
    last: bool = False,
    lengths: Array = None,
) -> Array:
    """Layers of cells, and those of both directions side by side. A cell gets W x + b of a step,
    U h + b of the state before it, and that state, which begins as 0.

    Shape: [N, T, F] -> [N, T, H], or the last step of that, [N, H].
    """
    is_padded = lengths is not None
    lengths = lengths if is_padded else np.full(len(x), x.shape[1])
    layer = 0
    while f"weight_ih_l{layer}" in weights:
        outputs = []
        for way in [one for one in ("", "_reverse") if f"weight_ih_l{layer}{one}" in weights]:
            w, u = (weights[f"weight_{name}_l{layer}{way}"] for name in ("ih", "hh"))
            b, c = (weights.get(f"bias_{name}_l{layer}{way}", 0) for name in ("ih", "hh"))
            products = (turned(x, lengths) if way else x) @ w.T + b
            state = (np.zeros((len(x), u.shape[1]), x.dtype),) * states
            steps = []
            for step in range(x.shape[1]):
                state = cell(products[:, step], state[0] @ u.T + c, *state)
                steps.append(state[0])
            y = np.stack(steps, 1)
            outputs.append((y, turned(y, lengths) if way else y))
        layer += 1
        x = np.concatenate([y for _, y in outputs], -1)
        if is_padded:
            x = np.where(behind(x, lengths), 0, x)
    if last:
        ends = np.arange(len(x)), lengths - 1
        return np.concatenate([y[ends] for y, _ in outputs], -1)
    return x


def rnn_cell(p: Array, q: Array, h: Array) -> tuple[Array, ...]:
    """h = tanh(p + q)."""
    return (np.tanh(p + q),)


def relu_cell(p: Array, q: Array, h: Array) -> tuple[Array, ...]:
    """h = max(p + q, 0)."""
    return (np.maximum(p + q, 0),)


def gru_cell(p: Array, q: Array, h: Array) -> tuple[Array, ...]:
    """h = (1 - z) n + z h, with r, z = sigmoid(p + q) and n = tanh(p + r q)."""
    (p_r, p_z, p_n), (q_r, q_z, q_n) = np.split(p, 3, 1), np.split(q, 3, 1)
    r, z = sigmoid(p_r + q_r), sigmoid(p_z + q_z)
    n = np.tanh(p_n + r * q_n)
    return (n + z * (h - n),)


def lstm_cell(p: Array, q: Array, h: Array, c: Array) -> tuple[Array, ...]:
    """h = o tanh(c), c = f c + i g, with i, f, o = sigmoid(p + q) and g = tanh(p + q)."""
    i, f, g, o = np.split(p + q, 4, 1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


@lowers(RNN)
def _rnn(layer: RNN, x: Shape) -> NumpyCall:
    return _of(layer, x, relu_cell if layer.nonlinearity == "relu" else rnn_cell, 1)


@lowers(GRU)
def _gru(layer: GRU, x: Shape) -> NumpyCall:
    return _of(layer, x, gru_cell, 1)


@lowers(LSTM)
def _lstm(layer: LSTM, x: Shape) -> NumpyCall:
    return _of(layer, x, lstm_cell, 2)


def _of(layer: RNN | GRU | LSTM, x: Shape, cell: Callable[..., object], states: int) -> NumpyCall:
    names = inputs_of(1 + x.padded)
    made = call(recurrent, cell.__name__, states, names[0], "{}", last=layer.output == "last")
    text = f"{made.text[:-1]}, lengths={names[-1]})" if x.padded else made.text
    return NumpyCall(text, (cell, recurrent))
