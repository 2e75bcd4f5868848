"""Numbers of a run as lines of text show them."""

from __future__ import annotations

import pytest

from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from netlang.runs.lines.display import came
from netlang.runs.training.events import Outcome
from tests.program import DISC


@pytest.mark.parametrize(
    ("value", "shown"), [(0.979, "0.9790"), (0.95004, "0.95004"), (0.949999999, "0.9500")]
)
def test_what_came_is_shown_as_other_numbers_unless_that_would_be_another_verdict(
    value: float, shown: str
) -> None:
    text = f"{DISC}expect test.accuracy > 0.95\n"
    program = compile_source(SourceFile("a.net", text)).require()
    assert came(Outcome(program.expectations[0], value)) == shown
