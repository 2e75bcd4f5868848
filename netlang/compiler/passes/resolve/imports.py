"""Imports: read a file and all that it imports, and put them in the order to resolve them in."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path

from netlang.compiler.passes.reword import reworded
from netlang.language.diagnostics import Cause, Diagnostic, NetError, Sink
from netlang.language.diagnostics.messages.files import ImportCycle, TooManyImports
from netlang.language.diagnostics.messages.syntax import UnexpectedMember
from netlang.language.source import SourceFile
from netlang.language.syntax import parse, read_import
from netlang.language.syntax.ast import File, Import
from netlang.system.record import Record

FILE_LIMIT = 100  # which also bounds the recursion, as files may be chained


class Unit(Record):
    """A file and its imports, in the order of its statements; None for one that cannot be read."""

    file: File
    imports: dict[Import, Unit | None]


def load(source: SourceFile, sink: Sink) -> list[Unit]:
    """``source`` and what it imports, each after those it imports itself; ``source`` is last.

    A file is read once, however often it is imported.
    """
    loader = _Loader(sink)
    loader.load(_key(source), source)
    return list(loader.done.values())


class _Loader:
    """``done`` are the units that were read, ``reading`` the names of the files around them."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.done: dict[Path, Unit] = {}
        self.reading: dict[Path, str] = {}

    def load(self, key: Path, source: SourceFile) -> Unit:
        self.reading[key] = source.name
        mistakes = Sink()
        try:
            unit = Unit(parse(source, mistakes), {})
        finally:  # of a text that is too long, the mistakes that were found before its end
            for found in map(reworded, mistakes.diagnostics):
                self.sink.report(found, *_causes(found))
        for statement in unit.file.statements:
            if isinstance(statement, Import):
                unit.imports[statement] = self._imported(statement)
        del self.reading[key]
        self.done[key] = unit
        return unit

    def _imported(self, statement: Import) -> Unit | None:
        try:
            source = read_import(statement)
        except NetError as error:
            self.sink.extend(error.diagnostics)
            return None
        key, span = _key(source), statement.path.span
        if key in self.done:
            return self.done[key]
        if key in self.reading:
            circle = tuple(self.reading.values())[list(self.reading).index(key) :]
            self.sink.report(ImportCycle(span, source.name, circle))
        elif len(self.done) + len(self.reading) >= FILE_LIMIT:
            self.sink.report(TooManyImports(span, FILE_LIMIT), Cause.TOO_FAR.at("imports"))
        else:
            return self.load(key, source)
        return None


def _key(source: SourceFile) -> Path:
    return source.path.resolve() if source.path else Path(source.name)


def _causes(found: Diagnostic) -> list[tuple[Cause, Hashable]]:
    """What has to be mended: calls of one object's methods for one purpose are one mistake."""
    if not isinstance(found, UnexpectedMember) or not found.owner:
        return []
    return [Cause.METHODS.at((found.file, found.owner, found.help))]
