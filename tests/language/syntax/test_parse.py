"""From text to a syntax tree, and what is said where that is not possible."""

from __future__ import annotations

import math

import pytest

from netlang.language.diagnostics import Diagnostic, Sink
from netlang.language.diagnostics.messages.syntax import (
    BadEscape,
    BadNumber,
    MissingArrow,
    UnexpectedCharacter,
    UnexpectedToken,
)
from netlang.language.metric_path import MetricPath
from netlang.language.source import SourceFile
from netlang.language.syntax import ast, parse
from netlang.language.syntax.build import LARGEST_INTEGER
from netlang.language.syntax.lexis import HEADS, KEYWORDS


def parsed(text: str) -> tuple[tuple[ast.Statement, ...], list[Diagnostic]]:
    sink = Sink()
    return parse(SourceFile("a.net", text), sink).statements, sink.diagnostics


def statements(text: str) -> tuple[ast.Statement, ...]:
    found, diagnostics = parsed(text)
    assert not diagnostics
    return found


def expression(text: str) -> ast.Expression:
    (statement,) = statements(f"x = {text}")
    assert isinstance(statement, ast.Definition)
    return statement.value


def mistake(text: str) -> Diagnostic:
    (found,) = parsed(text)[1]
    return found


def written(node: ast.Expression | ast.Argument) -> str:
    """The tree with every bracket that it stands for."""
    match node:
        case ast.Name():
            return node.name
        case ast.Literal():
            return repr(node.value)
        case ast.Unary():
            return f"({node.operator}{written(node.operand)})"
        case ast.Binary():
            return f"({written(node.left)} {node.operator} {written(node.right)})"
        case ast.Argument():
            return f"{node.name.name}={written(node.value)}" if node.name else written(node.value)
        case ast.Call():
            return f"{node.callee.name}({', '.join(map(written, node.arguments))})"
        case ast.ListOf():
            return f"[{', '.join(map(written, node.items))}]"
        case ast.Chain():
            return f"<{' -> '.join(map(written, node.links))}>"
        case ast.Parenthesized():
            return written(node.inner)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("1 + 2 * 3", "(1 + (2 * 3))"),
        ("1 * 2 + 3", "((1 * 2) + 3)"),
        ("1 - 2 - 3", "((1 - 2) - 3)"),
        ("8 / 4 // 2 * 3", "(((8 / 4) // 2) * 3)"),
        ("2 ** 3 ** 2", "(2 ** (3 ** 2))"),
        ("-2 ** 2", "(-(2 ** 2))"),
        ("2 ** -1", "(2 ** (-1))"),
        ("2 * -3", "(2 * (-3))"),
        ("- - 1", "(-(-1))"),
        ("(1 + 2) * 3", "((1 + 2) * 3)"),
        ("a -> b + 1 -> c", "<a -> (b + 1) -> c>"),
        ("a -> (b -> c) -> d", "<a -> <b -> c> -> d>"),
        ("[a -> b, 1, [c]]", "[<a -> b>, 1, [c]]"),
        ("f(1, a=2, b=[3], c=d -> e)", "f(1, a=2, b=[3], c=<d -> e>)"),
        ("f()", "f()"),
        ("f(1,)", "f(1)"),
        ("[1, 2,]", "[1, 2]"),
        ("[]", "[]"),
        ("2*-1", "(2 * (-1))"),
        ("a->b", "<a -> b>"),
        ("1-1", "(1 - 1)"),
    ],
)
def test_an_expression_is_grouped_as_mathematics_groups_it(text: str, tree: str) -> None:
    assert written(expression(text)) == tree


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("25", 25),
        ("007", 7),
        ("1_000_000", 1_000_000),
        (str(LARGEST_INTEGER), LARGEST_INTEGER),
        ("0.5", 0.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e-3", 0.001),
        ("1E+3", 1000.0),
        ("1.7e308", 1.7e308),
        ("5e-324", 5e-324),
        ("0e999", 0.0),
        ("0.000", 0.0),
        ("0" * 5000 + "7", 7),
        ("true", True),
        ("false", False),
        ("none", None),
        ('"text"', "text"),
        ('""', ""),
        (r'"a\"b\\c\nd\te"', 'a"b\\c\nd\te'),
        ('"größe # -> ("', "größe # -> ("),
    ],
)
def test_a_literal_has_the_value_that_it_shows(text: str, value: object) -> None:
    literal = expression(text)
    assert isinstance(literal, ast.Literal)
    assert (literal.value, type(literal.value)) == (value, type(value))


