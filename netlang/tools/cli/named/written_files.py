"""Commands write files whole, or not at all."""

from __future__ import annotations

import codecs
import errno
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click

from netlang.compiler.ir import Program
from netlang.system.files import write_whole
from netlang.tools.cli.output.printing import visible_path

_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH

output_option = click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True),
    default="-",
    help="Write to this file, and not to the terminal.",
)


@contextmanager
def writing(path: str | Path, help: str = "") -> Iterator[None]:
    """Turn an OSError into a click.ClickException with ``help``, which says that ``path``, or the
    file that the error names, cannot be written.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise click.ClickException(unwritable(error, path) + help) from None


def unwritable(error: OSError, path: str | Path) -> str:
    return f"cannot write {visible_path(str(error.filename or path))}: {error.strerror or error}"


def write_out(text: str, output: str, program: Program) -> None:
    """Write ``text`` to ``output``, which is ``-`` for the terminal.

    Raises UsageError where that is a file that the program reads, or a .net file, and
    ClickException where it cannot be written.
    """
    if output == "-":
        click.echo(text, nl=False)
        return
    path = Path(output)
    check_not_read(path, program)
    with writing(path):
        if path.exists() and not path.is_file():  # a device is written into, and not replaced
            path.write_text(text, encoding="utf-8")
        else:
            write_whole(path, text)


def check_not_read(path: Path, program: Program) -> None:
    """Raise UsageError where what is written would replace a file that the program reads, or would
    be called as a file in the language is.
    """
    name = visible_path(str(path))
    with writing(path):
        if os.path.realpath(path) in [file.real for file in program.files]:
            raise click.UsageError(f"-o names {name} itself, which would be lost")
    if path.suffix.lower() == ".net":
        raise click.UsageError(f"-o names {name}, which would be no .net file then")


def rewrite(path: str, text: str) -> bool:
    """Replace the file by ``text``, or make it, and return whether that worked. It keeps its
    byte-order mark.

    If it is read-only or cannot be written, this says so on standard error, and the file stays as
    it was.
    """
    file, mark = Path(path), ""
    try:
        with writing(path):
            if file.exists():
                if not file.stat().st_mode & _WRITABLE:
                    raise PermissionError(errno.EACCES, "it is read-only", path)
                with file.open("rb") as before:
                    if before.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8:
                        mark = "\ufeff"
            write_whole(file, mark + text)
    except click.ClickException as error:
        error.show()
        return False
    return True


def write_files(folder: Path, files: Mapping[str, bytes]) -> Iterator[str]:
    """Write each of the files into the folder, and say where it is.

    Raises ClickException where one cannot be written.
    """
    for name, content in files.items():
        path = folder / name
        with writing(path):
            write_whole(path, content)
        yield str(path)
