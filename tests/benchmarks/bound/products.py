"""The matrix products of a step and nothing else, by torch.mm or the faster of two libraries.

Which one is faster depends on the processor and on the sizes: ``torch.mm`` calls MKL, which leaves
out AVX-512 where the processor is not Intel's, and oneDNN takes a while to start.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from tests.benchmarks.workloads import Floats, Workload

Product = Callable[[], Tensor]
TRIALS = 20


class Products:
    """For each linear layer y = x wᵀ and dw = dyᵀ x, and but for the first one dx = dy w."""

    def __init__(self, workload: Workload, way: Callable[[Tensor, Tensor], Product]) -> None:
        self.steps = workload.steps
        self.kept = workload.weights()
        self.products: list[Product] = []
        for number, weight in enumerate(torch.from_numpy(weight) for weight in self.kept[::2]):
            out, into = weight.shape
            x, dy = torch.randn(workload.batch, into), torch.randn(workload.batch, out)
            self.products += [way(x, weight.t()), way(dy.t(), x)]
            if number:
                self.products.append(way(dy, weight))

    def train(self, epochs: int) -> None:
        with torch.inference_mode():
            for _ in range(epochs * self.steps):
                for product in self.products:
                    product()

    def weights(self) -> list[Floats]:
        """Those of the start: nothing is learnt."""
        return self.kept


def by_mm(a: Tensor, b: Tensor) -> Product:
    return partial(torch.mm, a, b, out=a.new_empty(len(a), b.shape[1]))


def faster(a: Tensor, b: Tensor) -> Product:
    """a b, by whichever way was faster here and now."""
    ways = [by_mm(a, b)]
    if torch.backends.mkldnn.is_available():
        linear = torch.ops.mkldnn._linear_pointwise
        ways.append(partial(linear, a, b.t(), None, "none", [], ""))
    with torch.inference_mode():
        return min(ways, key=fastest_call)


def fastest_call(product: Product) -> float:
    seconds = []
    for _ in range(TRIALS):
        began = time.perf_counter()
        product()
        seconds.append(time.perf_counter() - began)
    return min(seconds)
