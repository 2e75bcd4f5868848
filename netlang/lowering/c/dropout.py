"""Layers that drop numbers in C."""

from __future__ import annotations

import math

from netlang.catalogue.layers import Dropout, Dropout2d, DropPath
from netlang.catalogue.randomness import keep_limit
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import BLOCKS, Constants, Elementwise, Routine
from netlang.lowering.c.lowerings import lowers
from netlang.lowering.c.rows import length


@lowers(Dropout)
def dropout(layer: Dropout, x: Shape) -> Elementwise:
    if layer.p == 0:
        return Elementwise(forward="x", backward=("dy",))
    return Elementwise(
        forward="x * mask",
        evaluated="x",
        backward=("dy * mask",),
        draws=True,
        keeps={"mask": "drawn < limit ? scale : 0"},
        constants={"limit": keep_limit(1 - layer.p), "scale": 1 / (1 - layer.p)},
    )


@lowers(Dropout2d)
def dropout_2d(layer: Dropout2d, x: Shape) -> Elementwise | Routine:
    return _of_runs(layer, x)


@lowers(DropPath)
def drop_path(layer: DropPath, x: Shape) -> Elementwise | Routine:
    return _of_runs(layer, x)


def _of_runs(layer: Dropout, x: Shape) -> Elementwise | Routine:
    """What is drawn for a sample goes for all numbers of a run each: of a channel, or of all."""
    if layer.p == 0:
        return Elementwise(forward="x", backward=("dy",))
    runs = math.prod(layer.drawn(x))
    constants: Constants = {
        "RUNS": runs,
        "limit": keep_limit(1 - layer.p),
        "scale": 1 / (1 - layer.p),
    }
    if len(x.sizes) > 2:
        return _of_pictures(runs, x.size // runs, constants)
    size = length(x if runs == 1 else Shape(x.sizes[1:]))
    each = f"""
        for (int s = 0; s < N; s++)
            for (int u = 0; u < RUNS; u++) {{
                const real mask = drawn(samples[s], key, units[u]) < limit ? scale : 0;
                for (int e = (s * RUNS + u) * {size}; e < (s * RUNS + u + 1) * {size}; e++)"""
    return Routine(
        forward=f"{each} y[e] = x[e] * mask;\n}}",
        evaluated=f"for (int e = 0; e < N * RUNS * {size}; e++) y[e] = x[e];",
        backward=(f"{each} dx[e] = (add ? dx[e] : 0) + dy[e] * mask;\n}}",),
        draws=runs,
        constants=constants,
    )


def _of_pictures(runs: int, each: int, constants: Constants) -> Routine:
    """The same where numbers are vectors of samples."""

    def masked(statement: str) -> str:
        return f"""
        for (int b = 0; b < BLOCKS; b++)
            for (int u = 0; u < RUNS; u++) {{
                vector factor = all(0);
                for (int lane = 0; lane < LANES; lane++)
                    if (drawn(samples[b * LANES + lane], key, units[u]) < limit)
                        factor[lane] = scale;
                const int run = b * RUNS + u;
                for (int e = run * EACH; e < (run + 1) * EACH; e++) {statement}
            }}"""

    return Routine(
        layout=BLOCKS,
        forward=masked("y[e] = x[e] * factor;"),
        evaluated="for (int e = 0; e < BLOCKS * RUNS * EACH; e++) y[e] = x[e];",
        backward=(masked("dx[e] = (add ? dx[e] : all(0)) + dy[e] * factor;"),),
        draws=runs,
        constants={**constants, "EACH": each},
    )
