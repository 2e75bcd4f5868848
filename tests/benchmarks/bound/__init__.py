"""The bound: what no contestant is expected to beat by much, whatever its language.

For the tiny models it is a loop in C that is written for exactly them, for larger linear networks
the matrix products of a step alone, by whatever library has them faster. ``torch.mm`` alone, which
is what the tensor backend calls, is measured apart. For all others it is the machine's own peak: as
many multiply-adds as their products take, in registers.
"""

from __future__ import annotations

from tests.benchmarks.contestants import Trainer
from tests.benchmarks.workloads import Workload


def bound(workload: Workload) -> Trainer:
    if workload.twin in ("model1", "model2"):
        from tests.benchmarks.bound.loop import Loop

        return Loop(workload)
    if not workload.is_linear:
        return at_peak(workload)
    from tests.benchmarks.bound.products import Products, faster

    return Products(workload, faster)


def mm(workload: Workload) -> Trainer:
    from tests.benchmarks.bound.products import Products, by_mm

    return Products(workload, by_mm)


def at_peak(workload: Workload) -> Trainer:
    from tests.benchmarks.bound.peak import Peak

    return Peak(workload)