@pytest.mark.parametrize(
    "text",
    ["9" * 5000, "1" * 1_000_000, "9223372036854775808", "1e999", "1" + "0" * 400 + ".0", "1e-999"],
)
def test_a_number_out_of_range_is_refused_and_never_infinity_or_zero(text: str) -> None:
    found = mistake(f"x = {text}")
    assert isinstance(found, BadNumber)
    assert found.span
    assert found.span.text == text


@pytest.mark.parametrize("text", ["1.2.3", "25px", "0x10", "1e", "1_e", "3a"])
def test_a_malformed_number_is_told_as_one_whole(text: str) -> None:
    found = mistake(f"x = {text}")
    assert isinstance(found, BadNumber)
    assert found.span
    assert found.span.text == text


@pytest.mark.parametrize(
    "name",
    [
        "modela",
        "expectation",
        "expect_",
        "truex",
        "none_",
        "falsey",
        "setx",
        "__",
        "blocky",
        "importx",
        "sharedy",
        "ask",
        "a1",
        "_1",
    ],
)
def test_a_name_may_begin_like_a_word_of_the_language(name: str) -> None:
    (definition, use, block) = statements(
        f"{name} = 1\ny = f({name}={name})\nblock {name}(n) = {name}(n)"
    )
    assert isinstance(definition, ast.Definition)
    assert definition.defines == name
    assert isinstance(use, ast.Definition)
    assert written(use.value) == f"f({name}={name})"
    assert isinstance(block, ast.Definition)
    assert block.defines == name


def no_name(keyword: str) -> tuple[str, tuple[str, ...]]:
    return keyword, (f"`{keyword}` is a word of the language, and not a name",)


@pytest.mark.parametrize("word", sorted(KEYWORDS - {"import"}))  # `import = 1` has another message
def test_a_word_of_the_language_cannot_be_defined(word: str) -> None:
    found = mistake(f"{word} = 1")
    assert (found.written, found.helps) == no_name(word)


@pytest.mark.parametrize(
    "text",
    [
        "shared {} = Linear(2, 2)",
        "block {}(n) = Linear(n, n)",
        "block f({}) = Linear(2, 2)",
        "block f(n, {}=1) = Linear(n, n)",
        "net = ReLU as {} -> ReLU",
        "expect {} > 0",
        "expect test.{} > 0",
        "tune {} in 1..2",
    ],
)
@pytest.mark.parametrize("word", sorted(KEYWORDS))
def test_a_word_of_the_language_is_no_name(word: str, text: str) -> None:
    found = mistake(text.format(word))
    assert (found.written, found.helps) == no_name(word)


@pytest.mark.parametrize(
    "text",
    ["{}", "{} -> ReLU", "{}(2, 2)", "Linear({}, 2)", "Linear({}=2)", "[{}]", "-{}", "2 * {}"],
)
@pytest.mark.parametrize("word", sorted({*HEADS, "as"}))  # the other keywords are values
def test_a_word_of_the_language_names_no_value(word: str, text: str) -> None:
    found = mistake(f"x = {text.format(word)}")
    assert (found.written, found.helps) == no_name(word)


def test_a_bare_chain_defines_net_without_a_name() -> None:
    (statement,) = statements("Linear(2, 3) -> ReLU")
    assert isinstance(statement, ast.Definition)
    assert (statement.name, statement.defines) == (None, "net")


@pytest.mark.parametrize("comparison", [">", ">=", "<", "<=", "==", "!="])
def test_an_expectation_has_a_path_a_comparison_and_a_bound(comparison: str) -> None:
    (statement,) = statements(f"expect test.accuracy {comparison} 0.9 + x")
    assert isinstance(statement, ast.Expect)
    assert [name.name for name in statement.metric] == ["test", "accuracy"]
    assert statement.comparison == comparison
    assert written(statement.bound) == "(0.9 + x)"


