"""A comparison is reported in a table, in sentences, and as data."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from netlang.runs.comparison.lockstep import Difference, Lockstep
from netlang.runs.comparison.turns import Comparison, Run
from netlang.runs.comparison.welch import constant, welch
from netlang.system.terminal import visible

_ROUNDING = 1e-9  # relative, in float64: far above what thousands of steps add up to


def table(comparisons: Sequence[Comparison]) -> list[list[str]]:
    """The names of the columns, and below them the rows."""
    metrics = " or ".join(dict.fromkeys(found.metric for found in comparisons))
    header = ["file", "trained by", metrics, "test.loss", "seconds", "per epoch"]
    return [header, *(row for found in comparisons for row in rows(found))]


def rows(comparison: Comparison) -> list[list[str]]:
    """A row for each side: mean and deviation of the metrics, median and range of the times."""
    return [
        [
            visible(comparison.name) if at == 0 else "",
            side,
            _spread(values(runs, comparison.metric)),
            _spread(values(runs, "test.loss")),
            _median([run.seconds for run in runs]),
            f"{statistics.median(run.train_seconds / len(run.history) for run in runs):.2g}",
        ]
        for at, (side, runs) in enumerate(comparison.sides.items())
    ]


def sentences(comparison: Comparison) -> list[str]:
    """Whose time is shorter, and whether the metrics differ."""
    return [_of_time(comparison), _of_metric(comparison)]


def of_last(comparison: Comparison) -> str:
    """One line about the latest turn."""
    metric = comparison.metric
    last = {side: runs[-1] for side, runs in comparison.sides.items()}
    both = (
        f"{side} {run.history[-1][metric]:.4g} in {run.seconds:.3g} s (seed {run.seed})"
        for side, run in last.items()
    )
    return f"{visible(comparison.name)} {len(comparison.turns)}: {metric} {', '.join(both)}"


def lockstep_header(found: Lockstep) -> str:
    return (
        f"{visible(found.name)}: largest difference of a weight, over the largest weight\n"
        "       netlang from PyTorch  float32 from float64\n"
        "epoch    float64    float32    netlang    PyTorch"
    )


def lockstep_line(difference: Difference) -> str:
    one = difference
    return (
        f"{one.epoch:5}  {one.float64:9.2e}  {one.float32:9.2e}  {one.netlang:9.2e}  "
        f"{one.torch:9.2e}"
    )


def of_lockstep(found: Lockstep) -> str:
    """One sentence about all epochs of a lockstep."""
    if found.diverged:
        return f"{visible(found.name)}: training diverges, and infinite weights cannot be compared."
    if not found.weights:
        return f"{visible(found.name)}: the network has no weights, so none can differ."
    last = found.differences[-1]
    farthest = max(one.float64 for one in found.differences)
    why = "as rounding explains" if farthest < _ROUNDING else "which is more than rounding explains"
    return (
        f"{visible(found.name)}: with the {found.backend} backend, netlang and PyTorch are at most "
        f"{farthest:.1e} apart in float64, {why}, and end {last.float32:.1e} apart in float32, "
        f"which itself costs netlang {last.netlang:.1e} and PyTorch {last.torch:.1e}."
    )


def lockstep_as_data(found: Lockstep) -> dict[str, object]:
    epochs = [
        {name: _number(value) for name, value in vars(one).items()} for one in found.differences
    ]
    overrides = found.program.overrides
    return {"file": found.name, "overrides": overrides, "backend": found.backend, "epochs": epochs}


def markdown(comparisons: Sequence[Comparison]) -> str:
    header, *rows = table(comparisons)
    rule = ["---" if column < 2 else "---:" for column in range(len(header))]
    cells = [[cell.replace("|", "\\|") for cell in line] for line in [header, rule, *rows]]
    lines = ["| " + " | ".join(line) + " |" for line in cells]
    said = [f"- {line}" for found in comparisons for line in sentences(found)]
    said += [
        f"- {visible(found.name)} as `--set {visible(override)}` has it."
        for found in comparisons
        for override in found.program.overrides
    ]
    return "\n".join([*lines, "", *said]) + "\n"


def as_data(comparison: Comparison) -> dict[str, object]:
    test = welch(*(values(runs, comparison.metric) for runs in comparison.sides.values()))
    return {
        "file": comparison.name,
        "overrides": comparison.program.overrides,
        "epochs": comparison.program.epochs,
        "metric": comparison.metric,
        "backend": comparison.turns[0].ours.backend,
        "threads": comparison.threads,
        "runs": {
            side: [
                {
                    "seed": run.seed,
                    "metrics": {name: _number(v) for name, v in run.history[-1].items()},
                    "seconds": run.seconds,
                    "train_seconds": run.train_seconds,
                }
                for run in runs
            ]
            for side, runs in comparison.sides.items()
        },
        "time_ratio": {
            "median": statistics.median(comparison.ratios),
            "lowest": comparison.ratios[0],
            "highest": comparison.ratios[-1],
        },
        "welch": test
        and {name: getattr(test, name) for name in ("difference", "low", "high", "p")},
    }


def values(runs: Sequence[Run], metric: str) -> list[float]:
    return [run.history[-1][metric] for run in runs]


def _of_time(comparison: Comparison) -> str:
    ratio = _median(comparison.ratios)
    threads = "one thread" if comparison.threads == 1 else f"{comparison.threads} threads"
    how = f"with the {comparison.turns[0].ours.backend} backend and {threads} for both"
    return f"{visible(comparison.name)}: netlang takes {ratio} of PyTorch's time, {how}."


def _of_metric(comparison: Comparison) -> str:
    name, metric = visible(comparison.name), comparison.metric
    ours, theirs = (values(runs, metric) for runs in comparison.sides.values())
    test = welch(ours, theirs)
    if test is None:
        return f"{name}: {_untested(metric, ours, theirs)}."
    verb = "differ" if test.significant else "do not differ"
    interval = f"between {test.low:+.2g} and {test.high:+.2g} with 95 % confidence"
    return (
        f"{name}: the two {metric} {verb} significantly by Welch's test "
        f"(difference {test.difference:+.2g}, {interval}, p = {test.p:.2g})."
    )


def _untested(metric: str, ours: Sequence[float], theirs: Sequence[float]) -> str:
    """What can be said of two samples that Welch's test cannot take."""
    if not all(map(math.isfinite, (*ours, *theirs))):
        return f"runs that diverge leave no difference in {metric} to test"
    if len(ours) < 2:
        return f"a single run each is too little to test the difference in {metric}"
    if not (constant(ours) and constant(theirs)):
        return f"{metric} is too large for its difference to be tested"
    if constant([*ours, *theirs]):
        return f"the two {metric} do not differ: all runs of both end at {ours[0]:.4g}"
    ends = f"all runs of netlang end at {ours[0]:.4g}, and all of PyTorch at {theirs[0]:.4g}"
    return f"the two {metric} differ: {ends}"


