"""Settings: each setting's definition, checked to be what the setting takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from netlang.catalogue import registry
from netlang.catalogue.arguments import PlainValue, accepts
from netlang.catalogue.data import DataSet, Description
from netlang.catalogue.losses import Loss
from netlang.catalogue.metrics import Metric
from netlang.catalogue.settings import SETTINGS, certainly, meant_setting
from netlang.compiler.ir import Expectation
from netlang.compiler.passes.bind import Binder, Bound, check
from netlang.compiler.passes.reach import Reach
from netlang.compiler.passes.resolve import Resolved
from netlang.compiler.passes.values import (
    Constant,
    Fan,
    ItemCall,
    Listing,
    Network,
    Poison,
    Value,
    describe,
    is_network,
)
from netlang.language.diagnostics import DiagnosticError, Sink
from netlang.language.diagnostics.expectations import Bounds
from netlang.language.diagnostics.names import WrongKind
from netlang.language.diagnostics.settings import TaskMismatch, UnknownExpectation
from netlang.language.diagnostics.suggest import nearest, unmistakable
from netlang.language.source import Span
from netlang.language.syntax import ast
from netlang.system.record import Record


class Chosen(Record):
    """An item that a setting names, and where."""

    bound: Bound
    span: Span


class Data(Record):
    item: DataSet
    description: Description
    span: Span


class SettingsResolver:
    """Reads the settings of one file; a setting that is wrong is reported, and then absent."""

    def __init__(self, resolved: Resolved, binder: Binder, sink: Sink) -> None:
        self.values, self.binder, self.sink = resolved.values, binder, sink
        self.definitions, self.mentioned = resolved.definitions, resolved.mentioned
        self.parts: tuple[str, ...] = ("train", "test")
        self.place: Span | None = None  # of the data

    def value(self, name: str) -> PlainValue:
        """A plain setting's value, or its default."""
        argument, value = SETTINGS[name].argument, self.values.get(name)
        assert argument
        sound, plain = check(argument, value, f"`{name}`", self.sink) if value else (False, None)
        return plain if sound else argument.default

    def misspelt(self, setting: str) -> tuple[Span | None, bool]:
        """The definition, if any, that nothing uses and that was meant to be ``setting``, and
        whether that is sure.
        """
        for name, definition in self.definitions.items():
            unused = name not in SETTINGS and name not in self.mentioned
            if unused and meant_setting(name, [setting]):
                return definition.name_span, certainly_meant(name, self.values[name], setting)
        return None, False

    def network(self) -> Network | None:
        value = self.values.get("net")
        if value is None or is_network(value):
            return value
        problem = f"`net` takes a network, and this is {describe(value)}"
        help = "write layers joined by `->`: `net = Linear(2, 25) -> ReLU -> Linear(25, 2)`"
        self.sink.report(WrongKind(value.span, problem, "not a network", help))
        return Poison(value.span)

    def item(self, name: str) -> Chosen | None:
        """What a setting such as ``loss`` names."""
        value = self.values.get(name)
        return self._chosen(name, SETTINGS[name].item, value) if value else None

    def data(self, chosen: Chosen | None) -> Data | None:
        """The data that a setting names, read and described."""
        if chosen is None:
            return None
        item = chosen.bound.declared()
        assert isinstance(item, DataSet)
        item.span, item.spans = chosen.span, chosen.bound.spans
        try:
            description = item.describe()
            self.parts, self.place = description.parts, chosen.span
            return Data(item, description, chosen.span)
        except DiagnosticError as error:
            self.sink.extend(error.diagnostics)
            return None

    def metrics(self, data: Data | None) -> tuple[Metric, ...] | None:
        """None if they cannot be known: by default they depend on the data."""
        value = self.values.get("metrics")
        task = data.description.task if data else None
        if value is None:
            return _default_metrics(task) if task else None
        chosen = [self._chosen("metrics", "metric", part) for part in _parts(value)]
        found = [one for one in chosen if one]
        fits = [self.check_task(one, data) for one in found]
        if len(found) < len(chosen) or not all(fits):
            return None
        metrics = [one.bound.declared() for one in found]
        return tuple(metric for metric in metrics if isinstance(metric, Metric))

    def check_task(self, chosen: Chosen, data: Data | None) -> bool:
        """Whether a loss or a metric is for the data's kind of target; reported if not."""
        item = chosen.bound.item
        assert issubclass(item, Loss | Metric)
        if data is None or data.description.task in item.tasks:
            return True
        task = data.description.task
        choices = tuple(
            other.name
            for other in registry.items(item.kind)
            if issubclass(other, Loss | Metric) and task in other.tasks
        )
        takes = " and ".join(item.tasks)
        where, other = data.span, data.description.other
        told = TaskMismatch(chosen.span, item.name, item.kind, takes, where, task, choices, other)
        self.sink.report(told, *([("task", where)] if other else []))
        return False

    def expectations(
        self,
        written: Iterable[tuple[ast.Expectation, Value]],
        metrics: tuple[Metric, ...] | None,
        bounds: Mapping[str, Bounds],
    ) -> tuple[Expectation, ...]:
        """``bounds`` are those of the values of all that can be measured, by its name."""
        reach, found = Reach(bounds), []
        for statement, bound in written:
            if expected := self._expectation(statement, bound, metrics):
                found.append(expected)
                remark = isinstance(bound, Constant) and reach.remark(expected, bound)
                if remark:
                    self.sink.report(remark)
        return tuple(found)

    def _expectation(
        self, statement: ast.Expectation, bound: Value, metrics: tuple[Metric, ...] | None
    ) -> Expectation | None:
        path = ".".join(name.name for name in statement.metric)
        span = statement.metric[0].span.to(statement.metric[-1].span)
        if metrics is not None:
            measured = ["loss", *(metric.name for metric in metrics)]
            known = tuple(f"{part}.{name}" for part in self.parts for name in measured)
            if path not in known:
                meant = self._meant(path, measured)
                place = self.place if path.startswith("validation.") else None
                sure = meant is not None and meant == self._certain(path, measured)
                self.sink.report(UnknownExpectation(span, path, known, meant, place, sure))
                return None
        if isinstance(bound, Poison):
            return None
        value = bound.plain if isinstance(bound, Constant) else None
        if isinstance(value, int | float) and not isinstance(value, bool):
            return Expectation(path, statement.comparison, float(value), statement.span)
        problem = f"`expect` compares with a number, and this is {describe(bound)}"
        help = f"write `expect {path} {statement.comparison} 0.9`"
        self.sink.report(WrongKind(bound.span, problem, "not a number", help))
        return None

    def _meant(self, path: str, measured: list[str]) -> str | None:
        """What is measured and was meant by ``path``: another word for it, or a near one."""
        part, name = path.split(".")[:2] if "." in path else ("test", path)
        part = "validation" if part == "val" else part
        part = nearest(part, self.parts) or ""
        meant = registry.suggest(name) if name not in measured else name
        if meant not in measured:
            meant = nearest(name, measured) if name not in registry.ITEMS else None
        return f"{part}.{meant}" if part and meant else None

    def _certain(self, path: str, measured: list[str]) -> str | None:
        """What is measured and meant by ``path``, if nothing else can be meant."""
        part, dot, name = path.partition(".")
        part = "validation" if part == "val" else part
        sure = part if part in self.parts else unmistakable(part, self.parts)
        metric = name if name in measured else registry.certain(name, measured)
        return f"{sure}.{metric}" if dot and sure and metric in measured else None

    def _chosen(self, setting: str, kind: str, value: Value) -> Chosen | None:
        if isinstance(value, Poison):
            return None
        if isinstance(value, ItemCall) and value.item.kind == kind:
            bound = self.binder.bind(value)
            return Chosen(bound, value.span) if bound else None
        problem = f"`{setting}` takes {_a(kind)}, and this is {describe(value)}"
        choices = " or ".join(f"`{item.name}`" for item in registry.items(kind))
        help = f"write {choices}"
        if isinstance(value, Constant) and isinstance(value.plain, str):
            meant = registry.ITEMS.get(registry.suggest(value.plain) or "")
            if meant and meant.kind == kind:
                help = f"write `{meant.name}`, without quotes"
        self.sink.report(WrongKind(value.span, problem, f"not {_a(kind)}", help))
        return None


