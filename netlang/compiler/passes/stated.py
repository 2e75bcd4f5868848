"""What a file says of its data and its training, before any data are read and a network is made."""

from __future__ import annotations

from collections.abc import Sequence

from netlang.catalogue.data import DataSet
from netlang.catalogue.settings import SETTINGS
from netlang.compiler.passes.bind import Binder
from netlang.compiler.passes.resolve import load, parse_overrides, resolve
from netlang.compiler.passes.settings import SettingsReader
from netlang.language.diagnostics import DiagnosticError, Sink
from netlang.language.source import SourceFile
from netlang.system.record import Record


class Stated(Record):
    """The data that a file names, as it names them, and the ``settings`` that it has, among them
    how many samples are in a ``batch``, 0 where it does not say that.

    ``constants`` are the other names that it defines, blocks apart.
    """

    data: DataSet | None
    settings: frozenset[str]
    constants: tuple[str, ...] = ()
    batch: int = 0


def stated(source: SourceFile, overrides: Sequence[str] = ()) -> Stated:
    """What ``source`` says, with ``overrides``; what is wrong with it is told by
    ``compile_source``.
    """
    sink = Sink()
    try:
        units = load(source, sink)
    except DiagnosticError:
        return Stated(None, frozenset())
    file = resolve(units, parse_overrides(overrides, source, sink), sink)[-1]
    settings = SettingsReader(file, Binder(sink), sink)
    call, data = settings.call("data"), None
    if call and isinstance(declared := call.declared(), DataSet):
        data = declared
        data.span, data.spans = call.span, call.spans
    own = (name for name, one in file.definitions.items() if one.parameters is None)
    constants = tuple(name for name in own if name not in SETTINGS)
    batch = settings.stated("batch")
    stated_here = frozenset(file.values.keys() & SETTINGS.keys())
    return Stated(data, stated_here, constants, batch if isinstance(batch, int) else 0)
