"""The fully connected layer in C."""

from __future__ import annotations

import math

from netlang.catalogue.layers import Linear
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import Array, Constants, Routine
from netlang.lowering.c.lowerings import lowers

BLAS_FROM = 1 << 22  # from so many weights on, the BLAS multiplies faster
_FEW = 4  # rows of a sample, of which products make tiles


@lowers(Linear)
def linear(layer: Linear, x: Shape) -> Routine:
    rows = math.prod(x.sizes[:-1])
    constants = {"R": rows, "I": layer.in_features, "O": layer.out_features}
    if layer.size > BLAS_FROM:
        return _large(constants, layer.with_bias)
    bias_row = Array("PAD(O)", "move_rows(1, O, bias, O, bias_row, PAD(O));", when="!IS_FEW(N * R)")
    bias, start = ("bias", "bias_row") if layer.with_bias else ("NULL", "NULL")
    # `along` has the weights' rows, padded, and `across` their columns. A few samples use the rows
    # one by one: it would take longer to lay out the columns.
    return Routine(
        constants=constants,
        reads=("x",),
        prepared={
            "along": Array(
                "O * PAD(I)",
                "move_rows(O, I, weight, I, along, PAD(I));",
                when="!IS_PADDED(I)",
            ),
            "across": Array(
                "I * PAD(O)",
                "transpose(O, I, weight, across, PAD(O));",
                when="!IS_FEW(N * R)",
            ),
            **({"bias_row": bias_row} if layer.with_bias else {}),
        },
        sums={
            "along_grad": Array(
                "O * PAD(I)",
                "move_rows(O, I, along_grad, PAD(I), weight_grad, I);",
                when="!IS_PADDED(I)",
            ),
            **({"bias_row_grad": _BIAS_ROW_GRAD} if layer.with_bias else {}),
        },
        forward=f"""
            /* {_FORMULA[layer.with_bias]} */
            const real *const w = IS_PADDED(I) ? weight : along;
            if (IS_FEW(N * R))
                dots(N * R, O, I, x, w, {bias}, y);
            else
                product(N * R, O, I, x, PAD(I), 1, across, PAD(O), y, PAD(O), {start}, 0);""",
        alone=_alone(layer.with_bias),
        of_one=_of_few(constants, layer.with_bias) if rows < _FEW else None,
        gradients=f"""
            /* {_GRADIENTS[layer.with_bias]} */
            real *const dw = IS_PADDED(I) ? weight_grad : along_grad;
            product(O, I, N * R, dy, 1, PAD(O), x, PAD(I), dw, PAD(I), NULL, add);
            {_SUM_BIAS[layer.with_bias]}""",
        backward=(
            """
            /* dx = dy w */
            const real *const w = IS_PADDED(I) ? weight : along;
            product(N * R, I, O, dy, PAD(O), 1, w, PAD(I), dx, PAD(I), NULL, add);""",
        ),
    )


# Of a layer without a bias, and of one with it.
_FORMULA = "y = x wT", "y = x wT + b"
_GRADIENTS = "dw = dyT x", "dw = dyT x,  db = dyT 1"
_SUM_BIAS = "", "sum_rows(N * R, O, dy, bias_row_grad, add);"
_BIAS_ROW_GRAD = Array("PAD(O)", "move_rows(1, O, bias_row_grad, PAD(O), bias_grad, O);")


def _of_few(constants: Constants, with_bias: bool) -> Routine:
    """Sums for neighbouring outputs are vectors: a sum over a vector's lanes is needed nowhere."""
    bias = Array("PAD(O)", "move_rows(1, O, bias, O, bias_row, PAD(O));")
    start = "load(bias_row + first + v * LANES)" if with_bias else "all(0)"
    return Routine(
        backward=(),
        constants=constants,
        prepared={
            "across": Array("I * PAD(O)", "transpose(O, I, weight, across, PAD(O));"),
            **({"bias_row": bias} if with_bias else {}),
        },
        forward=f"""
            /* {_FORMULA[with_bias]}. TILE vectors of outputs stay in registers; where they are few,
               so do PARTS of each, as a sum waits for the one before it */
            enum {{
                VECTORS = PAD(O) / LANES,
                TILES = (VECTORS + 7) / 8,
                TILE = (VECTORS + TILES - 1) / TILES,
                PARTS = 8 / TILE
            }};
            for (int r = 0; r < R; r++)
                for (int tile = 0; tile < VECTORS; tile += TILE) {{
                    const int first = least(tile, VECTORS - TILE) * LANES;
                    const real *const from = x + r * PAD(I), *const w = across + first;
                    real *const to = y + r * PAD(O) + first;
                    vector sums[PARTS][TILE];
                    _Pragma("GCC unroll 8") for (int v = 0; v < TILE; v++) {{
                        sums[0][v] = {start};
                        _Pragma("GCC unroll 8") for (int part = 1; part < PARTS; part++)
                            sums[part][v] = all(0);
                    }}
                    int k = 0;
                    for (; k + PARTS <= I; k += PARTS)
                        _Pragma("GCC unroll 8") for (int part = 0; part < PARTS; part++)
                            _Pragma("GCC unroll 8") for (int v = 0; v < TILE; v++)
                                sums[part][v] +=
                                    from[k + part] * load(w + (k + part) * PAD(O) + v * LANES);
                    for (; k < I; k++)
                        _Pragma("GCC unroll 8") for (int v = 0; v < TILE; v++)
                            sums[0][v] += from[k] * load(w + k * PAD(O) + v * LANES);
                    _Pragma("GCC unroll 8") for (int v = 0; v < TILE; v++) {{
                        _Pragma("GCC unroll 8") for (int part = 1; part < PARTS; part++)
                            sums[0][v] += sums[part][v];
                        store(to + v * LANES, sums[0][v]);
                    }}
                }}""",
    )


def _large(constants: Constants, with_bias: bool) -> Routine:
    """Products by the BLAS, whose matrices are stored by columns."""
    return Routine(
        constants=constants,
        reads=("x",),
        calls_blas=True,
        sums={"bias_row_grad": _BIAS_ROW_GRAD} if with_bias else {},
        forward=f"""
            /* {_FORMULA[with_bias]} */
            const int add = {int(with_bias)};
            if (add) {"move_rows(N * R, O, bias, 0, y, PAD(O));" if with_bias else ""}
            gemm(blas, "T", "N", O, N * R, I, weight, I, x, PAD(I), add, y, PAD(O));""",
        alone=_alone(with_bias),
        gradients=f"""
            /* {_GRADIENTS[with_bias]} */
            gemm(blas, "N", "T", I, O, N * R, x, PAD(I), dy, PAD(O), add, weight_grad, I);
            {_SUM_BIAS[with_bias]}""",
        backward=(
            """
            /* dx = dy w */
            gemm(blas, "N", "N", I, N * R, O, weight, I, dy, PAD(O), add, dx, PAD(I));""",
        ),
    )


def _alone(with_bias: bool) -> str:
    bias = "bias" if with_bias else "NULL"
    return f"/* {_FORMULA[with_bias]} */\ndots(R, O, I, x, weight, {bias}, y);"
