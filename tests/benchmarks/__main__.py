"""How fast netlang trains and predicts, beside PyTorch, JAX, ONNX Runtime, and what the machine
could do.

    python -m tests.benchmarks                     everything but the sweeps
    python -m tests.benchmarks --plot speed.svg    with them, and a picture
    python -m tests.benchmarks --only model2 --only memory --quick
    python -m tests.benchmarks --only inference    one sample, and thousands
    python -m tests.benchmarks --only bound        what part of a step its products take at least
    python -m tests.benchmarks --only threads --threads 2
    python -m tests.benchmarks --only table        a CSV of 750 MB, written for it and removed
    python -m tests.benchmarks --only stream       20 million rows of Parquet, streamed from a file
    python -m tests.benchmarks --only reader       what it costs to read 1 to 100 million such rows
    python -m tests.benchmarks --only run_costs    what checkpoints and the live line cost a run

Everyone does the same work, an epoch with its shuffling and its dropout, and all take turns in one
process. A time is that of whole epochs over their steps, a ratio one of medians. A table is printed
once it is measured, below the command that measures it. A part that fails is told at the end, too.
"""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TypeVar

from tests.benchmarks import (
    alone,
    large_table,
    process,
    report,
    run_costs,
    scaling,
    speedup,
    streamed,
)
from tests.benchmarks import threads as of_everyone
from tests.benchmarks.contestants import (
    CONTESTANTS,
    NETLANG,
    PEAK,
    PREDICTORS,
    CannotTake,
    Contestant,
)
from tests.benchmarks.measure import Times, calls, in_turns, turn
from tests.benchmarks.parts import KINDS, Part, chosen
from tests.benchmarks.workloads import BY_KEY, Workload

Made = TypeVar("Made")
TABLE_ROWS = 5_000_000
STREAMED_ROWS = 20_000_000
READ_ROWS = 1_000_000, 10_000_000, 100_000_000


