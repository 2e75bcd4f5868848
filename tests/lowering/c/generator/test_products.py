"""The products of matrices that all layers share in C, beside NumPy's."""

from __future__ import annotations

import ctypes
import subprocess
from importlib import resources
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from netlang.engine.native.cc import Compiler, machine_flags
from netlang.lowering.c import generator

# Rows, columns and depth: shallow ones, single tiles, tiles that begin in the one before, several
# panels of all widths, and sums that are taken up again.
SIZES = (
    *((1, 1, 1), (7, 13, 4), (7, 30, 2), (7, 33, 3), (7, 60, 2), (5, 16, 9), (9, 25, 25)),
    *((13, 80, 40), (50, 90, 600), (3, 5, 1025)),
)

CASE = """
void case_{at}(const real *a, const real *b, real *y, const real *start, int add, int turned) {{
    enum {{ ROWS = {}, COLUMNS = {}, DEPTH = {} }};
    product(ROWS, COLUMNS, DEPTH, a, turned ? 1 : DEPTH, turned ? ROWS : 1, b, PAD(COLUMNS), y,
            PAD(COLUMNS), start, add);
}}
"""


@pytest.mark.slow
@pytest.mark.parametrize("real", ["float", "double"])
def test_products_are_those_of_numpy(real: str, compiler: Compiler, tmp_path: Path) -> None:
    source, compiled = tmp_path / "products.c", tmp_path / "products.so"
    prelude = resources.files(generator) / "prelude"
    parts = ((prelude / name).read_text("utf-8") for name in ("vectors.c", "products.c"))
    cases = (CASE.format(*sizes, at=at) for at, sizes in enumerate(SIZES))
    lanes = "int lanes(void) { return LANES; }\n"
    source.write_text("\n".join([f"typedef {real} real;", *parts, *cases, lanes]))
    subprocess.run(
        [*compiler.command, *machine_flags(), "-o", str(compiled), str(source)], check=True
    )
    code = ctypes.CDLL(str(compiled))
    numbers = np.random.default_rng(0)
    kind = np.dtype("f4" if real == "float" else "f8")
    for (at, (rows, columns, depth)), how in product(
        enumerate(SIZES), product((False, True), repeat=3)
    ):
        starts, add, turned = how
        wide = -(-columns // code.lanes()) * code.lanes()
        a, b, y, start = (
            numbers.standard_normal(shape).astype(kind)
            for shape in ((rows, depth), (depth, wide), (rows, wide), (wide,))
        )
        wanted = a.astype("f8") @ b + (y if add else start if starts else 0)
        given = np.ascontiguousarray(a.T) if turned else a
        addresses = [
            None if one is None else ctypes.c_void_p(one.ctypes.data)
            for one in (given, b, y, start if starts else None)
        ]
        getattr(code, f"case_{at}")(*addresses, int(add), int(turned))
        precision = depth * np.finfo(kind).eps
        np.testing.assert_allclose(y, wanted, rtol=precision, atol=10 * precision, err_msg=f"{how}")
