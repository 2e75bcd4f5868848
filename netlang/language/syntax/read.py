"""From a path, or standard input, to a text that is safe to parse and to show."""

from __future__ import annotations

import codecs
import os
import re
import sys
from pathlib import Path

from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.files import FileTooLarge, Unreadable, unreachable
from netlang.language.diagnostics.messages.syntax import ForbiddenCharacter
from netlang.language.diagnostics.suggest import nearest
from netlang.language.paths import Gone, OutOfBounds, locate
from netlang.language.source import SourceFile, Span
from netlang.language.syntax.ast import Import
from netlang.system import shipped
from netlang.system.file_kinds import NETWORK, TABLE, kind_of
from netlang.system.files import Irregular, TooLarge, files_beside, read_regular, why_unreadable
from netlang.system.fingerprint import Fingerprint

TEXT_LIMIT = 1 << 20
_LIMIT = "1 MiB"

_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\r(?!\n)"
)
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def read(path: str | os.PathLike[str], allowed: tuple[Path, ...] = ()) -> SourceFile:
    """The source at ``path``; ``-`` reads standard input.

    Raises NetError for what cannot be read, is over 1 MiB, is not UTF-8 or holds
    control characters. A byte-order mark and CRLF line ends are accepted. Beside its own folder
    the file may read those that are ``allowed``.
    """
    path = os.fspath(path)
    if path == "-":
        return decode(_limited(_standard_input(), path), "<stdin>", allowed=allowed)
    return decode(_bytes(path, None), path, Path(path), allowed)


def _standard_input() -> bytes:
    try:
        if sys.stdin is None:
            raise OSError(None, "it is closed")
        return sys.stdin.buffer.read(TEXT_LIMIT + 1)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise NetError(Unreadable(None, "<stdin>", reason)) from error


def read_import(statement: Import) -> SourceFile:
    """The file that an import names.  Raises NetError as ``read`` does."""
    importing, span, path = statement.span.source, statement.path.span, str(statement.path.value)
    try:
        found = locate(importing, path)
    except (OutOfBounds, Gone) as problem:
        raise NetError(unreachable(problem, span, path)) from None
    file, name = found.path, str(found.path)
    data = _limited(found.data, name, span) if found.fingerprint else _bytes(name, span)
    source = decode(data, name, file, importing.allowed)
    return source.replace(together=importing.together)


def _bytes(path: str, span: Span | None) -> bytes:
    if not path:
        raise NetError(Unreadable(span, path, "it is no file's name"))
    kind = "" if path.lower().endswith(".net") else kind_of(Path(path))
    if kind not in ("", NETWORK):
        help = _table(path) if kind == TABLE and not span else None
        raise NetError(Unreadable(span, path, "it is no .net file", help))
    try:
        return read_regular(Path(path), TEXT_LIMIT)
    except Irregular:
        raise NetError(_not_a_file(path, span)) from None
    except TooLarge:
        raise NetError(FileTooLarge(span, path, _LIMIT)) from None
    except (OSError, ValueError) as error:
        reason, help = why_unreadable(Path(path), error)
        raise NetError(Unreadable(span, path, reason, help or _hint(path, span))) from error


def decode(
    data: bytes, name: str, path: Path | None = None, allowed: tuple[Path, ...] = ()
) -> SourceFile:
    """``data``, which has been read from ``path`` if there is one, as a source called ``name``."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The offset that Python reports does not count a byte-order mark, which it removed.
        shown = SourceFile(name, error.object.decode("utf-8", "replace"), path)
        at = len(error.object[: error.start].decode("utf-8"))
        mark = len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0
        what = f"bytes that are not UTF-8 (byte {mark + error.start})"
        raise NetError(ForbiddenCharacter(Span(shown, at, at + 1), what)) from error
    source = SourceFile(name, text, path, allowed, Fingerprint.of(path, data) if path else None)
    if found := _FORBIDDEN.search(text):
        kind = "the text-direction mark" if found.group() in _BIDI else "the control character"
        what = f"{kind} U+{ord(found.group()):04X} (character {found.start()})"
        raise NetError(ForbiddenCharacter(Span(source, *found.span()), what))
    return source


def _limited(data: bytes, path: str, span: Span | None = None) -> bytes:
    if len(data) > TEXT_LIMIT:
        raise NetError(FileTooLarge(span, path, _LIMIT))
    return data


def _table(path: str) -> str:
    """How a .net file is made of a table that was named in its place."""
    line = f'data = Table("{Path(path).as_posix()}", target="...")'
    return f"it is a table: write a .net file with `{line}`; `netlang init iris` gives an example"


def _hint(path: str, span: Span | None) -> str | None:
    """A help that names the file that was meant: one beside it, or a model of netlang's."""
    folder, name = Path(path).parent, Path(path).name
    beside = [one for one in files_beside(Path(path)) if one.strip().endswith(".net")]
    stems = {one.strip().removesuffix(".net"): one for one in beside}
    stem = name.strip().removesuffix(".net")
    if meant := stem if stem in stems else nearest(stem, stems):
        return f"did you mean `{_named(folder / stems[meant], span)}`?"
    if name in (found.name for found in shipped.folder("models").iterdir()):
        return f"`netlang init {Path(name).stem}` puts a copy of that model into this folder"
    return None


def _not_a_file(path: str, span: Span | None) -> Unreadable:
    if Path(path).is_dir():
        found = sorted(Path(path).glob("*.net"))
        such = found and f"name a file in it, such as `{_named(found[0], span)}`"
        return Unreadable(span, path, "it is a folder", such or "it has no .net file in it")
    return Unreadable(span, path, "it is no regular file")


def _named(file: Path, span: Span | None) -> str:
    """How the text of ``span`` names ``file``; without a span, how the command line does."""
    return Path(os.path.relpath(file, span.source.folder) if span else file).as_posix()
