"""The values of a file's settings, which are checked: does the setting take such a value?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from netlang.catalogue import registry
from netlang.catalogue.arguments import PlainValue, as_source
from netlang.catalogue.data import DataSet, Description
from netlang.catalogue.losses import Loss
from netlang.catalogue.metrics import Metric
from netlang.catalogue.optimizers import Optimizer, SeveralOptimizers
from netlang.catalogue.outputs import SumOfLosses, Term
from netlang.catalogue.settings import SETTINGS, Setting
from netlang.catalogue.stopping import StoppingRule
from netlang.compiler.ir import Beginning, Graph
from netlang.compiler.passes.begin import begin
from netlang.compiler.passes.bind import Binder, BoundCall
from netlang.compiler.passes.check import PART, as_name, check, not_a_part
from netlang.compiler.passes.resolve import ResolvedFile
from netlang.compiler.passes.settings.slips import Slip, find_slip
from netlang.compiler.passes.values import (
    Constant,
    ItemCall,
    Listing,
    NetworkValue,
    Part,
    Poison,
    Summed,
    Value,
    Weighted,
    as_part,
    describe,
    holds_poison,
    is_network,
    items_of,
    links_of,
    number_in,
)
from netlang.language.diagnostics import Cause, Diagnostic, DiagnosticError, Sink
from netlang.language.diagnostics.messages.metrics import MetricMisfit, NoProbabilities
from netlang.language.diagnostics.messages.names import OutOfRange, RepeatedArgument, WrongKind
from netlang.language.diagnostics.messages.settings import LossesMismatch, TaskMismatch
from netlang.language.diagnostics.messages.shapes import InputsDisagree
from netlang.language.diagnostics.wording import either, with_article
from netlang.language.shapes import Shape
from netlang.language.source import Span
from netlang.language.syntax import ast
from netlang.system.fingerprint import Fingerprint
from netlang.system.record import Record


class Data(Record):
    """The data that a file names, their description, and where the file names them.

    They are read, unless their description was known before.
    """

    item: DataSet
    description: Description
    span: Span
    is_read: bool = True

    @property
    def files(self) -> tuple[Fingerprint, ...]:
        return self.item.files if self.is_read else ()

    def warnings(self) -> tuple[Diagnostic, ...]:
        return self.item.warnings() if self.is_read else ()


class StatedInput(Record):
    """The shape of the network's input, and where the file states it.

    ``doubts`` are those of the settings ``input`` and ``data`` that are wrong and reported.
    ``slip`` is a definition that seems to be meant as one of them, if that is missing.
    """

    shape: Shape | None
    span: Span | None
    doubts: frozenset[str] = frozenset()
    slip: Slip | None = None


class LossCall(Record):
    """A loss of the file: its calls, which are added up, each with the number that it counts. A
    call is None if it is wrong.
    """

    terms: tuple[tuple[BoundCall | None, float], ...]

    @property
    def calls(self) -> tuple[BoundCall | None, ...]:
        return tuple(call for call, _ in self.terms)

    @property
    def weight(self) -> float:
        """The number of a single loss; those of several are in their sum."""
        return self.terms[0][1] if len(self.terms) == 1 else 1.0

    @property
    def loss(self) -> Loss | None:
        found = [Term(loss, weight) for call, weight in self.terms if (loss := _loss_of(call))]
        if len(found) < len(self.terms):
            return None
        return found[0].loss if len(found) == 1 else SumOfLosses.of(*found)


def _loss_of(call: BoundCall | None) -> Loss | None:
    loss = call and call.declared()
    assert loss is None or isinstance(loss, Loss)
    return loss


class SettingsReader:
    """Reads the settings of one file; a setting that is wrong is reported, and then absent.

    ``calls`` are the items of the catalogue that settings name, None for one that is wrong.
    ``described`` is the description of the data, where it is known without reading them.
    """

    def __init__(
        self, file: ResolvedFile, binder: Binder, sink: Sink, described: Description | None = None
    ) -> None:
        self.file, self.values, self.binder, self.sink = file, file.values, binder, sink
        self.described = described
        self.calls = {name: self._calls(name) for name, one in SETTINGS.items() if one.item}

    def value(self, name: str) -> PlainValue:
        """A plain setting's value, or its default."""
        argument, stated = SETTINGS[name].argument, self.stated(name)
        assert argument
        return argument.default if stated is None else stated

    def stated(self, name: str) -> PlainValue:
        """The value that the file gives a plain setting; None without one that can be used."""
        return self._checked(name)[1]

    def _checked(self, name: str) -> tuple[bool, PlainValue]:
        """Whether the file says nothing wrong about a plain setting, and the value it gives it."""
        argument, value = SETTINGS[name].argument, self.values.get(name)
        assert argument
        return check(argument, value, f"the setting `{name}`", self.sink) if value else (True, None)

    def network(self) -> NetworkValue | None:
        value = self.values.get("net")
        if value is None or is_network(value):
            return value
        problem = f"`net` takes a network, and this is {describe(value)}"
        help = "write layers joined by `->`: `net = Linear(2, 25) -> ReLU -> Linear(25, 2)`"
        help, meant = as_name(value, "layer", "library block") or (help, None)
        self.sink.report(WrongKind(value.span, problem, "not a network", help, meant=meant))
        return Poison(value.span)

    def beginning(self, graph: Graph, data: Data | None) -> Beginning | None:
        """What the network begins with of a model file, if the file names one."""
        path = self.stated("start")
        if not isinstance(path, str):
            return None
        described = data.description if data else None
        return begin(graph, self.values["start"].span, path, self.sink, described)

    def members(self) -> tuple[int, Span] | None:
        """How many members the network has, if it has several, and where that is said."""
        count = self.stated("members")
        if not isinstance(count, int) or count == 1:
            return None
        return count, self.values["members"].span

    def frozen(self) -> list[Part]:
        """The parts of the network whose weights stay as they are. What is none is reported."""
        value = self.values.get("freeze")
        if value is None or holds_poison(value):
            return []
        return [*filter(None, map(self._part, items_of(value)))]

    def named_parts(self) -> list[Part]:
        """The parts of the network that arguments of the settings' items name."""
        calls = (call for calls in self.calls.values() for call in calls if call)
        return [part for call in calls for part in call.named_parts]

    def _part(self, value: Value) -> Part | None:
        if part := as_part(value):
            return part
        self.sink.report(not_a_part(value, "`freeze`", f"freeze = {PART}"))
        return None

    def stated_input(self, data: Data | None) -> StatedInput:
        """What the file says about the network's input, by ``data`` or by ``input``."""
        missing = [name for name in ("input", "data") if name not in self.values]
        slips = (find_slip(name, self.file.unused, self.file) for name in missing)
        slip = next(filter(None, slips), None)
        sound, stated = self._checked("input")
        shape = Shape(stated) if isinstance(stated, tuple) else None  # type: ignore[arg-type]
        span = self.values["input"].span if shape else None
        if data is None:
            doubts = {"data"} - {*missing} | (set() if sound else {"input"})
            return StatedInput(shape, span, frozenset(doubts), slip)
        sample = data.description.input
        if span and shape and shape != sample:
            self.sink.report(InputsDisagree(span, str(shape), data.span, str(sample)))
        return StatedInput(sample, data.span)

    def _calls(self, name: str) -> list[BoundCall | None]:
        value, setting = self.values.get(name), SETTINGS[name]
        if value is None or (setting.may_be_none and _is_none(value)):
            return []
        parts = items_of(value) if setting.many else self._listed(setting, value)
        parts = links_of(value) if setting.in_turn else parts
        terms = (one for part in parts for one in (_terms(part) if name == "loss" else (part,)))
        return [self._call(name, setting.item, one) for one in terms]

    def _listed(self, setting: Setting, value: Value) -> Sequence[Value]:
        """The items of a list that has one for each output or part, or the value alone."""
        return (items_of(value) if setting.by_output or setting.by_part else ()) or (value,)

    def call(self, name: str) -> BoundCall | None:
        """The item of the catalogue that a setting of one item names."""
        return next(iter(self.calls[name]), None)

    def data(self) -> Data | None:
        """The data that the file names, read and described."""
        call = self.call("data")
        if call is None:
            return None
        item = call.declared()
        assert isinstance(item, DataSet)
        item.span, item.spans = call.span, call.spans
        if self.described:
            return Data(item, self.described, call.span, is_read=False)
        try:
            return Data(item, item.describe(self._seed()), call.span)
        except DiagnosticError as error:
            self.sink.extend(error.diagnostics)
            return None

    def _seed(self) -> int:
        """The seed that the file states; what is wrong with it is reported where it is used."""
        value = self.values.get("seed")
        seed = value.plain if isinstance(value, Constant) else None
        return seed if isinstance(seed, int) and not isinstance(seed, bool) and seed >= 0 else 0

    def may_have_several_losses(self, data: Data | None) -> bool:
        """Whether the file has a list of losses or needs one, as far as that is known."""
        value = self.values.get("loss")
        is_unknown = self._lacks(data) or (value is not None and holds_poison(value))
        needs_several = data is not None and len(data.description.tasks) > 1
        has_several = isinstance(value, Summed) or len(self._loss_parts()) > 1
        return is_unknown or needs_several or has_several

    def _lacks(self, data: Data | None) -> bool:
        """Whether the file names data that have a mistake, which is reported."""
        return data is None and "data" in self.values

    def losses(self) -> list[LossCall]:
        """The file's losses, one for each output of the network."""
        calls = iter(self.calls["loss"])
        return [
            LossCall(tuple((next(calls), self._weight(one)) for one in _terms(part)))
            for part in (self._loss_parts() if self.calls["loss"] else ())
        ]

    def _loss_parts(self) -> Sequence[Value]:
        """What the file says of each output's loss."""
        value = self.values.get("loss")
        return self._listed(SETTINGS["loss"], value) if value else ()

    def _weight(self, part: Value) -> float:
        """The number before a loss; one that is not above 0 is reported."""
        if not isinstance(part, Weighted):
            return 1.0
        weight = number_in(part.weight)
        if weight is None or not 0 < weight < math.inf:
            help = "leave the number out, or write one above 0"
            what, got = "the weight of a loss", f"`{part.weight.span.text}`"
            wrong = OutOfRange(part.weight.span, what, "a number above 0", got, help)
            self.sink.report(wrong, *map(Cause.VALUE.at, part.weight.origins))
            return 1.0
        return float(weight)

    def fitting_losses(
        self, losses: Sequence[LossCall], data: Data | None, outputs: int, in_order: bool
    ) -> list[tuple[BoundCall, ...]]:
        """The calls of the losses, for each of the ``outputs`` those that are for its kind of
        target; others are reported, as are more or fewer losses than outputs. These stand
        ``in_order`` of the targets, or that is reported.
        """
        value, none = self.values.get("loss"), [()] * outputs
        if value is None or holds_poison(value) or not in_order:
            return [*none]
        targets = data.description.for_outputs(outputs) if data else None
        if self._lacks(data) or (data and targets is None):  # both are reported already
            return [*none]
        if losses and len(losses) != outputs:
            several = value.terms if isinstance(value, Summed) else ()
            each = tuple(one.span.text for one in several)
            self.sink.report(LossesMismatch(value.span, len(losses), outputs, each))
            return [*none]
        calls = [tuple(filter(None, one.calls)) for one in losses]
        if data is None or targets is None:
            return calls
        return [
            tuple(call for call in of_output if self.check_task(call, data, described, name))
            for of_output, (name, described) in zip(calls, targets, strict=False)
        ]

    def metrics(
        self, data: Data | None, outputs: int, any_numbers: LossCall | None
    ) -> list[Metric] | None:
        """The metrics that the file names, or else the default ones, which depend on what the
        ``outputs`` have to predict; None if they are not known. A loss that takes ``any_numbers``
        leaves no probabilities to measure.
        """
        targets = data.description.for_outputs(outputs) if data else None
        tasks = [described.task for _, described in targets or ()]
        if "metrics" not in self.values:
            return _default_metrics(tasks, data.item, any_numbers) if data else None
        first: dict[str, Span] = {}
        for call in filter(None, self.calls["metrics"]):
            metric = call.declared()
            assert isinstance(metric, Metric)
            names = [one.names for _, one in targets or () if one.task in metric.tasks]
            labels = [metric.label, *(label for one in names for label in metric.labels(one))]
            if label := next((one for one in labels if one in first), None):
                self.sink.report(RepeatedArgument(call.span, "metrics", label, first[label]))
            for label in labels:
                first.setdefault(label, call.span)
        fits = [
            call
            and self._fits_some(call, data, outputs)
            and self._can_read(call, any_numbers, tasks)
            for call in self.calls["metrics"]
        ]
        found = [call.declared() for call in self.calls["metrics"] if call]
        return [one for one in found if isinstance(one, Metric)] if all(fits) else None

    def items(self) -> dict[str, Any]:
        """The values of the settings that are items of the catalogue, or lists of them."""
        many = {name for name, setting in SETTINGS.items() if setting.has_several}
        found = {n: [one.declared() for one in calls if one] for n, calls in self.calls.items()}
        items = {n: tuple(one) if n in many else one[0] for n, one in found.items() if one}
        optimizers = [one for one in found["optimizer"] if isinstance(one, Optimizer)]
        if len(optimizers) > 1:
            items["optimizer"] = SeveralOptimizers.of(optimizers)
        return items

    def spans(self) -> dict[str, Span]:
        """Where settings are defined, and under keys such as ``optimizer.lr`` where the command
        line changes an argument of one.
        """
        defined = {name: one.span for name, one in self.values.items() if name in SETTINGS}
        return defined | {
            f"{name}.{argument}": call.spans[argument]
            for name, calls in self.calls.items()
            for call in filter(None, calls)
            for argument in call.call.overrides
        }

    def _fits_some(self, metric: BoundCall, data: Data | None, outputs: int) -> bool:
        """Whether a metric is for the kind of target of an output; reported if not."""
        targets = data.description.for_outputs(outputs) if data else None
        if data is None or not targets:
            return True
        assert issubclass(metric.item, Metric)
        fitting = [one for _, one in targets if one.task in metric.item.tasks]
        if not fitting:
            return self.check_task(metric, data, targets[0][1])
        declared = metric.declared()
        assert isinstance(declared, Metric)
        for one in fitting:
            what = "label" if one.labels else "class"
            if wrong := declared.misfit(len(one.names), what):
                text = metric.call.span.text
                many = len(one.names), what
                self.sink.report(MetricMisfit(metric.span, text, *wrong, *many, data.span))
                return False
        return True

    def _can_read(
        self, call: BoundCall, any_numbers: LossCall | None, tasks: Sequence[str]
    ) -> bool:
        """Whether there are probabilities if a metric takes these; reported if not."""
        assert issubclass(call.item, Metric)
        loss = any_numbers.calls[0] if any_numbers else None
        if not call.item.needs_probabilities or loss is None:
            return True
        on = [
            registry.losses_on(kind, task) for kind in ("logits", "probabilities") for task in tasks
        ]
        choices = tuple(dict.fromkeys(name for names in on for name in names))
        wrong = NoProbabilities(call.span, call.item.name, loss.item.name, loss.span, choices)
        self.sink.report(wrong)
        return False

    def check_task(
        self, chosen: BoundCall, data: Data, described: Description, name: str = ""
    ) -> bool:
        """Whether a loss or a metric is for the kind of target that is ``described``; reported if
        not. Of several targets, it has a ``name``.
        """
        item = chosen.item
        assert issubclass(item, Loss | Metric)
        if described.task in item.tasks:
            return True
        task = described.task
        used = {call.item for calls in self.calls.values() for call in calls if call}
        choices = tuple(
            other.name
            for other in registry.items(item.kind)
            if issubclass(other, Metric)
            and task in other.tasks
            and other not in used
            and other.is_common
        )
        if issubclass(item, Loss):
            choices = registry.usual_losses(task)
        takes = " and ".join(item.tasks)
        span, other = data.span, described.other_task
        about = takes, span, task, choices, other, name
        wrong = TaskMismatch(chosen.span, item.name, item.kind, *about)
        self.sink.report(wrong, *([Cause.TASK.at(span)] if other else []))
        return False

    def _call(self, setting: str, kind: str, value: Value) -> BoundCall | None:
        if holds_poison(value):
            return None
        call = value.call if isinstance(value, Weighted) and setting == "loss" else value
        if isinstance(call, ItemCall) and call.item.kind == kind:
            return self.binder.bind(call)
        problem = f"`{setting}` takes {with_article(kind)}, and this is {describe(value)}"
        items = registry.items(kind)
        written = value.item.name if isinstance(value, ItemCall) else ""
        names = [item.name for item in items]
        alike = [name for name in names if name.casefold() == written.casefold()]
        help = f"write {either(alike or registry.offered(kind))}"
        if kind == DataSet.kind and isinstance(value, Constant) and isinstance(value.plain, str):
            path, found = as_source(value.plain), registry.items("data set")
            own = [item for item in found if value.plain.lower().endswith(item.endings)]
            fit = own or [item for item in found if not item.endings]
            calls = (item.for_path.format(path) for item in fit if item.for_path)
            help = f"write {' or '.join(calls)}"
        if number_in(value) is not None and (taking := _taking(value, kind)):
            help = f"write {either(taking)}"
        if kind == StoppingRule.kind and not written:
            help = f"write {either(f'{name}(validation.loss)' for name in names)}"
        is_loss = isinstance(call, ItemCall) and call.item.kind == "loss"
        if setting == "metrics" and is_loss and not alike:
            help = "leave it out: the loss is measured anyway"
        help, meant = as_name(value, kind) or (help, None)
        if SETTINGS[setting].in_turn and isinstance(value, Listing):
            texts = [one.span.text for one in value.items]
            help = f"they follow each other by arrows: `{setting} = {' -> '.join(texts)}`"
        label = f"not {with_article(kind)}"
        span = self._where(setting, value)
        self.sink.report(WrongKind(span, problem, label, help, meant=meant))
        return None

    def _where(self, setting: str, value: Value) -> Span:
        """Where a setting has the value, which may be written where another name is defined."""
        root = self.file.definitions[setting].value if setting in self.file.definitions else None
        parts = root.items if isinstance(root, ast.ListOf) else (root,)
        uses = (one.span for one in parts if isinstance(one, ast.Name) and self._is(one, value))
        return next(uses, value.span)

    def _is(self, name: ast.Name, value: Value) -> bool:
        return name.name in SETTINGS and self.values.get(name.name) is value


def _terms(value: Value) -> tuple[Value, ...]:
    """The losses of a sum; another value is the only one."""
    return value.terms if isinstance(value, Summed) else (value,)


def _taking(value: Value, kind: str) -> list[str]:
    """The calls of the items of a kind that take the number ``value`` first, if all do and there
    are few: `Norm(1.0)`, `Value(1.0)`.
    """
    items, plain = registry.items(kind), value.plain if isinstance(value, Constant) else None
    fit = all(one.arguments and one.arguments[0].takes(plain) for one in items)
    return [f"{one.name}({value.span.text})" for one in items] if fit and len(items) < 4 else []


def _is_none(value: Value) -> bool:
    return isinstance(value, Constant) and value.plain is None


def _default_metrics(
    tasks: Sequence[str], data: DataSet, any_numbers: LossCall | None
) -> list[Metric]:
    return [
        metric.declared({})
        for metric in registry.items("metric")
        if metric.by_default
        and {*metric.tasks}.intersection(tasks)
        and metric.suits(data)
        and not (metric.needs_probabilities and any_numbers)
    ]