def test_every_node_spans_exactly_its_own_text() -> None:
    text = '# größe\r\nnet = Linear( 2 , n=-x**2 ) -> ( ReLU )\r\n  -> f("a", [1 , 2])  # end\n'
    (statement,) = statements(text)
    assert isinstance(statement, ast.Definition)
    assert statement.span.text == text[9:-8]
    assert statement.name
    assert statement.name.span.text == "net"
    texts = [node.span.text for node in ast.postorder(statement.value)]
    assert texts == [
        *("2", "2", "x", "2", "x**2", "-x**2", "n=-x**2", "Linear( 2 , n=-x**2 )"),
        *("ReLU", "( ReLU )", '"a"', '"a"', "1", "2", "[1 , 2]", "[1 , 2]"),
        'f("a", [1 , 2])',
        'Linear( 2 , n=-x**2 ) -> ( ReLU )\r\n  -> f("a", [1 , 2])',
    ]


def test_a_span_counts_lines_and_columns_from_one_in_characters() -> None:
    text = 'a = "ä𝄞" -> B\n  -> C'
    chain = expression(text[4:])
    assert isinstance(chain, ast.Chain)
    second, third = chain.links[1].span, chain.links[2].span
    assert (second.first.line, second.first.column) == (1, 13)
    assert (third.first.line, third.first.column) == (2, 6)
    assert (third.last.line, third.last.column) == (2, 7)


def test_three_broken_statements_give_a_message_each_and_leave_the_good_ones() -> None:
    text = "a = 1\nb = = 2\nc = 3\nd = (4\ne = 5\nf = 6 7\nexpect\ng = 8\n"
    found, diagnostics = parsed(text)
    kinds = [type(one).__name__ for one in found]
    assert kinds.count("Broken") == 4
    assert [one.defines for one in found] == ["a", "b", "c", "d", "e", "f", None, "g"]
    assert [one.span.first.line for one in diagnostics if one.span] == [2, 4, 6, 7]


@pytest.mark.parametrize(
    ("text", "defines"),
    [
        ("loss = = 1", "loss"),
        ("blok two(n) = Linear(n, n)", "two"),
        ("Linear(2 -> ReLU", "net"),
        ("expect a >", None),
        ("expect accuracy == 0.9 0.8", None),
        ("a.b = 1", None),
    ],
)
def test_a_broken_statement_remembers_what_it_was_to_define(text: str, defines: str | None) -> None:
    ((broken,), _) = parsed(text)
    assert isinstance(broken, ast.Broken)
    assert broken.defines == defines


@pytest.mark.parametrize(
    ("text", "is_import"),
    [("import blocks", True), ("imports 'a.net'", True), ("important = = 3", False)],
)
def test_a_broken_statement_remembers_whether_it_was_to_import(text: str, is_import: bool) -> None:
    ((broken,), _) = parsed(text)
    assert isinstance(broken, ast.Broken)
    assert broken.is_import == is_import


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("net = A B", 8),
        ("net = A(1) B(2) -> C", 11),
        ("net = A\n  B -> C", 10),
        ("net = A\n  B", 10),
        ("net = [A, B]\n  C", 15),
        ("net = A * 3 as a\n  B", 19),
    ],
)
def test_a_missing_arrow_is_told_where_it_is_missing(text: str, start: int) -> None:
    found = mistake(text)
    assert isinstance(found, MissingArrow)
    assert found.span
    assert found.span.start == start
    (fix,) = found.fixes
    assert (fix.span.start, fix.span.end, fix.replacement) == (start, start, "-> ")


@pytest.mark.parametrize(
    "line",
    ['import "a.net"', "expect loss < 1", "epochs = 30", "input = [2]", "n = -2*3"],
)
def test_an_indented_chain_does_not_go_on_with_what_is_no_network(line: str) -> None:
    assert len(statements(f"{line}\n  A -> B")) == 2


@pytest.mark.parametrize("line", ['import "a.net"', "expect loss < 1"])
def test_an_arrow_behind_what_is_no_network_is_told_as_one_too_many(line: str) -> None:
    found = mistake(f"{line}\n   -> A")
    assert (found.written, found.helps) == ("->", ("remove it, or begin a new line before it",))


def test_a_bare_line_that_is_not_indented_is_a_chain_of_its_own() -> None:
    assert len(statements("net = A\nB -> C")) == 2