def certainly_meant(name: str, value: Value, setting: str) -> bool:
    """Whether ``name``, which has that value and which nothing uses, can be ``setting`` alone."""
    if not certainly(name, setting):
        return False
    declared = SETTINGS[setting]
    if argument := declared.argument:
        fits = isinstance(value, Constant) and accepts(argument, value.plain)
        return fits and argument.allows(value.plain)  # type: ignore[union-attr]
    if not declared.item:
        return is_network(value)
    parts = _parts(value) if declared.many else (value,)
    return all(isinstance(part, ItemCall) and part.item.kind == declared.item for part in parts)


def _a(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def _parts(value: Value) -> tuple[Value, ...]:
    if isinstance(value, Listing):
        return value.items
    if isinstance(value, Fan):
        return value.branches
    if isinstance(value, Constant) and isinstance(value.plain, tuple) and value.plain:
        return tuple(Constant(one, value.span) for one in value.plain)  # ["accuracy"]
    if isinstance(value, Constant) and value.plain == ():
        return ()
    return (value,)


def _default_metrics(task: str) -> tuple[Metric, ...]:
    names = ("accuracy",) if task == "classification" else ("mae", "r2")
    found = (registry.ITEMS[name].declared({}) for name in names)
    return tuple(metric for metric in found if isinstance(metric, Metric))
