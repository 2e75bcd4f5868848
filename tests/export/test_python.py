"""Values and statements are the Python that they should be, and laid out as formatters leave it."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlang.python import literal, statement

VALUES = st.recursive(
    st.text() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans(),
    lambda inner: st.lists(inner, max_size=4),
)
LONG = [f"column number {number}" for number in range(20)]


@given(VALUES)
def test_a_literal_says_its_value_in_printable_ascii(value: object) -> None:
    text = literal(value)
    assert ast.literal_eval(text) == value
    assert text.isascii()
    assert text.isprintable()


@given(st.text())
def test_no_text_leaves_its_quotes(text: str) -> None:
    tree = ast.parse(statement(4, "x = ", literal(text)).strip())
    assert ast.unparse(tree) == f"x = {text!r}"


@pytest.mark.parametrize(
    "expression",
    [
        "f(1)",
        literal(LONG),
        f"f({literal(LONG)}, second=2)",
        " + ".join(f"x{number}" for number in range(8)),
        " + ".join(f"x{number}" for number in range(60)),
        f"sum([{', '.join(f'x{number}' for number in range(300))}])",
        f'nn.Linear({10**30}, {10**30}, bias=False, device="a device", dtype=torch.float64)',
    ],
)
def test_a_statement_means_its_expression_and_passes_the_formatter(
    expression: str, tmp_path: Path
) -> None:
    head = 'class A:\n    def f(self):\n        """Says what it does."""\n'
    source = f"{head}{statement(8, 'result = ', expression)}\n"
    assigned = ast.parse(source).body[0].body[0].body[1].value  # type: ignore[attr-defined]
    assert ast.unparse(assigned) == ast.unparse(ast.parse(expression))
    (tmp_path / "a.py").write_text(source)
    asked = ["ruff", "format", "--isolated", "--diff", "a.py"]
    done = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")
