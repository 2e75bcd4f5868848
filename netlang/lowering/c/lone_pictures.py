"""Pools of a lone picture in C, which lies in rows."""

from __future__ import annotations

from collections.abc import Mapping

from netlang.lowering.c.kernels import Routine


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
                    for (int r = r0; r < r1; r++) {{
                        real of_row = 0;
                        for (int s = s0; s < s1; s++) of_row += x[(c * H + r) * PAD(W) + s];
                        sum += of_row;
                    }}
                    y[(c * ROWS + p) * PAD(COLUMNS) + q] = sum / (real)({area});
                }}""",
    )


def means_within_one(sizes: Mapping[str, int]) -> Routine:
    """Means of windows that all lie within the picture."""
    return _joined_of_one(sizes, "0", "value + one", "value / (real)(KERNEL_H * KERNEL_W)")


def maxima_of_one(sizes: Mapping[str, int]) -> Routine:
    """The largest numbers of windows: what lies beyond the picture is smaller than all of it."""
    larger = "either((one > value) | (one != one), one, value)"
    return _joined_of_one(sizes, "-(real)INFINITY", larger, "value")


def _joined_of_one(sizes: Mapping[str, int], start: str, join: str, result: str) -> Routine:
    """``join`` of the numbers in each window and of ``start``, which stands beyond the picture.

    They are joined along columns, and then those of all columns: vectors have neighbouring columns,
    and then neighbouring windows.
    """
    return Routine(
        backward=(),
        constants=sizes,
        scratch={"of_columns": "PADDING_W + PAD(W) + COLUMNS * STRIDE_W + EXTENT_W"},
        forward=f"""
        enum {{
            SEEN = (COLUMNS - 1) * STRIDE_W + EXTENT_W,
            BEHIND = PADDING_W + W,
            LINE = SEEN > PADDING_W + PAD(W) ? SEEN : PADDING_W + PAD(W)
        }};
        for (int c = 0; c < C; c++)
            for (int p = 0; p < ROWS; p++) {{
                #pragma omp simd
                for (int s = 0; s < LINE; s++) of_columns[s] = {start};
                for (int i = 0; i < KERNEL_H; i++) {{
                    const int r = p * STRIDE_H + i * DILATION_H - PADDING_H;
                    if (r < 0 || r >= H) continue;
                    const real *const from = x + (c * H + r) * PAD(W);
                    #pragma omp simd
                    for (int s = 0; s < PAD(W); s++) {{
                        const real one = from[s], value = of_columns[PADDING_W + s];
                        of_columns[PADDING_W + s] = {join};
                    }}
                }}
                for (int s = BEHIND; s < SEEN; s++) of_columns[s] = {start};
                #pragma omp simd
                for (int q = 0; q < COLUMNS; q++) {{
                    real value = of_columns[q * STRIDE_W];
                    _Pragma("GCC unroll 8") for (int j = 1; j < KERNEL_W; j++) {{
                        const real one = of_columns[q * STRIDE_W + j * DILATION_W];
                        value = {join};
                    }}
                    y[(c * ROWS + p) * PAD(COLUMNS) + q] = {result};
                }}
            }}""",
    )


def mean_of_one(channels: int, rows: int, columns: int) -> Routine:
    """The mean of each channel: of the sums of its columns."""
    return Routine(
        backward=(),
        constants={"C": channels, "ROWS": rows, "COLUMNS": columns},
        scratch={"of_columns": "PAD(COLUMNS)"},
        forward="""
        for (int c = 0; c < C; c++) {
            real sum = 0;
            memset(of_columns, 0, PAD(COLUMNS) * sizeof(real));
            for (int r = 0; r < ROWS; r++) {
                const real *const from = x + (c * ROWS + r) * PAD(COLUMNS);
                #pragma omp simd
                for (int s = 0; s < PAD(COLUMNS); s++) of_columns[s] += from[s];
            }
            #pragma omp simd reduction(+ : sum)
            for (int s = 0; s < COLUMNS; s++) sum += of_columns[s];
            y[c] = sum / (real)(ROWS * COLUMNS);
        }""",
    )
