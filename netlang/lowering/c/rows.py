"""C that finds the numbers of a sample in memory: they lie in rows, padded to whole vectors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from textwrap import dedent, indent

from netlang.language.shapes import Shape
from netlang.system.record import Record

MOST_LANES = 16  # of a vector, in floats: a machine with narrower ones has half as many or less
COUNTED = 1 << 24  # places that a real of 32 bits can tell apart
SOME = 256  # numbers that are added one after the other, where there may be many


class Region(Record):
    """Where a part of a sample lies along one dimension, as C.

    It is ``count`` runs of ``size`` numbers, ``row`` apart in an array of the part alone, and
    ``whole_row`` apart in an array of the whole, from ``offset`` on.
    """

    count: str
    size: str
    row: str
    whole_row: str
    offset: str

    @classmethod
    def of(cls, whole: Shape, part: Shape, dim: int, start: int) -> Region:
        """``part`` begins at ``start`` of dimension ``dim`` of a sample of shape ``whole``."""
        *outer, last = whole.sizes
        length, full = part.sizes[dim], whole.sizes[dim]
        count = f"N * {math.prod(outer[:dim])}"
        if dim == len(outer):
            return cls(count, f"{length}", f"PAD({length})", f"PAD({last})", f"{start}")
        inner = f"{math.prod(outer[dim + 1 :])} * PAD({last})"
        size = f"{length} * {inner}"
        return cls(count, size, size, f"{full} * {inner}", f"{start} * {inner}")

    def put(self, part: str, whole: str, what: str = "move") -> str:
        """A statement that fills the region of ``whole`` from ``part``, or does "add" to it."""
        rows = f"{part}, {self.row}, {whole} + {self.offset}, {self.whole_row}"
        return f"{what}_rows({self.count}, {self.size}, {rows});"

    def take(self, whole: str, part: str, what: str = "move") -> str:
        """A statement that fills ``part`` from the region of ``whole``, or does "add" to it."""
        rows = f"{whole} + {self.offset}, {self.whole_row}, {part}, {self.row}"
        return f"{what}_rows({self.count}, {self.size}, {rows});"


def length(shape: Shape) -> str:
    """How many numbers a padded sample takes, as C."""
    rows, last = row_sizes(shape)
    return f"PAD({last})" if rows == 1 else f"{rows} * PAD({last})"


def row_sizes(shape: Shape) -> tuple[int, int]:
    """The rows of a sample, and the numbers in a row; a lone number is a row of one."""
    *outer, last = shape.sizes or (1,)
    return math.prod(outer), last


def cleared(gradient: str, size: int | str) -> str:
    """The statement before the first part of a sum."""
    return f"if (!add) memset({gradient}, 0, {size} * sizeof(real));"


def summed(begin: str, end: str, **each: str) -> str:
    """A statement that adds to each total what it says of the vectors ``i``, some at a time:
    roundings of a sum grow with how many it has.
    """
    names = ", ".join(f"part_of_{total}" for total in each)
    parts = ", ".join(f"part_of_{total} = all(0)" for total in each)
    adds = " ".join(f"part_of_{total} += {one};" for total, one in each.items())
    totals = " ".join(f"{total} += part_of_{total};" for total in each)
    return f"""for (int some = {begin}; some < {end}; some += {SOME}) {{
    const int behind = least(some + {SOME}, {end});
    vector {parts};
    SUMS_OF_VECTORS({names})
    for (int i = some; i < behind; i++) {{
        {adds}
    }}
    {totals}
}}"""


def sum_of_row(total: str, each: str, most: int, count: str = "n") -> str:
    """A statement that adds ``each`` number ``i`` of a row of ``count`` to ``total``; of ``most``
    that are many, some at a time.
    """
    if most <= SOME:
        return f"""#pragma omp simd reduction(+ : {total})
for (int i = 0; i < {count}; i++) {total} += {each};"""
    return f"""for (int begin = 0; begin < {count}; begin += {SOME}) {{
    const int end = {count} - begin > {SOME} ? begin + {SOME} : {count};
    real part = 0;
    #pragma omp simd reduction(+ : part)
    for (int i = begin; i < end; i++) part += {each};
    {total} += part;
}}"""


def inside(text: str, depth: int) -> str:
    """Statements for the place in a text that stands so many spaces from the left."""
    return indent(dedent(text).strip("\n"), " " * depth).lstrip()


def without_gaps(text: str) -> str:
    """``text`` without the empty lines that parts leave where there are none."""
    return "\n".join(line for line in text.splitlines() if line.strip())


def nested(sizes: Sequence[int]) -> str:
    """C's loops over all numbers of a sample in their order, where ``i0``, ``i1``, ... are the
    places along its dimensions.
    """
    loops = (f"for (int i{at} = 0; i{at} < {size}; i{at}++)" for at, size in enumerate(sizes))
    return "\n".join(f"{'    ' * depth}{loop}" for depth, loop in enumerate(loops))


def each_number(shape: Shape, statements: str, count: str = "BLOCKS") -> str:
    """Statements in the same loops, of all blocks b of samples, or of ``count`` samples."""
    loop = f"for (int b = 0; b < {count}; b++)"
    end = "    " * len(shape.sizes)
    body = indent(dedent(statements).strip(), f"{end}    ")
    return f"{loop}\n{indent(nested(shape.sizes), '    ')} {{\n{body}\n{end}}}"


def strided(places: Sequence[str], sizes: Sequence[int]) -> str:
    """Where the number at these ``places`` lies in a sample without padding. A dimension of 1
    stands for any place.
    """
    terms = [
        place if (step := math.prod(sizes[at + 1 :])) == 1 else f"{place} * {step}"
        for at, place in enumerate(places)
        if sizes[at] > 1
    ]
    return " + ".join(terms) or "0"


def padded(places: Sequence[str], shape: Shape) -> str:
    """Where the number at these ``places`` of sample ``b`` lies among all samples."""
    *outer, last = shape.sizes
    row = f"b * {math.prod(outer)} + {strided(places[:-1], outer)}" if outer else "b"
    return f"({row}) * PAD({last}) + {places[-1]}"


def behind(array: str, at: int) -> str:
    """The part of an array from a place on."""
    return f"{array} + {at}" if at else array
