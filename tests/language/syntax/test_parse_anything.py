"""Whatever text comes: no exception, and either a program or an error, which can be shown."""

from __future__ import annotations

import json

from hypothesis import example, given, settings
from hypothesis import strategies as st

from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import Diagnostic, NetError, Sink
from netlang.language.diagnostics.messages.syntax import MissingArrow, UnexpectedCharacter
from netlang.language.diagnostics.rendering.json import as_json
from netlang.language.diagnostics.rendering.text import render_all
from netlang.language.source import SourceFile
from netlang.language.syntax import ast, decode, parse

FRAGMENTS = (
    *("net", "data", "loss", "optimizer", "metrics", "input", "epochs", "batch", "seed", "hidden"),
    *("Linear", "ReLU", "Dropout", "Softmax", "MSE", "CrossEntropy", "SGD", "Adam", "Disc", "CSV"),
    *("Lienar", "los", "accuracy", "test.accuracy", "expect", "true", "false", "none", "lr"),
    *("->", "=", "==", ">", "<=", "+", "-", "*", "/", "//", "**", ",", ".", ":", "→", "=>", "|"),
    *("(", ")", "[", "]", "{", '"', "'", "\\", "\n", "\r\n", "\n  ", " ", "\t", "#", "# x\n"),
    *("0", "1", "2", "25", "0.5", "1e-3", "1e999", "1e-999", "9" * 30, "1.2.3", "3a", "é", "٢"),
    *(
        "Linear(2, 3)",
        " -> ReLU",
        "net = ",
        "loss = MSE\n",
        "data = Disc\n",
        '"a.csv"',
        "input=[2]",
    ),
)
pieces = st.lists(st.sampled_from(FRAGMENTS), max_size=30).map("".join)
spaced = st.lists(st.sampled_from(FRAGMENTS), max_size=30).map(" ".join)
texts = st.one_of(st.text(), pieces, spaced)
anything = settings(max_examples=400)


def check(source: SourceFile, overrides: tuple[str, ...] = (), to_run: bool = False) -> None:
    compilation = compile_source(source, overrides, to_run)
    errors = [one for one in compilation.diagnostics if one.is_error]
    assert bool(errors) == (compilation.program is None)
    shown = render_all(compilation.diagnostics)
    assert all(f"[{one.code}]: " in shown for one in compilation.diagnostics)
    assert json.loads(json.dumps([as_json(one) for one in compilation.diagnostics])) is not None
    for one in compilation.diagnostics:
        spans = [one.span, *(label.span for label in one.labels), *(fix.span for fix in one.fixes)]
        for span in filter(None, spans):
            assert 0 <= span.start <= span.end <= len(span.source.text)


def decoded(data: bytes) -> SourceFile | Diagnostic:
    try:
        return decode(data, "any.net")
    except NetError as error:
        return error.diagnostics[0]


@anything
@given(texts, st.booleans())
@example("net = Linear(2, 3) -> ReLU", True)
@example("é = 1", False)
@example("\r", False)
def test_any_text_is_a_program_or_has_an_error_that_can_be_shown(text: str, to_run: bool) -> None:
    check(SourceFile("any.net", text), to_run=to_run)


@anything
@given(st.one_of(texts.map(lambda text: text.encode("utf-8", "surrogatepass")), st.binary()))
@example(b"\xef\xbb\xbf\xff")
def test_any_bytes_are_a_source_or_a_message(data: bytes) -> None:
    found = decoded(data)
    if isinstance(found, SourceFile):
        check(found)
    else:
        assert found.code == "E0107"
        assert "error[E0107]" in render_all([found])
        assert as_json(found)["line"]


@anything
@given(st.one_of(texts, pieces.map("optimizer.lr={}".format), pieces.map("hidden={}".format)))
def test_any_override_is_taken_or_has_an_error_that_can_be_shown(text: str) -> None:
    program = "hidden = 3\nnet = Linear(2, hidden) -> Linear(hidden, 2)\noptimizer = SGD(lr=0.1)\n"
    check(SourceFile("any.net", program), (text,))


@anything
@given(texts)
def test_every_statement_of_any_text_lies_in_it_after_the_one_before(text: str) -> None:
    end = 0
    for statement in parse(SourceFile("any.net", text), Sink()).statements:
        assert end <= statement.span.start < statement.span.end <= len(text)
        end = statement.span.end


@anything
@given(pieces)
def test_a_text_without_a_message_is_read_whole(text: str) -> None:
    sink = Sink()
    statements = parse(SourceFile("any.net", text), sink).statements
    broken = any(isinstance(statement, ast.Broken) for statement in statements)
    found = [one for one in sink.diagnostics if not _is_read_as_mended(one)]
    assert sink.has_errors or not broken
    assert broken or not found


def _is_read_as_mended(one: Diagnostic) -> bool:
    """Whether what it tells of is read as if it were right: an arrow, or a sign of its length."""
    odd = isinstance(one, UnexpectedCharacter) and one.mended
    return bool(odd) or isinstance(one, MissingArrow)
