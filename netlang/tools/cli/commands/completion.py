"""``netlang completion`` prints the script by which a shell completes commands, files, names."""

from __future__ import annotations

import os
from pathlib import Path

import click

from netlang.tools.cli.completion.scripts import SHELLS

_WHERE = {
    "bash": 'eval "$(netlang completion bash)"      # in ~/.bashrc',
    "zsh": 'eval "$(netlang completion zsh)"       # in ~/.zshrc, after compinit',
    "fish": "netlang completion fish | source       # in ~/.config/fish/config.fish",
}


@click.command("completion")
@click.argument("shell", type=click.Choice([*SHELLS], case_sensitive=False), required=False)
def command(shell: str | None) -> None:
    """Print the script that lets SHELL complete words of netlang.

    They are commands, options, .net files and the names of layers. Without a SHELL it is the one of
    $SHELL.

    \b
    Example:
        eval "$(netlang completion bash)"
    """
    name = shell or Path(os.environ.get("SHELL", "")).name
    if name not in SHELLS:
        raise click.UsageError(f"Which shell? There are {', '.join(SHELLS)}.")
    root = click.get_current_context().find_root()
    completion = SHELLS[name](root.command, {}, "netlang", "_NETLANG_COMPLETE")
    click.echo(completion.source_template % completion.source_vars())
    click.echo(f"# to keep it: {_WHERE[name]}")
