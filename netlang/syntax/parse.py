"""From a source to its syntax tree: each statement goes through the grammar on its own."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from lark import Lark
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, VisitError
from lark.exceptions import UnexpectedToken as LarkUnexpectedToken

from netlang import shipped
from netlang.diagnostics import Diagnostic, DiagnosticError, Sink
from netlang.diagnostics.suggest import nearest
from netlang.diagnostics.syntax import (
    BadNumber,
    MissingArrow,
    TooLong,
    UnexpectedCharacter,
    UnexpectedToken,
)
from netlang.source import SourceFile, Span
from netlang.syntax.ast import (
    Broken,
    Call,
    Chain,
    Definition,
    File,
    Name,
    Override,
    Statement,
)
from netlang.syntax.build import Build
from netlang.syntax.statements import Extent, split

BROKEN_LIMIT = 1000

_NAME = "[A-Za-z_][A-Za-z0-9_]*"
_DEFINES = re.compile(rf"block\s+({_NAME})|(?:{_NAME}\s+)?({_NAME})\s*[=:]")
_HEADED = re.compile(rf"({_NAME})\s+{_NAME}\s*[=(]")
_HEADS = ("block", "shared", "expect", "import")
_NAMELESS = re.compile(r"(expect|import|block|shared)\b|[A-Za-z_][A-Za-z0-9_]*\s*\.")
_PIECE = re.compile(
    r'"[^"\n]*"?|[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*|->|=>|\|>|>>|--+>?|[<>=!]=|//|\*\*|.', re.DOTALL
)
_INDENTED = re.compile(r"[ \t]*(#[^\n]*)?\n[ \t]+[^\s#]")
_WORD = re.compile(r'#[^\n]*|"[^"\n]*"|[^\s#"]+')
_ARROW_LIKE = frozenset({"→", "➔", "⟶", "=>", "|>", "|", ">>", ">", "-->", "--"})
_MEANT = {"×": "*", "−": "-", "–": "-", "—": "-", "÷": "/", "“": '"', "”": '"', "„": '"'}
_MEANT |= {
    "，": ",",
    "（": "(",
    "）": ")",
    "＝": "=",
    "｜": "|",
    ":": "=",
    "{": "(",
    "}": ")",
    "^": "**",
}
_DIGITS = "0123456789"
_DOTTED = re.compile(
    r"(?:[A-Za-z_][A-Za-z0-9_]*)?(?P<path>(?:\.[A-Za-z_][A-Za-z0-9_]*)+)(?P<call>\(?)"
)
_OTHER_STATEMENTS = frozenset(
    {
        "from",
        "class",
        "def",
        "for",
        "while",
        "if",
        "let",
        "var",
        "const",
        "return",
        "assert",
        "with",
    }
)
_PYTHON = frozenset({"torch", "numpy", "tensorflow", "keras", "jax", "sklearn", "pandas"})
_KEYWORDS = frozenset({"expect", "block", "shared", "import", "as", "true", "false", "none", "_"})
_PUNCTUATION = {"EQUAL": "`=`", "COMMA": "`,`", "RPAR": "`)`", "RSQB": "`]`", "_ARROW": "`->`"}
_PUNCTUATION |= {"STRING": "a path in double quotes"}
_PUNCTUATION |= {"COMPARISON": "a comparison such as `>`", "$END": "the end of the statement"}


@cache
def _grammar() -> Lark:
    text = (shipped.folder("grammars") / "netlang.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", propagate_positions=True, maybe_placeholders=False)


def parse(source: SourceFile, sink: Sink) -> File:
    """The tree of ``source``; what cannot be read is reported and stands in it as ``Broken``.

    Raises DiagnosticError for a text that is too long, or of which too much cannot be read.
    """
    statements: list[Statement] = []
    broken = 0
    for extent in split(source, sink):
        statement = _read(extent, sink)
        if _lacks_an_arrow(statement, statements, sink):
            statement = Broken(None, extent.span)
        statements.append(statement)
        broken += isinstance(statement, Broken)
        if broken > BROKEN_LIMIT:
            what = "statements that cannot be read"
            raise DiagnosticError(TooLong(statement.span, what, BROKEN_LIMIT))
    return File(source, tuple(statements))


def parse_override(source: SourceFile) -> Override:
    """``name.argument=value``, as ``--set`` takes it. Raises DiagnosticError."""
    sink = Sink()
    extents = split(source, sink)
    if sink.has_errors:
        raise DiagnosticError(*sink.diagnostics)
    whole = Span(source, 0, len(source.text))
    statement = _parse(extents[0].span) if len(extents) == 1 else None
    if isinstance(statement, Definition) and statement.name:
        return Override((statement.name,), statement.value, statement.span)
    if isinstance(statement, Override):
        return statement
    help = "write `--set name=value`, such as `--set epochs=50`"
    raise DiagnosticError(UnexpectedToken(whole, "text", "one `name=value`", help))


def _read(extent: Extent, sink: Sink) -> Statement:
    if extent.readable:
        try:
            return _statement(extent.span)
        except DiagnosticError as error:
            sink.extend(error.diagnostics)
    text = extent.span.text
    if meant := _DEFINES.match(text):
        return Broken(meant.group(1) or meant.group(2), extent.span)
    return Broken(None if _NAMELESS.match(text) else "net", extent.span)


def _statement(span: Span) -> Statement:
    statement = _parse(span)
    if not isinstance(statement, Override):
        return statement
    first, second = statement.path[:2]
    help = (
        f"write it where `{first.name}` is defined, as in `{first.name} = Name({second.name}=...)`"
    )
    found = f"`.{second.name}`"
    raise DiagnosticError(UnexpectedToken(second.span, found, "`=`", help))


def _parse(span: Span) -> Statement | Override:
    build = Build(span)
    try:
        tree = _grammar().parse(span.text)
        result: Statement | Override = build.transform(tree)
    except VisitError as error:
        raise error.orig_exc from None
    except UnexpectedInput as error:
        raise DiagnosticError(_explain(error, span)) from None
    return result


def _explain(error: UnexpectedInput, statement: Span) -> Diagnostic:
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
    found = _piece(source.text, start, statement)
    span, piece = Span(source, *found.span()), found.group()
    after_a_value = "_ARROW" in accepts
    if piece in _ARROW_LIKE and (after_a_value or found.start() < start):
        return UnexpectedToken(span, f"`{piece}`", "`->`", "layers are joined by `->`", "->")
    if piece[0] in _DIGITS and isinstance(error, UnexpectedCharacters):
        return BadNumber(span, "is malformed", "a number is written like `25`, `0.5` or `1e-3`")
    if piece != "%" and (not piece.isascii() or isinstance(error, UnexpectedCharacters)):
        return UnexpectedCharacter(Span(source, start, start + 1), _meant(piece[0]))
    if statement.text.startswith("import ") and "STRING" in accepts and piece[0].isalpha():
        return UnexpectedToken(span, f"`{piece}`", expected, _unquoted(piece))
    if help := _other_language(piece, start, statement):
        return UnexpectedToken(span, f"`{piece}`", expected, help)
    if piece in _KEYWORDS or (source.text[statement.start : start].strip() in _KEYWORDS):
        word = piece if piece in _KEYWORDS else source.text[statement.start : start].strip()
        help = f"`{word}` is a word of the language, and not a name"
        if word != piece:  # the word is what is wrong, and not what follows it
            place = Span(source, statement.start, statement.start + len(word))
            return UnexpectedToken(place, f"`{word}`", "a name", help)
        return UnexpectedToken(span, f"`{piece}`", expected, help)
    before = _end_before(start, statement)
    if piece == "->" and not after_a_value and "\n" in source.text[before:start]:
        return UnexpectedToken(Span(source, before, before), "end of the line", expected)
    if after_a_value and "COMMA" in accepts and _starts_a_value(piece):
        if "\n" in source.text[before:start]:
            gap = Span(source, before, before)
            return UnexpectedToken(gap, "end of the line", expected, "write `,` here", ",")
        if "RSQB" in accepts and piece[0].isupper():
            help = f"write `, {piece}` for another branch, or `-> {piece}` to go on with this one"
            return UnexpectedToken(span, f"`{piece}`", expected, help)
        return UnexpectedToken(span, f"`{piece}`", expected, f"write `, {piece}`", f", {piece}")
    headed = _HEADED.match(statement.text)
    if headed and (meant := nearest(headed.group(1), _HEADS)):
        head = Span(source, statement.start, statement.start + headed.end(1))
        return UnexpectedToken(head, f"`{head.text}`", f"`{meant}`", f"write `{meant}`", meant)
    if after_a_value and _starts_a_link(piece):
        return MissingArrow(span, Span(source, start, start), piece)
    return UnexpectedToken(span, f"`{piece}`", expected)


def _unquoted(path: str) -> str:
    """What to write for ``import path``."""
    if path.split(".")[0] in _PYTHON:
        return "remove it: layers, losses and optimizers are known without any import"
    return f'an import names a file: `import "{path.removesuffix(".net")}.net"`'


def _other_language(piece: str, start: int, statement: Span) -> str | None:
    """What to write instead of a piece that means something in another language."""
    text = statement.source.text
    first = re.match(r"[A-Za-z_]+", statement.text)
    if first and first.group() == "import":
        return 'an import names a file: `import "blocks.net"`'
    if first and first.group() in _OTHER_STATEMENTS:
        return f"netlang has no `{first.group()}`; a file is a list of definitions, `name = value`"
    if dotted := _DOTTED.match(text, start, statement.end):
        *_, name = dotted.group("path").split(".")
        if dotted.group("call") or "(" not in text[statement.start : start]:
            return f"names stand alone here: write `{name}`"
        return "a path is a string: write it in double quotes"
    if piece == "[" and text[start - 1].isalnum():
        return "arguments stand in round brackets: write `(` and `)`"
    before = text[statement.start : start]
    if piece == "," and before.count("(") > before.count(")"):
        return "a list stands in square brackets: write `[` and `]`"
    return {
        ",": "layers are joined by `->`",
        "//": "a comment starts with `#`",
        "==": "write `=`",
        "%": "write a share as a decimal, such as `0.5` for 50%",
    }.get(piece)


def _piece(text: str, start: int, statement: Span) -> re.Match[str]:
    """What stands at ``start``, as its writer saw it: the grammar may have read its beginning."""
    begin = start
    while begin > statement.start and text[begin - 1] in "-=":
        begin -= 1
    for at in (begin, start):
        found = _PIECE.match(text, at, statement.end)
        if found and found.end() > start:
            return found
    raise AssertionError("some character stands before the statement's end")


def _end_before(start: int, statement: Span) -> int:
    """Where the last thing before ``start`` ends, comments apart."""
    end = statement.start
    for token in re.finditer(
        r'#[^\n]*|"[^"\n]*"|[^\s#"]+', statement.text[: start - statement.start]
    ):
        if not token.group().startswith("#"):
            end = statement.start + token.end()
    return end


def _meant(character: str) -> str | None:
    """The ASCII character that looks like it, or is the same digit in another script."""
    if character.isdigit():
        return str(unicodedata.digit(character))
    return _MEANT.get(character)


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


def _lacks_an_arrow(statement: Statement, before: list[Statement], sink: Sink) -> bool:
    """Whether ``statement`` is an indented line that goes on with the chain of the one before."""
    span = statement.span
    source = span.source
    line_start = source.text.rfind("\n", 0, span.start) + 1
    indented = span.start > line_start and not source.text[line_start : span.start].strip()
    if not (before and indented and isinstance(statement, Definition) and statement.name is None):
        return False
    if not isinstance(statement.value, Name | Call | Chain):
        return False
    first = _PIECE.match(source.text, span.start, span.end)
    assert first, "a statement is not empty"
    gap = Span(source, span.start, span.start)
    if not isinstance(before[-1], Broken):  # of which this line is a part, and not to be judged
        sink.report(MissingArrow(Span(source, *first.span()), gap, first.group()))
    return True
