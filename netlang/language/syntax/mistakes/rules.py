"""The diagnostic for a statement that cannot be read, from the first rule that knows the mistake.

Here are the rules of netlang's own syntax: what is missing, repeated or misspelt. ``habits`` has
the rules for what another language would write, and ``characters`` the one for characters that
netlang lacks. All of them ask a ``Stop`` what stands where the parser stopped.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import takewhile

from netlang.language.diagnostics import Diagnostic, Fix
from netlang.language.diagnostics.messages.syntax import (
    BadNumber,
    MissingArrow,
    UnexpectedToken,
    no_name,
)
from netlang.language.diagnostics.suggest import guess
from netlang.language.source import Span
from netlang.language.syntax.lexis import HEADS, KEYWORDS, RANGE
from netlang.language.syntax.mistakes.characters import odd_character
from netlang.language.syntax.mistakes.habits import (
    other_definitions,
    other_language,
    python_tuple,
    separated,
    unquoted_path,
)
from netlang.language.syntax.mistakes.members import member
from netlang.language.syntax.mistakes.signs import ARROWS, COMMENT, OTHER_SIGNS
from netlang.language.syntax.mistakes.spacing import sign_fix
from netlang.language.syntax.mistakes.stop import Stop

AGAIN = "for several, write `--set name=value` several times"
_BEHIND = ("=", "(", ".", "<", "<=", ">", ">=", "==", "!=")  # the name that a head stands before
_EXPONENT = re.compile(r"[eE] ?[-+]? ?[0-9]{1,3}\b")
_INDENTED = re.compile(r"[ \t]*(#[^\n]*)?\n[ \t]+[^\s#]")


def diagnosis(stop: Stop) -> Diagnostic:
    """What is wrong there, as the first rule says that applies."""
    return next(filter(None, (rule(stop) for rule in _RULES)), None) or _unexpected(stop)


def _unexpected(stop: Stop, help: str | None = None, fix: str | None = None) -> UnexpectedToken:
    if not help and stop.may_end:
        help = "remove it, or begin a new line before it"
        if stop.in_override:
            help = f"remove it, or write what joins it to the value; {AGAIN}"
    return UnexpectedToken(stop.span, stop.expected, help, _fix(stop.span, fix))


def _fix(span: Span, meant: str | None) -> tuple[Fix, ...]:
    """The fix that writes ``meant`` there; None says that it is not sure what is meant."""
    return () if meant is None else (Fix(span, meant),)


def _end_of_statement(stop: Stop) -> Diagnostic | None:
    if stop.start < stop.statement.end:
        return None
    if "EQUAL" in stop.accepts and _INDENTED.match(stop.statement.source.text, stop.start):
        return UnexpectedToken(
            stop.here, "`=`", "write `=` here", _fix(stop.here, " ="), what="end of the line"
        )
    return UnexpectedToken(stop.here, stop.expected, what=stop.end)


def _end_of_override(stop: Stop) -> Diagnostic | None:
    if not stop.in_override or stop.text not in (",", ";") or stop.in_brackets:
        return None
    number_or_list = other_language(stop) if stop.text == "," else None
    return UnexpectedToken(stop.span, f"the {stop.end}", number_or_list or f"remove it; {AGAIN}")


def _other_arrow(stop: Stop) -> Diagnostic | None:
    if stop.text not in ARROWS or not (stop.after_a_value or stop.span.start < stop.start):
        return None
    if stop.after_a_lone_name:
        return _equals_or_arrow(stop)
    again = [one for one in stop.tokens[stop.index + 1 :] if one.text == stop.text]
    fixes = tuple(sign_fix(token, "->") for token in (stop.token, *again))
    others = tuple(one.span for one in again)
    return UnexpectedToken(stop.span, "`->`", "layers are joined by `->`", fixes, others)


def _equals_or_arrow(stop: Stop) -> Diagnostic:
    name = stop.before.text
    help = f"write `{name} = ...` to define it, or `{name} -> ...` for a chain"
    return UnexpectedToken(stop.span, "`=` or `->`", help)


def _other_sign(stop: Stop) -> Diagnostic | None:
    if stop.text == "==" and stop.span.start < stop.start:  # its first half was read as `=`
        return UnexpectedToken(stop.span, "`=`", "write `=`", _fix(stop.span, "="))
    terminal, meant = OTHER_SIGNS.get(stop.text, ("", ""))
    return _unexpected(stop, f"write `{meant}`", meant) if terminal in stop.accepts else None


def _malformed_number(stop: Stop) -> Diagnostic | None:
    if stop.token.kind != "number" or not (stop.no_token or ".." in stop.text):
        return None
    if RANGE.fullmatch(stop.text) and "RANGE" not in stop.accepts:
        return _unexpected(
            stop, f"a range stands in a statement such as `tune hidden in {stop.text}`"
        )
    low, dots, high = stop.text.partition("...")
    if dots and RANGE.fullmatch(meant := f"{low}..{high}"):
        return BadNumber(stop.span, "has one dot too many", f"write the range as `{meant}`")
    return BadNumber(stop.span, "is malformed", "a number is written like `25`, `0.5` or `1e-3`")


def _in_a_tuning(stop: Stop) -> Diagnostic | None:
    if stop.index < 2 or stop.tokens[0].text != "tune":
        return None
    if stop.text == "=":
        return _unexpected(stop, "write `in`", "in")
    return _unexpected(
        stop, "write it like `tune hidden in 8..256 log`, `... step 8` or `in [8, 16]`"
    )


def _split_number(stop: Stop) -> Diagnostic | None:
    """The diagnostic for `1 e-3`, whose exponent stands apart."""
    exponent = _EXPONENT.match(stop.statement.source.text, stop.start, stop.statement.end)
    if stop.before.kind != "number" or exponent is None or stop.token.breaks:
        return None
    number = Span(stop.statement.source, stop.before.span.start, exponent.end())
    text = stop.before.text + exponent.group().replace(" ", "")
    help = f"a number has no blank in it: write `{text}`"
    return UnexpectedToken(number, "a number", help, _fix(number, text))


def _other_comment(stop: Stop) -> Diagnostic | None:
    if stop.text == "//" and stop.index == 0:
        after = stop.statement.source.text[stop.span.end : stop.span.end + 1]
        # In a line's middle it may also be that this goes on with what stands before.
        mark = ("#" if after.isspace() else "# ") if stop.span.first.column == 1 else None
        return _unexpected(stop, COMMENT, mark)
    # The first word of a comment was read as an operand, and its second is what makes no sense.
    second, first = stop.near(-3), stop.near(-2)
    two_signs = first.text == second.text == "-" and second.span.end == first.span.start
    if not (stop.after_a_value and stop.token.kind == "name" and stop.before.kind == "name"):
        return None
    if first.text != "//" and not two_signs:
        return None
    begin = second if two_signs else first
    return UnexpectedToken(begin.span.to(first.span), stop.expected, COMMENT)


def _percent(stop: Stop) -> Diagnostic | None:
    number, apart = stop.before, stop.start - stop.before.span.end
    if stop.text != "%" or not number.text.replace(".", "").isdigit() or apart > 1:
        return None
    whole, _, part = number.text.partition(".")
    digits = whole.lstrip("0").zfill(3)
    text = f"{digits[:-2]}.{digits[-2:]}{part}".rstrip("0").rstrip(".")
    # If an operand follows, it may be a remainder.
    sure = stop.after.kind not in ("name", "number", "string", "opening") or stop.after.breaks
    share = number.span.to(stop.span)
    fixes = _fix(share, text if sure else None)
    return UnexpectedToken(share, "a number", f"write `{text}`", fixes)


def _other_language(stop: Stop) -> Diagnostic | None:
    help = other_language(stop)
    return _unexpected(stop, help) if help else None


def _equals_behind_expect(stop: Stop) -> Diagnostic | None:
    behind = stop.after if stop.text == "=" else stop.token
    head = [one.text for one in stop.tokens[:2]]
    if head != ["expect", "="] or stop.index > 1 or behind.kind != "name":
        return None
    begin, end = stop.tokens[1].span, stop.statement.end
    rest = Span(begin.source, begin.end, end).text.strip()
    help = f"an expectation defines nothing: write `expect {rest}`"
    return UnexpectedToken(begin, "a metric", help, _fix(begin.to(behind.span), behind.text))


def _no_metric(stop: Stop) -> Diagnostic | None:
    begins_a_number = stop.token.kind in ("number", "opening") or stop.text in ("-", "+")
    if stop.index != 1 or stop.before.text != "expect" or not begins_a_number:
        return None
    help = "the metric comes first, as in `expect test.accuracy > 0.9`"
    return UnexpectedToken(stop.span, "a metric", help)


def _keyword(stop: Stop) -> Diagnostic | None:
    if stop.text == stop.near(-2).text == "as":
        return _unexpected(stop, "give one name only")
    if stop.text in KEYWORDS:
        return _unexpected(stop, no_name(stop.text))
    if not stop.after_a_lone_name or stop.before.text not in KEYWORDS:
        return None
    # The word is what is wrong, and not what follows it.
    return UnexpectedToken(stop.before.span, "a name", no_name(stop.before.text))


def _repeated(stop: Stop) -> Diagnostic | None:
    if stop.text in ("->", ",") and stop.text == stop.before.text:
        return _unexpected(stop, f"remove one of the two `{stop.text}`")
    if stop.text == "->" and stop.token.breaks and not stop.may_end:
        return UnexpectedToken(stop.gap, stop.expected, what="end of the line")
    return None


def _missing_comma(stop: Stop) -> Diagnostic | None:
    begins_a_value = stop.begins_a_link or stop.token.kind in ("number", "string")
    if not (stop.after_a_value and "COMMA" in stop.accepts and begins_a_value):
        return None
    # Before anything but a named argument, an operator may be missing, or a blank be amiss.
    comma = "," if stop.token.kind == "name" and stop.after.text == "=" else None
    fixes = _fix(stop.gap, comma)
    if stop.token.breaks:
        here = "write `,` here"
        return UnexpectedToken(stop.gap, stop.expected, here, fixes, what="end of the line")
    text, name = stop.text, stop.before
    ends_a_branch = "RSQB" in stop.accepts and name.text == ")" and stop.after.text in (",", "]")
    if ends_a_branch and text[0].islower() and text not in KEYWORDS:
        help = f"write `as {text}` to name what this branch gives"
        return UnexpectedToken(stop.span, stop.expected, help, _fix(stop.span, f"as {text}"))
    if "RSQB" in stop.accepts and text[0].isupper():
        branch = f"write `, {text}` for another branch, or `-> {text}` to go on with this one"
        return _unexpected(stop, branch)
    if name.kind == "name" and stop.token.kind == "number":
        named = f"write `, {text}`, or `{name.text}={text}` for an argument of that name"
        return _unexpected(stop, named)
    return UnexpectedToken(stop.span, stop.expected, f"write `, {text}`", fixes)


def _misspelt_head(stop: Stop) -> Diagnostic | None:
    head, *following = stop.tokens[:3]
    if [one.kind for one in following[:1]] != ["name"] or following[-1].text not in _BEHIND:
        return None
    if head.text == "block" and stop.text == "=":
        name = following[0].text
        help = f"a block has parameters: write `block {name}() = ...`, or leave `block` out"
        return _unexpected(stop, help)
    meant = guess(head.text, HEADS)
    if meant is None or meant.text == head.text:
        return None
    fixes = _fix(head.span, meant.text if meant.sure else None)
    return UnexpectedToken(head.span, f"`{meant.text}`", f"write `{meant.text}`", fixes)


def _missing_equals(stop: Stop) -> Diagnostic | None:
    """A name stands before a value, or an argument outside of brackets."""
    text, name = stop.text, stop.before
    if stop.token.kind == "name" and stop.after.text == "=":
        line = "" if stop.in_brackets else "; a definition begins a new line"
        if name.text == ")":
            return _unexpected(stop, f"put `{text}=...` inside of the brackets{line}")
        if name.kind == "name":
            call = f"`{name.text}({text}=...)`"
            return _unexpected(stop, f"arguments stand in brackets: {call}{line}")
        if stop.may_end and not stop.in_override:
            return separated(stop, [stop.gap.to(stop.here)], text)
    if name.kind != "name" or name.text in KEYWORDS or stop.token.breaks:
        return None
    if stop.token.kind not in ("number", "string"):
        return None
    if stop.index == 1 or stop.in_brackets:
        equals = "=" if stop.in_brackets else " = "
        return _unexpected(stop, f"write `{name.text}{equals}{text}`")
    behind = takewhile(lambda one: one.kind in ("number", "string"), stop.tokens[stop.index :])
    arguments = ", ".join(one.text for one in behind)
    return _unexpected(stop, f"arguments stand in brackets: `{name.text}({arguments})`")


def _missing_arrow(stop: Stop) -> Diagnostic | None:
    if not (stop.after_a_value and stop.begins_a_link):
        return None
    if stop.after_a_lone_name:
        return _equals_or_arrow(stop)
    if stop.before.kind == "number" and stop.near(-2).text == "=" and not stop.token.breaks:
        return _unexpected(stop, "remove it: a number has no unit")
    if stop.text in ("x", "X") and stop.after.kind == "number":
        help = f"write `* {stop.after.text}`: `*` repeats a network"
        return UnexpectedToken(stop.span, "`*`", help, _fix(stop.span, "*"))
    return MissingArrow(stop.span)


# The first rule that applies is taken, so a narrow one stands before a wide one: first what can be
# told from the end of a text or from the whole statement, then what a single sign tells, then what
# words tell, and at last what is missing between two tokens, which anything unknown looks like.
_RULES: tuple[Callable[[Stop], Diagnostic | None], ...] = (
    _end_of_statement,
    _end_of_override,
    other_definitions,
    unquoted_path,
    _other_sign,
    _other_arrow,
    _malformed_number,
    _in_a_tuning,
    _split_number,
    odd_character,
    _other_comment,
    _percent,
    _repeated,
    _misspelt_head,
    python_tuple,
    _other_language,
    member,
    _no_metric,
    _equals_behind_expect,
    _keyword,
    _missing_comma,
    _missing_equals,
    _missing_arrow,
)
