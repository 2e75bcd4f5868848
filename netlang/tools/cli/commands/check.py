"""``netlang check`` says what is wrong with files, and trains nothing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import click

from netlang.catalogue.settings import SETTINGS
from netlang.compiler.fixes import mended
from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import Diagnostic, NetError
from netlang.language.diagnostics.rendering.json import as_json
from netlang.runs.training.memory import too_much_memory
from netlang.system.record import Record
from netlang.tools.cli.named.sources import NetFile, takes_files
from netlang.tools.cli.named.written_files import rewrite
from netlang.tools.cli.output.json_answers import json_option, print_json
from netlang.tools.cli.output.printing import show_diagnostics, tally, visible_path


@click.command("check")
@takes_files
@click.option("--fix", is_flag=True, help="Make the changes that netlang is sure of.")
@json_option
def command(files: list[NetFile], fix: bool, as_data: bool) -> None:
    """Say what is wrong with FILEs, before anything is trained.

    Names, arguments, shapes, and the data at both ends of the network are checked. A folder stands
    for all .net files below it, and `-` for standard input. The exit status is 1 if there is an
    error; a warning is none.

    --fix changes a file where only one change can be meant and it brings no other mistake, and
    then shows what is left.

    \b
    Example:
        netlang check models/*.net
    """
    if fix and any(file.path == "-" for file in files):
        raise click.UsageError("--fix changes files, and standard input is none.")
    results: list[_Checked] = []
    for file in files:
        checked = _check(file, fix, quiet=as_data)
        results.append(checked)
        if not as_data:
            if len(results) > 1 and checked.diagnostics:
                click.echo(err=True)
            show_diagnostics(checked.diagnostics)
            click.echo(f"{visible_path(file.name)}: {checked.verdict}", err=not checked.sound)
    ok = all(checked.sound and not checked.unwritten for checked in results)
    if as_data:
        changes = {
            "fixed": {checked.path: checked.mended for checked in results if checked.mended},
            "unwritten": [checked.path for checked in results if checked.unwritten],
        }
        found = [as_json(diagnostic) for checked in results for diagnostic in checked.diagnostics]
        print_json({"ok": ok, **(changes if fix else {}), "diagnostics": found})
    raise click.exceptions.Exit(0 if ok else 1)


class _Checked(Record):
    """What is wrong with a file, how many mistakes were mended, and which settings it lacks for
    training, if it has others of them. ``unwritten`` says that the mended file was not written.
    """

    path: str
    diagnostics: tuple[Diagnostic, ...]
    mended: int = 0
    lacks: Sequence[str] = ()
    unwritten: bool = False

    @property
    def sound(self) -> bool:
        return not any(diagnostic.is_error for diagnostic in self.diagnostics)

    @property
    def verdict(self) -> str:
        mended = f"{self.mended} fixed, " if self.mended else ""
        lacks = f" (to run, it needs {' and '.join(self.lacks)})" if self.lacks else ""
        return mended + (tally(self.diagnostics) or "ok") + lacks


def _check(file: NetFile, fix: bool, quiet: bool) -> _Checked:
    try:
        source = file.read()
    except NetError as error:
        return _Checked(file.path, error.diagnostics)
    better, count = source, 0
    if fix:  # --set changes nothing in the file
        better, count = mended(source, partial(compile_source, blocks_ok=True))
    unwritten = count > 0 and not rewrite(file.path, better.text)
    if unwritten:
        better, count = source, 0
    elif count and not quiet:
        from netlang.tools.cli.output.difference import show_difference

        show_difference(source, better.text, "mended", context=0)
    compilation = compile_source(better, file.overrides, blocks_ok=True)
    program, found = compilation.program, compilation.diagnostics
    if program and (too_much := too_much_memory(program)):
        found = (*found, too_much)
    return _Checked(file.path, found, count, _lacking(program), unwritten)


def _lacking(program: Program | None) -> list[str]:
    """The settings that training needs and the file lacks; none if it lacks all of them."""
    if program is None:
        return []
    needed = [name for name, setting in SETTINGS.items() if setting.to_run]
    missing = [f"`{name}`" for name in needed if name not in program.settings]
    return missing if len(missing) < len(needed) else []
