"""``netlang graph`` draws a network."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from netlang.compiler.drawing import TooLarge, diagram_of, dot, mermaid, svg
from netlang.system.terminal import visible
from netlang.tools.cli.named.sources import NetFile, takes_file
from netlang.tools.cli.named.written_files import output_option, write_out
from netlang.tools.cli.output.printing import visible_path

_FORMS = {".svg": "svg", ".dot": "dot", ".gv": "dot", ".mmd": "mermaid", ".mermaid": "mermaid"}
_TEXTS = {"dot": dot, "mermaid": mermaid}


@click.command("graph")
@takes_file
@click.option(
    "--format",
    "form",
    type=click.Choice(["svg", "mermaid", "dot"], case_sensitive=False),
    help="An SVG picture, or text for Mermaid or Graphviz. By default as the ending of -o says.",
)
@click.option("--expand", is_flag=True, help="Draw every copy of a repeat, not one.")
@output_option
def command(file: NetFile, form: str | None, expand: bool, output: str) -> None:
    """Draw FILE's network.

    Edges have their shapes; blocks and repeats have frames.

    \b
    Example:
        netlang graph models/model2.net -o model2.svg
    """
    if output == "-" and form is None and sys.stdout.isatty():
        help = "write it to a file by `-o a.svg`, or choose text by `--format mermaid`"
        raise click.UsageError(f"A terminal shows no picture: {help}.")
    form = form or _form_of(output)
    if (suffix := Path(output).suffix.lower()) in _FORMS and _FORMS[suffix] != form:
        click.echo(
            f"warning: {visible_path(output)} holds {form}, which its name does not say", err=True
        )
    program = file.program()
    try:
        diagram, title = diagram_of(program.graph, expand), visible(program.source.name)
        text = svg(diagram, title) if form == "svg" else _TEXTS[form](diagram)
    except TooLarge as reason:
        help = "`--format dot` writes it for Graphviz"
        if expand:
            help += ", and without --expand a repeat is drawn once"
        raise click.ClickException(f"the picture would be too large: {reason}; {help}") from None
    write_out(text, output, program)


def _form_of(output: str) -> str:
    suffix = ".svg" if output == "-" else Path(output).suffix.lower()
    if suffix not in _FORMS:
        kinds = ", ".join(_FORMS)
        help = f"end its name in one of {kinds}, or say which by --format"
        raise click.UsageError(f"netlang does not draw `{suffix or output}` files: {help}.")
    return _FORMS[suffix]
