"""``netlang export`` writes a file as a program of another framework."""

from __future__ import annotations

from pathlib import Path

import click

from netlang.lowering.languages import EXPORTS
from netlang.lowering.lowerings import Unsupported
from netlang.tools.cli.named.sources import NetFile, takes_file
from netlang.tools.cli.named.written_files import output_option, write_out
from netlang.tools.cli.output.printing import visible_path


@click.command("export")
@takes_file
@click.option(
    "--to",
    "target",
    type=click.Choice([*EXPORTS], case_sensitive=False),
    default="torch",
    show_default=True,
    help="The framework to write for.",
)
@output_option
def command(file: NetFile, target: str, output: str) -> None:
    """Write FILE as a program of PyTorch.

    It uses torch.nn, torch.optim and autograd, needs torch alone, and trains as FILE says: `python
    model2.py`, or `python model2.py 3` for another seed, and `--table` where its table has moved.
    `python model2.py --weights model.safetensors` evaluates the network that a run has kept.
    Without data, a loss or an optimizer in FILE, it is the model.

    \b
    Example:
        netlang export models/model2.net -o model2.py
    """
    program = file.program()
    export = EXPORTS[target]
    if Path(output).stem in export.modules:
        help = "would be taken for a module that it imports: name it otherwise"
        raise click.UsageError(f"{visible_path(Path(output).name)} {help}")
    folder = Path() if output == "-" else Path(output).parent
    assert export.program, "every target so far has programs"
    try:
        source = export.program(program, folder.resolve())
    except Unsupported as reason:
        raise click.ClickException(f"{reason}") from None
    write_out(source, output, program)
