"""Convolutions of a lone picture in C, which lies in rows.

Where many samples go through a network, a vector has a number of each; a lone one would fill one
lane of it. So a vector has neighbouring places of a row, or outputs at one place where rows would
fill few of its lanes.
"""

from __future__ import annotations

from collections.abc import Mapping

from netlang.lowering.c.kernels import Array, Routine
from netlang.lowering.c.lone_winograd import pays_for_one, winograd_of_one
from netlang.lowering.c.rows import MOST_LANES


def convolution_of_one(sizes: Mapping[str, int], bias: bool) -> Routine:
    """y[o][p] = b[o] + the sum of w[o][c][i] x[c][stride p + dilation i - padding]."""
    if pays_for_one(sizes):
        return winograd_of_one(sizes, bias)
    outputs, columns = sizes["EACH"], sizes["COLUMNS"]
    tile, _ = _tile(outputs)
    by_places = _in_whole(outputs, tile) * _in_whole(columns, MOST_LANES)
    by_outputs = _in_whole(outputs, MOST_LANES) * _in_whole(columns, _columns_together(columns))
    return (_by_outputs if 5 * by_outputs < 4 * by_places else _by_places)(sizes, bias)


# The weights of all outputs of a group side by side, for each channel and tap.
_OF_TAPS = Array(
    "GROUPS * DEPTH * KERNEL_H * KERNEL_W * PAD(EACH)",
    """for (int o = 0; o < GROUPS * EACH; o++)
        for (int tap = 0; tap < DEPTH * KERNEL_H * KERNEL_W; tap++) {
            const int row = o / EACH * DEPTH * KERNEL_H * KERNEL_W + tap;
            of_taps[row * PAD(EACH) + o % EACH] = weight[o * DEPTH * KERNEL_H * KERNEL_W + tap];
        }""",
)


def _by_outputs(sizes: Mapping[str, int], bias: bool) -> Routine:
    """A vector is outputs at one place."""
    start = "first + lane < EACH ? bias[g * EACH + first + lane] : 0" if bias else "0"
    height, width = _reach(sizes, "H", "ROWS"), _reach(sizes, "W", "COLUMNS")
    paddings = sizes["PADDING_H"], sizes["PADDING_W"]
    has_border = any(paddings) or height > sizes["H"] or width > sizes["W"]
    border = """
        memset(bordered, 0, GROUPS * DEPTH * HEIGHT * LINE * sizeof(real));
        for (int c = 0; c < GROUPS * DEPTH; c++)
            for (int r = 0; r < H && r + PADDING_H < HEIGHT; r++)
                for (int s = 0; s < W && s + PADDING_W < LINE; s++)
                    bordered[(c * HEIGHT + r + PADDING_H) * LINE + s + PADDING_W]
                        = x[(c * H + r) * PAD(W) + s];"""
    return Routine(
        backward=(),
        prepared={"of_taps": _OF_TAPS},
        constants={
            **sizes,
            "HEIGHT": height if has_border else sizes["H"],
            "WIDTH": width if has_border else sizes["W"],
            "TOGETHER": _columns_together(sizes["COLUMNS"]),
        },
        scratch={"bordered": "GROUPS * DEPTH * HEIGHT * PAD(WIDTH)"} if has_border else {},
        forward=f"""
        /* y[o][p] = b[o] + the sum of w[o][c][i] x[c][stride p + dilation i - padding] */
        enum {{ LINE = PAD(WIDTH), TAPS = KERNEL_H * KERNEL_W }};{border if has_border else ""}
        /* LANES outputs at TOGETHER places of a row stay in registers */
        for (int g = 0; g < GROUPS; g++)
            for (int first = 0; first < EACH; first += LANES)
                for (int p = 0; p < ROWS; p++)
                    for (int next = 0; next < COLUMNS; next += TOGETHER) {{
                        const int q = least(next, COLUMNS - TOGETHER);
                        const real *const from = {"bordered" if has_border else "x"}
                            + (g * DEPTH * HEIGHT + p * STRIDE_H) * LINE + q * STRIDE_W;
                        const real *const w = of_taps + g * DEPTH * TAPS * PAD(EACH) + first;
                        vector start, sums[TOGETHER];
                        for (int lane = 0; lane < LANES; lane++)
                            start[lane] = {start};
                        _Pragma("GCC unroll 12") for (int k = 0; k < TOGETHER; k++)
                            sums[k] = start;
                        for (int c = 0; c < DEPTH; c++)
                            for (int i = 0; i < KERNEL_H; i++)
                                _Pragma("GCC unroll 8") for (int j = 0; j < KERNEL_W; j++) {{
                                    const int row = (c * HEIGHT + i * DILATION_H) * LINE;
                                    const int tap = (c * KERNEL_H + i) * KERNEL_W + j;
                                    const vector those = load(w + tap * PAD(EACH));
                                    _Pragma("GCC unroll 12") for (int k = 0; k < TOGETHER; k++)
                                        sums[k] +=
                                            those * from[row + j * DILATION_W + k * STRIDE_W];
                                }}
                        real *const to = y + ((g * EACH + first) * ROWS + p) * PAD(COLUMNS) + q;
                        for (int lane = 0; lane < least(LANES, EACH - first); lane++)
                            _Pragma("GCC unroll 12") for (int k = 0; k < TOGETHER; k++)
                                to[lane * ROWS * PAD(COLUMNS) + k] = sums[k][lane];
                    }}""",
    )


