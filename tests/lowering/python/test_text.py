"""Values and statements are the Python that they should be, and laid out as formatters leave it."""

from __future__ import annotations

import ast
import subprocess
import warnings
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netlang.lowering.python.text import element, literal, statement

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


NAMES = st.sampled_from(["x", "loss", "a" * 30, "b" * 50])
ATOMS = NAMES | st.one_of(
    st.integers(0, 10**30).map(str),
    st.floats(allow_nan=False, allow_infinity=False, min_value=0).map(repr),
    st.text(alphabet="ab ()[]{}\"',+-*\\#:é", max_size=12).map(repr),
    st.sampled_from(["None", "...", "f'{x + 1}' 'and more'", 'f"({x!r:>{y}}"', "b'('", "x[1:2]"]),
)
BINARY = [
    "+", "-", "*", "/", "//", "%", "@", "**", "<<", ">>", "&", "|", "^", "<", ">=", "==", "!=",
    "is", "is not", "in", "not in", "and", "or",
]  # fmt: skip


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Expressions made of others, with and without brackets around these."""
    part = inner | inner.map("({})".format)
    closed = inner.map("({})".format)
    unary, binary = st.sampled_from(["-", "+", "~", "not "]), st.sampled_from(BINARY)
    argument = st.one_of(
        part,
        closed.map("*{}".format),
        st.builds("{}={}".format, NAMES, part),
        closed.map("**{}".format),
    )
    return st.one_of(
        st.builds("{}{}".format, unary, part),
        st.builds("{} {} {}".format, part, binary, part),
        st.builds(lambda f, given: f"{f}({', '.join(given)})", closed, st.lists(argument)),
        st.builds(lambda f, given: f"{f}({', '.join(given)})", NAMES, st.lists(part)),
        st.builds("{}.{}".format, closed | NAMES, NAMES),
        st.lists(part, max_size=4).map(lambda items: f"[{', '.join(items)}]"),
        st.lists(part, min_size=2, max_size=4).map(lambda items: f"({', '.join(items)})"),
        st.lists(part, min_size=1, max_size=4).map(lambda items: f"{{{', '.join(items)}}}"),
        st.builds("{{{}: {}, **{}}}".format, part, part, closed),
        st.builds("{}[{}, ::{}]".format, closed, part, part),
        st.builds("{} if {} else {}".format, closed, closed, part),
        st.builds("lambda x, *y, z={}: {}".format, part, part),
        st.builds("[{} for x in {} if {}]".format, part, closed, closed),
        st.builds("f({} for x in {})".format, part, closed),
        st.builds("(z := {})".format, part),
        closed.map("{},".format),
    )


EXPRESSIONS = st.recursive(ATOMS, _larger, max_leaves=12)


def _read(text: str) -> str | None:
    try:
        with warnings.catch_warnings(action="ignore", category=SyntaxWarning):  # of 1()
            return ast.dump(ast.parse(text))
    except SyntaxError:
        return None


@settings(max_examples=400)
@given(EXPRESSIONS, st.sampled_from([0, 4, 60]), st.sampled_from(["x = ", "return ", "self.x = "]))
def test_a_layout_means_what_its_line_means(expression: str, indent: int, head: str) -> None:
    with warnings.catch_warnings(action="ignore", category=SyntaxWarning):
        assert _read(statement(indent, head, expression).lstrip()) == _read(head + expression)
        within = f"[\n{element(indent, expression).lstrip()}\n]"
    assert _read(within) == _read(f"[{expression},]")


@pytest.mark.parametrize(
    "expression",
    [
        f"{'a' * 60} + ",  # no expression
        f"{'a' * 60})({'b' * 60}",
        f"f({'a' * 60},\n{'b' * 60})",
        f"({'[' * 300}{']' * 300})",
        f"{'a' * 90}\0",
    ],
)
def test_what_cannot_be_laid_out_stays_as_it_is(expression: str) -> None:
    assert statement(4, "x = ", expression) == f"    x = {expression}"
    assert element(4, expression) == f"    {expression},"


LONG_NAME, LONGER = "n" * 40, "m" * 75


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
        "-(t * torch.log(y.clamp(max=1) + 1e-06)).sum() / len(y)",
        f"{LONG_NAME} / {LONG_NAME} - {LONG_NAME} // {LONG_NAME} % x @ y << 2",
        f"{LONG_NAME} & {LONG_NAME} | {LONG_NAME} ^ ~{LONG_NAME}",
        f"{LONG_NAME} ** {LONG_NAME} ** -{LONG_NAME}",
        f"-{LONG_NAME}.mean() + (-{LONG_NAME}.sum()) * {LONG_NAME}",
        f"f({LONG_NAME}, {LONG_NAME})",
        f"f({LONG_NAME}, *{LONG_NAME}, **{LONG_NAME})",
        f"f(g(h({LONG_NAME}, {LONG_NAME}), {LONG_NAME}), x)",
        f"f({LONG_NAME} - {LONG_NAME} / {LONG_NAME})",
        f"-f({LONG_NAME}, {LONG_NAME}).mean",
        f"[{LONG_NAME}, ({LONG_NAME} @ {LONG_NAME}), -{LONG_NAME}, (x, y)]",
        f"({LONG_NAME}, {LONG_NAME}, {LONG_NAME})",
        literal(LONGER),
    ],
)
def test_a_statement_means_its_expression_and_passes_the_formatter(
    expression: str, tmp_path: Path
) -> None:
    head = 'class A:\n    def f(self):\n        """Says what it does."""\n'
    source = f"{head}{statement(8, 'result = ', expression)}\n"
    assigned = ast.parse(source).body[0].body[0].body[1].value  # type: ignore[attr-defined]
    assert ast.unparse(assigned) == ast.unparse(ast.parse(expression, mode="eval"))
    (tmp_path / "a.py").write_text(source)
    asked = ["ruff", "format", "--isolated", "--diff", "a.py"]
    done = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_an_operation_is_broken_before_its_loosest_operators() -> None:
    found = statement(0, "x = ", f"-({LONG_NAME} + {LONG_NAME} * (y - x) * y).sum() / len(y)")
    broken = f"x = (\n    -(\n        {LONG_NAME}\n        + {LONG_NAME} * (y - x) * y\n    )"
    assert found == f"{broken}.sum()\n    / len(y)\n)"