def _number(value: float) -> float | None:
    """``value`` as JSON can hold it."""
    return value if math.isfinite(value) else None


def _spread(numbers: Sequence[float]) -> str:
    """Mean and deviation, in as many digits as mean something beside the deviation."""
    if not all(map(math.isfinite, numbers)):
        return f"{sum(numbers) / len(numbers):.4g}"  # it is infinite, or no number
    scale = max(map(abs, numbers)) or 1.0  # so that no sum is too large
    mean = scale * statistics.fmean(x / scale for x in numbers)
    if len(numbers) < 2:
        return f"{mean:.4g}"
    deviation = scale * statistics.stdev(x / scale for x in numbers)
    if constant(numbers):
        deviation = 0.0
    if scale >= 1e6 or scale < 1e-4:
        return f"{mean:.4g} ± {deviation:.2g}"
    digits = max(0, 1 - math.floor(math.log10(deviation))) if deviation > 0 else 4
    return f"{mean:.{min(digits, 6)}f} ± {deviation:.{min(digits, 6)}f}"


def _median(numbers: Sequence[float]) -> str:
    middle = f"{statistics.median(numbers):.2g}"
    several = len(numbers) > 1
    return f"{middle} ({min(numbers):.2g} to {max(numbers):.2g})" if several else middle
