"""A lockstep is reported in lines, in a sentence, and as data."""

from __future__ import annotations

from netlang.runs.comparison.lockstep import Difference, Lockstep
from netlang.runs.comparison.report import finite
from netlang.system.terminal import visible

_ROUNDING = 1e-9  # relative, in float64: far above what thousands of steps add up to


def header(found: Lockstep) -> str:
    return (
        f"{visible(found.name)}: largest difference of a weight, over the largest weight\n"
        "       netlang from PyTorch  float32 from float64\n"
        "epoch    float64    float32    netlang    PyTorch"
    )


def line(one: Difference) -> str:
    apart = (one.float64, one.float32, one.netlang, one.torch)
    return "  ".join([f"{one.epoch:5}", *(f"{distance:9.2e}" for distance in apart)])


def sentence(found: Lockstep) -> str:
    """Say how far apart the two were in all epochs."""
    if found.diverged:
        return f"{visible(found.name)}: training diverges, and infinite weights cannot be compared."
    if not found.weights:
        return f"{visible(found.name)}: the network has no weights, so none can differ."
    last = found.differences[-1]
    farthest = max(one.float64 for one in found.differences)
    why = "as rounding explains" if farthest < _ROUNDING else "which is more than rounding explains"
    return (
        f"{visible(found.name)}: with the {found.engine} backend, netlang and PyTorch are at most "
        f"{farthest:.1e} apart in float64, {why}, and end {last.float32:.1e} apart in float32, "
        f"which itself costs netlang {last.netlang:.1e} and PyTorch {last.torch:.1e}."
    )


def as_data(found: Lockstep) -> dict[str, object]:
    return {
        "file": found.name,
        "overrides": found.program.overrides,
        "backend": found.engine,
        "threads": found.threads,
        "epochs": [finite(vars(difference)) for difference in found.differences],
    }
