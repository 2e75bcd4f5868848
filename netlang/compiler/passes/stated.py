"""What a file says of its data and its training, before any data are read and a network is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from netlang.catalogue.arguments import PlainValue
from netlang.catalogue.data import DataSet
from netlang.catalogue.losses import Loss
from netlang.catalogue.settings import SETTINGS
from netlang.compiler.passes.bind import Binder
from netlang.compiler.passes.resolve import ResolvedFile, load, parse_overrides, resolve
from netlang.compiler.passes.settings import SettingsReader
from netlang.compiler.passes.values import Constant
from netlang.language.diagnostics import Diagnostic, NetError, Sink
from netlang.language.source import SourceFile, Span
from netlang.system.record import Record


class Stated(Record):
    """The data that a file names, as it names them, and the ``settings`` that it has.

    ``values`` are those of all names that it defines, blocks apart, and of the arguments of its
    settings, such as ``optimizer.lr``: plain ones, or else the text that stands there. ``tasks``
    are those that the loss is for, if the file has one. ``problems`` are what is wrong with what is
    said of the data.
    """

    data: DataSet | None = None
    settings: frozenset[str] = frozenset()
    values: Mapping[str, PlainValue] = MappingProxyType({})
    tasks: tuple[str, ...] = ()
    problems: tuple[Diagnostic, ...] = ()


def stated(source: SourceFile, overrides: Sequence[str] = ()) -> Stated:
    """What ``source`` says, with ``overrides``; what is wrong with it is told by
    ``compile_source``.
    """
    sink = Sink()
    try:
        units = load(source, sink)
    except NetError:
        return Stated()
    file = resolve(units, parse_overrides(overrides, source, sink), sink)[-1]
    settings = SettingsReader(file, Binder(sink), sink)
    call, data = settings.call("data"), None
    if call and isinstance(declared := call.declared(), DataSet):
        data = declared
        data.span, data.spans = call.span, call.spans
    found = {
        name: value.plain if isinstance(value := file.values[name], Constant) else written.text
        for name, one in file.definitions.items()
        if one.parameters is None and (written := one.value.span)
    }
    first = {name: settings.call(name) for name in settings.calls}
    found |= {
        f"{name}.{argument}": value
        for name, call in first.items()
        if call
        for argument, value in call.declared().values.items()
    }
    loss = settings.call("loss")
    tasks = tuple(loss.item.tasks) if loss and issubclass(loss.item, Loss) else ()
    problems = (one for one in sink.diagnostics if one.is_error and _is_of_data(one.span, file))
    here = frozenset(file.values.keys() & SETTINGS.keys())
    return Stated(data, here, found, tasks, tuple(problems))


def _is_of_data(span: Span | None, file: ResolvedFile) -> bool:
    """Whether a span is where ``data`` is defined, or where an argument of it is overridden."""
    if span is None or "data" not in file.definitions:
        return False
    overridden = any(one.span.source is span.source for one in file.overrides.get("data", ()))
    return overridden or file.definitions["data"].span.holds(span)