@dataclass(frozen=True)
class Effort:
    """How long to measure: rounds, the seconds of a turn, and how often to compile anew."""

    rounds: int
    seconds: float
    starts: int

    @property
    def fewer(self) -> int:
        """Rounds of what takes long."""
        return max(1, self.rounds // 3)


def main() -> None:
    command_line = parser()
    arguments = command_line.parse_args()
    left_out = ["scaling"] * (arguments.plot is None) + ["threads"] * (arguments.threads < 2)
    parts = chosen(arguments.only, left_out)
    if not parts:
        command_line.error(f"no part begins with {' or '.join(arguments.only)}: see --help")
    if arguments.threads < 2 and any(part.kind == "threads" for part in parts):
        command_line.error("say how many threads to measure beside one, such as --threads 2")
    of_everyone.limit(arguments.threads)
    rounds = arguments.rounds or (3 if arguments.quick else 21)
    effort = Effort(rounds, *((0.03, 1) if arguments.quick else (0.15, 3)))
    caption = report.setting(arguments.threads, rounds)
    show(f"Measured on {caption}." if arguments.markdown else caption)
    results, failed = report.Results(), []
    measure = measuring({part.kind for part in parts}, results, effort, arguments.threads)
    for kind, of_kind in groupby(parts, lambda part: part.kind):
        failed += [part.name for part in of_kind if not succeeds(measure, part)]
        for table in report.tables_of(kind, results):
            show(table.markdown() if arguments.markdown else table.plain())
    if arguments.plot and (results.speed or results.scaling):
        from tests.benchmarks import plot

        plot.draw(results, caption, arguments.plot)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


def parser() -> argparse.ArgumentParser:
    assert __doc__
    formatter = argparse.RawDescriptionHelpFormatter
    made = argparse.ArgumentParser("tests.benchmarks", None, __doc__, formatter_class=formatter)
    add = made.add_argument
    parts = f"a kind ({', '.join(KINDS)}), a network ({', '.join(BY_KEY)}), or how one of them "
    parts += "begins; may be repeated"
    add("--only", metavar="NAME", action="append", default=[], help=parts)
    add("--rounds", type=int, help="turns of everyone (21)")
    add("--threads", type=int, default=1, help="of everyone (1)")
    add("--quick", action="store_true", help="short turns, few rounds: to see that it works")
    add("--markdown", action="store_true", help="tables for a README")
    add("--plot", metavar="FILE", type=Path, help="draw a picture, such as speed.svg")
    return made


def present(contestants: Sequence[Contestant]) -> list[Contestant]:
    """Those that can take part; of the others a line says what they lack."""
    for contestant in contestants:
        if contestant.missing:
            say(f"{contestant.name} is left out, as it needs {', '.join(contestant.missing)}")
    return [contestant for contestant in contestants if not contestant.missing]


def succeeds(measure: Callable[[Part], None], part: Part) -> bool:
    """Measure a part; if it fails say why, as the others are measured all the same."""
    say(f"measuring {part.name}")
    try:
        measure(part)
    except Exception:
        traceback.print_exc()
        return False
    return True


def measuring(
    kinds: Set[str], results: report.Results, effort: Effort, threads: int
) -> Callable[[Part], None]:
    """What measures a part of one of the ``kinds``, into ``results``."""
    trainers = present(CONTESTANTS) if kinds & {"training", "first-step", "memory"} else []
    predictors = present(PREDICTORS) if "inference" in kinds else []

    def measure(part: Part) -> None:
        match part:
            case Part("process"):
                results.process = process.whole_runs(effort.fewer)
            case Part("table"):
                rows = TABLE_ROWS // 25 if effort.rounds < 4 else TABLE_ROWS
                results.table = large_table.readers(rows, effort.fewer)
            case Part("streamed"):
                rows = STREAMED_ROWS // 50 if effort.rounds < 4 else STREAMED_ROWS
                results.streamed = streamed.epochs(rows, min(effort.fewer, 2))
            case Part("reader"):
                share = 50 if effort.rounds < 4 else 1
                results.reader = streamed.readings([rows // share for rows in READ_ROWS])
            case Part("run_costs"):
                results.run_costs = run_costs.costs(effort.fewer)
            case Part("scaling"):
                results.scaling = sweeps(effort)
            case Part("training", Workload() as workload):
                results.speed[workload] = speed(workload, trainers, effort)
            case Part("bound", Workload() as workload):
                results.bound[workload] = speed(workload, (NETLANG[-1], PEAK), effort)
            case Part("inference", Workload() as workload):
                results.inference[workload] = predictions(workload, predictors, effort)
            case Part("threads", Workload() as workload):
                times = speedup.measured(workload, threads, effort.rounds, effort.seconds)
                results.threads[workload] = times
            case Part("first-step", Workload() as workload):
                results.first_step[workload] = first_steps(workload, trainers, effort)
            case Part("memory", Workload() as workload):
                results.memory[workload] = memory(workload, trainers)

    return measure


def speed(workload: Workload, contestants: Sequence[Contestant], effort: Effort) -> Times:
    turns = {
        contestant.name: turn(trainer, workload.steps, effort.seconds)
        for contestant, trainer in taking_part(workload, contestants, Contestant.trainer)
    }
    return in_turns(turns, effort.rounds)


def predictions(workload: Workload, contestants: Sequence[Contestant], effort: Effort) -> Times:
    """Seconds of a call for all samples."""
    turns = {
        contestant.name: calls(predictor.predict, effort.seconds)
        for contestant, predictor in taking_part(workload, contestants, Contestant.predictor)
    }
    return in_turns(turns, effort.rounds)


def taking_part(
    workload: Workload,
    contestants: Sequence[Contestant],
    make: Callable[[Contestant, Workload], Made],
) -> Iterator[tuple[Contestant, Made]]:
    """Those that take the workload, with what they make of it; a line says why one does not."""
    for contestant in contestants:
        if contestant.takes(workload):
            try:
                made = make(contestant, workload)
            except CannotTake as reason:
                say(f"{contestant.name} takes no part in it: {reason}")
                continue
            yield contestant, made


def first_steps(
    workload: Workload, contestants: Sequence[Contestant], effort: Effort
) -> dict[str, float]:
    taking = [one for one in contestants if one.takes(workload)]
    turns = {one.name: partial(alone.ask, "first-step", one, workload) for one in taking}
    times = in_turns(turns, effort.starts)
    return {name: times.median(name) for name in times.rounds}


def memory(workload: Workload, contestants: Sequence[Contestant]) -> dict[str, float]:
    taking = [one for one in contestants if one.takes(workload)]
    peaks = {one.name: alone.ask("memory", one, workload) for one in taking}
    return {"import torch": alone.memory_of_import("torch"), **peaks}


def sweeps(effort: Effort) -> dict[str, Mapping[int, Times]]:
    return {
        sweep.name: scaling.sweep_times(sweep, effort.fewer, effort.seconds)
        for sweep in scaling.SWEEPS
    }


def show(text: str) -> None:
    print(f"{text}\n", flush=True)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
