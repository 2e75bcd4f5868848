"""``netlang gradcheck`` holds gradients against central differences."""

from __future__ import annotations

import math

import click

from netlang.compiler.ir import Program
from netlang.language.diagnostics.wording import counted
from netlang.runs.gradients.findings import Agreement, Findings
from netlang.runs.gradients.gradient_check import GradientCheck
from netlang.system.terminal import aligned, visible
from netlang.tools.cli.named.numbers import Number
from netlang.tools.cli.named.sources import NetFile, reported, takes_file
from netlang.tools.cli.output.json_answers import json_option, print_json
from netlang.tools.cli.output.printing import show_diagnostics, visible_path


@click.command("gradcheck")
@takes_file
@click.option(
    "--batch",
    type=click.IntRange(1, 4096),
    default=8,
    show_default=True,
    help="Go through the network with so many training samples.",
)
@click.option(
    "--samples",
    type=click.IntRange(2, 1_000_000),
    default=32,
    show_default=True,
    help="Look at about so many numbers of each tensor, or at all where there are no more.",
)
@click.option(
    "--seed", type=int, default=0, show_default=True, help="Decides which numbers are looked at."
)
@click.option(
    "--threshold",
    type=Number(0, 1, min_open=True),
    default=1e-6,
    show_default="1e-6",
    help="Fail where a gradient is off by more than this part of the largest one beside it.",
)
@json_option
def command(
    file: NetFile, batch: int, samples: int, seed: int, threshold: float, as_data: bool
) -> None:
    """Check the gradients of FILE's network by central differences.

    Each layer's backward pass is checked alone, in float64, at the inputs that a batch of FILE's
    data brings there (or random ones, where it has no data), then that of the loss, then the whole
    network's. Dropout's masks stay the same. Numbers at a kink, as ReLU has at 0, are left out.
    Weights that all begin as one number, such as a norm's, are moved a little before. The exit
    status is 1 where a gradient is wrong.

    \b
    Example:
        netlang gradcheck models/model2.net
    """
    program = file.program()
    with reported():
        check = GradientCheck(program, batch, samples, seed, threshold)
    found = check.findings()
    wrong = found.wrong(program, threshold)
    if as_data:
        print_json(_as_data(found, check.batch, threshold, not wrong))
    else:
        click.echo(_table(found))
        click.echo(f"\n{_conclusion(found, program, check.batch, bool(wrong))}")
    show_diagnostics(wrong)
    raise click.exceptions.Exit(1 if wrong else 0)


def _table(found: Findings) -> str:
    """A row for each node, then for the loss and the whole network."""
    rows = [
        (visible(one.node.name), visible(one.node.call), *_cells(one.weights), *_cells(one.inputs))
        for one in found.nodes
    ]
    none = ("", "")
    if found.loss:
        rows.append(("loss", "", *none, *_cells(found.loss)))
    if found.network:
        rows.append(("network", "", *_cells(found.network), *none))
    head = ("node", "layer", "weights", "checked", "input", "checked")
    first, *lines = aligned([head, *rows], right=range(2, 6))
    return "\n".join([click.style(first, bold=True), *lines])


def _cells(one: Agreement | None) -> tuple[str, str]:
    """How large the error is, and of how many numbers."""
    if one is None:
        return "", ""
    error = f"{one.error:.1e}" if one.checked else "-"
    return error, f"{one.checked:,} of {one.of:,}"


def _conclusion(found: Findings, program: Program, batch: int, is_wrong: bool) -> str:
    name, kind = visible_path(program.source.name), "training" if program.data else "random"
    numbers = counted(sum(one.checked for one in found.agreements), "number")
    kinks = sum(one.kinks for one in found.agreements)
    left_out = f"; {kinks:,} at kinks left out" if kinks else ""
    on = f"({numbers}, {counted(batch, f'{kind} sample')}{left_out})"
    if is_wrong:
        return f"{name}: gradients disagree with central differences {on}"
    largest = max((one.error for one in found.agreements), default=0.0)
    return f"{name}: gradients agree with central differences up to {largest:.1e} {on}"


def _as_data(found: Findings, batch: int, threshold: float, is_right: bool) -> dict[str, object]:
    return {
        "passed": is_right,
        "threshold": threshold,
        "batch": batch,
        "nodes": [
            {
                "id": one.node.name,
                "file": one.node.origin.span.source.name,
                "line": one.node.origin.span.first.line,
                "weights": _numbers(one.weights),
                "input": _numbers(one.inputs),
            }
            for one in found.nodes
        ],
        "loss": _numbers(found.loss),
        "network": _numbers(found.network),
    }


def _numbers(one: Agreement | None) -> dict[str, object] | None:
    """As JSON holds it, which has no infinity."""
    if one is None:
        return None
    return vars(one) | {"error": one.error if math.isfinite(one.error) else None}
