"""``netlang explain`` tells what a message's code means, with an example and its fix."""

from __future__ import annotations

import sys

import click

from netlang.language.diagnostics.pages import Page, codes, codes_as_written, page
from netlang.language.diagnostics.suggest import nearest
from netlang.tools.cli.completion.words import message_codes
from netlang.tools.cli.output.json_answers import json_option, print_json
from netlang.tools.cli.output.printing import has_colour


@click.command("explain")
@click.argument("wanted", metavar="[CODE]...", nargs=-1, shell_complete=message_codes)
@json_option
def command(wanted: tuple[str, ...], as_data: bool) -> None:
    """Explain what the CODE of a message means, and what to do.

    Each has an example that fails and one that works. Without a CODE, all are listed. `e301` and
    `301` will do for E0301.

    \b
    Example:
        netlang explain E0301
    """
    pages = [_page(code) for code in wanted or codes()]
    if as_data:
        print_json([_as_data(one) for one in pages])
    elif not wanted:
        click.echo("\n".join(f"{one.code}  {one.title}" for one in pages))
    elif has_colour(sys.stdout):
        _show(pages)
    else:
        click.echo("\n".join(one.text for one in pages), nl=False)


def _page(written: str) -> Page:
    found = codes_as_written(written)
    if len(found) == 1:
        return page(found[0])
    meant = " or ".join(found) or nearest(written.upper(), codes())
    hint = f"Did you mean {meant}?" if meant else "`netlang explain` lists all codes."
    from netlang.catalogue import registry  # takes time

    if registry.kind_of(written):
        hint = f"`netlang layers {written}` shows what it is; {hint}"
    raise click.UsageError(f"There is no code {written!r}. {hint}")


def _show(pages: list[Page]) -> None:
    from rich.console import Console
    from rich.markdown import Markdown

    for one in pages:
        Console().print(Markdown(one.text, code_theme="ansi_dark"))


def _as_data(one: Page) -> dict[str, object]:
    examples = [{"words": example.words, "text": example.text} for example in one.examples]
    return {"code": one.code, "title": one.title, "text": one.text, "examples": examples}
