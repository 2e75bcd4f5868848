"""What is wrong where a statement stops to make sense, in its writer's words: a table of rules."""

from __future__ import annotations

import re
from collections.abc import Callable

from lark.exceptions import UnexpectedInput

from netlang.language.diagnostics import Diagnostic
from netlang.language.diagnostics.suggest import clear, nearest
from netlang.language.diagnostics.syntax import BadNumber, MissingArrow, UnexpectedToken
from netlang.language.source import Span
from netlang.language.syntax.characters import odd_character
from netlang.language.syntax.habits import (
    NAME,
    before_in,
    other_definitions,
    other_language,
    unquoted_import,
    unquoted_path,
)
from netlang.language.syntax.stop import Stop, stop_of

Rule = Callable[[Stop], Diagnostic | None]

_ARROW_LIKE = frozenset({"→", "➔", "⟶", "=>", "|>", "|", ">>", ">", "-->", "--"})
_KEYWORDS = frozenset({"expect", "block", "shared", "import", "as", "true", "false", "none", "_"})
_HEADS = ("block", "shared", "expect", "import")
_HEADED = re.compile(rf"({NAME})\s+{NAME}\s*[=(]")
_INDENTED = re.compile(r"[ \t]*(#[^\n]*)?\n[ \t]+[^\s#]")
_PERCENT = re.compile(r"\b([0-9]+(?:\.[0-9]+)?) ?%\Z")
_ARGUMENT = re.compile(rf"{NAME}[ \t]*=(?!=)")
_EQUALS = re.compile(r"[ \t]*=(?!=)")
_OPERAND = re.compile(r'[ \t]*[A-Za-z0-9_.(\["]')


def explain(error: UnexpectedInput, statement: Span) -> Diagnostic:
    """What is wrong where Lark stopped, in the writer's words: what the first rule says."""
    stop = stop_of(error, statement)
    for rule in _RULES:
        if told := rule(stop):
            return told
    return UnexpectedToken(stop.span, stop.found, stop.expected)


def _when(applies: Callable[[Stop], bool], message: Callable[[Stop], Diagnostic]) -> Rule:
    return lambda stop: message(stop) if applies(stop) else None


def _expects(help: str) -> Callable[[Stop], Diagnostic]:
    """The message that something else is expected, with ``help``."""
    return lambda stop: UnexpectedToken(stop.span, stop.found, stop.expected, help)


def _other_arrow(stop: Stop) -> Diagnostic | None:
    if stop.piece not in _ARROW_LIKE or not (stop.after_a_value or stop.span.start < stop.start):
        return None
    if stop.after_a_lone_name:
        return _equals_or_arrow(stop)
    help = "layers are joined by `->`"
    return UnexpectedToken(stop.span, stop.found, "`->`", help, "->", stop.again())


def _equals_or_arrow(stop: Stop) -> Diagnostic:
    name = stop.text[stop.statement.start : stop.span.start].split()[0]
    help = f"write `{name} = ...` to define it, or `{name} -> ...` for a chain"
    return UnexpectedToken(stop.span, stop.found, "`=` or `->`", help)


def _slashes(stop: Stop) -> Diagnostic:
    after = stop.text[stop.span.end : stop.span.end + 1]
    # In a line's middle it may also be that this goes on with what stands before.
    mark = ("#" if after.isspace() else "# ") if stop.span.first.column == 1 else None
    return UnexpectedToken(stop.span, "`//`", stop.expected, "a comment starts with `#`", mark)


def _percent(stop: Stop) -> Diagnostic | None:
    share = _PERCENT.search(before_in(stop.start, stop.statement) + "%")
    if stop.piece != "%" or not share:
        return None
    end = stop.start + 1
    whole = Span(stop.statement.source, end - len(share.group()), end)
    text = f"{float(share.group(1)) / 100:g}"
    mended = None if stop.follows(_OPERAND, whole) else text  # else it may be a remainder
    return UnexpectedToken(whole, f"`{whole.text}`", "a number", f"write `{text}`", mended)


def _other_language(stop: Stop) -> Diagnostic | None:
    help = other_language(stop.piece, stop.start, stop.statement)
    return _expects(help)(stop) if help else None


def _keyword(stop: Stop) -> Diagnostic | None:
    help = "`{}` is a word of the language, and not a name".format
    if stop.piece in _KEYWORDS:
        return _expects(help(stop.piece))(stop)
    word = stop.before.strip()
    if word not in _KEYWORDS:
        return None
    begin = stop.statement.start  # the word is what is wrong, and not what follows it
    span = Span(stop.statement.source, begin, begin + len(word))
    return UnexpectedToken(span, f"`{word}`", "a name", help(word))


