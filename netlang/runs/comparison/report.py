"""Turns are reported in a table, in sentences, and as data.

The folder's table in markdown and the terminal's have the same cells and sentences, so that both
are made here.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Mapping, Sequence

from netlang.runs.comparison.turns import Comparison, Run
from netlang.runs.comparison.welch import constant, welch
from netlang.system.terminal import aligned, visible


def table(comparisons: Sequence[Comparison]) -> list[list[str]]:
    """The names of the columns, and below them a row for each side of each comparison."""
    metrics = " or ".join(dict.fromkeys(found.metric for found in comparisons))
    losses = " or ".join(dict.fromkeys(found.loss for found in comparisons))
    header = ["file", "trained by", metrics, losses, "seconds", "per epoch"]
    lines = [header, *(row for found in comparisons for row in rows(found))]
    if metrics == losses:  # no file has metrics
        for line in lines:
            del line[3]
    return lines


def rows(comparison: Comparison) -> list[list[str]]:
    """A row for each side: mean and deviation of the metrics, median and range of the times."""
    names = visible(comparison.name), ""
    return [
        [name, side, *_cells(runs, comparison.metric, comparison.loss)]
        for name, (side, runs) in zip(names, comparison.sides.items(), strict=True)
    ]


def _cells(runs: Sequence[Run], metric: str, loss: str) -> list[str]:
    ended = [run for run in runs if not run.problem]
    if not ended:
        return ["diverged", "", "", ""]
    diverged = f" ({len(runs) - len(ended)} of {len(runs)} diverged)"
    return [
        _spread(values(ended, metric)) + (diverged if len(ended) < len(runs) else ""),
        _spread(values(ended, loss)),
        _with_range([run.seconds for run in ended]),
        _significant(statistics.median(run.train_seconds / len(run.history) for run in ended)),
    ]


def sentences(comparison: Comparison) -> list[str]:
    """Say whose time is shorter, and whether the metrics differ."""
    return [_of_time(comparison), _of_metric(comparison)]


def latest_turn(comparison: Comparison) -> str:
    """Say how well and how long each side trained in the latest turn."""
    metric = comparison.metric
    both = (
        f"{side} diverged in epoch {len(run.history) + 1} (seed {run.seed})"
        if run.problem
        else f"{side} {run.end(metric):.4g} in {_significant(run.seconds)} s (seed {run.seed})"
        for side, run in comparison.turns[-1].sides.items()
    )
    return f"{visible(comparison.name)} {len(comparison.turns)}: {metric} {', '.join(both)}"


def plain(comparisons: Sequence[Comparison]) -> str:
    """The table for a terminal, and the sentences below it."""
    cells = table(comparisons)
    lines = [line for found in comparisons for line in sentences(found)]
    return "\n".join([*aligned(cells, range(2, len(cells[0]))), "", *lines])


def markdown(comparisons: Sequence[Comparison]) -> str:
    header, *body = table(comparisons)
    rule = ["---" if column < 2 else "---:" for column in range(len(header))]
    cells = [[cell.replace("|", "\\|") for cell in line] for line in [header, rule, *body]]
    lines = ["| " + " | ".join(line) + " |" for line in cells]
    said = [f"- {line}" for found in comparisons for line in sentences(found)]
    said += [
        f"- {visible(found.name)} was run with `--set {visible(override)}`."
        for found in comparisons
        for override in found.program.overrides
    ]
    return "\n".join([*lines, "", *said]) + "\n"


def as_data(comparison: Comparison) -> dict[str, object]:
    test = welch(*(values(runs, comparison.metric) for runs in comparison.sides.values()))
    ratios = comparison.ratios or None
    return {
        "file": comparison.name,
        "overrides": comparison.program.overrides,
        "epochs": comparison.program.epochs,
        "metric": comparison.metric,
        "backend": comparison.turns[0].engine,
        "threads": comparison.turns[0].threads,
        "runs": {
            side: [_run_as_data(run) for run in runs] for side, runs in comparison.sides.items()
        },
        "time_ratio": ratios
        and {"median": statistics.median(ratios), "lowest": ratios[0], "highest": ratios[-1]},
        "welch": test and dict(vars(test)),
    }


def _run_as_data(run: Run) -> dict[str, object]:
    return {
        "seed": run.seed,
        "metrics": {} if run.problem else finite(run.history[-1]),
        "diverged": run.problem is not None,
        "seconds": run.seconds,
        "train_seconds": run.train_seconds,
    }


def latest_runs(comparison: Comparison) -> Iterator[dict[str, object]]:
    """The runs of the latest turn with all their epochs, as data."""
    for side, run in comparison.turns[-1].sides.items():
        epochs = [finite(metrics) for metrics in run.history]
        yield {"file": comparison.name, "side": side, **_run_as_data(run), "epochs": epochs}


def values(runs: Sequence[Run], metric: str) -> list[float]:
    return [run.end(metric) for run in runs]


def _of_time(comparison: Comparison) -> str:
    if not comparison.ratios:
        return f"{visible(comparison.name)}: no turn has two runs whose times can be compared."
    ratio = _with_range(comparison.ratios)
    first = comparison.turns[0]
    threads = "one thread" if first.threads == 1 else f"{first.threads} threads"
    how = f"with the {first.engine} backend and {threads} for both"
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
    """Say why Welch's test cannot compare two samples, or what is plain without it."""
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


def finite(values: Mapping[str, float]) -> dict[str, float | None]:
    """Values by name for JSON, which has no infinite numbers and no NaN."""
    return {name: value if math.isfinite(value) else None for name, value in values.items()}


def _spread(numbers: Sequence[float]) -> str:
    """Mean and deviation, with two digits of the deviation and as many of the mean."""
    if not all(map(math.isfinite, numbers)):
        return f"{sum(numbers) / len(numbers):.4g}"  # it is infinite, or no number
    scale = max(map(abs, numbers)) or 1.0  # so that no sum is too large
    mean = scale * statistics.fmean(x / scale for x in numbers)
    if len(numbers) < 2:
        return f"{mean:.4g}"
    deviation = 0.0 if constant(numbers) else scale * statistics.stdev(x / scale for x in numbers)
    if scale >= 1e6 or scale < 1e-4:
        return f"{mean:.4g} ± {deviation:.2g}"
    digits = max(0, 1 - math.floor(math.log10(deviation))) if deviation > 0 else 4
    return f"{mean:.{min(digits, 6)}f} ± {deviation:.{min(digits, 6)}f}"


def _with_range(numbers: Sequence[float]) -> str:
    """The median with the smallest and the largest number."""
    middle, low, high = map(_significant, (statistics.median(numbers), min(numbers), max(numbers)))
    return f"{middle} ({low} to {high})" if len(numbers) > 1 else middle


def _significant(value: float) -> str:
    """Three significant digits, or all of those before the point."""
    return f"{value:.0f}" if 999.5 <= value < 1e6 else f"{value:.3g}"
