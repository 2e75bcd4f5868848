"""Forward passes for a lone picture in C: vectors take neighbouring places of a row.

Where many samples go through a network, a vector has a number of each. A lone one would fill only
one lane of them.
"""

from __future__ import annotations

from collections.abc import Mapping

from netlang.lowering.c.kernels import Routine


def convolution_of_one(sizes: Mapping[str, int], bias: bool) -> Routine:
    """y[o][p] = b[o] + the sum of w[o][c][i] x[c][stride p + dilation i - padding]."""
    start = "bias[o[k]]" if bias else "0"
    return Routine(
        backward=(),
        constants={
            **sizes,
            "HEIGHT": _reach(sizes, "H", "ROWS"),
            "BEHIND": _behind(sizes),
            "TOGETHER": _together(sizes["EACH"]),
        },
        scratch={"bordered": "GROUPS * DEPTH * HEIGHT * STRIDE_W * (PAD(COLUMNS) + BEHIND)"},
        forward=f"""
        /* y[o][p] = b[o] + the sum of w[o][c][i] x[c][stride p + dilation i - padding] */
        enum {{
            LINE = PAD(COLUMNS) + BEHIND,  /* every STRIDE_W-th number of a row, with its borders */
            ROW = STRIDE_W * LINE,
            VECTORS = PAD(COLUMNS) / LANES,
            PLACES = ROWS * VECTORS,       /* of vectors */
            TAPS = KERNEL_H * KERNEL_W,
            TILE = FEW_REGISTERS ? 6 : TOGETHER
        }};
        memset(bordered, 0, GROUPS * DEPTH * HEIGHT * ROW * sizeof(real));
        for (int c = 0; c < GROUPS * DEPTH; c++)
            for (int r = PADDING_H; r < HEIGHT && r < H + PADDING_H; r++) {{
                const real *const from = x + (c * H + r - PADDING_H) * PAD(W);
                real *const to = bordered + (c * HEIGHT + r) * ROW;
                for (int line = 0; line < STRIDE_W; line++) {{
                    /* number s of a row stands at s + PADDING_W with its borders */
                    const int first = (line + STRIDE_W - PADDING_W % STRIDE_W) % STRIDE_W;
                    for (int s = first; s < W; s += STRIDE_W) {{
                        const int at = (s + PADDING_W) / STRIDE_W;
                        if (at < LINE) to[line * LINE + at] = from[s];
                    }}
                }}
            }}
        /* TILE outputs at 2 places stay in registers; behind the last, that is computed again */
        for (int g = 0; g < GROUPS; g++)
            for (int place = 0; place < PLACES; place += 2)
                for (int first = 0; first < EACH; first += TILE) {{
                    const int next = least(place + 1, PLACES - 1);
                    const int p0 = place / VECTORS, q0 = place % VECTORS * LANES;
                    const int p1 = next / VECTORS, q1 = next % VECTORS * LANES;
                    const real *const from = bordered + g * DEPTH * HEIGHT * ROW;
                    const real *const from0 = from + p0 * STRIDE_H * ROW + q0;
                    const real *const from1 = from + p1 * STRIDE_H * ROW + q1;
                    int o[TILE];
                    vector sums[TILE][2];
                    _Pragma("GCC unroll 8") for (int k = 0; k < TILE; k++) {{
                        o[k] = g * EACH + least(first + k, EACH - 1);
                        sums[k][0] = sums[k][1] = all({start});
                    }}
                    for (int c = 0; c < DEPTH; c++)
                        for (int i = 0; i < KERNEL_H; i++)
                            _Pragma("GCC unroll 8") for (int j = 0; j < KERNEL_W; j++) {{
                                const int row = (c * HEIGHT + i * DILATION_H) * ROW;
                                const int line = j * DILATION_W % STRIDE_W;
                                const int at = row + line * LINE + j * DILATION_W / STRIDE_W;
                                const vector x0 = load(from0 + at), x1 = load(from1 + at);
                                const real *const w = weight + (c * KERNEL_H + i) * KERNEL_W + j;
                                _Pragma("GCC unroll 8") for (int k = 0; k < TILE; k++) {{
                                    const vector one = all(w[o[k] * DEPTH * TAPS]);
                                    sums[k][0] += one * x0;
                                    sums[k][1] += one * x1;
                                }}
                            }}
                    _Pragma("GCC unroll 8") for (int k = 0; k < TILE; k++) {{
                        real *const to = y + o[k] * ROWS * PAD(COLUMNS);
                        store(to + p0 * PAD(COLUMNS) + q0, sums[k][0]);
                        store(to + p1 * PAD(COLUMNS) + q1, sums[k][1]);
                    }}
                }}""",
    )


def _reach(sizes: Mapping[str, int], axis: str, outputs: str) -> int:
    """The inputs with their borders that windows see along an axis."""
    last = (sizes[outputs] - 1) * sizes[f"STRIDE_{axis}"]
    return last + (sizes[f"KERNEL_{axis}"] - 1) * sizes[f"DILATION_{axis}"] + 1


def _behind(sizes: Mapping[str, int]) -> int:
    """How many numbers of a line windows see behind their first one."""
    return (sizes["KERNEL_W"] - 1) * sizes["DILATION_W"] // sizes["STRIDE_W"]


def _together(outputs: int) -> int:
    """How many outputs are computed together: 6 to 8, so that the fewest are computed again."""
    return min((8, 7, 6), key=lambda tile: -(-outputs // tile) * tile)


def means_of_one(sizes: Mapping[str, int], begin: str, area: str) -> Routine:
    """Means of windows, which ``begin`` says where they lie, of so large an ``area`` each."""
    return Routine(
        backward=(),
        constants=sizes,
        forward=f"""
        for (int c = 0; c < C; c++)
            for (int p = 0; p < ROWS; p++)
                for (int q = 0; q < COLUMNS; q++) {{
                    {begin.strip()}
                    real sum = 0;
                    for (int r = r0; r < r1; r++)
                        for (int s = s0; s < s1; s++) sum += x[(c * H + r) * PAD(W) + s];
                    y[(c * ROWS + p) * PAD(COLUMNS) + q] = sum / (real)({area});
                }}""",
    )


def maxima_of_one(sizes: Mapping[str, int], begin: str) -> Routine:
    """The largest numbers of windows, which ``begin`` says where they lie."""
    return Routine(
        backward=(),
        constants=sizes,
        forward=f"""
        for (int c = 0; c < C; c++)
            for (int p = 0; p < ROWS; p++)
                for (int q = 0; q < COLUMNS; q++) {{
                    {begin.strip()}
                    real largest = x[(c * H + r0) * PAD(W) + s0];
                    for (int r = r0; r < r1; r += DILATION_H)
                        for (int s = s0; s < s1; s += DILATION_W) {{
                            const real one = x[(c * H + r) * PAD(W) + s];
                            largest = one > largest || one != one ? one : largest;
                        }}
                    y[(c * ROWS + p) * PAD(COLUMNS) + q] = largest;
                }}""",
    )
