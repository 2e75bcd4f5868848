"""What is wrong where a statement stops to make sense, in its writer's words."""

from __future__ import annotations

import re

from lark.exceptions import UnexpectedCharacters, UnexpectedInput
from lark.exceptions import UnexpectedToken as LarkUnexpectedToken

from netlang.language.diagnostics import Diagnostic
from netlang.language.diagnostics.suggest import clear, nearest
from netlang.language.diagnostics.syntax import (
    BadNumber,
    MissingArrow,
    UnexpectedToken,
)
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

_HEADED = re.compile(rf"({NAME})\s+{NAME}\s*[=(]")
_HEADS = ("block", "shared", "expect", "import")
PIECE = re.compile(
    r'"[^"\n]*"?|[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*|->|=>|\|>|>>|--+>?|[<>=!]=|//|\*\*|.', re.DOTALL
)
_INDENTED = re.compile(r"[ \t]*(#[^\n]*)?\n[ \t]+[^\s#]")
_PERCENT = re.compile(r"\b([0-9]+(?:\.[0-9]+)?) ?%\Z")
_LAST_NAME = re.compile(rf"({NAME})[ \t]*\Z")
_WORD = re.compile(r'#[^\n]*|"[^"\n]*"|[^\s#"]+')
_ARROW_LIKE = frozenset({"→", "➔", "⟶", "=>", "|>", "|", ">>", ">", "-->", "--"})
_LONE_NAME = re.compile(rf"{NAME}\s*")
_KEYWORD = re.compile(rf"{NAME}[ \t]*=(?!=)")
_OPERAND = re.compile(r'[ \t]*[A-Za-z0-9_.(\["]')
_DIGITS = "0123456789"
_KEYWORDS = frozenset({"expect", "block", "shared", "import", "as", "true", "false", "none", "_"})
_PUNCTUATION = {"EQUAL": "`=`", "COMMA": "`,`", "RPAR": "`)`", "RSQB": "`]`", "_ARROW": "`->`"}
_PUNCTUATION |= {"STRING": "a path in double quotes"}
_PUNCTUATION |= {"COMPARISON": "a comparison such as `>`", "$END": "the end of the statement"}


def explain(error: UnexpectedInput, statement: Span) -> Diagnostic:
    """What is wrong where Lark stopped, in the reader's words."""
    source = statement.source
    if isinstance(error, UnexpectedCharacters):
        start, accepts = statement.start + (error.pos_in_stream or 0), set(error.allowed or ())
    else:
        assert isinstance(error, LarkUnexpectedToken)
        at_end = error.token.type == "$END"
        start = statement.end if at_end else statement.start + (error.token.start_pos or 0)
        accepts = error.accepts
    expected = _expectation(accepts)
    if start >= statement.end:
        end = Span(source, start, start)
        if expected == "`=`" and _INDENTED.match(source.text, start):
            return UnexpectedToken(end, "end of the line", expected, "write `=` here", " =")
        return UnexpectedToken(end, "end of the statement", expected)
    found = piece_at(source.text, start, statement)
    span, piece = Span(source, *found.span()), found.group()
    after_a_value = "_ARROW" in accepts
    if others := other_definitions(start, statement):
        return others
    if path := unquoted_path(start, statement):
        return path
    if piece in _ARROW_LIKE and (after_a_value or found.start() < start):
        again = _again(piece, span, statement)
        help = "layers are joined by `->`"
        if _lone_name(span.start, statement):
            return _equals_or_arrow(span, statement)
        return UnexpectedToken(span, f"`{piece}`", "`->`", help, "->", again)
    if piece[0] in _DIGITS and isinstance(error, UnexpectedCharacters):
        return BadNumber(span, "is malformed", "a number is written like `25`, `0.5` or `1e-3`")
    if piece != "%" and (not piece.isascii() or isinstance(error, UnexpectedCharacters)):
        return odd_character(Span(source, start, start + 1), accepts, statement)
    if statement.text.startswith("import ") and "STRING" in accepts and piece[0].isalpha():
        return UnexpectedToken(span, f"`{piece}`", expected, unquoted_import(piece))
    if piece == "//" and start == statement.start:
        hash = "#" if source.text[span.end : span.end + 1].isspace() else "# "
        mark = hash if span.first.column == 1 else None  # else it may go on with the line before
        return UnexpectedToken(span, "`//`", expected, "a comment starts with `#`", mark)
    share = _PERCENT.search(before_in(start, statement) + "%") if piece == "%" else None
    if share:
        whole = Span(source, start + 1 - len(share.group()), start + 1)
        text = f"{float(share.group(1)) / 100:g}"
        divides = _OPERAND.match(source.text, whole.end, statement.end)
        help, alone = f"write `{text}`", None if divides else text
        return UnexpectedToken(whole, f"`{whole.text}`", "a number", help, alone)
    if foreign := other_language(piece, start, statement):
        return UnexpectedToken(span, f"`{piece}`", expected, foreign)
    if piece in _KEYWORDS or (source.text[statement.start : start].strip() in _KEYWORDS):
        word = piece if piece in _KEYWORDS else source.text[statement.start : start].strip()
        help = f"`{word}` is a word of the language, and not a name"
        if word != piece:  # the word is what is wrong, and not what follows it
            place = Span(source, statement.start, statement.start + len(word))
            return UnexpectedToken(place, f"`{word}`", "a name", help)
        return UnexpectedToken(span, f"`{piece}`", expected, help)
    last = _endbefore_in(start, statement)
    if piece == "->" and source.text[:last].endswith("->"):
        return UnexpectedToken(span, "`->`", expected, "remove one of the two `->`")
    if piece == "->" and not after_a_value and "\n" in source.text[last:start]:
        return UnexpectedToken(Span(source, last, last), "end of the line", expected)
    if after_a_value and "COMMA" in accepts and _starts_a_value(piece):
        named = bool(_KEYWORD.match(source.text, start, statement.end))
        if "\n" in source.text[last:start]:
            gap, comma = Span(source, last, last), "," if named else None
            return UnexpectedToken(gap, "end of the line", expected, "write `,` here", comma)
        if "RSQB" in accepts and piece[0].isupper():
            help = f"write `, {piece}` for another branch, or `-> {piece}` to go on with this one"
            return UnexpectedToken(span, f"`{piece}`", expected, help)
        name = _LAST_NAME.search(before_in(start, statement))
        if name and piece[0] in _DIGITS:
            help = f"write `, {piece}`, or `{name.group(1)}={piece}` for an argument of that name"
            return UnexpectedToken(span, f"`{piece}`", expected, help)
        help, gap = f"write `, {piece}`", Span(source, last, last)
        comma = "," if named else None  # else an operator may be missing, or a blank be amiss
        return UnexpectedToken(span, f"`{piece}`", expected, help, comma, place=gap)
    headed = _HEADED.match(statement.text)
    if headed and (meant := nearest(headed.group(1), _HEADS)):
        head = Span(source, statement.start, statement.start + headed.end(1))
        help, sure = f"write `{meant}`", clear(head.text, _HEADS)
        return UnexpectedToken(head, f"`{head.text}`", f"`{meant}`", help, sure)
    if equals := _missing_equals(piece, start, found.end(), statement):
        return UnexpectedToken(span, f"`{piece}`", expected, equals)
    if after_a_value and _starts_a_link(piece) and _lone_name(start, statement):
        return _equals_or_arrow(span, statement)
    if after_a_value and _starts_a_link(piece):
        return MissingArrow(span, Span(source, start, start), piece)
    return UnexpectedToken(span, f"`{piece}`", expected)


