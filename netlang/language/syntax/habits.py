"""Habits from other languages and from the command line, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from netlang.language.diagnostics.foreign import help_for, help_for_call
from netlang.language.diagnostics.syntax import UnexpectedToken
from netlang.language.source import Span
from netlang.language.syntax.characters import pieces
from netlang.language.syntax.stop import NAME, Stop

_OTHER_STATEMENTS = re.compile(
    "from|class|def|for|while|if|let|var|const|return|assert|with|elif|else|in|lambda"
)
_ENDINGS = "csv|data|dat|net|tsv|txt"
_PYTHON = frozenset({"torch", "numpy", "tensorflow", "keras", "jax", "sklearn", "pandas"})
_HEAD = re.compile(rf"[ \t]*({NAME})[ \t]*=(?!=)")
_FILE = rf"(?:[A-Za-z]:|~)?[\w .\\/-]*[.](?:{_ENDINGS})"
_ROOTED = r"(?:[A-Za-z]:|~|[.]{0,2})[\\/][\w .\\/-]+"
_PATH = re.compile(f"{_FILE}|{_ROOTED}")
_ARGUMENT = re.compile(r"[^\n,()\[\]\"=#]*")
_NO_QUOTIENT = re.compile(r"[.~:\\]|^/")  # what a path has and a division has not
_BLOCK = re.compile(rf"(def|class|shared)\s+({NAME}\s*\([^()\n]*\)?)")
_METHOD = re.compile(rf"{NAME}(?:\.{NAME})*\.({NAME})[ \t]*\(")
_DOTTED = re.compile(rf"(?:{NAME})?(?:\.{NAME})*\.(?P<name>{NAME})(?P<call>\(?)")
_FOLDERS = re.compile(r"[\w/-]*\Z")
_WHOLE, _PART = re.compile(r"\b[0-9]+\Z"), re.compile(r",([0-9]+)\b")
_LIST = re.compile(r"[ \t]*\w[\w.]*(?:[ \t]*,[ \t]*\w[\w.]*)+")
_FIRST = re.compile(NAME)


def other_definitions(stop: Stop) -> UnexpectedToken | None:
    """What to say of a comma or semicolon that parts definitions, and of its like."""
    gaps = list(_parting(stop.statement)) if stop.character.text in ",;" else []
    if not gaps or not gaps[0].start <= stop.start < gaps[0].end:
        return None
    first, *others = gaps
    name = _FIRST.match(stop.text, first.end)
    following = name.group() if name else "the next"
    help = f"a statement ends with its line: begin a new one before `{following}`"
    end = "the end of the statement"
    return UnexpectedToken(stop.character, end, help, "\n", tuple(others), gap=first)


def _parting(statement: Span) -> Iterator[Span]:
    """Each comma or semicolon that a definition follows, with the blanks around it."""
    source, depth = statement.source, 0
    for piece, span in pieces(statement):
        depth += (piece in "([") - (piece in ")]")
        if depth or piece not in ",;":
            continue
        if name := _HEAD.match(source.text, span.end, statement.end):
            begin = span.start
            while source.text[begin - 1] in " \t":
                begin -= 1
            yield Span(source, begin, name.start(1))


def unquoted_path(stop: Stop) -> UnexpectedToken | None:
    """What to say of a path without quotes that is an argument."""
    begin = max(stop.text.rfind(sign, stop.statement.start, stop.start) for sign in '(,=\n"')
    whole = _ARGUMENT.match(stop.text, begin + 1, stop.statement.end)
    if not whole or not stop.in_brackets or not stop.start < whole.end():
        return None
    path = whole.group().strip()
    if not _PATH.fullmatch(path) or not _NO_QUOTIENT.search(path):
        return None
    at = whole.start() + whole.group().index(path)
    written = '"' + path.replace("\\", "/") + '"'
    slashes = ", and its folders by `/`" if "\\" in path else ""
    help = f"a path is a string, in double quotes{slashes}: write `{written}`"
    return UnexpectedToken(
        Span(stop.statement.source, at, at + len(path)), "a string", help, written
    )


def unquoted_import(path: str) -> str:
    """What to write for ``import path``."""
    if path.split(".")[0] in _PYTHON:
        return "remove it: layers, losses and optimizers are known without any import"
    return f'an import names a file: `import "{path.removesuffix(".net")}.net"`'


def other_language(stop: Stop) -> str | None:
    """What to write instead of what means something in another language."""
    return next(filter(None, (help(stop) for help in _HABITS)), None)


def _import(stop: Stop) -> str | None:
    what = {"import": "names a file", "from": "takes a whole file"}.get(stop.first_word)
    return what and f'an import {what}: `import "blocks.net"`'


def _block(stop: Stop) -> str | None:
    head = _BLOCK.match(stop.statement.text)
    if not head:
        return None
    block = f"`block {head[2]} = ...`"
    if head[1] == "shared":
        return f"a shared network has no parameters; {block} has, and new weights at each use"
    return f"a network with parameters is a block: {block}"


def _other_statement(stop: Stop) -> str | None:
    if _OTHER_STATEMENTS.fullmatch(stop.piece):
        return f"netlang has no `{stop.piece}`: write the value itself"
    if _OTHER_STATEMENTS.fullmatch(stop.first_word):
        return (
            f"netlang has no `{stop.first_word}`; a file is a list of definitions, `name = value`"
        )
    return None


def _method(stop: Stop) -> str | None:
    method = _METHOD.match(stop.statement.text)
    if not method:
        return None
    none = "a file is a list of definitions, `name = value`, and calls no methods"
    return help_for_call(method.group(1)) or none


def _attribute(stop: Stop) -> str | None:
    dotted = _DOTTED.match(stop.text, stop.start, stop.statement.end)
    if not dotted:
        return None
    name = dotted["name"]
    if name in _ENDINGS.split("|"):
        folders = _FOLDERS.search(stop.just_before)
        path = (folders.group() if folders else "") + dotted.group().rstrip("(")
        return f'a path is a string, in double quotes: `"{path}"`'
    if known := help_for(name):
        return known
    if stop.text[stop.start - 1] == ")":
        return f"layers are joined by `->`: write `-> {name}`"
    if dotted["call"] or "(" not in stop.before:
        return f"names stand alone here: write `{name}`"
    return "a path is a string: write it in double quotes"


def _square_brackets(stop: Stop) -> str | None:
    call = stop.piece == "[" and stop.text[stop.start - 1].isalnum()
    return "arguments stand in round brackets: write `(` and `)`" if call else None


def _decimal_comma(stop: Stop) -> str | None:
    whole, part = _WHOLE.search(stop.just_before), _PART.match(stop.text, stop.start)
    if not (whole and part):
        return None
    decimal = f"a decimal number has a point: write `{whole.group()}.{part.group(1)}`"
    a_list = f", and a list square brackets: `[{whole.group()}, {part.group(1)}]`"
    return decimal if whole.group() == "0" else decimal + a_list


def _list(stop: Stop) -> str | None:
    if stop.piece != ",":
        return None
    head = _HEAD.match(stop.statement.text)
    if head and _LIST.fullmatch(stop.statement.text, head.end()):
        items = stop.statement.text[head.end() :].strip()
        return f"a list stands in square brackets: write `[{items}]`"
    return "a list stands in square brackets: write `[` and `]`" if stop.in_brackets else None


def _sign(stop: Stop) -> str | None:
    return {
        ",": "layers are joined by `->`",
        "//": "a comment starts with `#`",
        "/": "a comment starts with `#`" if stop.start == stop.statement.start else None,
        "==": "write `=`",
        "%": "write a share as a decimal, such as `0.5` for 50%",
    }.get(stop.piece)


# The first that knows the habit says what to write.
_HABITS: tuple[Callable[[Stop], str | None], ...] = (
    *(_import, _block, _other_statement, _method, _attribute),
    *(_square_brackets, _decimal_comma, _list, _sign),
)
