"""Large tables of text: the same table as csv finds, in bounded memory."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from netlang.catalogue.data.tables import large_text, small_text
from netlang.catalogue.data.tables.gathering import Gathering
from netlang.catalogue.data.tables.rows import Malformed, Ragged, Rows

Found = list[tuple[bool, bytes, list[str], list[int], list[int]]] | tuple[type, int]

PLAIN = ["1", "-2.5", "3e5", "0", "-0.0", "1e-3", ".5", "7.", "+4", "0.1", "123456789012345678"]
ODD = ["", "NA", "x", " 1", "2 ", "nan", "inf", "1_0", "0x1", "1e400", "1e-400", "\u0663", "\xa05"]
QUOTED = ['"1"', '"a,b"', '"x\ny"', '""', '"say ""no"""', '"', 'a"b', '"a"b', ' "c"', "\r", "é"]


def rows_of(text: bytes, delimiter: str = ",") -> Rows:
    return Rows(Path("t.csv"), lambda: io.BytesIO(text), delimiter)


def found_by(gather: Callable[..., Mapping[int, Gathering]], text: bytes) -> Found:
    """What is gathered of each column, the second of which is read as text; or the fault."""
    try:
        rows = rows_of(text)
        gathered = gather(rows, range(len(rows.header)), {1}, ())
    except Malformed as error:
        return Malformed, error.line
    except Ragged as error:
        return Ragged, error.row
    return [
        (
            cells.coded,
            memoryview(cells.values()).tobytes() if cells.rows else b"",
            cells.vocabulary.texts,
            cells.vocabulary.counts,
            cells.vocabulary.rows,
        )
        for cells in gathered.values()
    ]


def lines(cells: Sequence[str]) -> st.SearchStrategy[str]:
    cell = st.sampled_from(cells)
    row = st.tuples(cell, cell, cell).map(",".join)
    odd = st.sampled_from(["", "1,2", "1,2,3,4", " "])
    return st.lists(st.one_of(*[row] * 20, odd), max_size=12).map("\n".join)


@given(
    st.one_of(lines(PLAIN), lines(PLAIN + ODD), lines(PLAIN + ODD + QUOTED)),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", "\n"]),
    st.sampled_from(["", "\ufeff"]),
    st.integers(1, 40),
)
@example('"x\ny",1,2\n3,4,5', "\r\n", "", "", 4)
@example("1,2,3\n\n\n4,5,6", "\n", "\n", "\ufeff", 8)
def test_a_table_is_the_same_whoever_reads_it_and_wherever_it_is_cut(
    text: str, end: str, last: str, mark: str, block: int
) -> None:
    whole = f"{mark}a,b,c\n{text}{last}".replace("\n", end).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(large_text, "_BLOCK", block)
        assert found_by(large_text.gather, whole) == found_by(small_text.gather, whole)


@pytest.mark.parametrize(
    ("block", "parted"),
    [
        (b"1,2,3\n4,,6\n", True),
        (b"1,2,3\r\n\r\n4,5,6\r\n", True),
        (b'"1","a,""b",3\n', False),
        (b'"1","a,\nb",""\n4,5,"6"\n', True),
        (b'1,a"b,3\n', False),
        (b"1,2\n4,5,6\n", False),
        (b"1,2,3,4\n", False),
        (b"1,2\r3,4\n", False),
        (b"1,2,\xff\n", False),
        (b"1,2," + b"3" * 200_000 + b"\n", False),
    ],
)
def test_polars_parts_the_blocks_where_it_can_be_trusted_and_csv_all_others(
    block: bytes, parted: bool
) -> None:
    rows = rows_of(b"a,b,c\n")
    clear = large_text._clear(block, rows)
    assert (clear is not None and large_text._parted(clear, rows, ()) is not None) == parted
