"""What a file says of its network as a whole: which it is, its parts, members and first weights."""

from __future__ import annotations

from netlang.compiler.ir import Beginning, Graph
from netlang.compiler.passes.begin import begin
from netlang.compiler.passes.check import PART, as_name, not_a_part
from netlang.compiler.passes.settings.data import Data
from netlang.compiler.passes.settings.reader import SettingsReader
from netlang.compiler.passes.values import (
    NetworkValue,
    Part,
    Poison,
    Value,
    as_part,
    describe,
    holds_poison,
    is_network,
    items_of,
)
from netlang.language.diagnostics.messages.names import WrongKind
from netlang.language.source import Span


def network_of(settings: SettingsReader) -> NetworkValue | None:
    value = settings.values.get("net")
    if value is None or is_network(value):
        return value
    problem = f"`net` takes a network, and this is {describe(value)}"
    help = "write layers joined by `->`: `net = Linear(2, 25) -> ReLU -> Linear(25, 2)`"
    help, meant = as_name(value, "layer", "library block") or (help, None)
    settings.sink.report(WrongKind(value.span, problem, "not a network", help, meant=meant))
    return Poison(value.span)


def beginning_of(settings: SettingsReader, graph: Graph, data: Data | None) -> Beginning | None:
    """What the network begins with of a model file, if the file names one."""
    path = settings.stated("start")
    if not isinstance(path, str):
        return None
    described = data.description if data else None
    return begin(graph, settings.values["start"].span, path, settings.sink, described)


def members_of(settings: SettingsReader) -> tuple[int, Span] | None:
    """How many members the network has, if it has several, and where that is said."""
    count = settings.stated("members")
    if not isinstance(count, int) or count == 1:
        return None
    return count, settings.values["members"].span


def frozen_parts(settings: SettingsReader) -> list[Part]:
    """The parts of the network whose weights stay as they are. What is none is reported."""
    value = settings.values.get("freeze")
    if value is None or holds_poison(value):
        return []
    return [*filter(None, (_part(settings, one) for one in items_of(value)))]


def named_parts(settings: SettingsReader) -> list[Part]:
    """The parts of the network that arguments of the settings' items name."""
    calls = (call for calls in settings.calls.values() for call in calls if call)
    return [part for call in calls for part in call.named_parts]


def _part(settings: SettingsReader, value: Value) -> Part | None:
    if part := as_part(value):
        return part
    settings.sink.report(not_a_part(value, "`freeze`", f"freeze = {PART}"))
    return None
