"""Where the native engine's step spends its time: a table of its calls in C, by layer and pass.

    python -m tests.benchmarks.profile resnet8/32
    python -m tests.benchmarks.profile transformer/16 --steps 50

A clock is read around each call in the emitted C. Of many steps, each on one thread, the least time
of each call is told, as others on the machine only ever make it longer.
"""

from __future__ import annotations

import argparse
import ctypes
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from unittest import mock

import torch

from netlang.compiler.ir import Graph
from netlang.engine.native import engine as native
from netlang.lowering.c.generator.calls import Call
from netlang.lowering.c.generator.emit import Emission, emit
from netlang.lowering.c.generator.writing import CallWriter
from tests.benchmarks.contestants import CannotTake
from tests.benchmarks.netlang_engine import Native
from tests.benchmarks.report import Table
from tests.benchmarks.workloads import BY_KEY, Workload

PASSES = ("forward", "gradients", "backward", "before and after")
OF_THE_FRAME = "gather|hand_out|clear_rows|clear_blocks|weigh_rows|update|draw"

CLOCK = """
#include <time.h>
static double spent[{places}];
static double seconds_now(void) {{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}}
#define CLOCK(place, call) do {{ \\
    const double began_ = seconds_now(); call; spent[place] += seconds_now() - began_; \\
}} while (0)
double spent_at(int place) {{ const double s = spent[place]; spent[place] = 0; return s; }}
"""


@dataclass(frozen=True)
class Place:
    """A call in the C: the function, and the numbers of the nodes that it computes."""

    function: str
    numbers: tuple[int, ...]

    @property
    def kind(self) -> str:
        """The pass that it belongs to."""
        found = re.search(r"_(forward|gradients|backward)_\d+$", self.function)
        return found[1] if found else PASSES[-1]


def timed(source: str) -> tuple[str, list[Place]]:
    """The C with a clock around each call, and where it has one."""
    places: list[Place] = []
    numbers: tuple[int, ...] = ()
    lines = source.splitlines()
    for at, line in enumerate(lines):
        if marked := re.fullmatch(r"\s*/\* nodes([ \d]*) \*/", line):
            numbers = tuple(map(int, marked[1].split()))
            continue
        call = re.fullmatch(r"(\s+)((?:if \(.*\) )?)((\w+_\d+|" + OF_THE_FRAME + r")\(.*\);)", line)
        if call:
            is_own = re.fullmatch(OF_THE_FRAME, call[4])
            lines[at] = f"{call[1]}{call[2]}CLOCK({len(places)}, {call[3][:-1]});"
            places.append(Place(call[4], () if is_own else numbers))
    return CLOCK.format(places=len(places) or 1) + "\n".join(lines), places


class Timed:
    """A workload in training by C that keeps time."""

    def __init__(self, workload: Workload) -> None:
        self.places: list[Place] = []

        def emitted(*arguments: object, **options: object) -> Emission:
            made = emit(*arguments, **options, comments=True)  # type: ignore[arg-type]
            source, self.places = timed(made.source)
            return made.replace(source=source)

        with (
            mock.patch.object(native, "emit", emitted),
            mock.patch.object(CallWriter, "_comment", _numbered),
        ):
            self.trainer = Native(workload.one_step())
        self.graph: Graph = self.trainer.network.graph
        self.spent = self.trainer.engine._code._functions.spent_at  # type: ignore[union-attr]
        self.spent.restype = ctypes.c_double

    def step(self) -> list[float]:
        """Seconds of each place in a step."""
        self.trainer.train(1)
        return [self.spent(place) for place in range(len(self.places))]


def _numbered(writer: CallWriter, call: Call) -> str:
    return f"/* nodes {' '.join(map(str, call.numbers))} */\n"


def table(workload: Workload, steps: int) -> Table:
    made = Timed(workload)
    made.step()
    least = [min(of_steps) for of_steps in zip(*(made.step() for _ in range(steps)), strict=True)]
    rows = [*_rows(made.graph, made.places, least)]
    title = f"Microseconds of a step of {workload.name}, batch {workload.batch}, in C"
    return Table(title, ["layers", *PASSES, "in all", "%"], rows)


def _rows(graph: Graph, places: Sequence[Place], seconds: Sequence[float]) -> Iterator[list[str]]:
    """A row for the nodes of each call, and for each function of the frame; then the sum."""
    sums: dict[str, dict[str, float]] = {}
    for place, taken in sorted(zip(places, seconds, strict=True), key=lambda one: _order(one[0])):
        name = ", ".join(f"{graph.nodes[n].name} {graph.nodes[n].shape}" for n in place.numbers)
        name = name or re.sub(r"_\d+$", "", place.function)
        kinds = sums.setdefault(name, dict.fromkeys(PASSES, 0.0))
        kinds[place.kind] += taken
    whole = sum(seconds)
    totals = {kind: sum(kinds[kind] for kinds in sums.values()) for kind in PASSES}
    for name, kinds in [*sums.items(), ("in all", totals)]:
        if taken := sum(kinds.values()):
            of_passes = [f"{kinds[kind] * 1e6:.1f}" if kinds[kind] else "" for kind in PASSES]
            yield [name, *of_passes, f"{taken * 1e6:.1f}", f"{100 * taken / whole:.1f}"]


def _order(place: Place) -> tuple[bool, tuple[int, ...]]:
    return not place.numbers, place.numbers


def main() -> None:
    assert __doc__
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        "tests.benchmarks.profile", description=__doc__, formatter_class=formatter
    )
    parser.add_argument("keys", nargs="+", metavar="NETWORK", choices=BY_KEY, help="or several")
    parser.add_argument("--steps", type=int, default=30, help="of which the least time counts (30)")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    for key in arguments.keys:
        try:
            found = table(BY_KEY[key], arguments.steps).plain()
        except CannotTake as reason:
            found = f"{key} does not train in C: {reason}"
        print(found, end="\n\n", flush=True)


if __name__ == "__main__":
    main()
