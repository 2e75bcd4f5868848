"""The functions of one float in C, beside those of NumPy and PyTorch."""

from __future__ import annotations

import ctypes
import subprocess
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
import torch

from netlang.engine.native.cc import Compiler, machine_flags
from netlang.lowering.c import generator

OF_ALL = """
void logarithms(const float *x, float *y, int count) {
#pragma omp simd
    for (int i = 0; i < count; i++) y[i] = LOG(x[i]);
}

void exponentials(const float *x, float *y, int count) {
#pragma omp simd
    for (int i = 0; i < count; i++) y[i] = EXP(x[i]);
}

void shares(const float *x, float *y, int count) {
#pragma omp simd
    for (int i = 0; i < count; i++) y[i] = NORMAL_CDF(x[i], EXP_BELOW_0(-0.5f * x[i] * x[i]));
}
"""

Function = Callable[[np.ndarray], np.ndarray]


@pytest.fixture
def functions(compiler: Compiler, tmp_path: Path) -> Callable[[str], Function]:
    """Those of all numbers of an array, by their names."""
    source, compiled = tmp_path / "functions.c", tmp_path / "functions.so"
    prelude = resources.files(generator) / "prelude"
    parts = ((prelude / name).read_text("utf-8") for name in ("vectors.c", "functions.c"))
    source.write_text("\n".join(["typedef float real;", *parts, OF_ALL]))
    subprocess.run(
        [*compiler.command, *machine_flags(), "-o", str(compiled), str(source), "-lm"], check=True
    )
    library = ctypes.CDLL(str(compiled))

    def named(name: str) -> Function:
        def of_each(x: np.ndarray) -> np.ndarray:
            y = np.empty_like(x)
            library[name](*(ctypes.c_void_p(one.ctypes.data) for one in (x, y)), len(x))
            return y

        return of_each

    return named


@pytest.mark.slow
def test_logarithms_are_rounded_as_well_as_those_of_the_library(
    functions: Callable[[str], Function],
) -> None:
    largest = 0x7F800000  # the bits of infinity; those of denormals begin at 1
    positive = np.arange(1, largest, 997, dtype=np.uint32).view(np.float32)
    around_1 = np.float32(1) + np.linspace(-0.5, 1, 1 << 16, dtype=np.float32)
    ends = np.array([0, -0.0, np.inf, -np.inf, np.nan, -1, -1e-45, 1e-45], np.float32)
    x = np.concatenate([ends, positive, around_1])
    y = functions("logarithms")(x)
    with np.errstate(divide="ignore", invalid="ignore"):
        exact = np.log(x.astype(np.float64))
    finite = np.isfinite(exact)
    assert np.array_equal(y[~finite], exact[~finite].astype(np.float32), equal_nan=True)
    places = np.spacing(np.abs(exact[finite]).astype(np.float32))
    assert (np.abs(y[finite] - exact[finite]) <= 0.85 * places).all()


@pytest.mark.slow
def test_exponentials_are_off_by_a_place_and_a_half_at_most(
    functions: Callable[[str], Function],
) -> None:
    x = np.linspace(-87, 88, 1 << 18, dtype=np.float32)
    y, exact = functions("exponentials")(x), np.exp(x.astype(np.float64))
    assert (np.abs(y - exact) <= 1.5 * np.spacing(exact.astype(np.float32))).all()
    ends = np.array([0, -0.0, np.inf, -np.inf, -200, 200, np.nan], np.float32)
    expected = np.array([1, 1, np.inf, 0, 0, np.inf, np.nan], np.float32)
    assert np.array_equal(functions("exponentials")(ends), expected, equal_nan=True)


@pytest.mark.slow
def test_shares_of_a_normal_distribution_are_off_by_a_place_of_1_at_most(
    functions: Callable[[str], Function],
) -> None:
    x = np.linspace(-15, 15, 1 << 18, dtype=np.float32)
    exact = torch.special.ndtr(torch.from_numpy(x).double()).numpy()
    assert (np.abs(functions("shares")(x) - exact) <= np.spacing(np.float32(1))).all()
    ends = np.array([0, -0.0, np.inf, -np.inf, -1e30, 1e30, np.nan], np.float32)
    expected = np.array([0.5, 0.5, 1, 0, 0, 1, np.nan], np.float32)
    assert np.array_equal(functions("shares")(ends), expected, equal_nan=True)
