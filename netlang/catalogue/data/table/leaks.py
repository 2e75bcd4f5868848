"""What a file to test on must not share with the file to learn from, or the test says too much."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netlang.catalogue.data.columns.missing import marks_no_number
from netlang.catalogue.data.formats.gathering import Gathering
from netlang.catalogue.data.pipeline.cells import Names, numbers_of
from netlang.catalogue.data.table.checks import unfit
from netlang.catalogue.data.table.rows_read import RowsRead, times_of
from netlang.catalogue.data.table.separate_test import SeparateTest
from netlang.language.diagnostics import Diagnostic
from netlang.language.diagnostics.messages.tables import EarlierTest
from netlang.language.diagnostics.wording import counted, in_code, listed
from netlang.system.fingerprint import Fingerprint

_MOST_NAMED = 4  # groups


def check_leaks(rows: RowsRead, file: Fingerprint, test: SeparateTest) -> None:
    """Raises NetError for a test that is the ``file`` of ``rows`` itself, or that has rows
    of a group which is learned from.
    """
    data = rows.data
    if file.sha256 == test.file.sha256:
        what = f"`test` names `{test.path}`, the file to learn from"
        if test.path != data.path:
            what = f"`{test.path}` holds the same as `{data.path}`"
        help = "name a file of other rows, or write the share of rows to test on: `test=0.2`"
        raise unfit(data, "test", what, "nothing here is new to the network", help)
    if data.group in test.cells and (shared := _shared_groups(rows, test.cells[data.group])):
        groups = counted(len(shared), "group")
        what = f"`{test.path}` has rows of {groups} in `{data.path}`"
        label = f"by `group`, each `{data.group}` is learned from or tested on"
        named = listed(in_code(shared), _MOST_NAMED)
        raise unfit(data, "test", what, label, f"keep the rows of {named} in one of the files")


def _shared_groups(rows: RowsRead, cells: Gathering) -> Sequence[str]:
    """The groups of a file to test on that are learned from, too."""
    column = rows.others[rows.data.group]
    if column.kind == "number":
        shared = {*column.values}.intersection(numbers_of(cells).tolist())
        return [f"{value:.17g}" for value in sorted(shared)]
    found = Names(column.categories).of_texts(cells)
    return [column.categories[index] for index in sorted({*found}) if index >= 0]


def earlier_tests(rows: RowsRead, test: SeparateTest) -> Iterator[Diagnostic]:
    """A warning of rows to test on that come before others that are learned from."""
    data = rows.data
    if data.order not in test.cells or not rows.keys:
        return
    last = max(rows.keys)
    early = sum(1 for key in _keys(rows, test.cells[data.order]) if key < last)
    if early:
        yield EarlierTest(data.at("test"), test.path, data.order, early, test.count)


def _keys(rows: RowsRead, cells: Gathering) -> Sequence[float]:
    """What rows of a file to test on are ordered by, where that is known.

    Raises NetError.
    """
    if rows.others[rows.data.order].kind == "number":
        return numbers_of(cells).tolist()  # NaN comes before nothing
    texts = cells.vocabulary.texts
    known = [code for code, text in enumerate(texts) if not marks_no_number(text)]
    times = times_of(rows.data, [texts[code] for code in known])
    time_of = dict(zip(known, times, strict=True))
    return [time_of[code] for code in cells.values if code in time_of]
