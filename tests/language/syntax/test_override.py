"""What ``--set`` takes, and what it refuses, and where."""

from __future__ import annotations

import pytest

from netlang.language.diagnostics import Diagnostic, NetError, Sink
from netlang.language.diagnostics.rendering.text import render
from netlang.language.source import SourceFile
from netlang.language.syntax import parse, parse_override
from netlang.language.syntax.ast import Override
from tests.language.syntax.test_parse import written


def parsed(text: str) -> Override:
    return parse_override(SourceFile("--set", text, is_override=True))


def test_an_override_has_a_path_and_a_value() -> None:
    override = parsed(" optimizer.lr = 1e-3 * 2 ")
    assert [name.name for name in override.path] == ["optimizer", "lr"]
    assert written(override.value) == "(0.001 * 2)"
    assert [name.name for name in parsed("epochs=3").path] == ["epochs"]


def test_an_override_may_have_the_number_of_a_part() -> None:
    for text in ("optimizer[1].lr=1e-3", " optimizer [ 1 ] . lr = 1e-3 "):
        override = parsed(text)
        assert [name.name for name in override.path] == ["optimizer", "lr"]
        assert override.number == 1
        assert override.text == "optimizer[1].lr=1e-3"
    assert parsed("optimizer.lr=1").number is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "epochs",
        "=3",
        "3=3",
        "a=1\nb=2",
        "a=(",
        'a="',
        "a=1 2",
        "expect a.b > 1",
        "a.=1",
        "a->b",
        "a[].b=1",
        "a[-1].b=1",
        "a[1]b=1",
        "a[1][2].b=1",
        "a.b[1]=1",
    ],
)
def test_what_is_no_override_is_refused_with_one_message(text: str) -> None:
    with pytest.raises(NetError) as error:
        parsed(text)
    assert len(error.value.diagnostics) == 1
    assert error.value.diagnostics[0].span


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("a[].b=1", "a[0].b=1"),
        ("a[-1].b=1", "a[0].b=1"),
        ("a[n].b = 1 + 2", "a[0].b=1 + 2"),
        ("a[1.5].b=1", "a[0].b=1"),
        ("a[1]b=1", "a[1].b=1"),
        ("a[1][2].b=1", "a[1].b=1"),
        ("a.b[1]=1", "a[1].b=1"),
    ],
)
def test_a_wrong_number_of_a_part_is_told_how_parts_count(text: str, meant: str) -> None:
    with pytest.raises(NetError) as error:
        parsed(text)
    (help,) = error.value.diagnostics[0].helps
    assert "parts count from 0" in help
    assert help.endswith(f"write `--set '{meant}'`")
    assert parsed(meant).text == meant


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("shared epochs=3", "shared"),
        ("block epochs(n)=3", "block"),
        ("block epochs=3", "block"),
        ("  shared epochs = 3", "shared"),
        ("expect test.accuracy>0.9", "expect"),
        ("expect x=3", "expect"),
        ('import "a.net"', "import"),
        ("block=3", "block"),
        ("epochs=3 # three", "# three"),
        ("# epochs=3", "# epochs=3"),
        ("name=“a” # three", "# three"),
        ("name='a#b'", "'a#b'"),
        ("epochs=3\n", "\n"),
        ("epochs=3\nbatch=2", "\n"),
        ("epochs=3\r\n", "\r\n"),
        ("net=Linear(2,\n3)", "\n"),
        ("epochs=3, batch=2", ","),
        ("epochs=3; batch=2", ";"),
        ("epochs=3 batch=2", "batch"),
        ("epochs=3 4", "4"),
        ("epochs=3)", ")"),
        ("epochs=3=4", "="),
        ("epochs==3", "epochs==3"),
        ("net=Linear(2, 3) as x", "as x"),
        ("net=Linear(2, 3) as x -> [Identity, x] -> Add", "as x"),
        ("net=[Linear(2, 3) as x, Identity] -> Concat", "as x"),
        ("epochs=", ""),
        ("epochs =  ", ""),
        ("=3", "="),
        ("  =3", "="),
        (".lr=3", ".lr=3"),
        ("epochs", "epochs"),
        ("Linear(2, 3) -> ReLU", "Linear(2, 3) -> ReLU"),
        ("epochs(n)=3", "epochs(n)=3"),
        ("[epochs]=3", "[epochs]=3"),
        ("", ""),
    ],
)
def test_what_is_more_or_less_than_one_name_and_its_value_is_refused_where_it_stands(
    text: str, where: str
) -> None:
    with pytest.raises(NetError) as error:
        parsed(text)
    (found,) = error.value.diagnostics
    assert found.span
    assert found.span.text == where
    assert found.helps
    assert "new line" not in render(found)
    assert not found.fixes


