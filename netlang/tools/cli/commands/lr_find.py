"""``netlang lr-find`` tries learning rates, each for one step, and says which it would take."""

from __future__ import annotations

from pathlib import Path

import click

from netlang.language.diagnostics.shell import shell_word
from netlang.language.source import SourceFile
from netlang.language.syntax import parse_override
from netlang.runs.lines.display import number
from netlang.runs.plots import FORMS, draw_search
from netlang.runs.training.rate_search import RateSearch, search_rate
from netlang.system.packages import Unusable
from netlang.system.terminal import aligned, visible
from netlang.tools.cli.named.numbers import Number
from netlang.tools.cli.named.sources import NetFile, reported, takes_file
from netlang.tools.cli.named.written_files import writing
from netlang.tools.cli.output.json_answers import json_option, print_json
from netlang.tools.cli.output.printing import visible_path
from netlang.tools.cli.training.backend import backend_option

_LINES = 12  # of the table


@click.command("lr-find")
@takes_file
@click.option(
    "--from", "least", type=Number(min=1e-30, min_open=True), default=1e-6,
    show_default=True, help="Begin with this learning rate.",
)  # fmt: skip
@click.option(
    "--to", "most", type=Number(min=1e-30, max=1e30, min_open=True), default=10.0,
    show_default=True, help="End with this one, if the loss does not explode before.",
)  # fmt: skip
@click.option(
    "--steps", type=click.IntRange(min=10, max=100_000), default=300, show_default=True,
    help="Try so many rates, each in one step.",
)  # fmt: skip
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Draw the loss by rate into this file, which ends in .png, .svg or .pdf.",
)
@backend_option
@json_option
def command(
    file: NetFile,
    least: float,
    most: float,
    steps: int,
    output: Path | None,
    backend: str,
    as_data: bool,
) -> None:
    """Try learning rates for FILE, a step each.

    A fresh network is trained. The rate grows from step to step by the same factor, until the loss
    explodes. The loss is that of the same samples each time, so that it changes by the rate and not
    by the batch. The rate that is suggested lies in the middle of the fall: between a quarter of it
    and the least loss. It is one to begin with, and too small where a network learns nothing for
    long, as of two spirals. Where a file has several learning rates, as of several optimizers, all
    of them grow, and keep their proportions to the first, which is the one that is shown. The
    file's schedule is left out. Nothing is kept of the training.

    \b
    Example:
        netlang lr-find models/model2.net -o rates.png
    """
    if output and output.suffix.lower() not in FORMS:
        raise click.UsageError(f"-o names a file that ends in one of {', '.join(FORMS)}.")
    if least >= most:
        raise click.UsageError(f"--from has to be below --to, and {least:g} is not below {most:g}.")
    program = file.program(trained_by=backend)
    if program.optimizer and program.optimizer.needs_loss:
        raise click.ClickException(
            f"{program.optimizer.name} finds the length of its steps by the loss itself: leave its "
            "lr at 1, or try rates for another optimizer, as by --set optimizer=Adam"
        )
    with reported():
        found = search_rate(program, backend, least, most, steps)
    if output:
        _draw(file.name, found, output)
    if as_data:
        print_json(found.as_data())
        return
    click.echo(_table(found) + "\n")
    click.echo(_sentence(file, found))
    if output:
        click.echo(f"wrote {visible_path(str(output))}")


def _draw(name: str, found: RateSearch, file: Path) -> None:
    with writing(file):
        try:
            drawn = found.rates, found.losses, found.smoothed, found.suggested
            draw_search(f"{Path(name).name}: loss by learning rate", *drawn, file)
        except Unusable as reason:
            raise click.ClickException(visible(f"{reason}: {reason.help}")) from None


def _table(found: RateSearch) -> str:
    """A few of the rates with the smoothed loss."""
    last = len(found.rates) - 1
    lines = min(_LINES, len(found.rates))
    chosen = sorted({round(line * last / max(1, lines - 1)) for line in range(lines)})
    rows = [(f"{found.rates[one]:.3g}", number(found.smoothed[one])) for one in chosen]
    return "\n".join(aligned([("learning rate", "loss"), *rows], right=(0, 1)))


def _sentence(file: NetFile, found: RateSearch) -> str:
    if found.suggested is None:
        return "the loss hardly falls at any of these rates: try more --steps, or a lower --from"
    explodes = f"; it explodes at {found.rates[-1]:.2g}" if found.exploded else ""
    of_first = {name.replace("[0]", "") for name in found.settings}  # another name for the first
    others = [one for one in file.overrides if _set_by(one) not in {*found.settings, *of_first}]
    rates = [f"{name}={rate}" for name, rate in found.settings.items()]
    settings = (f"--set {shell_word(one)}" for one in (*others, *rates))
    allowed = (f"--allow {shell_word(str(folder))}" for folder in file.allowed)
    tried = visible(" ".join(("netlang run", shell_word(file.path), *settings, *allowed)))
    lines = [
        f"the loss is in the middle of its fall at {found.suggested:.2g}{explodes}",
        *["the other learning rates keep their proportions to this one"] * (len(rates) > 1),
        f"try it: {tried}",
    ]
    return "\n".join(lines)


def _set_by(override: str) -> str:
    """What an override sets: ``optimizer[1].lr``."""
    source = SourceFile("--set", override, is_override=True)
    return parse_override(source).text.partition("=")[0]
