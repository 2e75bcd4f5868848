"""A command line begins a text, as `--prompt "Shall I" --generate 200`, and a network goes on."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any

import click

from netlang.catalogue.data import TextPipeline
from netlang.runs.models.texts import Drawing, continued, looks_ahead
from netlang.runs.models.trained import TrainedModel
from netlang.system.record import Record
from netlang.system.terminal import visible
from netlang.tools.cli.named.numbers import Number
from netlang.tools.cli.output.json_answers import print_json


class Continuation(Record):
    """What is to be written: so many symbols behind the ``prompt``, or where there is none, behind
    the end of a line.
    """

    prompt: str | None = None
    generate: int = 200
    temperature: float = 1.0
    top_k: int | None = None
    top_p: float = 1.0
    seed: int = 0


_OPTIONS = (
    click.option("--prompt", metavar="TEXT", help="Begin a text, which the network goes on with."),
    click.option(
        "--generate",
        "--length",
        "generate",
        type=click.IntRange(min=1),
        help="Write so many symbols; --length is another name.  [default: 200]",
    ),
    click.option(
        "--temperature",
        type=Number(min=0),
        help="How boldly to draw; at 0 the most probable symbol comes.  [default: 1.0]",
    ),
    click.option(
        "--top-k",
        type=click.IntRange(min=1),
        help="Draw from the so many most probable symbols.  [default: from all]",
    ),
    click.option(
        "--top-p",
        type=Number(min=0, max=1, min_open=True),
        help="Draw from the most probable symbols that have this probability together."
        "  [default: 1.0]",
    ),
    click.option("--seed", type=int, help="Decides what is drawn.  [default: 0]"),
)


def continuation_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a text, which it gets as its ``continuation``, if any."""

    @functools.wraps(command)
    def with_continuation(**options: Any) -> None:
        names = ("prompt", "generate", "temperature", "top_k", "top_p", "seed")
        given = {name: options.pop(name) for name in names}
        given = {name: value for name, value in given.items() if value is not None}
        writes = "prompt" in given or "generate" in given
        if given and not writes:
            named = next(iter(given)).replace("_", "-")
            raise click.UsageError(
                f"--{named} goes with --prompt, which begins a text, or with --generate"
            )
        command(continuation=Continuation(**given) if writes else None, **options)

    for option in reversed(_OPTIONS):
        with_continuation = option(with_continuation)
    return with_continuation


_INCOMPLETE = "\ufffd"  # what stands for bytes that are no character, or none yet
_LOOKS_AHEAD = (
    "this network cannot write: what it tells at a place depends on the symbols behind it, which "
    "are yet to be written. Train one that looks back alone: attention with `causal=true`, "
    "recurrent layers that are not `bidirectional`"
)


def print_continuation(model: TrainedModel, asked: Continuation, as_data: bool) -> None:
    """Print the prompt and what the network writes behind it, as it writes.

    Raises click.UsageError for a prompt that it cannot read, and click.ClickException if its
    outputs are no numbers, or if they need the symbols that are yet to be written.
    """
    pipeline = model.kept.pipeline
    if not isinstance(pipeline, TextPipeline):
        option = "--generate" if asked.prompt is None else "--prompt"
        raise click.UsageError(f"{option} is for a network that was trained on a text; ask this "
                               "one about a TABLE, or by --values")  # fmt: skip
    begin = _beginning(pipeline, asked)
    if looks_ahead(model):
        raise click.ClickException(_LOOKS_AHEAD)
    drawing = Drawing(asked.temperature, asked.top_k, asked.top_p)
    more = continued(model, begin, asked.generate, drawing, asked.seed)
    try:
        if as_data:
            text = pipeline.text([*more])
            print_json({"prompt": asked.prompt or "", "continuation": text})
        else:
            _print_as_it_comes(pipeline, begin if asked.prompt else [], more)
    except ValueError as wrong:
        raise click.ClickException(str(wrong)) from None


def _beginning(pipeline: TextPipeline, asked: Continuation) -> list[int]:
    """The tokens behind which the network writes.  Raises click.UsageError."""
    if asked.prompt == "":
        raise click.UsageError("--prompt is empty: begin with a symbol or more, such as 'The '")
    try:
        return pipeline.tokens("\n" if asked.prompt is None else asked.prompt)
    except ValueError as wrong:
        if asked.prompt is None:
            raise click.UsageError(
                "--generate begins with a new line, and the text of training has no second one: "
                "begin with a symbol of it, as by --prompt 'The '"
            ) from None
        raise click.UsageError(f"--prompt: {visible(str(wrong))}: leave it out") from None


def _print_as_it_comes(pipeline: TextPipeline, begin: Sequence[int], more: Iterable[int]) -> None:
    """Print a text token by token; a few bytes may be one character together."""
    printed, tokens = "", [*begin]
    for token in chain([None], more):
        tokens += [] if token is None else [token]
        text = pipeline.text(tokens).rstrip(_INCOMPLETE)
        if text.startswith(printed):
            _print(text[len(printed) :])
            printed = text
    _print(pipeline.text(tokens)[len(printed) :] + "\n")


def _print(text: str) -> None:
    click.echo("\n".join(map(visible, text.split("\n"))), nl=False)