def test_an_argument_behind_deep_brackets_is_a_part_of_the_value() -> None:
    override = parsed("net=f(g(h(1), 2), b=3)")
    assert override.text == "net=f(g(h(1), 2), b=3)"


def test_a_sign_in_a_string_is_a_part_of_it() -> None:
    override = parsed('data=CSV("a#b as c=1.csv", target="y")')
    assert override.text == 'data=CSV("a#b as c=1.csv", target="y")'


def test_a_sharp_in_odd_quotes_begins_no_comment() -> None:
    with pytest.raises(NetError) as error:
        parsed("name=“a#b”")
    (found,) = error.value.diagnostics
    assert (found.code, found.written) == ("E0102", "“")


@pytest.mark.parametrize(
    ("text", "each"),
    [
        ("h=8 ; epochs=2", "--set h=8 --set epochs=2"),
        ("h=8, epochs=2", "--set h=8 --set epochs=2"),
        ("h=8,epochs=2,batch=3;", "--set h=8 --set epochs=2 --set batch=3"),
        ("h=8 epochs = 2", "--set h=8 --set 'epochs = 2'"),
        ("h=8 && optimizer.lr=0.1", "--set h=8 --set optimizer.lr=0.1"),
        ("h=8 and epochs=2", "--set h=8 --set epochs=2"),
        ("h=8 --set epochs=2", "--set h=8 --set epochs=2"),
        (
            'net=Linear(2, 3, init="a, b=c"), h=2',
            "--set 'net=Linear(2, 3, init=\"a, b=c\")' --set h=2",
        ),
        ("metrics=[mse, mae] epochs=2", "--set 'metrics=[mse, mae]' --set epochs=2"),
    ],
)
def test_several_overrides_in_one_are_told_with_the_options_to_give(text: str, each: str) -> None:
    assert refused(text).helps == (f"give `--set` once for each: `{each}`",)


@pytest.mark.parametrize(
    ("text", "option"),
    [
        *(
            (text, "h=8")
            for text in ("h:8", "h: 8", "h 8", "h==8", "h:=8", "--set h=8", "--set=h=8")
        ),
        ("optimizer.lr: 0.1", "optimizer.lr=0.1"),
    ],
)
def test_what_is_nearly_an_override_is_told_as_it_is_written(text: str, option: str) -> None:
    assert refused(text).helps == (f"write `--set {option}`",)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("data=CSV(iris.csv)", "'data=CSV(\"iris.csv\")'"),
        ("data=CSV(my data/iris.csv)", "'data=CSV(\"my data/iris.csv\")'"),
        ("data.path=data\\iris.csv", None),
    ],
)
def test_a_path_whose_quotes_a_shell_took_is_told_with_them(text: str, meant: str | None) -> None:
    (help,) = refused(text).helps
    assert ("single ones around all of it" in help) == (meant is not None)
    assert meant is None or f"`--set {meant}`" in help


@pytest.mark.parametrize(
    ("text", "help"),
    [
        ("hidden=50;", "remove it; for several, write `--set name=value` several times"),
        ("hidden=50,", "remove it; for several, write `--set name=value` several times"),
        ("hidden=10*", "go on with a layer or a value, or remove what stands before it"),
        ("hidden=1_", "a number is written like `25`, `0.5` or `1e-3`"),
    ],
)
def test_what_follows_a_value_is_told_without_a_word_of_statements(text: str, help: str) -> None:
    found = refused(text)
    assert found.helps == (help,)
    assert "statement" not in render(found)


def test_a_file_that_is_called_like_the_option_is_a_file() -> None:
    sink = Sink()
    parse(SourceFile("--set", "epochs = 3 4\n"), sink)
    (found,) = sink.diagnostics
    assert "end of the statement" in render(found)
    assert "end of the value" in render(refused("epochs = 3 4"))


def refused(text: str) -> Diagnostic:
    with pytest.raises(NetError) as error:
        parsed(text)
    (found,) = error.value.diagnostics
    return found
