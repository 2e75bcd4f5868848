"""What was measured, as tables for a terminal or for Markdown."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tests.benchmarks.contestants import NETLANG
from tests.benchmarks.large_table import COLUMNS, POLARS, Measured
from tests.benchmarks.measure import Times
from tests.benchmarks.run_costs import EPOCHS, NEITHER, Costs, lower_quartile
from tests.benchmarks.workloads import Workload

NOTHING = "–"  # of whom takes no part in a row
REFERENCE = NETLANG[-1].name  # whom the others are compared with
PACKAGES = ("torch", "jax", "optax")


@dataclass
class Results:
    """Everything that a run has measured; what it left out is empty.

    ``speed`` are seconds of a step, ``first_step`` seconds and ``memory`` bytes by contestant,
    ``process`` seconds of a command, ``table`` those of readers of one, ``run_costs``
    those of whole runs, ``scaling`` seconds of a sample by a sweep's name and value.
    """

    speed: dict[Workload, Times] = field(default_factory=dict)
    first_step: dict[Workload, dict[str, float]] = field(default_factory=dict)
    memory: dict[Workload, dict[str, float]] = field(default_factory=dict)
    process: Times | None = None
    table: Measured | None = None
    run_costs: Costs | None = None
    scaling: dict[str, Mapping[int, Times]] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """The first ``words`` columns hold text, the others numbers."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: int = 1

    def plain(self) -> str:
        lines = [self.header, *self.rows]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        text = [
            "  ".join(
                cell.ljust(width) if number < self.words else cell.rjust(width)
                for number, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        ]
        return "\n".join([self.title, "", *text])

    def markdown(self) -> str:
        rule = ["---" if number < self.words else "---:" for number in range(len(self.header))]
        lines = [self.header, rule, *self.rows]
        text = ["| " + " | ".join(line) + " |" for line in lines]
        return "\n".join([f"{self.title}:", "", *text])


def tables(results: Results) -> list[Table]:
    """Those that there is something for."""
    found: list[Table] = []
    if results.speed:
        found += [speed(results.speed), ratios(results.speed)]
    if results.first_step:
        found.append(first_steps(results.first_step))
    if results.memory:
        found.append(memory(results.memory))
    if results.process:
        found.append(process(results.process))
    if results.table:
        found.append(table(results.table))
    if results.run_costs:
        found.append(run_costs(results.run_costs))
    found += [scaling(name, times) for name, times in results.scaling.items()]
    return found


def speed(measured: Mapping[Workload, Times]) -> Table:
    names = contestants(measured)
    rows = [
        [*place(workload), *(microseconds(times, name) for name in names)]
        for workload, times in measured.items()
    ]
    return Table("Microseconds of a training step", ["network", "batch", *names], rows)


def ratios(measured: Mapping[Workload, Times]) -> Table:
    names = [name for name in contestants(measured) if name != REFERENCE]
    rows = [
        [*place(workload), *(over_reference(times, name) for name in names)]
        for workload, times in measured.items()
    ]
    title = f"The same over {REFERENCE}'s (and what lies between 10 % and 90 % of the rounds)"
    return Table(title, ["network", "batch", *names], rows)


def first_steps(measured: Mapping[Workload, Mapping[str, float]]) -> Table:
    names = list(dict.fromkeys(name for found in measured.values() for name in found))
    rows = [
        [*place(workload), *(milliseconds(found, name) for name in names)]
        for workload, found in measured.items()
    ]
    title = "Milliseconds from the source to the end of the first step, in a warm process"
    return Table(title, ["network", "batch", *names], rows)


def memory(measured: Mapping[Workload, Mapping[str, float]]) -> Table:
    names = list(dict.fromkeys(name for found in measured.values() for name in found))
    rows = [
        [*place(workload), *(mebibytes(found, name) for name in names)]
        for workload, found in measured.items()
    ]
    title = "MiB of memory at most, of a process that trains, and of one that imports torch alone"
    return Table(title, ["network", "batch", *names], rows)


def process(times: Times) -> Table:
    rows = [[name, f"{times.median(name):.2f}"] for name in times.rounds]
    return Table("Seconds of a whole process, Model 2 for 30 epochs", ["command", "seconds"], rows)


def table(measured: Measured) -> Table:
    times = measured.times
    rows = [
        [
            name,
            f"{times.median(name):.2f}",
            f"{times.ratio(name, POLARS).median:.2f}",
            f"{size / 2**20:.0f}",
        ]
        for name, size in measured.memory.items()
    ]
    title = f"A CSV of {measured.rows:,} rows and {COLUMNS} inputs"
    return Table(title, ["what reads it", "seconds", "times polars", "MiB at most"], rows)


def run_costs(measured: Costs) -> Table:
    rows = []
    for name in measured.cpu.rounds:
        row = [name]
        for times in (measured.cpu, measured.wall):
            found, bare = (lower_quartile(times.rounds[one]) for one in (name, NEITHER))
            row += [f"{found:.2f}", f"{found / bare:.3f}"]
        rows.append(row)
    title = f"Lower quartiles of whole runs on a terminal, Model 2 for {EPOCHS} epochs"
    header = ["with", "seconds of CPU", "times neither", "seconds", "times neither"]
    return Table(title, header, rows)


def scaling(name: str, measured: Mapping[int, Times]) -> Table:
    names = list(dict.fromkeys(found for times in measured.values() for found in times.rounds))
    rows = [
        [str(value), *(microseconds(times, found, digits=2) for found in names)]
        for value, times in measured.items()
    ]
    return Table(f"Microseconds of a sample by {name}", [name, *names], rows, words=0)


def contestants(measured: Mapping[Workload, Times]) -> list[str]:
    return list(dict.fromkeys(name for times in measured.values() for name in times.rounds))


def place(workload: Workload) -> tuple[str, str]:
    optimizer = "" if workload.optimizer == "Adam" else f", {workload.optimizer}"
    return workload.name + optimizer, str(workload.batch)


def microseconds(times: Times, name: str, digits: int = 1) -> str:
    if name not in times.rounds:
        return NOTHING
    found = times.median(name) * 1e6
    return f"{found:.{digits if found < 10 else 0}f}"


def milliseconds(found: Mapping[str, float], name: str) -> str:
    seconds = found.get(name, math.nan)
    return NOTHING if math.isnan(seconds) else f"{seconds * 1e3:.0f}"


def mebibytes(found: Mapping[str, float], name: str) -> str:
    size = found.get(name, math.nan)
    return NOTHING if math.isnan(size) else f"{size / 2**20:.0f}"


def over_reference(times: Times, name: str) -> str:
    if not {name, REFERENCE} <= times.rounds.keys():
        return NOTHING
    ratio = times.ratio(name, REFERENCE)
    return f"{digits(ratio.median)} ({digits(ratio.low)}–{digits(ratio.high)})"


def digits(ratio: float) -> str:
    """Two digits that count."""
    if ratio >= 9.95:
        return f"{ratio:.0f}"
    return f"{ratio:.1f}" if ratio >= 0.995 else f"{ratio:.2g}"


def setting(threads: int, rounds: int) -> str:
    """The machine, the versions, the threads and the rounds, in one line."""
    versions = [f"{package} {found}" for package in PACKAGES if (found := installed(package))]
    python = f"Python {platform.python_version()}"
    of_threads = "one thread" if threads == 1 else f"{threads} threads"
    cores = f"{os.cpu_count()} cores"
    return ", ".join(
        [f"{processor()} ({cores})", python, *versions, of_threads, f"{rounds} rounds"]
    )


def installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