@pytest.mark.parametrize("arrow", ["→", "=>", "|>", "|", ">>", ">", "-->"])
def test_another_systems_arrow_gets_a_fix(arrow: str) -> None:
    found = mistake(f"net = A {arrow} B")
    assert isinstance(found, UnexpectedToken)
    assert found.span
    assert found.span.text == arrow
    assert [fix.replacement for fix in found.fixes] == ["->"]


@pytest.mark.parametrize(
    ("character", "meant"),
    [("×", "*"), ("−", "-"), ("÷", "/"), ("^", "**"), ("（", "("), ("“", '"'), (";", None)],
)
def test_a_character_that_is_none_of_the_languages_is_told_with_the_one_that_was_meant(
    character: str, meant: str | None
) -> None:
    found = mistake(f"x = 1 {character} 2")
    assert isinstance(found, UnexpectedCharacter)
    assert (found.written, found.meant) == (character, meant)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("x = “a”", 'x = "a"'),
        ("x = f(“a#b”, ‘c (d’)", 'x = f("a#b", "c (d")'),
        ("x: 2", "x = 2"),
        ("x = f（2，٣）", "x = f(2, 3)"),
    ],
)
def test_what_stands_for_another_sign_is_told_and_read_as_that(text: str, read: str) -> None:
    (definition,), (found,) = parsed(text)
    assert isinstance(definition, ast.Definition)
    assert written(definition.value) == written(expression(read.removeprefix("x = ")))
    assert found.code == "E0102"
    assert found.span
    assert definition.span.source is found.span.source


def test_a_path_in_the_quotes_of_another_language_is_told_as_one_in_straight_quotes() -> None:
    odd, escape = parsed(r"data = CSV(“C:\data\q.csv”)")[1]
    assert odd.code == "E0102"
    assert isinstance(escape, BadEscape)
    assert escape.path == '"C:/data/q.csv"'


@pytest.mark.parametrize("text", ['data = CSV("a.csv" "Größe")', 'data = CSV("a.csv", y "Größe")'])
def test_a_string_where_none_belongs_is_told_as_a_whole_whatever_its_letters(text: str) -> None:
    found, plain = mistake(text), mistake(text.replace("öß", "os"))
    assert (found.code, found.written) == ("E0101", '"Größe"')
    assert found.helps == tuple(help.replace("os", "öß") for help in plain.helps)


def test_a_sign_that_is_read_as_another_is_quoted_as_it_was_written() -> None:
    assert [one.title for one in parsed("x = 1 × ÷ 2")[1]] == [
        "unexpected character `×`",
        "unexpected `÷`",
    ]


@pytest.mark.parametrize("digit", ["٢", "२", "２", "²"])
def test_a_digit_that_is_not_ascii_is_told_as_a_character(digit: str) -> None:
    found = mistake(f"x = {digit}")
    assert isinstance(found, UnexpectedCharacter)
    assert found.written == digit


def test_two_equals_signs_are_told_as_one_token() -> None:
    found = mistake("epochs == 3")
    assert found.span
    assert found.span.text == "=="


@pytest.mark.parametrize(
    "text", ["a =\nnet = B", "a = 1 +\nnet = B", "a = A ->\nnet = B", "expect a.b >\nnet = B"]
)
def test_a_definition_without_its_end_leaves_the_next_one_whole(text: str) -> None:
    (broken, definition), diagnostics = parsed(text)
    assert isinstance(broken, ast.Broken)
    assert isinstance(definition, ast.Definition)
    assert definition.defines == "net"
    (found,) = diagnostics
    assert found.span
    assert found.span.first.line == 1


def test_a_dotted_definition_is_for_the_command_line_alone() -> None:
    found = mistake("optimizer.lr = 1")
    assert isinstance(found, UnexpectedToken)
    assert "`optimizer = Name(lr=...)`" in found.helps[0]


def test_twenty_thousand_signs_and_powers_are_read_without_recursion() -> None:
    signs = expression("- " * 20_000 + "1")
    assert sum(1 for _ in ast.postorder(signs)) == 20_001
    powers = expression("1 ** " * 10_000 + "1")
    assert sum(1 for _ in ast.postorder(powers)) == 20_001


def test_a_literals_float_is_the_nearest_double() -> None:
    literal = expression("0.1")
    assert isinstance(literal, ast.Literal)
    assert isinstance(literal.value, float)
    assert math.ulp(0.1) > abs(literal.value - 0.1) == 0


