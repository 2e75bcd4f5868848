"""The text format of protocol buffers: fields with values, or with fields of their own in braces.

layer { name: "conv1"  convolution_param { num_output: 20  kernel_size: 5 } }
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.imports import ForeignSyntax, ForeignValue
from netlang.language.source import SourceFile, Span
from netlang.system.record import Record

_TOKEN = re.compile(
    r"""(?P<space>[\s,;]+|\#[^\n]*)
    |(?P<name>[A-Za-z_][\w.]*)
    |(?P<number>[-+]?(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)f?)
    |(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<sign>[:{}<>\[\]])
    |(?P<wrong>.)""",
    re.VERBOSE,
)
_DEEPEST = 50  # fields in fields
_FORMAT = "a prototxt"
_LARGEST = (1 << 31) - 1  # Caffe's numbers have 32 bits


class Scalar(Record):
    """A number, a string, or a word such as ``true`` or ``MAX``; ``text`` is without quotes."""

    text: str
    span: Span


class Message(Record):
    """Fields in their order; a name may come several times."""

    entries: tuple[Field, ...]
    span: Span

    def scalars(self, name: str) -> list[Scalar]:
        return [one.value for one in self.entries if one.name == name and not one.is_message]  # type: ignore[misc]

    def messages(self, *names: str) -> list[Message]:
        return [one.value for one in self.entries if one.name in names and one.is_message]  # type: ignore[misc]

    def message(self, *names: str) -> Message:
        """The fields of the first one of these names; none if there is no such one."""
        return next(iter(self.messages(*names)), Message((), self.span))

    def text(self, *names: str, default: str = "") -> str:
        found = (one.text for name in names for one in self.scalars(name))
        return next(found, default)

    def number(self, name: str, default: float) -> float:
        return next(self._numbers(name), default)

    def whole(self, name: str, default: int) -> int:
        return next(iter(self.wholes(name)), default)

    def wholes(self, name: str) -> list[int]:
        return [_whole(name, one) for one in self.scalars(name)]

    def numbers(self, name: str) -> list[float]:
        return [*self._numbers(name)]

    def flag(self, name: str, default: bool) -> bool:
        for one in self.scalars(name):
            if one.text.lower() not in ("true", "false", "1", "0"):
                raise NetError(ForeignValue(one.span, f"`{name}` is no switch", "true or false"))
            return one.text.lower() in ("true", "1")
        return default

    def needed(self, name: str) -> int:
        """A whole number that has to be there."""
        if not self.scalars(name):
            problem = f"there is no `{name}`"
            raise NetError(ForeignValue(self.span, problem, f"a whole number, as in `{name}: 10`"))
        return self.whole(name, 0)

    def _numbers(self, name: str) -> Iterator[float]:
        for one in self.scalars(name):
            try:
                yield float(one.text.removesuffix("f"))
            except ValueError:
                raise NetError(ForeignValue(one.span, f"`{name}` is no number", "one")) from None


class Field(Record):
    name: str
    value: Scalar | Message
    span: Span

    @property
    def is_message(self) -> bool:
        return isinstance(self.value, Message)


def _whole(name: str, scalar: Scalar) -> int:
    try:
        number = int(scalar.text, 0)
    except ValueError:
        found = ForeignValue(scalar.span, f"`{name}` is no whole number", "one, such as `3`")
        raise NetError(found) from None
    if abs(number) > _LARGEST:
        found = ForeignValue(scalar.span, f"`{name}` is too large", f"{_LARGEST:,} at most")
        raise NetError(found)
    return number


class _Token(Record):
    kind: str
    text: str
    span: Span


def parse(source: SourceFile) -> Message:
    """All fields of the text.  Raises NetError where it is not in this format."""
    return _Parser(source).run()


class _Parser:
    def __init__(self, source: SourceFile) -> None:
        self._source = source
        self._tokens = [*_tokens(source)]
        self._at = 0

    def run(self) -> Message:
        fields = self._fields("", 0)
        return Message(fields, Span(self._source, 0, len(self._source.text)))

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self, text: str = "") -> _Token | None:
        token = self._next
        if text and token.text != text:
            return None
        self._at += 1
        return token

    def _expected(self, what: str) -> NetError:
        return NetError(ForeignSyntax(self._next.span, _FORMAT, what))

    def _fields(self, closing: str, depth: int) -> tuple[Field, ...]:
        if depth > _DEEPEST:
            raise self._expected(f"no more than {_DEEPEST} fields in each other")
        found: list[Field] = []
        while self._next.kind == "name":
            name = self._next
            self._at += 1
            colon = self._take(":")
            values = self._values(name, bool(colon), depth)
            found += [Field(name.text, value, name.span.to(value.span)) for value in values]
        if self._next.text != closing or (self._next.kind == "end") != (closing == ""):
            raise self._expected(f"a field's name or `{closing}`" if closing else "a field's name")
        return tuple(found)

    def _values(self, name: _Token, colon: bool, depth: int) -> Iterator[Scalar | Message]:
        """The value of a field, or several in square brackets."""
        if colon and self._take("["):
            while not self._take("]"):
                yield self._value(name, colon, depth)
        else:
            yield self._value(name, colon, depth)

    def _value(self, name: _Token, colon: bool, depth: int) -> Scalar | Message:
        opening = self._next
        if closing := {"{": "}", "<": ">"}.get(opening.text if opening.kind == "sign" else ""):
            self._at += 1
            fields = self._fields(closing, depth + 1)
            end = self._tokens[self._at]
            self._at += 1
            return Message(fields, name.span.to(end.span))
        if not colon:
            raise self._expected("`:` or `{`")
        if opening.kind not in ("name", "number", "string"):
            raise self._expected("a value")
        self._at += 1
        if opening.kind != "string":
            return Scalar(opening.text, opening.span)
        text, span = opening.text[1:-1], opening.span
        while self._next.kind == "string":  # strings side by side are one
            text, span = text + self._next.text[1:-1], span.to(self._next.span)
            self._at += 1
        return Scalar(re.sub(r"\\(.)", r"\1", text), span)


def _tokens(source: SourceFile) -> Iterator[_Token]:
    for found in _TOKEN.finditer(source.text):
        span = Span(source, *found.span())
        kind = found.lastgroup or ""
        if kind == "wrong":
            raise NetError(ForeignSyntax(span, _FORMAT, "a name, a value or a bracket"))
        if kind != "space":
            yield _Token(kind, found.group(), span)
    end = len(source.text)
    yield _Token("end", "", Span(source, end, end))
