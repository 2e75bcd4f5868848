"""The rules for what another language or a shell would write: each says what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile

from netlang.language.diagnostics import Fix
from netlang.language.diagnostics.messages.syntax import UnexpectedToken, UnquotedPath
from netlang.language.source import Span
from netlang.language.syntax.lexis import EQUALS, NAME, Token
from netlang.language.syntax.mistakes.members import FILE_ENDINGS, LIBRARIES
from netlang.language.syntax.mistakes.signs import help_for_sign
from netlang.language.syntax.mistakes.stop import Stop

_OTHER_STATEMENTS = re.compile(
    "from|class|def|for|while|if|let|var|const|return|assert|with|elif|else|in|lambda"
)
_HEAD = re.compile(NAME + EQUALS)
_FILE = rf"(?:[A-Za-z]:|~)?[\w .\\/-]*[.](?:{FILE_ENDINGS})"
_ROOTED = r"(?:[A-Za-z]:|~|[.]{0,2})[\\/][\w .\\/-]+"
_PATH = re.compile(f"{_FILE}|{_ROOTED}")
_ARGUMENT = re.compile(r"[^\n,()\[\]\"=#]*")
_NO_QUOTIENT = re.compile(r"[.~:\\]|^/")  # what a path has and a division has not
_BLOCK = re.compile(rf"(def|class|shared)\s+({NAME}\s*\([^()\n]*\)?)")
_SHORT = 200  # characters of a statement that is looked over for a sum of a layer and its input
_ADDED = re.compile(  # x + f(x), and f(x) + x
    rf"\b({NAME}) *\+ *(?P<behind>[^+\n]+)\(\1\)|(?P<before>[^=+\n]+)\(({NAME})\) *\+ *\4\b"
)
_CALLED = re.compile(rf"\b({NAME})\(\)\((\[[^\[\]\n]*\])\)")  # Add()([a, b])
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+\b")
_LIST = re.compile(r"[ \t]*\w[\w.]*(?:[ \t]*,[ \t]*\w[\w.]*)+")


def other_definitions(stop: Stop) -> UnexpectedToken | None:
    """The diagnostic for several definitions in one line, with a comma or semicolon between."""
    parting = list(_parting(stop.tokens)) if stop.text in (",", ";") else []
    if not parting or stop.before is not parting[0][0]:
        return None
    gaps = [Span(a.span.source, a.span.end, b.span.start) for a, b in parting]
    return separated(stop, gaps, parting[0][1].text)


def separated(stop: Stop, gaps: Sequence[Span], following: str) -> UnexpectedToken:
    """The diagnostic for definitions in one line. ``following`` begins the second of them."""
    help = f"a statement ends with its line: begin a new one before `{following}`"
    fixes = tuple(Fix(gap, "\n") for gap in gaps)
    return UnexpectedToken(stop.span, f"the {stop.end}", help, fixes, tuple(gaps[1:]))


def _parting(parts: Sequence[Token]) -> Iterator[tuple[Token, Token]]:
    """The tokens before and after each comma or semicolon that stands before a definition."""
    for before, sign, name, equals in zip(parts, parts[1:], parts[2:], parts[3:], strict=False):
        defines = name.kind == "name" and not name.breaks and equals.text == "="
        if defines and sign.text in (",", ";") and not sign.bracket:
            yield before, name


def unquoted_path(stop: Stop) -> UnquotedPath | None:
    """The diagnostic for an argument that is a path without quotes."""
    source, statement = stop.statement.source, stop.statement
    begin = max(source.text.rfind(sign, statement.start, stop.start) for sign in '(,=\n"')
    whole = _ARGUMENT.match(source.text, begin + 1, statement.end)
    if not whole or not stop.in_brackets or not stop.start < whole.end():
        return None
    path = whole.group().strip()
    if not _PATH.fullmatch(path) or not _NO_QUOTIENT.search(path):
        return None
    at = whole.start() + whole.group().index(path)
    return UnquotedPath(Span(source, at, at + len(path)), '"' + path.replace("\\", "/") + '"')


def python_tuple(stop: Stop) -> UnexpectedToken | None:
    """The diagnostic for numbers or names in round brackets, which Python takes for tuples."""
    tuples = [*_tuples(stop.tokens)] if stop.text == "," else []
    if not any(opening is stop.token.bracket for opening, *_ in tuples):
        return None
    (opening, last, closing), *others = tuples
    if two := _two_arguments(stop, opening, closing):
        return two
    items = Span(opening.span.source, opening.span.end, last.span.end).text.strip()
    fixes = [Fix(one.span, "[") for one, *_ in tuples]
    fixes += (Fix(last.span.to(end.span), f"{last.text}]") for _, last, end in tuples)
    return UnexpectedToken(
        opening.span.to(closing.span),
        "a list",
        f"a list stands in square brackets: write `[{items}]`",
        tuple(fixes),
        tuple(begin.span.to(end.span) for begin, _, end in others),
    )


def _two_arguments(stop: Stop, opening: Token, closing: Token) -> UnexpectedToken | None:
    """The diagnostic for `betas=(0.9, 0.99)`, which are two arguments."""
    before = stop.tokens[: stop.tokens.index(opening)]
    inside = Span(opening.span.source, opening.span.end, closing.span.start).text.split(",")
    if [one.text for one in before[-2:]] != ["betas", "="] or len(inside) != 2:
        return None
    whole = before[-2].span.to(closing.span)
    text = ", ".join(f"beta{n}={one.strip()}" for n, one in enumerate(inside, 1))
    help = f"these are two arguments: write `{text}`"
    return UnexpectedToken(whole, "a number for each argument", help, (Fix(whole, text),))


def _tuples(parts: Sequence[Token]) -> Iterator[tuple[Token, Token, Token]]:
    """The tuples in these tokens: their opening bracket, their last item, their closing bracket."""
    for index, opening in enumerate(parts):
        before = parts[index - 1] if index else None
        is_call = before and before.kind == "name" and before.span.end == opening.span.start
        if opening.text != "(" or is_call:
            continue
        inside = [*takewhile(_in_a_tuple, parts[index + 1 :])]
        closing = parts[index + 1 + len(inside) : index + 2 + len(inside)]
        items = inside[:-1] if inside and inside[-1].text == "," else inside
        if items and closing and closing[0].text == ")" and "," in [one.text for one in inside]:
            yield opening, items[-1], closing[0]


def _in_a_tuple(token: Token) -> bool:
    is_name = token.kind == "name" and token.text.islower()
    return is_name or token.kind in ("number", "string") or token.text in (",", "-", "+", "*")


def other_language(stop: Stop) -> str | None:
    """A help, if what stands there means something in another language."""
    return next(filter(None, (help(stop) for help in _HABITS)), None)


def _import(stop: Stop) -> str | None:
    what = {"import": "names a file", "from": "takes a whole file"}.get(stop.tokens[0].text)
    if not what or stop.token.breaks or (stop.index > 1 and stop.after.text == "="):
        return None
    if stop.text in LIBRARIES:
        return "remove it: layers, losses and optimizers are known without any import"
    file = stop.near(1 - stop.index)
    path = {"string": file.text, "name": f'"{file.text}.net"'}.get(file.kind, '"blocks.net"')
    return f"an import {'has no `as`' if stop.text == 'as' else what}: `import {path}`"


def _block(stop: Stop) -> str | None:
    head = _BLOCK.match(stop.statement.text)
    if not head:
        return None
    block = f"`block {head[2]} = ...`"
    if head[1] == "shared":
        return f"a shared network has no parameters; {block} has, and new weights at each use"
    return f"a network with parameters is a block: {block}"


def _other_statement(stop: Stop) -> str | None:
    first = stop.tokens[0].text
    for word in (stop.text, *([stop.before.text] if stop.index > 1 else [])):
        if _OTHER_STATEMENTS.fullmatch(word):
            return f"netlang has no `{word}`: write the value itself"
    if _OTHER_STATEMENTS.fullmatch(first):
        return f"netlang has no `{first}`; a file is a list of definitions, `name = value`"
    return None


def _square_brackets(stop: Stop) -> str | None:
    touches = stop.gap.end == stop.span.start and stop.before.kind in ("name", "number")
    if stop.text != "[" or not touches:
        return None
    if stop.before.text.islower() and stop.after.kind == "number":
        return "nothing takes an item out of a list: give each its name"
    return "arguments stand in round brackets: write `(` and `)`"


def _comma_in_a_number(stop: Stop) -> str | None:
    before, whole, part = stop.before.span, stop.before.text, stop.after.text
    if stop.text != "," or stop.after.span.start != before.end + 1:
        return None
    if not (whole.isdigit() and part.isdigit()):
        return None
    grouped = _GROUPED.match(before.source.text, before.start, stop.statement.end)
    parts = grouped.group().split(",") if grouped else [whole, part]
    meant = f"digits are grouped by `_`: write `{'_'.join(parts)}`"
    if not grouped:
        meant = f"a decimal number has a point: write `{'.'.join(parts)}`"
    if any(one[0] == "0" for one in parts):
        return meant
    return f"{meant}, and a list square brackets: `[{', '.join(parts)}]`"


def _list(stop: Stop) -> str | None:
    if stop.text != "," or stop.wants_a_value:
        return None
    head = _HEAD.match(stop.statement.text)
    if head and _LIST.fullmatch(stop.statement.text, head.end()):
        items = stop.statement.text[head.end() :].strip()
        return f"a list stands in square brackets: write `[{items}]`"
    if stop.in_brackets and stop.before.text == ")":
        return "layers in a row are joined by `->`, and branches stand in square brackets"
    if stop.in_brackets:
        return "a list stands in square brackets: write `[` and `]`"
    return None if stop.in_override else "layers are joined by `->`"


def _call_of_a_layer(stop: Stop) -> str | None:
    called = _CALLED.search(stop.statement.text[:_SHORT]) if stop.text == "(" else None
    return f"layers are joined by `->`: `{called[2]} -> {called[1]}`" if called else None


def _residual(stop: Stop) -> str | None:
    added = _ADDED.search(stop.statement.text[:_SHORT]) if stop.text == "(" else None
    if added is None:
        return None
    layer = (added["behind"] or added["before"]).strip()
    return f"the input has no name: `[Identity, {layer}] -> Add` adds it to an output"


def _call_of_a_metric(stop: Stop) -> str | None:
    name = stop.before.text
    if stop.text != "(" or stop.tokens[0].text != "expect" or name == "expect":
        return None
    return (
        f"arguments of a metric stand in a setting, `metrics = [{name}(...)]`; `netlang check` "
        f"then knows its number by a name such as `test.{name}_micro`"
    )


def _sign(stop: Stop) -> str | None:
    if stop.text == "and":
        expects = stop.tokens[0].text == "expect"
        return "write an `expect` of its own for each" if expects else "layers are joined by `->`"
    return help_for_sign(stop.before.text, stop.text)


# The first that knows the habit gives the help. The first three judge by a statement's beginning.
_HABITS: tuple[Callable[[Stop], str | None], ...] = (
    _import,
    _block,
    _other_statement,
    _square_brackets,
    _comma_in_a_number,
    _list,
    _residual,
    _call_of_a_layer,
    _call_of_a_metric,
    _sign,
)
