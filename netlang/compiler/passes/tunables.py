"""What a file lets `netlang tune` change: does each name exist, and may it have such values?"""

from __future__ import annotations

from collections.abc import Sequence

from netlang.catalogue.arguments import Argument, PlainValue, as_source
from netlang.catalogue.settings import SETTINGS
from netlang.compiler.ir.tunable import Choices, Interval, Tunable
from netlang.compiler.passes.check import check
from netlang.compiler.passes.resolve import no_arguments, with_argument
from netlang.compiler.passes.settings import SettingsReader
from netlang.compiler.passes.untunable import decides_loss, not_tunable
from netlang.compiler.passes.values import (
    Arrow,
    Constant,
    Fan,
    ItemCall,
    Listing,
    Poison,
    Series,
    Summed,
    Value,
    behind_names,
    describe,
    holds_poison,
)
from netlang.language.diagnostics import Diagnostic, NetError, Sink
from netlang.language.diagnostics.messages.tuning import (
    NoCandidates,
    OwnOutside,
    TunedTwice,
    WrongCandidates,
)
from netlang.language.source import SourceFile, Span
from netlang.language.syntax import ast
from netlang.language.syntax.parse import parse_statement


def parse_tunings(texts: Sequence[str], source: SourceFile, sink: Sink) -> list[ast.Tuning]:
    """The statements that ``texts`` of the command line are."""
    found = []
    for text in texts:
        typed = SourceFile("--set", text, source.path, source.allowed)
        try:
            statement = parse_statement(Span(typed, 0, len(text)), text)
        except NetError as error:
            sink.extend(error.diagnostics)
        else:
            assert isinstance(statement, ast.Tuning), "it begins like one"
            found.append(statement)
    return found


def tunables_of(settings: SettingsReader, more: Sequence[ast.Tuning]) -> tuple[Tunable, ...]:
    """What the file's statements, and ``more`` in their places, let change."""
    own = [one for one in settings.file.tree.statements if isinstance(one, ast.Tuning)]
    taken = {one.path_text for one in more}
    reader, found = _Reader(settings), dict[str, Tunable]()
    for statement in (*more, *(one for one in own if one.path_text not in taken)):
        path = statement.path_text
        if path in found:
            twice = TunedTwice(statement.path_span, path, found[path].span)
            settings.sink.report(twice)
        elif tunable := reader.tunable(statement):
            found[path] = tunable
    return tuple(found.values())


