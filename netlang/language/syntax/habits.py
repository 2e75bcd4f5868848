"""What people write by habit, of other languages or of the command line: what to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterator

from netlang.language.diagnostics.foreign import help_for, help_for_call
from netlang.language.diagnostics.syntax import UnexpectedToken
from netlang.language.source import Span

NAME = "[A-Za-z_][A-Za-z0-9_]*"
_NEAR = 100  # characters that are looked back for a name
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
        "elif",
        "else",
        "in",
        "lambda",
    }
)
_ENDINGS = frozenset({"csv", "tsv", "txt", "dat", "data", "net"})
_PYTHON = frozenset({"torch", "numpy", "tensorflow", "keras", "jax", "sklearn", "pandas"})
_SIGN = re.compile(r'"[^"\n]*"|#[^\n]*|[()\[\],;]|[^"#()\[\],;]+')
_HEAD = re.compile(rf"[ \t]*({NAME})[ \t]*=(?!=)")
_PLAIN = re.compile(r"[ \t]*\w[\w.]*(?:[ \t]*,[ \t]*\w[\w.]*)+")
_FIRST = re.compile(rf"\A{NAME}")
_WHOLE, _PART = re.compile(r"\b[0-9]+\Z"), re.compile(r",([0-9]+)\b")
_ARGUMENT = re.compile(r"[^\n,()\[\]\"=#]*")
_FILE = rf"(?:[A-Za-z]:|~)?[\w .\\/-]*[.](?:{'|'.join(sorted(_ENDINGS))})"
_ROOTED = r"(?:[A-Za-z]:|~|[.]{0,2})[\\/][\w .\\/-]+"
_PATH = re.compile(f"{_FILE}|{_ROOTED}")
_METHOD = re.compile(rf"{NAME}(?:\.{NAME})*\.({NAME})[ \t]*\(")


def before_in(start: int, statement: Span) -> str:
    """What of the statement stands shortly before ``start``."""
    return statement.source.text[max(statement.start, start - _NEAR) : start]


def other_definitions(start: int, statement: Span) -> UnexpectedToken | None:
    """What to say of a comma or semicolon at ``start`` that parts definitions, and of its like."""
    source = statement.source
    if source.text[start] not in ",;":
        return None
    gaps = list(_parting(statement))
    if not gaps or not gaps[0].start <= start < gaps[0].end:
        return None
    first, *others = gaps
    name = _FIRST.search(source.text[first.end : first.end + _NEAR])
    following = name.group() if name else "the next"
    help = f"a statement ends with its line: begin a new one before `{following}`"
    span, end = Span(source, start, start + 1), "the end of the statement"
    sign = f"`{source.text[start]}`"
    return UnexpectedToken(span, sign, end, help, "\n", tuple(others), gap=first)


def _parting(statement: Span) -> Iterator[Span]:
    """Each comma or semicolon that a definition follows, with the blanks around it."""
    source, depth = statement.source, 0
    for piece in _SIGN.finditer(source.text, statement.start, statement.end):
        sign = piece.group()
        depth += (sign in "([") - (sign in ")]")
        if depth or sign not in ",;":
            continue
        if name := _HEAD.match(source.text, piece.end(), statement.end):
            begin = piece.start()
            while source.text[begin - 1] in " \t":
                begin -= 1
            yield Span(source, begin, name.start(1))


def unquoted_path(start: int, statement: Span) -> UnexpectedToken | None:
    """What to say of a path without quotes at ``start``, which is inside of brackets."""
    source = statement.source
    begin = max(source.text.rfind(sign, statement.start, start) for sign in '(,=\n"')
    whole = _ARGUMENT.match(source.text, begin + 1, statement.end)
    inside = source.text.count("(", statement.start, start)
    if not whole or not inside or not start < whole.end():
        return None
    path = whole.group().strip()
    if not _PATH.fullmatch(path) or _is_arithmetic(path):
        return None
    at = whole.start() + whole.group().index(path)
    written = '"' + path.replace("\\", "/") + '"'
    slashes = ", and its folders by `/`" if "\\" in path else ""
    help = f"a path is a string, in double quotes{slashes}: write `{written}`"
    span = Span(source, at, at + len(path))
    return UnexpectedToken(span, f"`{path}`", "a string", help, written)


def _is_arithmetic(text: str) -> bool:
    """Whether it may be a quotient: nothing but the slash makes it a path."""
    return "/" in text and not re.search(r"[.~:\\]|^/", text)


def unquoted_import(path: str) -> str:
    """What to write for ``import path``."""
    if path.split(".")[0] in _PYTHON:
        return "remove it: layers, losses and optimizers are known without any import"
    return f'an import names a file: `import "{path.removesuffix(".net")}.net"`'


def other_language(piece: str, start: int, statement: Span) -> str | None:
    """What to write instead of a piece that means something in another language."""
    text = statement.source.text
    first = re.match(r"[A-Za-z_]+", statement.text)
    if first and first.group() == "import":
        return 'an import names a file: `import "blocks.net"`'
    if first and first.group() == "from":
        return 'an import takes a whole file: `import "blocks.net"`'
    if head := re.match(rf"(?:def|class|shared)\s+({NAME}\s*\([^()\n]*\)?)", statement.text):
        block = f"`block {head.group(1)} = ...`"
        if statement.text.startswith("shared"):
            return f"a shared network has no parameters; {block} has, and new weights at each use"
        return f"a network with parameters is a block: {block}"
    if piece in _OTHER_STATEMENTS:
        return f"netlang has no `{piece}`: write the value itself"
    if first and first.group() in _OTHER_STATEMENTS:
        return f"netlang has no `{first.group()}`; a file is a list of definitions, `name = value`"
    if method := _METHOD.match(statement.text):
        return help_for_call(method.group(1)) or (
            "a file is a list of definitions, `name = value`, and calls no methods"
        )
    if dotted := _DOTTED.match(text, start, statement.end):
        *_, name = dotted.group("path").split(".")
        if name in _ENDINGS:
            front = re.search(r"[\w/-]*\Z", before_in(start, statement))
            path = (front.group() if front else "") + dotted.group().rstrip("(")
            return f'a path is a string, in double quotes: `"{path}"`'
        if known := help_for(name):
            return known
        if text[start - 1] == ")":
            return f"layers are joined by `->`: write `-> {name}`"
        if dotted.group("call") or "(" not in text[statement.start : start]:
            return f"names stand alone here: write `{name}`"
        return "a path is a string: write it in double quotes"
    if piece == "[" and text[start - 1].isalnum():
        return "arguments stand in round brackets: write `(` and `)`"
    before = text[statement.start : start]
    whole, part = _WHOLE.search(before_in(start, statement)), _PART.match(text, start)
    if whole and part:
        decimal = f"a decimal number has a point: write `{whole.group()}.{part.group(1)}`"
        a_list = f", and a list square brackets: `[{whole.group()}, {part.group(1)}]`"
        return decimal if whole.group() == "0" else decimal + a_list
    if (
        piece == ","
        and (head := _HEAD.match(statement.text))
        and _PLAIN.fullmatch(statement.text, head.end())
    ):
        return f"a list stands in square brackets: write `[{statement.text[head.end() :].strip()}]`"
    if piece == "," and before.count("(") > before.count(")"):
        return "a list stands in square brackets: write `[` and `]`"
    return {
        ",": "layers are joined by `->`",
        "//": "a comment starts with `#`",
        "/": "a comment starts with `#`" if start == statement.start else None,
        "==": "write `=`",
        "%": "write a share as a decimal, such as `0.5` for 50%",
    }.get(piece)
