"""What is wrong where a statement stops making sense, in its writer's words: a table of rules."""

from __future__ import annotations

import re
from collections.abc import Callable

from lark.exceptions import UnexpectedInput

from netlang.language.diagnostics import Diagnostic
from netlang.language.diagnostics.suggest import nearest, unmistakable
from netlang.language.diagnostics.syntax import BadNumber, MissingArrow, UnexpectedToken
from netlang.language.source import Span
from netlang.language.syntax.characters import odd_character
from netlang.language.syntax.habits import (
    other_definitions,
    other_language,
    unquoted_import,
    unquoted_path,
)
from netlang.language.syntax.stop import NAME, Stop, stop_of

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
    return next(filter(None, (rule(stop) for rule in _RULES)), None) or _unexpected(stop)


def _unexpected(stop: Stop, help: str | None = None) -> Diagnostic:
    return UnexpectedToken(stop.span, stop.expected, help)


def _when(applies: Callable[[Stop], bool], message: Callable[[Stop], Diagnostic]) -> Rule:
    return lambda stop: message(stop) if applies(stop) else None


def _end_of_statement(stop: Stop) -> Diagnostic | None:
    if not stop.at_end:
        return None
    if stop.expected == "`=`" and _INDENTED.match(stop.text, stop.start):
        return UnexpectedToken(stop.here, "`=`", "write `=` here", " =", what="end of the line")
    return UnexpectedToken(stop.here, stop.expected, what="end of the statement")


def _other_arrow(stop: Stop) -> Diagnostic | None:
    if stop.piece not in _ARROW_LIKE or not (stop.after_a_value or stop.span.start < stop.start):
        return None
    if stop.after_a_lone_name:
        return _equals_or_arrow(stop)
    return UnexpectedToken(stop.span, "`->`", "layers are joined by `->`", "->", stop.again())


def _equals_or_arrow(stop: Stop) -> Diagnostic:
    name = stop.text[stop.statement.start : stop.span.start].split()[0]
    help = f"write `{name} = ...` to define it, or `{name} -> ...` for a chain"
    return UnexpectedToken(stop.span, "`=` or `->`", help)


def _malformed_number(stop: Stop) -> Diagnostic:
    return BadNumber(stop.span, "is malformed", "a number is written like `25`, `0.5` or `1e-3`")


def _slashes(stop: Stop) -> Diagnostic:
    after = stop.text[stop.span.end : stop.span.end + 1]
    # In a line's middle it may also be that this goes on with what stands before.
    mark = ("#" if after.isspace() else "# ") if stop.span.first.column == 1 else None
    return UnexpectedToken(stop.span, stop.expected, "a comment starts with `#`", mark)


def _percent(stop: Stop) -> Diagnostic | None:
    share = _PERCENT.search(stop.just_before + "%")
    if stop.piece != "%" or not share:
        return None
    end = stop.start + 1
    whole = Span(stop.statement.source, end - len(share.group()), end)
    text = f"{float(share.group(1)) / 100:g}"
    mended = None if stop.follows(_OPERAND, whole) else text  # else it may be a remainder
    return UnexpectedToken(whole, "a number", f"write `{text}`", mended)


def _other_language(stop: Stop) -> Diagnostic | None:
    help = other_language(stop)
    return _unexpected(stop, help) if help else None


def _keyword(stop: Stop) -> Diagnostic | None:
    help = "`{}` is a word of the language, and not a name".format
    if stop.piece in _KEYWORDS:
        return _unexpected(stop, help(stop.piece))
    word = stop.before.strip()
    if word not in _KEYWORDS:
        return None
    # The word is what is wrong, and not what follows it.
    return UnexpectedToken(stop.head(len(word)), "a name", help(word))


def _repeated_arrow(stop: Stop) -> Diagnostic | None:
    if stop.piece != "->":
        return None
    if stop.text[: stop.gap.end].endswith("->"):
        return _unexpected(stop, "remove one of the two `->`")
    if stop.on_a_new_line and not stop.after_a_value:
        return UnexpectedToken(stop.gap, stop.expected, what="end of the line")
    return None


def _missing_comma(stop: Stop) -> Diagnostic | None:
    if not (stop.after_a_value and "COMMA" in stop.accepts and stop.begins_a_value):
        return None
    # Before anything but a named argument, an operator may be missing, or a blank be amiss.
    comma = "," if _ARGUMENT.match(stop.text, stop.start, stop.statement.end) else None
    if stop.on_a_new_line:
        here = "write `,` here"
        return UnexpectedToken(stop.gap, stop.expected, here, comma, what="end of the line")
    piece, name = stop.piece, stop.last_name
    if "RSQB" in stop.accepts and piece[0].isupper():
        branch = f"write `, {piece}` for another branch, or `-> {piece}` to go on with this one"
        return _unexpected(stop, branch)
    if name and stop.begins_a_number:
        named = f"write `, {piece}`, or `{name}={piece}` for an argument of that name"
        return _unexpected(stop, named)
    return UnexpectedToken(stop.span, stop.expected, f"write `, {piece}`", comma, gap=stop.gap)


def _misspelt_head(stop: Stop) -> Diagnostic | None:
    headed = _HEADED.match(stop.statement.text)
    meant = nearest(headed.group(1), _HEADS) if headed else None
    if not headed or not meant:
        return None
    sure = unmistakable(headed.group(1), _HEADS)
    return UnexpectedToken(stop.head(headed.end(1)), f"`{meant}`", f"write `{meant}`", sure)


def _missing_equals(stop: Stop) -> Diagnostic | None:
    """A name stands before a value, or an argument outside of brackets."""
    piece, name = stop.piece, stop.last_name
    if name is None:
        return None
    if stop.follows(_EQUALS) and piece.isidentifier():
        line = "" if stop.in_brackets else "; a definition begins a new line"
        return _unexpected(stop, f"arguments stand in brackets: `{name}({piece}=...)`{line}")
    if stop.begins_a_number or piece[0] == '"':
        equals = "=" if stop.in_brackets else " = "
        return _unexpected(stop, f"write `{name}{equals}{piece}`")
    return None


def _missing_arrow(stop: Stop) -> Diagnostic | None:
    if not (stop.after_a_value and stop.begins_a_link):
        return None
    if stop.after_a_lone_name:
        return _equals_or_arrow(stop)
    return MissingArrow(stop.span, stop.here, stop.piece)


# Each says what is wrong where it applies; the first that applies is taken.
_RULES: tuple[Rule, ...] = (
    _end_of_statement,
    other_definitions,
    unquoted_path,
    _other_arrow,
    _when(lambda stop: stop.begins_a_number and stop.no_token, _malformed_number),
    _when(
        lambda stop: stop.piece != "%" and (stop.no_token or not stop.piece.isascii()),
        odd_character,
    ),
    _when(
        lambda stop: (
            stop.statement.text.startswith("import ")
            and "STRING" in stop.accepts
            and stop.piece[0].isalpha()
        ),
        lambda stop: _unexpected(stop, unquoted_import(stop.piece)),
    ),
    _when(lambda stop: stop.piece == "//" and stop.start == stop.statement.start, _slashes),
    _percent,
    _other_language,
    _keyword,
    _repeated_arrow,
    _missing_comma,
    _misspelt_head,
    _missing_equals,
    _missing_arrow,
)