class _Reader:
    """Reads one statement after the other, and reports what is wrong with each."""

    def __init__(self, settings: SettingsReader) -> None:
        self.settings, self.file, self.sink = settings, settings.file, settings.sink

    def tunable(self, statement: ast.Tuning) -> Tunable | None:
        if wrong := not_tunable(statement, self.file) or self._of_parts(statement):
            self.sink.report(wrong)
            return None
        candidates = statement.candidates
        before = len(self.sink.diagnostics)
        if isinstance(candidates, ast.Interval):
            made: Interval | Choices | None = self._interval(statement, candidates)
        else:
            made = self._choices(statement, candidates)
        if made is None or len(self.sink.diagnostics) > before:
            return None
        own, at = self._own(statement)
        found = _among(made, own)
        if at and own is not None and found is None:
            text = own if isinstance(made, Choices) else as_source(own)
            self.sink.report(OwnOutside(candidates.span, statement.path_text, str(text), at))
        of_loss = decides_loss(statement, self.file)
        return Tunable(statement.path_text, made, found, statement.path_span, of_loss)

    def _of_parts(self, statement: ast.Tuning) -> Diagnostic | None:
        """The report of an argument of what is made of several parts, none of which is named."""
        value = self.file.values.get(statement.path[0].name)
        if len(statement.path) == 1 or value is None or self._call(statement):
            return None
        if not isinstance(behind_names(value), Arrow | Fan | Listing | Series | Summed):
            return None
        name = statement.path[1].name
        as_in = f"as in `my_{name} = ...` and `{name}=my_{name}`"
        help = f"give the value a name, {as_in}, and tune that"
        return no_arguments(statement.path[:1], f"it is {describe(value)}", help)

    def _interval(self, statement: ast.Tuning, written: ast.Interval) -> Interval | None:
        low, high, step = written.low.value, written.high.value, written.step
        assert isinstance(low, int | float)
        assert isinstance(high, int | float)
        width = step.value if step else None
        assert width is None or isinstance(width, int | float)
        if wrong := _no_numbers(written, low, high, width):
            self.sink.report(wrong)
            return None
        path, span = statement.path_text, written.span
        argument, value = self._argument(statement), self._value(statement)
        if argument is None and not isinstance(value, Constant):
            if value is not None and not holds_poison(value):
                what = f"`{path}` is {describe(value)}, and a range holds numbers"
                help = f"list what it may be: `tune {path} in [..., ...]`"
                self.sink.report(WrongCandidates(span, what, "numbers", help))
            return None
        numbers = [low, high, *([width] if width is not None else [])]
        is_whole = all(isinstance(one, int) for one in numbers)
        if argument:
            middle = low + (high - low) * 0.4821  # no whole number
            is_whole = is_whole and not argument.takes(middle)
        elif isinstance(value, Constant):
            plain = value.plain
            if isinstance(plain, bool) or not isinstance(plain, int | float):
                what = f"`{path}` is `{as_source(plain)}`, and a range holds numbers"
                help = f"list what it may be: `tune {path} in [..., ...]`"
                self.sink.report(WrongCandidates(span, what, "numbers", help))
                return None
            if isinstance(plain, int) and not is_whole:
                what = f"`{path}` is a whole number, and this range has others"
                help = f"write whole numbers, or the constant as `{path} = {plain}.0`"
                self.sink.report(WrongCandidates(span, what, "not of whole numbers", help))
                return None
            is_whole = is_whole and isinstance(plain, int)
        if not all(self._takes(statement, end) for end in (written.low, written.high)):
            return None
        return Interval(low, high, is_whole, written.log, width)

    def _choices(self, statement: ast.Tuning, written: ast.ListOf) -> Choices | None:
        texts = [one.span.text for one in written.items]
        if len({*texts}) < 2:
            help = f"list at least two different values, or leave `{statement.path_text}` as it is"
            what = f"there is nothing to choose for `{statement.path_text}`"
            self.sink.report(NoCandidates(written.span, what, "fewer than two values", help))
            return None
        if not all(self._takes(statement, one) for one in written.items):
            return None
        return Choices(tuple(dict.fromkeys(texts)))

    def _takes(self, statement: ast.Tuning, written: ast.Expression) -> bool:
        """Whether what is tuned may be this; where it may not, that is reported."""
        before = len(self.sink.diagnostics)
        evaluator, names = self.file.evaluator, self.file.names
        name = statement.path[0].name
        if len(statement.path) > 1:
            override = ast.Override(statement.path, written, statement.span)
            value = with_argument(self.file.values[name], override, names, evaluator)
            self.settings.binder.bind_all([value])
        else:
            setting = SETTINGS.get(name)
            value = evaluator.define(written, names, {}, setting)
            if setting and setting.argument:
                check(setting.argument, value, f"the setting `{name}`", self.sink)
            elif setting and setting.item:
                self.settings.calls_in(name, value)
            else:
                self.settings.binder.bind_all([value])
        return not any(one.is_error for one in self.sink.diagnostics[before:])

    def _argument(self, statement: ast.Tuning) -> Argument | None:
        """The declared argument, or that of a plain setting."""
        name = statement.path[0].name
        if len(statement.path) == 1:
            setting = SETTINGS.get(name)
            return setting.argument if setting else None
        call = self._call(statement)
        arguments = call.item.arguments if call else ()
        wanted = statement.path[1].name
        return next((one for one in arguments if one.name == wanted), None)

    def _value(self, statement: ast.Tuning) -> Value | None:
        """The value of what is tuned, where that is no argument."""
        found = self.file.values.get(statement.path[0].name)
        if len(statement.path) == 1:
            return None if found is None else behind_names(found)
        if self._argument(statement) is None and found is not None:  # which is then reported
            self._takes(statement, ast.Literal(0, statement.path_span))
        return None

    def _call(self, statement: ast.Tuning) -> ItemCall | None:
        name = statement.path[0].name
        value = self.file.values.get(name)
        value = None if value is None else behind_names(value)
        setting = SETTINGS.get(name)
        if setting and setting.by_part and isinstance(value, Listing) and value.items:
            value = behind_names(value.items[0])  # as `--set` takes it
        return value if isinstance(value, ItemCall) else None

    def _own(self, statement: ast.Tuning) -> tuple[PlainValue, Span | None]:
        """What the file has there, and where; of what is no plain value, its text."""
        name, definition = statement.path[0].name, None
        definition = self.file.definitions.get(name)
        is_choice = isinstance(statement.candidates, ast.ListOf)
        if len(statement.path) > 1:
            call = self._call(statement)
            bound = self.settings.binder.bind(call) if call else None
            if bound is None:
                return None, None
            wanted = statement.path[1].name
            declared = bound.declared().values
            plain = declared.get(wanted)
            span = bound.spans.get(wanted, bound.span)
            return (as_source(plain) if is_choice else plain), span
        if definition is None:
            setting = SETTINGS.get(name)
            if not setting or not setting.argument:
                return None, None
            default = setting.argument.default
            return (as_source(default) if is_choice else default), statement.path_span
        value = self.file.values[name]
        if isinstance(value, Poison):
            return None, None
        if is_choice or not isinstance(value, Constant):
            return definition.value.span.text, definition.value.span
        return value.plain, definition.value.span


def _no_numbers(
    written: ast.Interval, low: float, high: float, step: float | None
) -> NoCandidates | None:
    span, text = written.span, written.span.text
    if low >= high:
        help = f"write the smaller number first: `{as_source(high)}..{as_source(low)}`"
        if low == high:
            help = "write a larger number behind the dots"
        return NoCandidates(
            span, f"the range `{text}` has no numbers in it", "from low to high", help
        )
    if written.log and low <= 0:
        help = "begin above 0, as in `1e-5..1e-1 log`, or leave `log` out"
        what = f"the range `{text}` has numbers without logarithms"
        return NoCandidates(written.low.span, what, "not above 0", help)
    if step is not None and not 0 < step <= high - low:
        help = f"write a step above 0, and at most {as_source(high - low)}"
        range, at = (
            f"`{as_source(low)}..{as_source(high)}`",
            written.step.span if written.step else span,
        )
        if step <= 0:
            return NoCandidates(at, f"this step leads nowhere in {range}", "not above 0", help)
        return NoCandidates(at, f"the step leaves one number of {range}", "too large", help)
    return None


def _among(candidates: Interval | Choices, own: PlainValue) -> PlainValue:
    """The one of the candidates that ``own`` is, or None."""
    if isinstance(candidates, Choices):
        return next((text for text in candidates.texts if _same(text, str(own))), None)
    is_number = isinstance(own, int | float) and not isinstance(own, bool)
    return own if is_number and candidates.low <= own <= candidates.high else None  # type: ignore[operator]


def _same(one: str, other: str) -> bool:
    """Whether two texts say the same: `1e-2` is `0.01`."""
    if one == other:
        return True
    try:
        return float(one) == float(other)
    except ValueError:
        return False
