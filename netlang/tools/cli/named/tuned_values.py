"""What of a file `netlang tune` can be told to change: what lists mean, and what may be tried."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from netlang.catalogue.settings import SETTINGS
from netlang.compiler.ir.tunable import Interval, Tunable
from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import Diagnostic, Sink
from netlang.language.diagnostics.messages.names import OutOfRange
from netlang.language.diagnostics.messages.tuning import WrongCandidates
from netlang.language.source import SourceFile
from netlang.language.syntax import ast, parse

_LIST = re.compile(r"\[.*\]", re.DOTALL)
_USUAL = ("optimizer.lr=1e-4..1e-1:log", "batch=16..64:16", "epochs=10..100:10")


def listed(
    source: SourceFile, fixed: Sequence[str], searched: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """``fixed`` and ``searched``, where lists that cannot be values are candidates instead."""
    values, candidates = list(fixed), list(searched)
    for one in fixed:
        path, _, text = (part.strip() for part in one.partition("="))
        if not _LIST.fullmatch(text) or "[" in path or compile_source(source, values).ok:
            continue
        others = [other for other in values if other != one]
        tuning = f"tune {path} in {text}"
        if compile_source(source, others, tunings=(*candidates, tuning)).ok:
            values, candidates = others, [*candidates, tuning]
    return tuple(values), tuple(candidates)


def example(source: SourceFile) -> str:
    """A name with a range, which this file can have."""
    for one in (*_of_constants(source), *_USUAL):
        path, _, range = one.partition("=")
        text = range.replace(":", " " if range.endswith("log") else " step ")
        found = compile_source(source, tunings=(f"tune {path} in {text}",))
        if found.program and found.program.tunables:
            return one
    return _USUAL[0]


def _of_constants(source: SourceFile) -> Iterator[str]:
    """A range around each number that has a name, the learning rate first."""
    definitions = [
        one for one in parse(source, Sink()).statements if isinstance(one, ast.Definition)
    ]
    for one in sorted(definitions, key=lambda one: one.defines != "lr"):
        value = one.value.value if isinstance(one.value, ast.Literal) else None
        if one.defines in SETTINGS or isinstance(value, bool):
            continue
        if isinstance(value, int) and value > 1:
            yield f"{one.defines}={max(1, value // 4)}..{4 * value}:log"
        elif one.defines == "lr" and isinstance(value, float) and value > 0:
            yield f"lr={value / 10:.1g}..{value * 10:.1g}:log"


def impossible(
    source: SourceFile, fixed: Sequence[str], tunables: Sequence[Tunable]
) -> Diagnostic | None:
    """The report of a range that ends where the file could not be compiled, as a size below 1."""
    for one in tunables:
        if not isinstance(one.candidates, Interval) or "." in one.path:
            continue
        for end in (one.candidates.low, one.candidates.high):
            found = compile_source(source, (*fixed, f"{one.path}={end}")).diagnostics
            wrong = next((other for other in found if isinstance(other, OutOfRange)), None)
            if wrong:
                what = f"`{one.path}` cannot be {end}: {wrong.message().title}"
                help = "write a range whose numbers the file can have"
                return WrongCandidates(one.span, what, f"tuned from {one.text}", help)
    return None
