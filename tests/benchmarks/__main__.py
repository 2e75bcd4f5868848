"""How fast netlang trains, beside PyTorch, JAX, and what the machine could do.

    python -m tests.benchmarks                     everything but the sweeps
    python -m tests.benchmarks --plot speed.svg    with them, and a picture
    python -m tests.benchmarks --only model2 --only memory --quick
    python -m tests.benchmarks --only table        a CSV of 750 MB, written for it and removed
    python -m tests.benchmarks --only run_costs    what checkpoints and the live line cost a run

Everyone does the same work, an epoch with its shuffling and its dropout, and all take turns in one
process. A time is that of whole epochs over their steps, a ratio one of medians.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.benchmarks import alone, large_table, process, report, run_costs, scaling, threads
from tests.benchmarks.contestants import CONTESTANTS, CannotTake, Contestant
from tests.benchmarks.measure import Times, in_turns, turn
from tests.benchmarks.workloads import BY_KEY, Workload

FIRST_STEPS = ("model2/10", "classifier/128", "residual/64", "resnet8/32", "transformer/16")
MEMORY = ("classifier/128", "lenet/64", "resnet8/32", "gru/32", "transformer/16", "tabular/256")
OTHER_PARTS = ("first-step", "memory", "process", "table", "run_costs", "scaling")
TABLE_ROWS = 5_000_000


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
    parts = chosen(arguments.only, with_scaling=arguments.plot is not None)
    if not parts:
        command_line.error(f"no part begins with {' or '.join(arguments.only)}: see --help")
    threads.limit(arguments.threads)
    rounds = arguments.rounds or (3 if arguments.quick else 21)
    effort = Effort(rounds, *((0.03, 1) if arguments.quick else (0.15, 3)))
    results = measured(parts, present(), effort)
    caption = report.setting(arguments.threads, rounds)
    tables = report.tables(results)
    if arguments.markdown:
        print("\n\n".join([f"Measured on {caption}.", *(table.markdown() for table in tables)]))
    else:
        print("\n\n".join([caption, *(table.plain() for table in tables)]))
    if arguments.plot and (results.speed or results.scaling):
        from tests.benchmarks import plot

        plot.draw(results, caption, arguments.plot)


def parser() -> argparse.ArgumentParser:
    assert __doc__
    formatter = argparse.RawDescriptionHelpFormatter
    made = argparse.ArgumentParser("tests.benchmarks", None, __doc__, formatter_class=formatter)
    add = made.add_argument
    parts = f"one of {', '.join([*BY_KEY, *OTHER_PARTS])}, or how it begins; may be repeated"
    add("--only", metavar="NAME", action="append", default=[], help=parts)
    add("--rounds", type=int, help="turns of everyone (21)")
    add("--threads", type=int, default=1, help="of everyone (1)")
    add("--quick", action="store_true", help="short turns, few rounds: to see that it works")
    add("--markdown", action="store_true", help="tables for a README")
    add("--plot", metavar="FILE", type=Path, help="draw a picture, such as speed.svg")
    return made


def chosen(only: Sequence[str], with_scaling: bool) -> list[str]:
    every = [*BY_KEY, *OTHER_PARTS]
    if not only:
        return [part for part in every if part != "scaling" or with_scaling]
    begun = tuple(name for name in only if name not in every)
    return [part for part in every if part in only or part.startswith(begun)]


def present() -> list[Contestant]:
    """The contestants that can take part; of the others a line says what they lack."""
    for contestant in CONTESTANTS:
        if contestant.missing:
            say(f"{contestant.name} is left out, as it needs {', '.join(contestant.missing)}")
    return [contestant for contestant in CONTESTANTS if not contestant.missing]


def measured(
    parts: Sequence[str], contestants: Sequence[Contestant], effort: Effort
) -> report.Results:
    results = report.Results()
    for part in parts:
        say(f"measuring {part}")
        match part:
            case "first-step":
                results.first_step = first_steps(contestants, effort)
            case "memory":
                results.memory = memory(contestants)
            case "process":
                results.process = process.whole_runs(effort.fewer)
            case "table":
                rows = TABLE_ROWS // 25 if effort.rounds < 4 else TABLE_ROWS
                results.table = large_table.readers(rows, effort.fewer)
            case "run_costs":
                results.run_costs = run_costs.costs(effort.fewer)
            case "scaling":
                results.scaling = sweeps(effort)
            case key:
                results.speed[BY_KEY[key]] = speed(BY_KEY[key], contestants, effort)
    return results


def speed(workload: Workload, contestants: Sequence[Contestant], effort: Effort) -> Times:
    turns = {}
    for contestant in contestants:
        if contestant.takes(workload):
            try:
                trainer = contestant.trainer(workload)
            except CannotTake as reason:
                say(f"{contestant.name} takes no part in it: {reason}")
                continue
            turns[contestant.name] = turn(trainer, workload.steps, effort.seconds)
    return in_turns(turns, effort.rounds)


def first_steps(
    contestants: Sequence[Contestant], effort: Effort
) -> dict[Workload, dict[str, float]]:
    found: dict[Workload, dict[str, float]] = {}
    for workload in (BY_KEY[key] for key in FIRST_STEPS):
        taking = [one for one in contestants if one.takes(workload)]
        turns = {one.name: partial(alone.ask, "first-step", one, workload) for one in taking}
        times = in_turns(turns, effort.starts)
        found[workload] = {name: times.median(name) for name in times.rounds}
    return found


def memory(contestants: Sequence[Contestant]) -> dict[Workload, dict[str, float]]:
    bare = alone.memory_of_import("torch")
    found: dict[Workload, dict[str, float]] = {}
    for workload in (BY_KEY[key] for key in MEMORY):
        taking = [one for one in contestants if one.takes(workload)]
        peaks = {one.name: alone.ask("memory", one, workload) for one in taking}
        found[workload] = {"import torch": bare, **peaks}
    return found


def sweeps(effort: Effort) -> dict[str, Mapping[int, Times]]:
    return {
        sweep.name: scaling.sweep_times(sweep, effort.fewer, effort.seconds)
        for sweep in scaling.SWEEPS
    }


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
