"""A command line names .net files, and its options say how they are read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import click

from netlang.catalogue.own import changed_since, trained_without
from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.language import run_record
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.plugins import PluginMissing
from netlang.language.diagnostics.messages.tuning import OwnOutside
from netlang.language.diagnostics.shell import shell_word
from netlang.language.source import SourceFile
from netlang.language.syntax import read
from netlang.system.record import Record
from netlang.system.terminal import visible
from netlang.tools.cli.completion.words import net_paths
from netlang.tools.cli.output.printing import report_diagnostics, visible_path

file_argument = click.argument("file", metavar="FILE", shell_complete=net_paths)
files_argument = click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, shell_complete=net_paths
)
set_option = click.option(
    "--set",
    "overrides",
    metavar="NAME=VALUE",
    multiple=True,
    help="Override a constant, a setting or an argument, such as optimizer.lr=1e-3. Repeatable.",
)
allow_option = click.option(
    "--allow",
    "allowed",
    metavar="FOLDER",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Let the file read data and imports from FOLDER, too. Repeatable.",
)


class NetFile(Record):
    """A file of the command line, with its --set and --allow. ``-`` is standard input."""

    path: str
    overrides: tuple[str, ...] = ()
    allowed: tuple[Path, ...] = ()

    @property
    def name(self) -> str:
        """What messages call it."""
        return "<stdin>" if self.path == "-" else self.path

    def read(self) -> SourceFile:
        """Read it, and say with what settings it was run, if a run keeps it.

        Raises NetError.
        """
        source = read(self.path, self.allowed)
        changes = _changes_in_run(source)
        if not {*changes} <= {*self.overrides}:
            options = (f"--set {shell_word(one)}" for one in changes)
            command = " ".join(("netlang run", shell_word(self.path), *options))
            text = f"note: {self.path} was run with other settings, as by: {command}"
            click.echo(visible(text), err=True)
        return source

    def compiles(self) -> bool:
        """Whether it has no error that keeps it from being trained. Nothing is reported."""
        try:
            source = read(self.path, self.allowed)
            return compile_source(source, self.overrides, to_run=True).program is not None
        except NetError:
            return False

    def program(self, trained_by: str = "") -> Program:
        """Compile it, for a backend that is going to train it if one is named.

        Reports what is wrong, and ends with status 1 if that is an error.
        """
        with reported():
            source = self.read()
        return compiled(source, self.overrides, trained_by)


@contextmanager
def reported() -> Iterator[None]:
    """Report the diagnostics of a NetError, and end with status 1."""
    try:
        yield
    except NetError as error:
        report_diagnostics(error.diagnostics)
        raise click.exceptions.Exit(1) from None


def compiled(
    source: SourceFile, overrides: Sequence[str], trained_by: str = "", is_begun: bool = False
) -> Program:
    """Compile ``source``, as ``NetFile.program`` does with its own, and as ``compile_source`` does
    where training ``is_begun``.
    """
    with reported():
        to_run = bool(trained_by)
        compilation = compile_source(source, overrides, to_run=to_run, is_begun=is_begun)
    program, found = compilation.program, compilation.diagnostics
    if trained_by:  # candidates are for `netlang tune` alone
        found = tuple(one for one in found if not isinstance(one, OwnOutside))
    if program and trained_by:
        from netlang.runs.training.memory import too_much_memory  # other commands train nothing

        if too_much := too_much_memory(program, trained_by):
            program, found = None, (*found, too_much)
    plugins = run_record.plugins_read(source.folder) if source.path else {}
    if program:
        found = (*found, *changed_since(plugins, str(source.folder)))
    elif missing := trained_without(plugins):
        found = (PluginMissing(None, str(source.folder), missing),)
    report_diagnostics(found)
    if program is None:
        raise click.exceptions.Exit(1)
    return program


def _changes_in_run(source: SourceFile) -> tuple[str, ...]:
    """What --set changed in the run whose folder keeps ``source``; nothing for other files."""
    record = run_record.kept_beside(source)
    return record.overrides if source.path and source.path.name == record.kept else ()


def takes_file(command: Callable[..., None]) -> Callable[..., None]:
    """Call ``command`` with the NetFile that FILE, --set and --allow make."""

    @wraps(command)
    def wrapped(file: str, overrides: Any, allowed: Any, **options: Any) -> None:
        command(NetFile(file, overrides, allowed), **options)

    return file_argument(set_option(allow_option(wrapped)))


def takes_files(command: Callable[..., None]) -> Callable[..., None]:
    """Call ``command`` with the NetFiles that FILE..., --set and --allow make."""

    @wraps(command)
    def wrapped(files: tuple[str, ...], overrides: Any, allowed: Any, **options: Any) -> None:
        if len(files) > 1 and (bare := [one for one in overrides if "=" not in one]):
            raise click.UsageError(f"`--set {bare[0]}` has no value")  # which was taken for a file
        command([NetFile(path, overrides, allowed) for path in net_files(files)], **options)

    return files_argument(set_option(allow_option(wrapped)))


def net_files(paths: Iterable[str]) -> list[str]:
    """``paths``, with each folder replaced by all .net files below it.

    Raises click.UsageError where standard input is named twice, and click.ClickException where a
    folder has no file.
    """
    files: list[str] = []
    for path in paths:
        if not os.path.isdir(path):  # Path's raises for some texts
            files.append(path)
        elif below := _files_below(path):
            files += below
        else:
            records = Path(path).rglob(run_record.RECORD)
            kept = any(run_record.is_of_a_run(record.parent) for record in records)
            but = " but those that runs keep: name one of them by its path" if kept else ""
            raise click.ClickException(f"there is no .net file in {visible_path(path)}{but}")
    refuse_twice(files)
    return files


def refuse_twice(paths: Sequence[str]) -> None:
    """Raise click.UsageError where ``paths`` name standard input, which is read once, twice."""
    if paths.count("-") > 1:
        raise click.UsageError("`-`, standard input, can be named only once.")


def _files_below(folder: str) -> list[str]:
    """All .net files below ``folder``, without those that nobody works on: in hidden folders, in
    installed packages, and the copies that runs keep.
    """
    files = []
    for parent, folders, names in os.walk(folder):
        if parent != folder and run_record.is_of_a_run(Path(parent)):
            folders.clear()
            continue
        folders[:] = [name for name in folders if not _is_of_others(parent, name)]
        files += [str(Path(parent, name)) for name in names if name.endswith(".net")]
    return sorted(files)


def _is_of_others(parent: str, name: str) -> bool:
    """Whether a folder is hidden, holds installed packages, or is a virtual environment."""
    installed = name in ("site-packages", "node_modules")
    return name.startswith(".") or installed or os.path.isfile(Path(parent, name, "pyvenv.cfg"))