def _lone_name(start: int, statement: Span) -> bool:
    """Whether nothing but a name stands before ``start``: what follows may define it."""
    return bool(_LONE_NAME.fullmatch(statement.source.text, statement.start, start))


def _equals_or_arrow(found: Span, statement: Span) -> UnexpectedToken:
    """What to say of what stands behind a name that begins its statement."""
    name = found.source.text[statement.start : found.start].split()[0]
    help = f"write `{name} = ...` to define it, or `{name} -> ...` for a chain"
    return UnexpectedToken(found, f"`{found.text}`", "`=` or `->`", help)


def _again(piece: str, first: Span, statement: Span) -> tuple[Span, ...]:
    """Where ``piece`` stands again in the statement, strings apart."""
    source = statement.source
    found = PIECE.finditer(source.text, first.end, statement.end)
    return tuple(Span(source, *other.span()) for other in found if other.group() == piece)


def _missing_equals(piece: str, start: int, end: int, statement: Span) -> str | None:
    """What to write where a name stands before a value, or an argument outside of brackets."""
    text = statement.source.text
    name = _LAST_NAME.search(before_in(start, statement))
    if name is None:
        return None
    if re.match(r"[ \t]*=(?!=)", text[end : statement.end]) and piece.isidentifier():
        brackets = f"`{name.group(1)}({piece}=...)`"
        if text[statement.start : start].count("("):
            return f"arguments stand in brackets: {brackets}"
        return f"arguments stand in brackets: {brackets}; a definition begins a new line"
    if piece[0] in _DIGITS or piece[0] == '"':
        equals = "=" if text[statement.start : start].count("(") else " = "
        return f"write `{name.group(1)}{equals}{piece}`"
    return None


def piece_at(text: str, start: int, statement: Span) -> re.Match[str]:
    """What stands at ``start``, as its writer saw it: the grammar may have read its beginning."""
    begin = start
    while begin > statement.start and text[begin - 1] in "-=":
        begin -= 1
    for at in (begin, start):
        found = PIECE.match(text, at, statement.end)
        if found and found.end() > start:
            return found
    raise AssertionError("some character stands before the statement's end")


def _endbefore_in(start: int, statement: Span) -> int:
    """Where the last thing before ``start`` ends, comments apart."""
    end = statement.start
    for token in _WORD.finditer(statement.text[: start - statement.start]):
        if not token.group().startswith("#"):
            end = statement.start + token.end()
    return end


def _expectation(accepts: set[str]) -> str:
    if "NUMBER" in accepts:
        return "a layer or a value"
    if "NAME" in accepts:
        return "a name"
    wanted = [text for terminal, text in _PUNCTUATION.items() if terminal in accepts]
    return " or ".join(wanted) or ("`(`" if "LPAR" in accepts else "something else")


def _starts_a_link(piece: str) -> bool:
    return piece[0].isalpha() or piece[0] in "_["


def _starts_a_value(piece: str) -> bool:
    return piece[0].isalnum() or piece[0] in '_["'
