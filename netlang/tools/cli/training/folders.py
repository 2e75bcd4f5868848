"""Commands keep results in folders: they draw into them, end them, and say where they are."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

import click
from click.core import ParameterSource

from netlang.language.diagnostics import Diagnostic, NetError
from netlang.runs.folders.result_folder import ResultFolder
from netlang.runs.plots.pictures import Picture
from netlang.system import interruption
from netlang.system.packages import Unusable
from netlang.system.terminal import visible
from netlang.tools.cli.output.printing import report_diagnostics, show_own_error, visible_path
from netlang.tools.cli.output.streams import is_output_lost

folder_option = click.option(
    "-o",
    "--output",
    "root",
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    default="runs",
    show_default=True,
    help="Make the new folder for the results in FOLDER.",
)


def is_on_command_line(option: str) -> bool:
    """Whether the option's value was written there, and is not its default."""
    source = click.get_current_context().get_parameter_source(option)
    return source == ParameterSource.COMMANDLINE


class Closable(Protocol):
    """A ResultFolder, or an object that keeps one as long as it can be written."""

    @property
    def left_behind(self) -> str: ...

    def close(self, status: str, diagnostics: Iterable[Diagnostic] = ()) -> None: ...


@contextmanager
def ending(folder: Closable) -> Iterator[None]:
    """Let ``folder`` say at the end how it went, and report why it failed."""
    try:
        yield
        interruption.ignore()  # what is called finished must not be interrupted
        folder.close("finished")
    except BaseException as error:
        quiet = breaks_off(error)
        problems = error.diagnostics if isinstance(error, NetError) else ()
        with suppress(OSError):
            folder.close("interrupted" if quiet else "failed", problems)
        report_diagnostics(problems)
        if isinstance(error, KeyboardInterrupt):  # where the command is called by another program
            click.echo(": ".join(filter(None, ("interrupted", folder.left_behind))), err=True)
            raise click.exceptions.Exit(130) from None
        if not quiet and folder.left_behind:
            click.echo(folder.left_behind, err=True)
        if problems:
            raise click.exceptions.Exit(1) from None
        raise


def breaks_off(error: BaseException) -> bool:
    """Whether ``error`` ends what goes well. By a broken pipe, nobody wants to read on."""
    return isinstance(error, BrokenPipeError) or not isinstance(error, Exception)


def draw(pictures: Mapping[str, Picture], folder: ResultFolder, help: str = "") -> bool:
    """Draw the pictures into the folder, and say which cannot be drawn. Returns False where no
    picture can be.

    Raises OSError where the folder cannot be written.
    """
    for name, picture in pictures.items():
        try:
            folder.draw(name, picture)
        except Unusable as reason:
            text = f"no pictures are drawn, as {reason}: {reason.help}{help}"
            click.echo(visible(text), err=True)
            return False
        except OSError:
            raise
        except MemoryError:
            click.echo(f"{name} is not drawn, as there is not memory enough", err=True)
        except Exception as error:
            show_own_error(f"{name} is not drawn, for an error of netlang's own", error)
    return True


def say_where(folder: ResultFolder) -> None:
    """Name the folder on standard error if standard output, which did so, was lost."""
    if is_output_lost():
        click.echo(f"kept in {visible_path(os.fspath(folder.path))}", err=True)
