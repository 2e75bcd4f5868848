"""A command line begins a text, as `--prompt "Shall I" --length 200`, and a network goes on."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import click

from netlang.catalogue.data import TextPipeline
from netlang.runs.models.texts import continued, looks_ahead
from netlang.runs.models.trained import TrainedModel
from netlang.system.record import Record
from netlang.system.terminal import visible
from netlang.tools.cli.output.json_answers import print_json


class Continuation(Record):
    """What is to be written: ``length`` symbols behind the ``prompt``."""

    prompt: str
    length: int = 200
    temperature: float = 1.0
    seed: int = 0


_OPTIONS = (
    click.option("--prompt", metavar="TEXT", help="Begin a text, which the network goes on with."),
    click.option(
        "--length",
        type=click.IntRange(min=1),
        help="Go on for so many symbols.  [default: 200]",
    ),
    click.option(
        "--temperature",
        type=click.FloatRange(min=0),
        help="How boldly to draw; at 0 the most probable symbol comes.  [default: 1.0]",
    ),
    click.option("--seed", type=int, help="Draw otherwise.  [default: 0]"),
)


def continuation_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a text, which it gets as its ``continuation``, if any."""

    @functools.wraps(command)
    def with_continuation(prompt: str | None, **options: Any) -> None:
        names = ("length", "temperature", "seed")
        given = {name: options.pop(name) for name in names}
        given = {name: value for name, value in given.items() if value is not None}
        if prompt is None and given:
            raise click.UsageError(f"--{next(iter(given))} goes with --prompt, which begins a text")
        if not math.isfinite(given.get("temperature", 1)):
            raise click.UsageError(
                "--temperature is a number: 1 draws as the network says, 0 never"
            )
        written = None if prompt is None else Continuation(prompt=prompt, **given)
        command(continuation=written, **options)

    for option in reversed(_OPTIONS):
        with_continuation = option(with_continuation)
    return with_continuation


_LOOKS_AHEAD = (
    "this network cannot write: what it tells at a place depends on the symbols behind it, which "
    "are yet to be written. Train one that looks back alone: attention with `causal=true`, "
    "recurrent layers that are not `bidirectional`"
)


def print_continuation(model: TrainedModel, asked: Continuation, as_data: bool) -> None:
    """Print the prompt and what the network writes behind it.

    Raises click.UsageError for a prompt that it cannot read, and click.ClickException if its
    outputs are no numbers, or if they need the symbols that are yet to be written.
    """
    pipeline = model.kept.pipeline
    if not isinstance(pipeline, TextPipeline):
        raise click.UsageError("--prompt is for a network that was trained on a text; ask this one "
                               "about a TABLE, or by --values")  # fmt: skip
    try:
        begin = pipeline.tokens(asked.prompt)
    except ValueError as wrong:
        raise click.UsageError(f"--prompt: {visible(str(wrong))}: leave it out") from None
    if not begin:
        raise click.UsageError("--prompt is empty: begin with a symbol or more, such as 'The '")
    if looks_ahead(model):
        raise click.ClickException(_LOOKS_AHEAD)
    try:
        more = [*continued(model, begin, asked.length, asked.temperature, asked.seed)]
    except ValueError as wrong:
        raise click.ClickException(str(wrong)) from None
    if as_data:
        print_json({"prompt": asked.prompt, "continuation": pipeline.text(more)})
        return
    text = pipeline.text([*begin, *more])
    click.echo("\n".join(map(visible, text.split("\n"))))
