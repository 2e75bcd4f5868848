"""Pieces of C: loops over numbers and rows, definitions of constants, other names for names."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from textwrap import dedent, indent

from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import BLOCKS, FLAT, ROWS, Constants, Layout
from netlang.lowering.c.rows import length, row_sizes

_NAME = re.compile(r"(?<![\w.])[A-Za-z_][A-Za-z_0-9]*\b")  # 1.e-3 has none
_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_SAMPLES = "int s = 0; s < N; s++"
_BLOCKS = "int b = 0; b < BLOCKS; b++"


def is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None


def mentions(text: str, name: str) -> bool:
    """Whether the C uses the name outside its comments."""
    return name in names(text)


@lru_cache(maxsize=4096)  # many layers say the same
def names(text: str) -> frozenset[str]:
    """The names that the C uses outside its comments."""
    return frozenset(_NAME.findall(_COMMENT.sub(" ", text)))


def substituted(text: str, known: Mapping[str, str]) -> str:
    """``text`` with those names replaced that are ``known``."""
    return _NAME.sub(lambda name: known.get(name[0], name[0]), text)


def of_members(text: str, members: int) -> str:
    """``text`` where a sample is as many rows as there are ``members``."""
    if members == 1:
        return text
    rows = f"(N * {members})"
    return substituted(text, {"N": rows, "BLOCKS": f"(({rows} + LANES - 1) / LANES)"})


def constants(values: Constants, *texts: str, known: Mapping[str, str] | None = None) -> str:
    """Definitions of those that ``texts`` mention. Whole numbers can be lengths of arrays."""
    named = known or {}
    whole, reals = [], ""
    for name, value in values.items():
        definition = f"{named.get(name, name)} = {number(value)}"
        if not any(mentions(text, name) for text in texts):
            continue
        if isinstance(value, int):
            whole.append(definition)
        else:
            reals += f"    const real {definition};\n"
    return (f"    enum {{ {', '.join(whole)} }};\n" if whole else "") + reals


def table(name: str, values: Sequence[float]) -> str:
    """The definition of an array of numbers."""
    return f"    static const real {name}[] = {{{', '.join(map(number, map(float, values)))}}};\n"


def number(value: float) -> str:
    """A number in C. Whole numbers and truth values stay whole."""
    if isinstance(value, int):
        return str(int(value))
    if math.isinf(value):
        return "(real)INFINITY" if value > 0 else "-(real)INFINITY"
    return "(real)NAN" if math.isnan(value) else f"(real){float(value)!r}"


def each(shape: Shape, layout: Layout, body: Sequence[str]) -> str:
    """A loop over all numbers ``e`` of a chunk."""
    counts = {
        ROWS: f"N * {length(shape)}",
        BLOCKS: f"BLOCKS * LANES * {shape.size}",
        FLAT: f"N * {shape.size}",
    }
    return _indented(["#pragma omp simd", *_loop(f"int e = 0; e < {counts[layout]}; e++", body)])


def each_unit(shape: Shape, layout: Layout, body: Sequence[str]) -> str:
    """The same, by samples ``s`` and their units ``u``."""
    if layout == BLOCKS:
        inner = [f"const int e = (b * {shape.size} + u) * LANES + lane, s = b * LANES + lane;"]
        block = _loop(f"int u = 0; u < {shape.size}; u++", _each_lane([*inner, *body]))
        return _indented(_loop(_BLOCKS, block))
    units = length(shape)
    inner = [f"const int e = s * {units} + u;", *body]
    sample = ["#pragma omp simd", *_loop(f"int u = 0; u < {units}; u++", inner)]
    return _indented(_loop(_SAMPLES, sample))


def each_in_row(
    shape: Shape, layout: Layout, body: Sequence[str], totals: Mapping[str, str]
) -> str:
    """The same, by samples ``s``, their rows ``r`` and the numbers ``i`` in these.

    ``totals`` are the names of sums over a row, or in blocks over a number of all their samples,
    and what each is added to.
    """
    rows, row = row_sizes(shape)
    if layout == BLOCKS:
        unit = f"const int u = r * {row} + i, s = b * LANES + lane;"
        place = f"const int e = (b * {shape.size} + u) * LANES + lane;"
        number = [
            *(f"real {name} = 0;" for name in totals),
            *_each_lane([unit, place, *body], totals),
            *(f"{into} += {name};" for name, into in totals.items()),
        ]
        inner = _loop(f"int i = 0; i < {row}; i++", number)
        return _indented(_loop(_BLOCKS, _loop(f"int r = 0; r < {rows}; r++", inner)))
    if layout == FLAT:
        unit = f"const int u = r * {row} + i, e = s * {shape.size} + u;"
    else:
        unit = f"const int u = r * PAD({row}) + i, e = s * {length(shape)} + u;"
    reduction = f" reduction(+ : {', '.join(totals)})" if totals else ""
    lines = [
        *(f"real {name} = 0;" for name in totals),
        f"#pragma omp simd{reduction}",
        *_loop(f"int i = 0; i < {row}; i++", [unit, *body]),
        *(f"{into} += {name};" for name, into in totals.items()),
    ]
    return _indented(_loop(_SAMPLES, _loop(f"int r = 0; r < {rows}; r++", lines)))


def each_row(shape: Shape, arrays: Mapping[str, str], statements: str) -> str:
    """A loop over the rows ``r`` of a chunk, where each name of ``arrays`` points to a row."""
    rows, row = row_sizes(shape)
    count = "N" if rows == 1 else f"N * {rows}"
    pointers = [
        f"real *const {name} = {array};"
        for name, array in arrays.items()
        if mentions(statements, name)
    ]
    body = [*pointers, *dedent(statements).strip().splitlines()]
    return _indented([f"enum {{ n = {row} }};", *_loop(f"int r = 0; r < {count}; r++", body)])


def _each_lane(body: Sequence[str], totals: Iterable[str] = ()) -> list[str]:
    reduction = f" reduction(+ : {', '.join(totals)})" if totals else ""
    lines = _loop("int lane = 0; lane < LANES; lane++", ["(void)lane;", *body])
    return [f"#pragma omp simd{reduction}", *lines]


def _loop(over: str, body: Sequence[str]) -> list[str]:
    return [f"for ({over}) {{", *_indented(body).splitlines(), "}"]


def _indented(lines: Sequence[str]) -> str:
    return indent("\n".join(lines), "    ", lambda line: not line.startswith("#"))
