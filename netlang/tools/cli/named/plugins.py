"""A command line names plugins: Python files with layers of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import click

from netlang.catalogue.own import leave_plugin, place_of, use_plugin
from netlang.catalogue.plugin_files import said
from netlang.language.diagnostics import Diagnostic, NetError
from netlang.language.diagnostics.messages.plugins import PluginFails
from netlang.tools.cli.output.printing import report_diagnostics


def with_plugins(command: click.Command) -> click.Command:
    """Let a command take --plugin, whose items are in the catalogue until it ends."""
    if not any(one.name == "plugins" for one in command.params):
        command.params.append(_option())
    return command


def failure_in_plugin(error: Exception) -> Diagnostic | None:
    """What to say of an error that a plugin's code has raised; None of any other."""
    if span := place_of(error):
        return PluginFails(span, span.source.name, said(error), "netlang uses it")
    return None


def _option() -> click.Option:
    return click.Option(
        ["--plugin", "plugins"],
        metavar="FILE.py",
        multiple=True,
        expose_value=False,
        callback=_use,
        help="Run FILE.py, and let files name the layers and losses that it defines. Repeatable.",
    )


def _use(context: click.Context, option: click.Parameter, paths: Sequence[str]) -> None:
    for path in dict.fromkeys(paths):
        try:
            plugin = use_plugin(path)
        except NetError as error:
            report_diagnostics(error.diagnostics)
            raise click.exceptions.Exit(1) from None
        # Of the whole command line, so that what fails in its code can be told until the end.
        context.find_root().call_on_close(partial(leave_plugin, plugin))
