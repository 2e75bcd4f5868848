"""What a kernel declares of its texts is what they name: no less, and no more."""

from __future__ import annotations

import re

import pytest

from netlang.catalogue.modules import Layer
from netlang.lowering.c import lowers
from netlang.lowering.c.kernels import Elementwise, LayerKernel, Routine, Rowwise
from tests.catalogue.layers.test_conformance import IN_C, Samples, build, shape_of
from tests.together import together

SAID_AND_NAMED = tuple[set[str], set[str]]


def names(*texts: str) -> set[str]:
    """The names in C without its comments."""
    return set(re.findall(r"\b[A-Za-z_]\w*", re.sub(r"/\*.*?\*/", "", " ".join(texts), flags=re.S)))


def backwards(kernel: LayerKernel) -> tuple[str, ...]:
    if isinstance(kernel, Elementwise):
        return *kernel.backward, *kernel.gradients.values()
    inward = kernel.inward if isinstance(kernel, Routine) else ""
    return *kernel.backward, kernel.gradients, inward


def reads(kernel: LayerKernel, inputs: int) -> SAID_AND_NAMED:
    values = {"y", "x"} if inputs == 1 else {"y", *(f"x{i}" for i in range(inputs))}
    return {*kernel.reads}, names(*backwards(kernel)) & values


def draws(kernel: LayerKernel) -> SAID_AND_NAMED:
    if isinstance(kernel, Elementwise):
        texts = kernel.forward, *kernel.keeps.values()
        return {"drawn"} if kernel.draws else set(), names(*texts) & {"drawn"}
    drawn = isinstance(kernel, Routine) and kernel.draws
    named = names(kernel.forward, *backwards(kernel)) & {"drawn", "units"}
    return {"drawn", "units"} if drawn else set(), named


def calls_blas(kernel: LayerKernel) -> SAID_AND_NAMED:
    calls = isinstance(kernel, Routine) and kernel.calls_blas
    named = names(kernel.forward, *backwards(kernel)) & {"blas"}
    return {"blas"} if calls else set(), named


def evaluated(kernel: LayerKernel) -> SAID_AND_NAMED:
    """One that draws says how it is evaluated, without a draw; one that keeps something may."""
    drawn = not isinstance(kernel, Rowwise) and kernel.draws
    keeps = not isinstance(kernel, Rowwise) and kernel.keeps
    said = {"evaluated"} if kernel.evaluated else set()
    named = {"evaluated"} if drawn or (keeps and said) else set()
    return said | names(kernel.evaluated) & {"drawn", "units"}, named


def mistakes(kernel: LayerKernel, inputs: int) -> set[str]:
    """What is declared and not named, or named and not declared."""
    found = reads(kernel, inputs), draws(kernel), calls_blas(kernel), evaluated(kernel)
    return {name for said, named in found for name in said ^ named}


@together(("item", "text", "samples"), IN_C)
@pytest.mark.parametrize("blas_from", [1, 1 << 22])
def test_a_layers_kernel_declares_what_it_names(
    item: type[Layer],
    text: str,
    samples: Samples,
    blas_from: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("netlang.lowering.c.linear.BLAS_FROM", blas_from)
    layer = item.declared(build(text).values)
    kernel = lowers.lowered(layer, *map(shape_of, samples))
    assert mistakes(kernel, len(samples)) == set()


@pytest.mark.parametrize(
    ("kernel", "inputs", "wrong"),
    [
        (Elementwise("x", ("dy * y",)), 1, {"y"}),
        (Elementwise("x0 * x1", ("dy * x1", "dy * x0"), reads=("x0",)), 2, {"x1"}),
        (Elementwise("x", ("dy",), reads=("x",)), 1, {"x"}),
        (Elementwise("drawn < 5 ? 0 : x", ("dy",)), 1, {"drawn"}),
        (Elementwise("drawn < 5 ? 0 : x", ("dy",), draws=True), 1, {"evaluated"}),
        (Elementwise("drawn < 5 ? 0 : x", ("dy",), "x", draws=True), 1, set()),
        (Rowwise("y[0] = x[0];", ("dx[0] = dy[0] * x[0];",)), 1, {"x"}),
        (Routine("gemm(blas, x);", ("gemm(blas, dy);",)), 1, {"blas"}),
        (Routine("fill(y, x);", ("/* of x */ fill(dx, dy);",)), 1, set()),
    ],
)
def test_a_declaration_that_is_wrong_is_found(
    kernel: LayerKernel, inputs: int, wrong: set[str]
) -> None:
    assert mistakes(kernel, inputs) == wrong
