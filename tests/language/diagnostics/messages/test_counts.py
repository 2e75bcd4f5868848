"""Counts in messages have commas in all of them, and the numbers of rows in none."""

from __future__ import annotations

import pytest

from netlang.language.diagnostics import Diagnostic
from netlang.language.diagnostics.messages.data import BadCell, BadColumn, RaggedRow
from netlang.language.diagnostics.messages.shapes import SeveralOutputs
from netlang.language.diagnostics.messages.tables import (
    Blurred,
    ConstantColumns,
    RareClasses,
    TargetTaken,
    TooFewSamples,
    TooFine,
)
from netlang.language.source import SourceFile, Span

SPAN = Span(SourceFile("a.net", "data"), 0, 4)
MANY = tuple(f"c{index}" for index in range(1234))


def column(whole: bool) -> BadColumn:
    return BadColumn("x", 4321, "?", 1234, whole)


@pytest.mark.parametrize(
    "diagnostic",
    [
        RaggedRow(SPAN, None, 4321, 1234, 2, ",", ""),
        RaggedRow(SPAN, None, 4321, 2, 1234, ",", ""),
        BadCell(SPAN, None, (column(whole=True),), True, "a number", None),
        BadCell(SPAN, None, (column(whole=False),), True, "a number", None),
        BadCell(SPAN, None, (column(whole=True), column(whole=False)), True, "a number", None),
        SeveralOutputs(SPAN, 1234),
        TargetTaken(SPAN, "x", False, 1234, 4),
        ConstantColumns(SPAN, MANY, "ignore=[]"),
        RareClasses(SPAN, tuple((name, 4321) for name in MANY)),
        TooFewSamples(SPAN, "accuracy", 1234, "test on", SPAN),
        TooFine(SPAN, "target", (Blurred("x", 2000, 1234, 0.0, 1.0),), "standardize=false"),
    ],
)
def test_a_count_has_commas_and_the_number_of_a_row_none(diagnostic: Diagnostic) -> None:
    said = [diagnostic.title, diagnostic.label, *diagnostic.notes, *diagnostic.helps]
    assert "1,234" in " ".join(said) or "1,233 more" in " ".join(said)
    assert "1234" not in " ".join(said)
    assert "4,321" not in " ".join(said)
