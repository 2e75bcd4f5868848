"""Pieces of C: loops over numbers and rows, constants, and names put in the place of others."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from textwrap import dedent, indent

from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import Constants, length, row_sizes

_NAME = re.compile(r"\b[A-Za-z_]\w*\b")


def mentions(text: str, *names: str) -> bool:
    return not _names(text).isdisjoint(names)


@lru_cache(maxsize=4096)  # many layers say the same
def _names(text: str) -> frozenset[str]:
    return frozenset(_NAME.findall(text))


def substituted(text: str, known: Mapping[str, str]) -> str:
    """``text`` with other names in the place of those that are ``known``."""
    return _NAME.sub(lambda name: known.get(name[0], name[0]), text)


def constants(values: Constants, *texts: str, known: Mapping[str, str] | None = None) -> str:
    """Definitions of those that ``texts`` mention; whole numbers may be lengths of arrays."""
    named = known or {}
    used = {
        named.get(name, name): value
        for name, value in values.items()
        if mentions(" ".join(texts), name)
    }
    whole = ", ".join(f"{name} = {value}" for name, value in used.items() if isinstance(value, int))
    reals = (
        f"    const real {name} = (real){value!r};\n"
        for name, value in used.items()
        if isinstance(value, float)
    )
    return "".join([f"    enum {{ {whole} }};\n" if whole else "", *reals])


def each(shape: Shape, body: Sequence[str]) -> str:
    """A loop over all numbers ``e`` of a chunk."""
    head = f"for (int e = 0; e < N * {length(shape)}; e++) {{"
    return _indented(["#pragma omp simd", head, *_inside(body), "}"])


def each_unit(shape: Shape, body: Sequence[str]) -> str:
    """The same, by samples ``s`` and their units ``u``."""
    units = length(shape)
    head = f"for (int u = 0; u < {units}; u++) {{"
    inner = [f"const int e = s * {units} + u;", *body]
    return _each_sample(["#pragma omp simd", head, *_inside(inner), "}"])


def each_in_row(shape: Shape, body: Sequence[str], totals: Mapping[str, str]) -> str:
    """The same, by samples ``s``, their rows ``r`` and the numbers ``i`` in these.

    ``totals`` are the names of sums over a row, and what each is added to.
    """
    rows, row = row_sizes(shape)
    unit = f"const int u = r * PAD({row}) + i, e = s * {length(shape)} + u;"
    reduction = f" reduction(+ : {', '.join(totals)})" if totals else ""
    lines = [
        *(f"real {name} = 0;" for name in totals),
        f"#pragma omp simd{reduction}",
        f"for (int i = 0; i < {row}; i++) {{",
        *_inside([unit, *body]),
        "}",
        *(f"{into} += {name};" for name, into in totals.items()),
    ]
    return _each_sample([f"for (int r = 0; r < {rows}; r++) {{", *_inside(lines), "}"])


def cleared(gradient: str, size: int) -> str:
    """What stands before the first part of a sum over all samples."""
    return f"    if (!add) memset({gradient}, 0, {size} * sizeof(real));\n"


def each_row(shape: Shape, arrays: Mapping[str, str], statements: str) -> str:
    """A loop over the rows ``r`` of a chunk, in which each name of ``arrays`` points to a row."""
    rows, row = row_sizes(shape)
    count = "N" if rows == 1 else f"N * {rows}"
    pointers = [
        f"real *const {name} = {array};"
        for name, array in arrays.items()
        if mentions(statements, name)
    ]
    body = [*pointers, *dedent(statements).strip().splitlines()]
    head = f"for (int r = 0; r < {count}; r++) {{"
    return _indented([f"enum {{ n = {row} }};", head, *_inside(body), "}"])


def _each_sample(lines: Sequence[str]) -> str:
    return _indented(["for (int s = 0; s < N; s++) {", *_inside(lines), "}"])


def _inside(lines: Sequence[str]) -> list[str]:
    return _indented(lines).splitlines()


def _indented(lines: Sequence[str]) -> str:
    return indent("\n".join(lines), "    ", lambda line: not line.startswith("#"))
