"""Expectations name something that is measured, and a run can meet or miss them.

Each metric has bounds to its values, which some expectations contradict, and others only repeat.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from netlang.catalogue import registry
from netlang.catalogue.arguments import VALUE_TYPES, as_source
from netlang.catalogue.foreign import help_for
from netlang.catalogue.losses import Loss
from netlang.catalogue.metrics import Metric
from netlang.catalogue.outputs import measures
from netlang.catalogue.targets import OutputPart
from netlang.compiler.ir import COMPARISONS, Expectation
from netlang.compiler.passes.settings.data import Data
from netlang.compiler.passes.values import Constant, Value, describe, holds_poison, number_in
from netlang.language.diagnostics import Diagnostic, Sink
from netlang.language.diagnostics.messages.expectations import (
    AlwaysMet,
    Bounds,
    NeverMet,
    ShareInPercent,
    TogetherNeverMet,
    Unmeasured,
)
from netlang.language.diagnostics.messages.names import WrongKind
from netlang.language.diagnostics.suggest import Guess, nearest, unmistakable
from netlang.language.source import Span
from netlang.language.syntax import ast

_PERCENT = 2  # from here on, a bound on a share seems to be in percent
_CLEAR = 10  # and from here on, that is beyond doubt


class ExpectationChecker:
    """Checks expectations one by one, each beside those before it.

    ``metrics`` are None if they are not known. ``outputs`` are those of a network of several.
    """

    def __init__(
        self,
        data: Data | None,
        loss: Loss | None,
        metrics: Sequence[Metric] | None,
        outputs: Sequence[OutputPart],
        sink: Sink,
    ) -> None:
        self.sink, self.data = sink, data
        self.parts = data.description.parts if data else ("train", "test")
        described = data.description if data else None
        known = measures(metrics or (), outputs, described)
        bounds = {path: one.metric.bounds for one in known for path in one.paths}
        self.measured = None if metrics is None else ["loss", *bounds]
        self.shares = {path for one in known if one.metric.is_share for path in one.paths}
        self.bounds = {path.rpartition(".")[2]: found for path, found in bounds.items()}
        items = registry.items("metric")
        tasks = {one.task for one in outputs} or ({data.description.task} if data else set())
        fits = {item for item in items if not tasks or tasks.intersection(item.tasks)}
        self.fitting = {item.name for item in fits if not item.is_table}
        if loss and data:
            self.bounds["loss"] = loss.bounds_for(data.description.output.size)
        # The strictest ones so far, by metric and comparison; those with `!=` by their bound, too.
        self.strictest: dict[str, dict[str, Expectation]] = {}

    def of_parts_there(
        self, written: Iterable[tuple[ast.Expect, Value]]
    ) -> list[tuple[ast.Expect, Value]]:
        """Those that are not about a part of the samples that these data lack: the file may be
        about others.
        """
        lacking = {"validation", "test"}.difference(self.parts)
        return [one for one in written if one[0].metric[0].name not in lacking]

    def check(self, written: Iterable[tuple[ast.Expect, Value]]) -> tuple[Expectation, ...]:
        """The expectations, with the values of their bounds; one that is wrong is left out."""
        found = []
        for statement, bound in written:
            if expected := self._expectation(statement, bound):
                found.append(expected)
                if isinstance(bound, Constant) and (remark := self._remark(expected, bound)):
                    self.sink.report(remark)
        return tuple(found)

    def _expectation(self, statement: ast.Expect, bound: Value) -> Expectation | None:
        path = ".".join(name.name for name in statement.metric)
        span = statement.metric[0].span.to(statement.metric[-1].span)
        unmeasured, number = self.unmeasured(path, span), number_in(bound)
        if unmeasured:
            self.sink.report(unmeasured)
            if unmeasured.meant and number is not None and isinstance(bound, Constant):
                meant = unmeasured.meant.text
                expected = Expectation(meant, statement.comparison, float(number), statement.span)
                told = self._out_of_reach(expected, bound)
                if told and told.meant:  # in percent: the second mistake in the line
                    self.sink.report(told)
            return None
        if number is not None:
            return Expectation(path, statement.comparison, float(number), statement.span)
        if holds_poison(bound):
            return None
        problem = f"`expect` compares with a number, and this is {describe(bound)}"
        help = f"write `expect {path} {statement.comparison} 0.9`"
        self.sink.report(WrongKind(bound.span, problem, "not a number", help))
        return None

    def unmeasured(self, path: str, span: Span, verb: str = "expect") -> Unmeasured | None:
        """The report of ``path`` if nothing measures it, as far as that is known.

        ``verb`` says what to do with one that is measured.
        """
        if self.measured is None:
            return None
        known = tuple(f"{part}.{name}" for part in self.parts for name in self.measured)
        if path in known:
            return None
        meant = self._meant(path, self.measured)
        part, _, name = path.rpartition(".")
        aside = {"val": "validation", "valid": "validation"}.get(part, part)
        lacks_part = aside in ("validation", "test") and aside not in self.parts
        data = self.data.span if self.data and lacks_part else None
        call = self._measuring(name)
        elsewhere = None if call else help_for(name)
        return Unmeasured(span, path, known, meant, data, call, verb, self.aside, elsewhere)

    def _measuring(self, name: str) -> str | None:
        """The metric that fits the data and whose number, or one of whose numbers, has that
        ``name``, or that is called so elsewhere: `f1_micro` is of `f1(average="micro")`.
        """
        if name in self.fitting:
            return name
        classes = self.data.description.names if self.data else ()
        last = name.rpartition("_")[2]
        counts = [int(last)] if last.isdecimal() else []
        for item in registry.items("metric"):
            for argument in item.arguments if item.name in self.fitting else ():
                for value in filter(argument.takes, (*argument.choices, *counts, None)):
                    if name in item.declared({argument.name: value}).labels(classes):
                        return f"{item.name}({argument.name}={as_source(value)})"
        meant = registry.suggest(name, kind="metric")
        return meant if meant in self.fitting else None

    @property
    def aside(self) -> str:
        """The argument that sets samples of the data aside: a share of them, or their number."""
        arguments = self.data.item.arguments if self.data else ()
        types = {one.type for one in arguments if one.name == "validation"}
        example = {VALUE_TYPES["float"]: "=0.1", VALUE_TYPES["int"]: "=100"}
        return "validation" + "".join(example.get(one, "") for one in types)

    def _meant(self, path: str, measured: list[str]) -> Guess | None:
        """The measurement that ``path`` seems to mean, by another word or a near one."""
        part, dot, rest = path.partition(".") if "." in path else ("test", "", path)
        part = "validation" if part == "val" else part
        name = rest if any("." in one for one in measured) else rest.split(".")[0]
        # Of several outputs, the only one that has the metric.
        having = [one for one in measured if "." in one and one.rpartition(".")[2] == rest]
        name = having[0] if len(having) == 1 else name
        near_part = nearest(part, self.parts)
        near = name if name in measured else registry.suggest(name)
        if near not in measured:
            near = nearest(name, measured) if name not in registry.ITEMS else None
        if not near_part or not near:
            return None
        sure_part = part if part in self.parts else unmistakable(part, self.parts)
        sure_name = rest if rest in measured else registry.unmistakable_name(rest, measured)
        sure = bool(dot) and (sure_part, sure_name) == (near_part, near)
        return Guess(f"{near_part}.{near}", sure)

    def _remark(self, expected: Expectation, bound: Constant) -> Diagnostic | None:
        """What is wrong with it; ``bound`` is its bound as it is written."""
        if out_of_reach := self._out_of_reach(expected, bound):
            return out_of_reach
        is_share = expected.metric.partition(".")[2] in self.shares
        if is_share and "<" in expected.comparison and expected.bound >= _PERCENT:
            share = as_source(round(expected.bound / 100, 15))
            return ShareInPercent(bound.span, expected.metric, expected.bound, share)
        if other := self._excluded(expected):
            return TogetherNeverMet(expected.span, expected.text, other.text, other.span)
        return None

    def _out_of_reach(self, expected: Expectation, bound: Constant) -> AlwaysMet | NeverMet | None:
        """The report of a bound that no value can meet, or that all do."""
        name = expected.metric.rpartition(".")[2]
        bounds = self.bounds.get(name, (-math.inf, math.inf))
        met = outcome(expected.comparison, expected.bound, bounds)
        if met is None:
            return None
        out_of_reach = AlwaysMet if met else NeverMet
        return out_of_reach(
            bound.span,
            text=expected.text,
            metric=name,
            bounds=bounds,
            comparison=expected.comparison,
            bound=expected.bound,
            meant=_in_percent(expected, bounds, bound),
            origins=bound.origins[:1],
        )

    def _excluded(self, expected: Expectation) -> Expectation | None:
        """One before this one, if no value meets both."""
        before = self.strictest.setdefault(expected.metric, {})
        sign, bound = expected.comparison, expected.bound
        # There may be thousands with `!=`. Only one of the same bound can be in the way.
        keys = {other: f"!= {bound}" if other == "!=" else other for other in COMPARISONS}
        earlier = (before[key] for key in keys.values() if key in before)
        found = next((one for one in earlier if not _compatible(one, expected)), None)
        key, stricter = keys[sign], min if "<" in sign else max
        before[key] = stricter(before.get(key, expected), expected, key=lambda one: one.bound)
        return found


def outcome(comparison: str, bound: float, bounds: Bounds) -> bool | None:
    """True if all values within ``bounds``, ends included, meet the comparison, False if none does,
    and None if it depends on the value.

    >>> outcome(">", 95, (0, 1)), outcome(">=", 0, (0, 1)), outcome(">", 0.95, (0, 1))
    (False, True, None)
    """
    least, most = bounds
    if comparison in ("==", "!="):
        return None if least <= bound <= most else comparison == "!="
    at_least, at_most = (COMPARISONS[comparison](end, bound) for end in bounds)
    return at_least if at_least == at_most else None


def _in_percent(expected: Expectation, bounds: Bounds, bound: Constant) -> Guess | None:
    """The bound as a share if it seems to be in percent: 0.95 for 95."""
    if bounds[1] != 1 or expected.comparison == "!=" or not _PERCENT <= expected.bound <= 100:
        return None
    share = round(expected.bound / 100, 15)
    sensible = outcome(expected.comparison, share, bounds) is None
    stands_here = not bound.origins and bound.span.text.replace(".", "", 1).isdigit()
    sure = stands_here and expected.bound >= _CLEAR
    return Guess(as_source(share), sure) if sensible else None


def _compatible(one: Expectation, other: Expectation) -> bool:
    """Whether some value meets both: one of the two bounds, or one between or beside them."""
    between = one.bound / 2 + other.bound / 2
    values = (-math.inf, one.bound, between, other.bound, math.inf)
    return any(one.met_by(value) and other.met_by(value) for value in values)