def _missing_comma(stop: Stop) -> Diagnostic | None:
    if not (stop.after_a_value and "COMMA" in stop.accepts and stop.begins_a_value):
        return None
    # Before anything but a named argument, an operator may be missing, or a blank be amiss.
    comma = "," if _ARGUMENT.match(stop.text, stop.start, stop.statement.end) else None
    if stop.on_a_new_line:
        found, help = "end of the line", "write `,` here"
        return UnexpectedToken(stop.gap, found, stop.expected, help, comma)
    piece, name = stop.piece, stop.last_name
    if "RSQB" in stop.accepts and piece[0].isupper():
        branch = f"write `, {piece}` for another branch, or `-> {piece}` to go on with this one"
        return _expects(branch)(stop)
    if name and stop.begins_a_number:
        named = f"write `, {piece}`, or `{name}={piece}` for an argument of that name"
        return _expects(named)(stop)
    help = f"write `, {piece}`"
    return UnexpectedToken(stop.span, stop.found, stop.expected, help, comma, gap=stop.gap)


def _misspelt_head(stop: Stop) -> Diagnostic | None:
    headed = _HEADED.match(stop.statement.text)
    meant = nearest(headed.group(1), _HEADS) if headed else None
    if not headed or not meant:
        return None
    begin = stop.statement.start
    head = Span(stop.statement.source, begin, begin + headed.end(1))
    sure = clear(head.text, _HEADS)
    return UnexpectedToken(head, f"`{head.text}`", f"`{meant}`", f"write `{meant}`", sure)


def _missing_equals(stop: Stop) -> Diagnostic | None:
    """A name stands before a value, or an argument outside of brackets."""
    piece, name = stop.piece, stop.last_name
    if name is None:
        return None
    if stop.follows(_EQUALS) and piece.isidentifier():
        help = f"arguments stand in brackets: `{name}({piece}=...)`"
        return _expects(help + ("" if stop.in_brackets else "; a definition begins a new line"))(
            stop
        )
    if stop.begins_a_number or piece[0] == '"':
        equals = "=" if stop.in_brackets else " = "
        return _expects(f"write `{name}{equals}{piece}`")(stop)
    return None


# When a rule applies, and its message; the first that applies is taken.
_RULES: tuple[Rule, ...] = (
    _when(
        lambda stop: (
            stop.at_end and stop.expected == "`=`" and bool(_INDENTED.match(stop.text, stop.start))
        ),
        lambda stop: UnexpectedToken(stop.here, "end of the line", "`=`", "write `=` here", " ="),
    ),
    _when(
        lambda stop: stop.at_end,
        lambda stop: UnexpectedToken(stop.here, "end of the statement", stop.expected),
    ),
    lambda stop: other_definitions(stop.start, stop.statement),
    lambda stop: unquoted_path(stop.start, stop.statement),
    _other_arrow,
    _when(
        lambda stop: stop.begins_a_number and stop.no_token,
        lambda stop: BadNumber(
            stop.span, "is malformed", "a number is written like `25`, `0.5` or `1e-3`"
        ),
    ),
    _when(
        lambda stop: stop.piece != "%" and (stop.no_token or not stop.piece.isascii()),
        lambda stop: odd_character(stop.character, set(stop.accepts), stop.statement),
    ),
    _when(
        lambda stop: (
            stop.statement.text.startswith("import ")
            and "STRING" in stop.accepts
            and stop.piece[0].isalpha()
        ),
        lambda stop: _expects(unquoted_import(stop.piece))(stop),
    ),
    _when(lambda stop: stop.piece == "//" and stop.start == stop.statement.start, _slashes),
    _percent,
    _other_language,
    _keyword,
    _when(
        lambda stop: stop.piece == "->" and stop.text[: stop.gap.end].endswith("->"),
        _expects("remove one of the two `->`"),
    ),
    _when(
        lambda stop: stop.piece == "->" and not stop.after_a_value and stop.on_a_new_line,
        lambda stop: UnexpectedToken(stop.gap, "end of the line", stop.expected),
    ),
    _missing_comma,
    _misspelt_head,
    _missing_equals,
    _when(
        lambda stop: stop.after_a_value and stop.begins_a_link and stop.after_a_lone_name,
        _equals_or_arrow,
    ),
    _when(
        lambda stop: stop.after_a_value and stop.begins_a_link,
        lambda stop: MissingArrow(stop.span, stop.here, stop.piece),
    ),
)