def mended_text(text: str) -> str:
    """The text after the fixes of its first mistake."""
    for fix in sorted(mistake(text).fixes, key=lambda fix: -fix.span.start):
        text = text[: fix.span.start] + fix.replacement + text[fix.span.end :]
    return text


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("net = A => B  # a => b\n   -> C", "net = A -> B  # a => b\n   -> C"),
        ('net = A => f("=>") => B', 'net = A -> f("=>") -> B'),
        (r'block f(s="a\"^b", n=2 ^ 1) = A', r'block f(s="a\"^b", n=2**1) = A'),
        (r'block f(s="a\"×b", n=2 × 1) = A', r'block f(s="a\"×b", n=2 * 1) = A'),
        ("lr := 0.1", "lr = 0.1"),
        ("expect test.accuracy => 0.9", "expect test.accuracy >= 0.9"),
        ("expect test.accuracy =< 0.9", "expect test.accuracy <= 0.9"),
    ],
)
def test_a_sign_is_mended_where_it_is_one_and_not_in_strings_and_comments(
    text: str, mended: str
) -> None:
    assert mended_text(text) == mended
    assert len(parsed(text)[1]) == 1


@pytest.mark.parametrize(
    ("text", "help"),
    [
        (
            "block f = ReLU",
            "a block has parameters: write `block f() = ...`, or leave `block` out",
        ),
        ("net = [A,, B]", "remove one of the two `,`"),
        ("net = [, B]", "write a layer or a value in its place"),
        ("net = A as 3", "write a name in its place"),
        ("net = A as a as b", "give one name only"),
        (
            "net = A(2, 2) lr=3",
            "put `lr=...` inside of the brackets; a definition begins a new line",
        ),
    ],
)
def test_what_makes_no_sense_is_told_what_to_write(text: str, help: str) -> None:
    found = mistake(text)
    assert found.helps == (help,)
    assert not found.fixes


@pytest.mark.parametrize("number", ["2_", "1__000", "1._5", "1.5_", "1.2.3", "2a"])
def test_a_malformed_number_is_told_whole(number: str) -> None:
    found = mistake(f"w = {number}")
    assert found.code == "E0105"
    assert found.span
    assert found.span.text == number


def test_an_indented_definition_after_a_broken_line_is_read() -> None:
    found, diagnostics = parsed("a = 1 +* 2\n  b = 3")
    assert [type(one).__name__ for one in found] == ["Broken", "Definition"]
    assert len(diagnostics) == 1


def test_a_heading_of_another_language_is_told_once() -> None:
    assert len(parsed("model:\n  hidden: 3\n  lr = 2")[1]) == 1


def test_an_indented_definition_in_a_body_of_another_language_is_not_judged() -> None:
    found, diagnostics = parsed("class Net:\n  def f(x):\n    y = 3 +* 2\n    return y")
    assert [type(one).__name__ for one in found] == ["Broken"]
    assert len(diagnostics) == 1


def test_a_statement_is_read_without_the_semicolon_that_ends_it() -> None:
    found, (semicolon,) = parsed("epochs = -3;  # few\n")
    assert isinstance(semicolon, UnexpectedCharacter)
    assert [fix.replacement for fix in semicolon.fixes] == [""]
    assert isinstance(found[0], ast.Definition)
    assert written(found[0].value) == "(-3)"


@pytest.mark.parametrize("text", ["Early(validation.loss)", "Early(metric=validation.loss, p=1)"])
def test_an_argument_may_be_the_path_of_a_metric(text: str) -> None:
    call = expression(text)
    assert isinstance(call, ast.Call)
    value = call.arguments[0].value
    assert isinstance(value, ast.Literal)
    assert isinstance(value.value, MetricPath)
    assert (value.value, value.span.text) == ("validation.loss", "validation.loss")


@pytest.mark.parametrize(
    "text", ["train.loss * 2", "2 + train.loss", "A -> train.loss", "[train.loss]", "train.loss(3)"]
)
def test_the_path_of_a_metric_is_no_operand_no_link_and_no_function(text: str) -> None:
    assert isinstance(mistake(f"x = {text}"), UnexpectedToken)
