"""What was measured, as tables for a terminal or for Markdown."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tests.benchmarks.contestants import NETLANG, PEAK
from tests.benchmarks.large_table import COLUMNS, POLARS, Measured
from tests.benchmarks.measure import Times
from tests.benchmarks.parts import KINDS
from tests.benchmarks.run_costs import EPOCHS, NEITHER, Costs, lower_quartile
from tests.benchmarks.speedup import Speedup, on_one_thread
from tests.benchmarks.streamed import HELD, Reading, Streamed
from tests.benchmarks.workloads import Workload

NOTHING = "–"  # of whom takes no part in a row
REFERENCE = NETLANG[-1].name  # whom the others are compared with
PACKAGES = ("torch", "jax", "optax", "onnxruntime")


@dataclass
class Results:
    """Everything that a run has measured; what it left out is empty.

    ``speed`` are seconds of a step, ``bound`` those of its products at the machine's peak, too,
    ``inference`` seconds of all samples, ``threads`` those of a step on several threads and on one;
    ``first_step`` seconds and ``memory`` bytes by contestant, ``process`` seconds of a command,
    ``table`` those of readers of one, ``streamed`` those of an epoch on a file, ``reader`` what it
    costs to read one, ``run_costs`` seconds of whole runs, ``scaling`` those of a sample by a
    sweep's name and value.
    """

    speed: dict[Workload, Times] = field(default_factory=dict)
    bound: dict[Workload, Times] = field(default_factory=dict)
    inference: dict[Workload, Times] = field(default_factory=dict)
    threads: dict[Workload, Speedup] = field(default_factory=dict)
    first_step: dict[Workload, dict[str, float]] = field(default_factory=dict)
    memory: dict[Workload, dict[str, float]] = field(default_factory=dict)
    process: Times | None = None
    table: Measured | None = None
    streamed: Streamed | None = None
    reader: list[Reading] = field(default_factory=list)
    run_costs: Costs | None = None
    scaling: dict[str, Mapping[int, Times]] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """The first ``words`` columns hold text, the others numbers; ``arguments`` of the command line
    measure it.
    """

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: int = 1
    arguments: str = ""

    @property
    def command(self) -> str:
        return f"python -m tests.benchmarks {self.arguments}"

    @property
    def heading(self) -> str:
        return f"{self.title}, by `{self.command}`" if self.arguments else self.title

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
        return "\n".join([self.heading, "", *text])

    def markdown(self) -> str:
        rule = ["---" if number < self.words else "---:" for number in range(len(self.header))]
        lines = [self.header, rule, *self.rows]
        text = ["| " + " | ".join(line) + " |" for line in lines]
        return "\n".join([f"{self.heading}:", "", *text])


def tables(results: Results) -> list[Table]:
    """Those that there is something for."""
    return [table for kind in KINDS for table in tables_of(kind, results)]


def tables_of(kind: str, results: Results) -> list[Table]:
    """Those of parts of a ``kind``; none if nothing of it was measured."""
    match kind:
        case "training" if results.speed:
            return [speed(results.speed), ratios(results.speed)]
        case "inference" if results.inference:
            return [inference(results.inference)]
        case "bound" if results.bound:
            return [bound(results.bound)]
        case "threads" if results.threads:
            return [threads(results.threads)]
        case "first-step" if results.first_step:
            return [first_steps(results.first_step)]
        case "memory" if results.memory:
            return [memory(results.memory)]
        case "process" if results.process:
            return [process(results.process)]
        case "table" if results.table:
            return [table(results.table)]
        case "streamed" if results.streamed:
            return [streamed(results.streamed)]
        case "reader" if results.reader:
            return [readings(results.reader)]
        case "run_costs" if results.run_costs:
            return [run_costs(results.run_costs)]
        case "scaling":
            return [scaling(name, times) for name, times in results.scaling.items()]
        case _:
            return []


def speed(measured: Mapping[Workload, Times]) -> Table:
    names = contestants(measured)
    rows = [
        [*place(workload), *(microseconds(times, name) for name in names)]
        for workload, times in measured.items()
    ]
    title = "Microseconds of a training step"
    return Table(title, ["network", "batch", *names], rows, arguments="--only training")


def ratios(measured: Mapping[Workload, Times]) -> Table:
    names = [name for name in contestants(measured) if name != REFERENCE]
    rows = [
        [*place(workload), *(over_reference(times, name) for name in names)]
        for workload, times in measured.items()
    ]
    title = f"The same over {REFERENCE}'s (and what lies between 10 % and 90 % of the rounds)"
    return Table(title, ["network", "batch", *names], rows, arguments="--only training")


def bound(measured: Mapping[Workload, Times]) -> Table:
    """How near a step comes to its products."""
    rows = [[*place(workload), *near(workload, times)] for workload, times in measured.items()]
    title = "Microseconds of a step, and of its products at the machine's peak"
    columns = ["million multiply-adds", REFERENCE, PEAK.name, "ratio", "GFLOP/s at peak"]
    return Table(title, ["network", "batch", *columns], rows, arguments="--only bound")


def near(workload: Workload, times: Times) -> list[str]:
    from tests.benchmarks.bound.peak import multiply_adds_of_a_step

    count = multiply_adds_of_a_step(workload)
    ratio = NOTHING
    if REFERENCE in times.rounds:
        ratio = f"{times.ratio(REFERENCE, PEAK.name).median:.2f}"
    of_both = [microseconds(times, name) for name in (REFERENCE, PEAK.name)]
    return [f"{count / 1e6:.1f}", *of_both, ratio, f"{2e-9 * count / times.median(PEAK.name):.0f}"]


def inference(measured: Mapping[Workload, Times]) -> Table:
    names = list(dict.fromkeys(name for times in measured.values() for name in times.rounds))
    rows = [
        [workload.name, f"{workload.samples:,}", *(microseconds(times, name) for name in names)]
        for workload, times in measured.items()
    ]
    title = "Microseconds of a call that predicts so many samples"
    return Table(title, ["network", "samples", *names], rows, arguments="--only inference")


def threads(measured: Mapping[Workload, Speedup]) -> Table:
    names = list(dict.fromkeys(name for found in measured.values() for name in found.names))
    rows = [
        [*place(workload), *(speedup(found, name) for name in names), bits(found)]
        for workload, found in measured.items()
    ]
    (count, *_) = {found.threads for found in measured.values()}
    title = f"How many times faster a step is on {count} threads than on one"
    header = ["network", "batch", *names, f"{REFERENCE}'s bits"]
    return Table(title, header, rows, arguments=f"--only threads --threads {count}")


def speedup(found: Speedup, name: str) -> str:
    if name not in found.names:
        return NOTHING
    return f"{found.times.ratio(on_one_thread(name), name).median:.2f}"


def bits(found: Speedup) -> str:
    if REFERENCE not in found.names:
        return NOTHING
    return "the same" if REFERENCE in found.same_bits else "others"


def first_steps(measured: Mapping[Workload, Mapping[str, float]]) -> Table:
    names = list(dict.fromkeys(name for found in measured.values() for name in found))
    rows = [
        [*place(workload), *(milliseconds(found, name) for name in names)]
        for workload, found in measured.items()
    ]
    title = "Milliseconds from the source to the end of the first step, in a warm process"
    return Table(title, ["network", "batch", *names], rows, arguments="--only first-step")


def memory(measured: Mapping[Workload, Mapping[str, float]]) -> Table:
    names = list(dict.fromkeys(name for found in measured.values() for name in found))
    rows = [
        [*place(workload), *(mebibytes(found, name) for name in names)]
        for workload, found in measured.items()
    ]
    title = "MiB of memory at most, of a process that trains, and of one that imports torch alone"
    return Table(title, ["network", "batch", *names], rows, arguments="--only memory")


def process(times: Times) -> Table:
    rows = [[name, f"{times.median(name):.2f}"] for name in times.rounds]
    title = "Seconds of a whole process, Model 2 for 30 epochs"
    return Table(title, ["command", "seconds"], rows, arguments="--only process")


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
    header = ["what reads it", "seconds", "times polars", "MiB at most"]
    return Table(title, header, rows, arguments="--only table")


def streamed(measured: Streamed) -> Table:
    held = min(measured.times.rounds[HELD])
    rows = []
    for how, seconds in measured.times.rounds.items():
        rate, share = measured.rows / min(seconds) / 1e6, held / min(seconds)
        rows.append([how, f"{rate:.2f}", f"{share:.2f}", f"{measured.memory[how] / 2**20:.0f}"])
    of = f"{measured.rows:,} rows of Parquet"
    title = f"The fastest epoch of a network of 20-64-64-1 on {of}, in batches of 1024"
    header = ["the table is", "million rows a second", "of that in memory", "MiB at most"]
    return Table(title, header, rows, arguments="--only stream")


def readings(measured: Sequence[Reading]) -> Table:
    rows = [
        [f"{one.rows:,}"]
        + [f"{1e9 * seconds / one.rows:.0f}" for seconds in (one.beginning, one.epoch)]
        + [f"{one.memory / 2**20:.0f}"]
        for one in measured
    ]
    title = "Nanoseconds of a processor to read a row of 20 inputs from a file that is streamed"
    header = ["rows", "at the beginning", "in an epoch", "MiB at most"]
    return Table(title, header, rows, words=0, arguments="--only reader")


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
    return Table(title, header, rows, arguments="--only run_costs")


def scaling(name: str, measured: Mapping[int, Times]) -> Table:
    names = list(dict.fromkeys(found for times in measured.values() for found in times.rounds))
    rows = [
        [str(value), *(microseconds(times, found, digits=2) for found in names)]
        for value, times in measured.items()
    ]
    title = f"Microseconds of a sample by {name}"
    return Table(title, [name, *names], rows, words=0, arguments="--only scaling")


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
