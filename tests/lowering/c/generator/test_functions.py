"""The functions of one float in C, beside NumPy's."""

from __future__ import annotations

import ctypes
import subprocess
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from netlang.engine.native.cc import Compiler, machine_flags
from netlang.lowering.c import generator

OF_ALL = """
void logarithms(const float *x, float *y, int count) {
#pragma omp simd
    for (int i = 0; i < count; i++) y[i] = LOG(x[i]);
}
"""


@pytest.mark.slow
def test_logarithms_are_rounded_as_well_as_those_of_the_library(
    compiler: Compiler, tmp_path: Path
) -> None:
    source, compiled = tmp_path / "functions.c", tmp_path / "functions.so"
    prelude = resources.files(generator) / "prelude"
    parts = ((prelude / name).read_text("utf-8") for name in ("vectors.c", "functions.c"))
    source.write_text("\n".join(["typedef float real;", *parts, OF_ALL]))
    subprocess.run(
        [*compiler.command, *machine_flags(), "-o", str(compiled), str(source), "-lm"], check=True
    )
    largest = 0x7F800000  # the bits of infinity; those of denormals begin at 1
    positive = np.arange(1, largest, 997, dtype=np.uint32).view(np.float32)
    around_1 = np.float32(1) + np.linspace(-0.5, 1, 1 << 16, dtype=np.float32)
    ends = np.array([0, -0.0, np.inf, -np.inf, np.nan, -1, -1e-45, 1e-45], np.float32)
    x = np.concatenate([ends, positive, around_1])
    y = np.empty_like(x)
    addresses = [ctypes.c_void_p(one.ctypes.data) for one in (x, y)]
    ctypes.CDLL(str(compiled)).logarithms(*addresses, len(x))
    with np.errstate(divide="ignore", invalid="ignore"):
        exact = np.log(x.astype(np.float64))
    finite = np.isfinite(exact)
    assert np.array_equal(y[~finite], exact[~finite].astype(np.float32), equal_nan=True)
    places = np.spacing(np.abs(exact[finite]).astype(np.float32))
    assert (np.abs(y[finite] - exact[finite]) <= 0.85 * places).all()
