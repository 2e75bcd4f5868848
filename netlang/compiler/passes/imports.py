"""Imports: a file and all that it imports, read and put in an order to resolve them in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from netlang.language.diagnostics import DiagnosticError, Sink
from netlang.language.diagnostics.files import ImportCycle, TooManyImports
from netlang.language.source import SourceFile
from netlang.language.syntax import parse, read_import
from netlang.language.syntax.ast import File, Import
from netlang.system.record import Record

FILE_LIMIT = 100


class Unit(Record):
    """A file, and those it imports, in the order of its statements; None for one that cannot be."""

    file: File
    imports: dict[Import, Unit | None]


def load(source: SourceFile, sink: Sink) -> list[Unit]:
    """``source`` and what it imports, each after those it imports itself; ``source`` is last.

    A file is read once, however often it is imported. Without recursion: files may be chained.
    """
    done: dict[Path, Unit] = {}
    order: list[Unit] = []
    path = [_Open(source, sink)]
    while True:
        current = path[-1]
        statement = next(current.left, None)
        if statement is None:
            unit = current.unit
            done[current.key] = unit
            order.append(unit)
            path.pop()
            if not path:
                return order
            path[-1].unit.imports[path[-1].at] = unit
            continue
        current.at = statement
        current.unit.imports[statement] = None
        imported = _read(statement, sink)
        if imported is None:
            continue
        key = _key(imported)
        if key in done:
            current.unit.imports[statement] = done[key]
        elif members := _circle(key, path):
            sink.report(ImportCycle(statement.path.span, imported.name, members))
        elif len(done) + len(path) >= FILE_LIMIT:
            sink.report(TooManyImports(statement.path.span, FILE_LIMIT), TooManyImports)
        else:
            path.append(_Open(imported, sink))


class _Open:
    """A file of which some imports are still to be read; ``at`` is the one being read."""

    at: Import

    def __init__(self, source: SourceFile, sink: Sink) -> None:
        self.key = _key(source)
        self.unit = Unit(parse(source, sink), {})
        self.left: Iterator[Import] = iter(
            [one for one in self.unit.file.statements if isinstance(one, Import)]
        )


def _read(statement: Import, sink: Sink) -> SourceFile | None:
    try:
        return read_import(statement)
    except DiagnosticError as error:
        sink.extend(error.diagnostics)
        return None


def _key(source: SourceFile) -> Path:
    return source.path.resolve() if source.path else Path(source.name)


def _circle(key: Path, path: list[_Open]) -> tuple[str, ...]:
    """The names of the files from ``key`` on, if it is one of those being read."""
    keys = [one.key for one in path]
    if key not in keys:
        return ()
    return tuple(one.unit.file.source.name for one in path[keys.index(key) :])
