"""What ``--set`` takes: one ``NAME=VALUE`` or ``NAME.ARGUMENT=VALUE``, and nothing else.

Of a list, an arrow or a network, it takes ``NAME[0].ARGUMENT=VALUE``.
"""

from __future__ import annotations

import re
from typing import Self

from netlang.language.diagnostics import Diagnostic, NetError, Sink
from netlang.language.diagnostics.messages.syntax import UnexpectedToken
from netlang.language.diagnostics.shell import shell_word, typed
from netlang.language.source import SourceFile, Span
from netlang.language.syntax.ast import Override, Tapped, postorder
from netlang.language.syntax.lexis import EQUALS, NAME, TOKEN, tokens
from netlang.language.syntax.mistakes.rules import AGAIN
from netlang.language.syntax.parse import parse_statement
from netlang.language.syntax.statements import split

_WANTED = "one `name=value`"
_END = "the end of the value"
_EXAMPLE = "write `--set name=value`, such as `--set epochs=50`"
_NUMBER = r"[ \t]*\[[ \t]*([0-9]{1,6})[ \t]*\]"
_NUMBERED = re.compile(rf"[ \t]*{NAME}({_NUMBER})")
_PATH = rf"{NAME}(?:{_NUMBER})?(?:[ \t]*\.[ \t]*{NAME})*"
_HEAD = re.compile(rf"[ \t]*{_PATH}{EQUALS}")
_NEXT = re.compile(
    rf"(?<=[\w)\]\"])(?:[ \t]*(?P<sign>[,;&|]+)[ \t]*|[ \t]+)(?:and[ \t]+)?(?:--set[ \t]+)?"
    rf"(?P<next>{_PATH}){EQUALS}"
)
_ALMOST = re.compile(
    rf"[ \t]*(?:--set(?:[ \t]+|=))?(?P<path>{_PATH})[ \t]*(?:[:=]=|=>|[:=]|[ \t])[ \t]*"
    rf"(?P<value>\S+)[ \t]*"
)
_MISCOUNTED = re.compile(
    rf"[ \t]*{NAME}(?:[ \t]*\.[ \t]*{NAME})*[ \t]*"
    rf"(?P<number>\[[^\[\]=]*\])[^=]*=[ \t]*(?P<value>\S.*)"
)
_LINE_BREAK = re.compile(r"[ \t]*(\r?\n|\r)")
_TAKEN = {
    "block": "a block has parameters, and gets their values where it is used",
    "shared": "leave it out: what is shared stays shared",
    "expect": "what is expected stands in the file",
    "import": "what is imported stands in the file",
    "tune": "`netlang tune` takes `name=8..256` where other commands take a value",
}
_STATEMENT = re.compile(rf"[ \t]*({'|'.join(_TAKEN)})\b(?![ \t]*=)")


class ByOption(str):
    """An override that another ``option`` of the command line stands for than `--set`: where it is
    wrong, messages name what was typed.
    """

    option: str

    def __new__(cls, option: str, text: str) -> Self:
        made = super().__new__(cls, text)
        made.option = option
        return made

    def __reduce__(self) -> tuple[type[Self], tuple[str, str]]:
        return type(self), (self.option, str(self))


def parse_override(source: SourceFile) -> Override:
    """The override that ``source`` is.  Raises NetError."""
    if problem := _no_override(source):
        raise NetError(problem)
    sink = Sink()
    extents = split(source, sink)
    if sink.has_errors:
        raise NetError(*sink.diagnostics)
    span, text, number = extents[0].span, extents[0].span.text, None
    if numbered := _NUMBERED.match(text):  # for the grammar, blanks stand there
        begin, end = numbered.span(1)
        text, number = text[:begin] + " " * (end - begin) + text[end:], int(numbered[2])
    statement = parse_statement(span, text)
    assert isinstance(statement, Override), "it begins like one"
    statement = statement.replace(number=number)
    for part in postorder(statement.value):
        if isinstance(part, Tapped):
            span = Span(source, part.inner.span.end, part.span.end)
            as_name = Span(source, span.end - len(span.text.lstrip()), span.end)
            help = "name outputs in the file; a value on the command line has none"
            raise NetError(UnexpectedToken(as_name, _END, help))
    return statement


def _no_override(source: SourceFile) -> Diagnostic | None:
    """Why ``source`` is no override, if its text shows that without being parsed."""
    text = source.text
    for token in TOKEN.finditer(text):
        if token.lastgroup == "quote":  # the rest is of a string that is not closed
            break
        if token.lastgroup == "comment":
            rest = Span(source, token.start(), len(text.rstrip()))
            help = "remove it: comments stand only in files"
            return UnexpectedToken(rest, _END, help, what="comment")
        if found := _LINE_BREAK.match(text, token.start()):
            span, help = Span(source, *found.span(1)), f"write it in one line; {AGAIN}"
            return UnexpectedToken(span, _WANTED, help, what="line break")
    if statement := _STATEMENT.match(text):
        help = f"`--set` takes only `name=value`: {_TAKEN[statement.group(1)]}"
        return UnexpectedToken(Span(source, *statement.span(1)), "a name", help)
    if several := _several(source):
        return several
    if head := _HEAD.match(text):
        if text[head.end() :].strip():
            return None
        end = Span(source, head.end(), head.end())
        return UnexpectedToken(end, "a value", _EXAMPLE, what="end of the text")
    if text.lstrip().startswith("="):
        start = len(text) - len(text.lstrip())
        return UnexpectedToken(Span(source, start, start + 1), "a name", _EXAMPLE)
    if miscounted := _MISCOUNTED.fullmatch(text):
        return _wrong_number(source, miscounted)
    almost = _ALMOST.fullmatch(text)
    meant = f"write {typed('='.join(almost.group('path', 'value')))}" if almost else _EXAMPLE
    return UnexpectedToken(Span(source, 0, len(text)), _WANTED, meant, what="text")


def _wrong_number(source: SourceFile, written: re.Match[str]) -> UnexpectedToken:
    """The diagnostic for a part whose number is none, or stands elsewhere than it should."""
    head = written.string[: written.start("value")]
    numbers = re.findall(r"\[[ \t]*([0-9]{1,6})[ \t]*\]", head)
    first, *others = re.findall(NAME, re.sub(r"\[.*?\]", " ", head))
    path = ".".join([f"{first}[{numbers[0] if numbers else 0}]", *(others or ["ARGUMENT"])])
    example = typed(f"{path}={written['value'].rstrip()}")
    help = f"parts count from 0, and the number stands behind the first name: write {example}"
    span = Span(source, *written.span("number"))
    return UnexpectedToken(span, "a part's number, `NAME[0].ARGUMENT`", help)


def _several(source: SourceFile) -> UnexpectedToken | None:
    """The diagnostic for several overrides in one text."""
    text = source.text
    signs = list(text)
    for token in tokens(Span(source, 0, len(text))):
        if token.bracket or token.kind == "string":  # what is in it does not matter
            signs[token.span.start : token.span.end] = ")" * len(token.text)
    following = list(_NEXT.finditer("".join(signs))) if _HEAD.match(text) else []
    if not following:
        return None
    begins = [0, *(one.start("next") for one in following)]
    ends = [*(one.start() for one in following), len(text)]
    each = [text[begin:end].strip(" \t,;&|") for begin, end in zip(begins, ends, strict=True)]
    first = following[0]
    span = Span(source, *first.span("sign" if first["sign"] else "next"))
    options = " ".join(f"--set {shell_word(one)}" for one in each)
    return UnexpectedToken(span, _END, f"give `--set` once for each: `{options}`")
