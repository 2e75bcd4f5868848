"""Writing a source file anew: whole or not at all."""

from __future__ import annotations

from pathlib import Path

import click

from netlang.cli.sources import shown
from netlang.files import write_whole


def rewrite(path: str, text: str) -> None:
    """Put ``text`` in the file's place at once.

    Raises click.ClickException where the folder or the disk does not take it; the file is then as
    it was.
    """
    try:
        write_whole(Path(path), text)
    except OSError as error:
        raise click.ClickException(f"cannot write {shown(path)}: {error.strerror}") from error
