"""A verdict on the command line: can a network learn a few samples by heart?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

import click

from netlang.compiler.ir import Program
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.wording import counted
from netlang.runs.lines.display import Display, number
from netlang.runs.training.few_samples import Learned, overfit
from netlang.tools.cli.output.json_answers import print_json
from netlang.tools.cli.output.printing import report_diagnostics


def try_to_overfit(
    program: Program, backend: str, samples: int, display: Display, as_data: bool
) -> NoReturn:
    """Train on so many samples alone, say whether the network learns them, and end the command: by
    exit status 1 if it does not.
    """
    try:
        for event in overfit(program, backend, samples):
            if isinstance(event, Learned):
                learned = event
            else:
                display.show(event)
    except NetError as error:
        display.close()
        report_diagnostics(error.diagnostics)
        raise click.exceptions.Exit(1) from None
    finally:
        display.close()
    if as_data:
        print_json(learned.as_data())
    else:
        click.echo("\n".join(_verdict(learned)))
    raise click.exceptions.Exit(0 if learned.ok else 1)


def _verdict(learned: Learned) -> Iterator[str]:
    samples = counted(learned.samples, "sample")
    reached = f"{learned.metric} {number(learned.value)} after {counted(learned.steps, 'step')}"
    if learned.ok:
        yield f"it can learn {samples}, without dropout: {reached}"
        return
    yield f"it does not learn {samples}, even without dropout: {reached}"
    if learned.contradicting:
        are = "has" if learned.contradicting == 1 else "have"
        yield (
            f"- {learned.contradicting:,} of them {are} the inputs of another one and not its "
            "target: no network can tell these apart"
        )
    yield "- try other steps by `--set optimizer.lr=...`: larger where the loss still falls"
    yield "- give the network more units or layers, and look at what it ends in"
    yield "- look at the data: does each target belong to its inputs?"