def _by_places(sizes: Mapping[str, int], bias: bool) -> Routine:
    """A vector is places of a row, for one output."""
    start = "bias[o[k]]" if bias else "0"
    tile, aside = _tile(sizes["EACH"])
    return Routine(
        backward=(),
        constants={
            **sizes,
            "HEIGHT": _reach(sizes, "H", "ROWS"),
            "BEHIND": _behind(sizes),
            "TOGETHER": tile,
            "ASIDE": aside,
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
            /* how many of its STRIDE_W lines windows see */
            LINES = DILATION_W == 1 && KERNEL_W < STRIDE_W ? KERNEL_W : STRIDE_W,
            TILE = FEW_REGISTERS && TOGETHER > 6 ? 6 : TOGETHER
        }};
        memset(bordered, 0, GROUPS * DEPTH * HEIGHT * ROW * sizeof(real));
        for (int c = 0; c < GROUPS * DEPTH; c++)
            for (int r = PADDING_H; r < HEIGHT && r < H + PADDING_H; r++) {{
                const real *const from = x + (c * H + r - PADDING_H) * PAD(W);
                real *const to = bordered + (c * HEIGHT + r) * ROW;
                if (DILATION_H == 1 && r % STRIDE_H >= KERNEL_H) continue;  /* no window sees it */
                for (int line = 0; line < LINES; line++) {{
                    /* number s of a row stands at s + PADDING_W with its borders */
                    const int first = (line + STRIDE_W - PADDING_W % STRIDE_W) % STRIDE_W;
                    const int at = (first + PADDING_W) / STRIDE_W;
                    const int count = least(LINE - at, up(W - first, STRIDE_W));
                    #pragma omp simd
                    for (int s = 0; s < count; s++)
                        to[line * LINE + at + s] = from[first + s * STRIDE_W];
                }}
            }}
        /* TILE outputs at ASIDE places stay in registers; behind the last, it is computed again */
        for (int g = 0; g < GROUPS; g++)
            for (int place = 0; place < PLACES; place += ASIDE)
                for (int first = 0; first < EACH; first += TILE) {{
                    const real *from[ASIDE];
                    int o[TILE], to[ASIDE];
                    vector sums[TILE][ASIDE];
                    _Pragma("GCC unroll 8") for (int a = 0; a < ASIDE; a++) {{
                        const int next = least(place + a, PLACES - 1);
                        const int p = next / VECTORS, q = next % VECTORS * LANES;
                        from[a] = bordered + (g * DEPTH * HEIGHT + p * STRIDE_H) * ROW + q;
                        to[a] = p * PAD(COLUMNS) + q;
                    }}
                    _Pragma("GCC unroll 8") for (int k = 0; k < TILE; k++) {{
                        o[k] = g * EACH + least(first + k, EACH - 1);
                        _Pragma("GCC unroll 8") for (int a = 0; a < ASIDE; a++)
                            sums[k][a] = all({start});
                    }}
                    for (int c = 0; c < DEPTH; c++)
                        for (int i = 0; i < KERNEL_H; i++)
                            _Pragma("GCC unroll 8") for (int j = 0; j < KERNEL_W; j++) {{
                                const int row = (c * HEIGHT + i * DILATION_H) * ROW;
                                const int line = j * DILATION_W % STRIDE_W;
                                const int at = row + line * LINE + j * DILATION_W / STRIDE_W;
                                const real *const w = weight + (c * KERNEL_H + i) * KERNEL_W + j;
                                vector values[ASIDE];
                                _Pragma("GCC unroll 8") for (int a = 0; a < ASIDE; a++)
                                    values[a] = load(from[a] + at);
                                _Pragma("GCC unroll 8") for (int k = 0; k < TILE; k++) {{
                                    const vector one = all(w[o[k] * DEPTH * TAPS]);
                                    _Pragma("GCC unroll 8") for (int a = 0; a < ASIDE; a++)
                                        sums[k][a] += one * values[a];
                                }}
                            }}
                    _Pragma("GCC unroll 8") for (int k = 0; k < TILE; k++)
                        _Pragma("GCC unroll 8") for (int a = 0; a < ASIDE; a++)
                            store(y + o[k] * ROWS * PAD(COLUMNS) + to[a], sums[k][a]);
                }}""",
    )


def transposed_of_one(sizes: Mapping[str, int], bias: bool) -> Routine:
    """y[o][stride p + dilation i - padding] = b[o] + the sum of w[c][o][i] x[c][p]."""
    start = "bias[o]" if bias else "0"
    return Routine(
        backward=(),
        constants={**sizes, "TOGETHER": _together(sizes["EACH"], (8, 7, 6))},
        forward=f"""
        /* y[o][stride p + dilation i - padding] = b[o] + the sum of w[c][o][i] x[c][p] */
        enum {{ TAPS = KERNEL_H * KERNEL_W, TILE = FEW_REGISTERS ? 6 : TOGETHER }};
        for (int o = 0; o < GROUPS * EACH; o++)
            for (int e = o * ROWS * PAD(COLUMNS); e < (o + 1) * ROWS * PAD(COLUMNS); e++)
                y[e] = {start};
        /* TILE sums over channels, of LANES places of a row for one tap, stay in registers */
        for (int g = 0; g < GROUPS; g++)
            for (int first = 0; first < EACH; first += TILE)
                for (int i = 0; i < TAPS; i++)
                    for (int p = 0; p < H; p++) {{
                        const int r = p * STRIDE_H + i / KERNEL_W * DILATION_H - PADDING_H;
                        if (r < 0 || r >= ROWS) continue;
                        for (int q = 0; q < W; q += LANES) {{
                            int o[TILE];
                            vector sums[TILE];
                            _Pragma("GCC unroll 8") for (int k = 0; k < TILE; k++) {{
                                o[k] = least(first + k, EACH - 1);
                                sums[k] = all(0);
                            }}
                            for (int c = g * DEPTH; c < (g + 1) * DEPTH; c++) {{
                                const vector value = load(x + (c * H + p) * PAD(W) + q);
                                _Pragma("GCC unroll 8") for (int k = 0; k < TILE; k++)
                                    sums[k] += weight[(c * EACH + o[k]) * TAPS + i] * value;
                            }}
                            const int left = q * STRIDE_W + i % KERNEL_W * DILATION_W - PADDING_W;
                            for (int k = 0; k < least(TILE, EACH - first); k++) {{
                                real *const to = y + ((g * EACH + o[k]) * ROWS + r) * PAD(COLUMNS);
                                for (int lane = 0; lane < least(LANES, W - q); lane++) {{
                                    const int s = left + lane * STRIDE_W;
                                    if (s >= 0 && s < COLUMNS) to[s] += sums[k][lane];
                                }}
                            }}
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


def _tile(outputs: int) -> tuple[int, int]:
    """How many outputs are computed together, and vectors of places of each."""
    if outputs > 4:
        return _together(outputs, (8, 7, 6, 5)), 2
    return outputs, (8, 6, 4, 3)[outputs - 1]


def _columns_together(columns: int) -> int:
    """How many places of a row are computed together."""
    return columns if columns <= 12 else _together(columns, (12, 11, 10, 9, 8))


def _together(count: int, tiles: tuple[int, ...]) -> int:
    """One of the sizes of ``tiles``, so that the fewest of ``count`` are computed again."""
    return min(tiles, key=lambda tile: _in_whole(count, tile))


def _in_whole(count: int, tile: int) -> int:
    return -(-count // tile) * tile
