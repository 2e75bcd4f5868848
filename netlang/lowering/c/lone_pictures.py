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
    return _within_one(sizes, "value += one;", "value / (real)(KERNEL_H * KERNEL_W)")


def maxima_within_one(sizes: Mapping[str, int]) -> Routine:
    """The largest numbers of windows that all lie within the picture."""
    return _within_one(sizes, "value = one > value || one != one ? one : value;", "value")


def _within_one(sizes: Mapping[str, int], join: str, result: str) -> Routine:
    """The numbers of a window are joined along its columns, and then those of all columns. Vectors
    have neighbouring columns, and then neighbouring windows.
    """
    return Routine(
        backward=(),
        constants=sizes,
        forward=f"""
        for (int c = 0; c < C; c++)
            for (int p = 0; p < ROWS; p++) {{
                const real *const from = x + (c * H + p * STRIDE_H) * PAD(W);
                real *const to = y + (c * ROWS + p) * PAD(COLUMNS);
                real of_columns[PAD(W)];
                #pragma omp simd
                for (int s = 0; s < PAD(W); s++) {{
                    real value = from[s];
                    _Pragma("GCC unroll 8") for (int i = 1; i < KERNEL_H; i++) {{
                        const real one = from[i * DILATION_H * PAD(W) + s];
                        {join}
                    }}
                    of_columns[s] = value;
                }}
                #pragma omp simd
                for (int q = 0; q < COLUMNS; q++) {{
                    real value = of_columns[q * STRIDE_W];
                    _Pragma("GCC unroll 8") for (int j = 1; j < KERNEL_W; j++) {{
                        const real one = of_columns[q * STRIDE_W + j * DILATION_W];
                        {join}
                    }}
                    to[q] = {result};
                }}
            }}""",
    )


def mean_of_one(channels: int, rows: int, columns: int) -> Routine:
    """The mean of each channel. A vector has neighbouring places of a row."""
    return Routine(
        backward=(),
        constants={"C": channels, "ROWS": rows, "COLUMNS": columns},
        forward="""
        for (int c = 0; c < C; c++) {
            const real *const from = x + c * ROWS * PAD(COLUMNS);
            real sum = 0;
            for (int r = 0; r < ROWS; r++) {
                real of_row = 0;
                #pragma omp simd reduction(+ : of_row)
                for (int s = 0; s < COLUMNS; s++) of_row += from[r * PAD(COLUMNS) + s];
                sum += of_row;
            }
            y[c] = sum / (real)(ROWS * COLUMNS);
        }""",
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
