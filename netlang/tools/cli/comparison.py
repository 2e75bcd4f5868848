"""A comparison is shown as lines of text, while it goes on and in the end."""

from __future__ import annotations

from collections.abc import Sequence

from netlang.runs.comparison import report
from netlang.runs.comparison.lockstep import Difference, Lockstep
from netlang.runs.comparison.report import significant
from netlang.runs.comparison.turns import Comparison
from netlang.system.terminal import aligned, visible

_ROUNDING = 1e-9  # relative, in float64: far above what thousands of steps add up to


def plain(comparisons: Sequence[Comparison]) -> str:
    """A table, and below it what it says, in sentences."""
    header, *rows = report.table(comparisons)
    numbers = range(2, len(header))
    lines = [line for found in comparisons for line in report.sentences(found)]
    return "\n".join([*aligned([header, *rows], numbers), "", *lines])


def latest_turn(comparison: Comparison) -> str:
    """Who trained how well in the latest turn, and how long."""
    metric = comparison.metric
    both = (
        f"{side} diverged in epoch {len(run.history) + 1} (seed {run.seed})"
        if run.problem
        else f"{side} {run.end(metric):.4g} in {significant(run.seconds)} s (seed {run.seed})"
        for side, (*_, run) in comparison.sides.items()
    )
    return f"{visible(comparison.name)} {len(comparison.turns)}: {metric} {', '.join(both)}"


def lockstep_header(found: Lockstep) -> str:
    return (
        f"{visible(found.name)}: largest difference of a weight, over the largest weight\n"
        "       netlang from PyTorch  float32 from float64\n"
        "epoch    float64    float32    netlang    PyTorch"
    )


def lockstep_line(one: Difference) -> str:
    apart = (one.float64, one.float32, one.netlang, one.torch)
    return "  ".join([f"{one.epoch:5}", *(f"{distance:9.2e}" for distance in apart)])


def lockstep_sentence(found: Lockstep) -> str:
    """One sentence about all epochs of a lockstep."""
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
