"""From a path, or standard input, to a text that is safe to parse and to show."""

from __future__ import annotations

import re
import stat
import sys
from pathlib import Path

from netlang import shipped
from netlang.diagnostics import Diagnostic, DiagnosticError
from netlang.diagnostics.files import FileTooLarge, Unreadable
from netlang.diagnostics.suggest import nearest
from netlang.diagnostics.syntax import ForbiddenCharacter
from netlang.source import SourceFile, Span

SIZE_LIMIT = 1 << 20

_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
)
_LONE_RETURN = re.compile(r"\r(?!\n)")
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def read(path: str) -> SourceFile:
    """The source at ``path``; ``-`` reads standard input.

    Raises DiagnosticError for what cannot be read, is over 1 MiB, is not UTF-8 or holds
    control characters. A byte-order mark and CRLF line ends are accepted.
    """
    if path == "-":
        return decode(_limited(sys.stdin.buffer.read(SIZE_LIMIT + 1), path), "<stdin>")
    try:
        if not stat.S_ISREG(Path(path).stat().st_mode):
            raise DiagnosticError(_not_a_file(path))
        with Path(path).open("rb") as file:
            data = file.read(SIZE_LIMIT + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DiagnosticError(Unreadable(None, path, reason.lower(), _hint(path))) from error
    return decode(_limited(data, path), path, Path(path))


def decode(data: bytes, name: str, path: Path | None = None) -> SourceFile:
    """``data`` as a source called ``name``."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The offset that Python reports does not count a byte-order mark, which it removed.
        shown = SourceFile(name, error.object.decode("utf-8", "replace"), path)
        at = len(error.object[: error.start].decode("utf-8"))
        what = f"bytes that are not UTF-8 (byte {error.start})"
        raise DiagnosticError(ForbiddenCharacter(Span(shown, at, at + 1), what)) from error
    source = SourceFile(name, text, path)
    if problem := _forbidden(source):
        raise DiagnosticError(problem)
    return source


def _forbidden(source: SourceFile) -> Diagnostic | None:
    found = _FORBIDDEN.search(source.text) or _LONE_RETURN.search(source.text)
    if not found:
        return None
    kind = "the text-direction mark" if found.group() in _BIDI else "the control character"
    what = f"{kind} U+{ord(found.group()):04X} (character {found.start()})"
    return ForbiddenCharacter(Span(source, *found.span()), what)


def _limited(data: bytes, path: str) -> bytes:
    if len(data) > SIZE_LIMIT:
        raise DiagnosticError(FileTooLarge(None, path, "1 MiB"))
    return data


def _hint(path: str) -> str | None:
    """The file that was meant: one beside it, or a model that comes with netlang."""
    folder, name = Path(path).parent, Path(path).name
    try:
        beside = [found.name for found in folder.glob("*.net")]
    except OSError:
        return None
    if meant := nearest(name, beside):
        return f"did you mean `{folder / meant}`?"
    if name in (found.name for found in shipped.folder("models").iterdir()):
        return f"`netlang init {Path(name).stem}` puts a copy of that model into this folder"
    return None


def _not_a_file(path: str) -> Unreadable:
    if Path(path).is_dir():
        return Unreadable(None, path, "it is a folder", f"name a file in it: `{path}/*.net`")
    return Unreadable(None, path, "it is no regular file")
