"""Recurrent layers that C trains: their ways through the sequence, one after another."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TypeVar

from netlang.catalogue.layers import GRU, LSTM, RNN
from netlang.catalogue.randomness import keep_limit
from netlang.language.shapes import Shape
from netlang.lowering.c import recurrent_cells as cells
from netlang.lowering.c.kernels import Routine
from netlang.lowering.c.lowerings import lowers
from netlang.lowering.c.recurrent_ways import Rows, Way

Value = TypeVar("Value")


@lowers(RNN)
def rnn(layer: RNN, x: Shape, *lengths: Shape) -> Routine | None:
    return _routine(layer, cells.TANH if layer.nonlinearity == "tanh" else cells.RELU, x, lengths)


@lowers(GRU)
def gru(layer: GRU, x: Shape, *lengths: Shape) -> Routine | None:
    return _routine(layer, cells.GRU, x, lengths)


@lowers(LSTM)
def lstm(layer: LSTM, x: Shape, *lengths: Shape) -> Routine | None:
    return _routine(layer, cells.LSTM, x, lengths)


def _routine(
    layer: RNN | GRU | LSTM, cell: cells.Cell, x: Shape, lengths: tuple[Shape, ...]
) -> Routine | None:
    layers = _layers(layer, cell, bool(lengths))
    ways = [way for each in layers for way in each]
    backwards = [way for each in reversed(layers) for way in each]
    sums, gates = len(cell.of_sums), layer.gates
    between = [f"between_l{number}" for number in range(layer.num_layers - 1)]
    copies = layer.bidirectional or layer.draws
    kept = dict.fromkeys(between if copies else [], "T * N * PAD(WIDTH)")
    scratch = {
        "rows": f"({ROWS} + N) * PAD(F)",
        "dstates": "N * PAD(H)",
        "dstates_c": "N * PAD(H)",
        "dbetween_0": "T * N * PAD(WIDTH)",
        "dbetween_1": "T * N * PAD(WIDTH)",
    }
    return Routine(
        constants={
            "T": x.sizes[0],
            "F": layer.input_size,
            "H": layer.hidden_size,
            "WIDTH": (1 + layer.bidirectional) * layer.hidden_size,
            "G": gates,
            "SUMS": sums,
            "APART": sums - gates,  # gates, the last ones, have two sums: with state and with input
            "SHARED": 2 * gates - sums,
            "KEPT": len(cell.keeps),
            "limit": keep_limit(1 - layer.dropout),
            "scale": 1 / (1 - layer.dropout),
        },
        reads=("x0", "x1") if lengths else ("x",),
        keeps=kept | _together(way.keeps for way in ways),
        scratch=scratch,
        prepared=_together(way.prepared for way in ways),
        sums=_together(way.sums for way in ways),
        forward=_ROW + _TILES + "".join(way.forward(keeping=True) for way in ways),
        evaluated=_TILES + "".join(way.forward(keeping=False) for way in ways),
        draws=math.prod(layer.drawn(x)) if layer.draws else 0,
        inward=_ROW + "".join(way.inward() for way in backwards),
        gradients=_ROW + _STEPS + "".join(way.gradients() for way in ways),
        backward=(
            _ROW + "".join(way.to_input() for way in layers[0]),
            *(_NO_GRADIENT for _ in lengths),
        ),
    )


ROWS = 128  # or more that are multiplied at a time for the gradients of weights

# Of what is kept: as rows of a power of two lie in few lines of a cache, a vector is between them.
_ROW = "enum { ROW = KEPT * PAD(H) + LANES };\n"

_TILES = """
enum {
    TALLEST_TILE = G == 1 ? TALL_1 : G == 3 ? TALL_3 : TALL_3 * 3 / 4,
    TILES = (N + TALLEST_TILE - 1) / TALLEST_TILE,
    TALL = (N + TILES - 1) / TILES
};
"""
_STEPS = f"enum {{ STEPS = ({ROWS} + N - 1) / N }};\n"
_NO_GRADIENT = "if (!add) memset(dx, 0, N * PAD(1) * sizeof(real));"


def _layers(layer: RNN | GRU | LSTM, cell: cells.Cell, has_lengths: bool) -> list[list[Way]]:
    """The ways of each layer, which takes what the one before it gives."""
    found = []
    x, dx = Rows.of_value("x0" if has_lengths else "x", "F"), Rows.of_value("dx", "F")
    for number, ways in enumerate(layer.ways):
        is_last = number == layer.num_layers - 1
        at_end = is_last and layer.output == "last"
        if is_last:
            rows = Rows.of_last if at_end else Rows.of_value
            y, dy = rows("y", "WIDTH"), rows("dy", "WIDTH")
        else:
            states = f"{ways[0].name('states')} + N * PAD(H)"  # of one way, they are the output
            copies = layer.bidirectional or layer.draws
            between = f"between_l{number}" if copies else states
            y = Rows.by_step(between, "WIDTH")
            dy = Rows.by_step(f"dbetween_{number % 2}", "WIDTH")
        found.append(
            [
                Way(
                    layer=layer,
                    cell=cell,
                    number=number,
                    reverse=way.reverse,
                    x=x,
                    y=y,
                    dx=dx,
                    dy=dy,
                    at_end=at_end,
                    length="(int)x1[s * PAD(1)]" if has_lengths else "",
                    mask="" if is_last or not layer.draws else _mask(number, way.reverse),
                )
                for way in ways
            ]
        )
        x, dx = y, dy
    return found


def _mask(number: int, reverse: bool) -> str:
    """The factor of a state's number ``i`` at step ``t``, which the next layer takes."""
    unit = f"({number} * T + t) * WIDTH + {'H + ' * reverse}i"
    return f"(drawn(samples[s], key, units[{unit}]) < limit ? scale : 0)"


def _together(parts: Iterable[Mapping[str, Value]]) -> dict[str, Value]:
    return {name: value for part in parts for name, value in part.items()}
