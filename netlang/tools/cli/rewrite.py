"""Writing a source file anew: whole or not at all."""

from __future__ import annotations

import codecs
import stat
from pathlib import Path

import click

from netlang.system.files import write_whole
from netlang.tools.cli.sources import shown

_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def rewrite(path: str, text: str) -> None:
    """Replace the file by ``text`` at once, behind a byte-order mark if it has one. A file that
    was not there is made.

    Raises click.ClickException where the file is read-only, or the folder or the disk does not
    take it; the file is then as it was.
    """
    file, marked = Path(path), False
    try:
        if file.exists():
            if not file.stat().st_mode & _WRITABLE:
                raise click.ClickException(f"cannot write {shown(path)}: it is read-only")
            with file.open("rb") as before:
                marked = before.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8
        write_whole(file, "\ufeff" * marked + text)
    except OSError as error:
        raise click.ClickException(f"cannot write {shown(path)}: {error.strerror}") from error
