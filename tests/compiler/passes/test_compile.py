"""All passes together: one mistake is one message, and a program stands for a file without any."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from netlang.catalogue.settings import SETTINGS
from netlang.compiler.passes import Compilation, compile_source
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.shapes import InputUnknown
from netlang.language.source import SourceFile
from tests.paths import MODELS

GOOD = {
    "net": "net = Linear(2, hidden) -> ReLU -> Linear(25, 2) -> Softmax",
    "hidden": "hidden = 25",
    "data": "data = Disc(train=100, test=100)",
    "loss": "loss = CrossEntropy",
    "optimizer": "optimizer = Adam(lr=1e-3)",
    "epochs": "epochs = 3",
    "batch": "batch = 10",
    "expect": "expect test.accuracy > 0.5",
}
# One mistake in each, and the code that it is told with.
MISTAKES = [
    ("net", "net = Linear(2, hidden) -> ReLu -> Linear(25, 2) -> Softmax", "E0201"),
    ("net", "net = Linear(2, hidden) -> ReLU Linear(25, 2) -> Softmax", "E0108"),
    ("net", "net = Linear(2, hidden -> ReLU -> Linear(25, 2) -> Softmax", "E0103"),
    ("net", "net = Linear(2, hidden) -> ReLU -> Linear(24, 2) -> Softmax", "E0301"),
    ("net", "net = Linear(3, hidden) -> ReLU -> Linear(25, 2) -> Softmax", "E0302"),
    ("net", "net = Linear(2, hidden) -> ReLU -> Linear(25, 3) -> Softmax", "E0303"),
    ("net", "net = Linear(2, hidden) -> Dropout(1.5) -> Linear(25, 2)", "E0209"),
    ("net", "net = Linear(2, hidden) -> ReLU -> Linear(25) -> Softmax", "E0205"),
    ("net", "", "E0401"),
    ("net", "nte = Linear(2, hidden) -> ReLU -> Linear(25, 2)", "E0401"),
    ("net", "net = MSE -> Linear(2, 2)", "E0211"),
    ("net", "net = net -> Linear(2, hidden)", "E0210"),
    ("net", "net = Linear(3 -> ReLU, 2)", "E0211"),
    ("hidden", "", "E0201"),
    ("hidden", "hiden = 25", "E0201"),
    ("hidden", 'hidden = "25"', "E0208"),
    ("hidden", "hidden = 0", "E0209"),
    ("hidden", "hidden = 12.5", "E0208"),
    ("hidden", "hidden = hidden", "E0210"),
    ("hidden", "hidden = 25 +", "E0101"),
    ("hidden", "hidden = = 25", "E0101"),
    ("hidden", "hidden = 25 // 0", "E0212"),
    ("hidden", "hidden = ReLU", "E0211"),
    ("hidden", "hidden = (3 -> ReLU) + 1", "E0211"),
    ("hidden", "hidden = -[2 -> ReLU, ReLU]", "E0211"),
    ("data", "data = Disk(train=100, test=100)", "E0201"),
    ("data", "data = Disc(train=0)", "E0209"),
    ("data", 'data = CSV("gone.csv", target="x")', "E0403"),
    ("data", 'data = CSV("gone.csv, target="x")', "E0104"),
    ("data", "data = CSV('gone.csv', target='x')", "E0104"),
    ("data", 'data = CSV("../gone.csv", target="x")', "E0410"),
    ("data", "data = MSE", "E0211"),
    ("data", "data = Disc -> Linear(2, 2)", "E0211"),
    ("loss", "loss = CrosEntropy", "E0201"),
    ("loss", "loss = MSE -> ReLU", "E0211"),
    ("optimizer", "optimizer = Foo -> ReLU", "E0201"),
    ("epochs", "epochs = 3 -> ReLU", "E0211"),
    ("loss", "loss = CrossEntropy(eps=0)", "E0209"),
    ("loss", "loss = CrossEntropy(", "E0103"),
    ("loss", "los = CrossEntropy", "E0402"),
    ("loss", "", "E0402"),
    ("optimizer", "optimizer = Adam(rate=1e-3)", "E0204"),
    ("optimizer", 'optimizer = Adam(lr="1e-3")', "E0208"),
    ("optimizer", "optimizer = Adam[lr=1e-3]", "E0101"),
    ("optimizer", "optimizer = Adam(lr=1e-3))", "E0103"),
    ("optimizer", "optimizer.lr = 1e-3\noptimizer = Adam", "E0101"),
    ("epochs", "epochs = 3 4", "E0101"),
    ("epochs", "epochs = three", "E0201"),
    ("epochs", "epochs = 3\nepochs = 4", "E0202"),
    ("epochs", "epochs: 3", "E0102"),
    ("epochs", "epochs = 1e999", "E0105"),
    ("batch", "batch = 0", "E0209"),
    ("batch", "batch = ", "E0101"),
    ("batch", "batch = '10'", "E0104"),
    ("expect", "expect test.acuracy > 0.5", "E0409"),
    ("expect", "expect test.accuracy", "E0101"),
    ("expect", "expect test.accuracy > goal", "E0201"),
    ("expect", "expect test.accuracy > (3 -> ReLU)", "E0211"),
]


def compiled(changes: dict[str, str], to_run: bool = True) -> Compilation:
    lines = [line for line in (GOOD | changes).values() if line]
    return compile_source(SourceFile("a.net", "\n".join(lines) + "\n"), to_run=to_run)


def test_the_file_that_mistakes_are_put_into_has_none() -> None:
    assert compiled({}).ok
    assert not compiled({}).diagnostics


@pytest.mark.parametrize(("name", "line", "code"), MISTAKES)
def test_one_mistake_is_one_message(name: str, line: str, code: str) -> None:
    found = compiled({name: line}).diagnostics
    assert [one.code for one in found] == [code]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (first, second)
        for first, second in itertools.combinations(MISTAKES, 2)
        if first[0] == "hidden" and second[0] in ("loss", "optimizer", "epochs", "batch")
    ][::7],
)
def test_two_mistakes_in_two_statements_are_two_messages(
    first: tuple[str, str, str], second: tuple[str, str, str]
) -> None:
    found = compiled({first[0]: first[1], second[0]: second[1]}).diagnostics
    assert sorted(one.code for one in found) == sorted([first[2], second[2]])


@pytest.mark.parametrize(
    "definition", ["", "hiden = 3", "hidden = 0", 'hidden = "3"', "hidden = ReLU"]
)
def test_a_mistake_in_a_constant_is_told_once_however_often_it_is_used(definition: str) -> None:
    net = "net = Linear(2, hidden) -> Linear(hidden, hidden) -> Linear(hidden, 2)"
    assert len(compiled({"hidden": definition, "net": net}).diagnostics) == 1


HOLES = "net = Linear(_, 8) -> ReLU -> Linear(8, _) -> Softmax"
NO_DATA = [
    ('data = CSV("nowhere.csv", target="y")', "E0403"),
    ('data = CSV("bad.csv", target="y")', "E0406"),
    ('data = CSV("ragged.csv", target="y")', "E0405"),
    ('data = CSV("bad.csv", target="z")', "E0404"),
    ('data = CSV("../bad.csv", target="y")', "E0410"),
    ('data = CSV("bad.csv", target="y", ignore=["a", "b"])', "E0407"),
    ('data = CSV("bad.csv", target="y", ignore=[b])', "E0201"),
    ('data = CSV("bad.csv", target="y", tset=0.2)', "E0204"),
    ('data = CSV("bad.csv")', "E0205"),
    ('data = CSV("bad.csv", target=3)', "E0208"),
    ("data = Disc(train=0)", "E0209"),
    ("data = Dics", "E0201"),
    ("data = Disc(train=many)", "E0201"),
    ('data = "bad.csv"', "E0211"),
    ("data = 5", "E0211"),
    ("data = _", "E0211"),
    ("data = ReLU", "E0211"),
    ("data = [Disc]", "E0211"),
    ("dat = Disc", "E0305"),
    ("dataset = Disc", "E0305"),
    ("input = [4]\ndat = Disc", "E0305"),
    ('input = [4]\ndata = CSV("nowhere.csv", target="y")', "E0403"),
    ('test = Disc\ndata = CSV(test, target="y")', "E0211"),
]


@pytest.mark.parametrize(("data", "code"), NO_DATA)
@pytest.mark.parametrize(
    "net",
    [HOLES, "net = [Linear(_, 4), Linear(_, _)] -> Concat", "net = Linear(_, _) * 3"],
    ids=["ends", "branches", "repeat"],
)
def test_data_that_are_wrong_leave_holes_unknown_in_silence(
    tmp_path: Path, net: str, data: str, code: str
) -> None:
    (tmp_path / "bad.csv").write_text("a,b,y\n1,2,p\n1,x,q\n")
    (tmp_path / "ragged.csv").write_text("a,b,y\n1,2\n1,2,q\n")
    source = SourceFile("a.net", f"{net}\n{data}\n", tmp_path / "a.net")
    assert [one.code for one in compile_source(source).diagnostics] == [code]


def test_a_hole_that_no_data_would_tell_is_told_even_where_the_data_are_wrong() -> None:
    text = "net = Linear(_, 8) -> Linear(8, _) -> Linear(_, 2)\ndata = Dics"
    found = compile_source(SourceFile("a.net", text)).diagnostics
    assert [one.code for one in found] == ["E0309", "E0201"]
    assert found[0].span
    assert found[0].span.first.column == 33


def test_an_input_that_is_wrong_leaves_holes_unknown_in_silence() -> None:
    for setting, code in {"[4, 0]": "E0208", "4.5": "E0208", "[size]": "E0201"}.items():
        source = SourceFile("a.net", f"net = Linear(_, 2) -> ReLU\ninput = {setting}")
        assert [one.code for one in compile_source(source).diagnostics] == [code]


def test_messages_stand_in_the_order_of_the_text() -> None:
    text = "net = Linear(2, 0) -> Zebra\nepochs = 0\nbatch = = 1\nseed = -1"
    found = compile_source(SourceFile("a.net", text)).diagnostics
    places = [one.span.start for one in found if one.span]
    assert len(places) == len(found) == 5
    assert places == sorted(places)


def test_a_file_with_an_error_is_no_program() -> None:
    compilation = compiled({"epochs": "epochs = 0"})
    assert not compilation.ok
    with pytest.raises(NetError) as error:
        compilation.require()
    assert error.value.diagnostics == compilation.diagnostics


def test_what_is_no_source_is_refused_in_a_sentence() -> None:
    wrong: Any = "models/model2.net"
    with pytest.raises(TypeError, match=r"takes what `read\(path\)` gives, not a str$"):
        compile_source(wrong)


@pytest.mark.parametrize("overrides", ["epochs=4", {"epochs": 4}])
def test_overrides_that_are_no_list_are_refused_in_a_sentence(overrides: Any) -> None:
    with pytest.raises(TypeError, match=r"overrides in a list, such as \['epochs=4'\], not "):
        compile_source(SourceFile("a.net", "net = ReLU"), overrides)


IMPORTED = ("batch = 8", "n = batch * 2", "block f(w) = Linear(w, n)", "m = 1 +", "net = f(n)")
OWN = ("net = f(2)", "net = Linear(2, m)", "epochs = n", "shared s = f(n)", "data = batch", "x = _")


def test_no_program_is_made_only_of_a_file_with_an_error(tmp_path: Path) -> None:
    for count in range(len(IMPORTED) + 1):
        for imported in itertools.combinations(IMPORTED, count):
            (tmp_path / "b.net").write_text("\n".join(imported))
            for own in itertools.product(OWN, repeat=2):
                text = "\n".join(['import "b.net"', *own])
                compilation = compile_source(SourceFile("a.net", text, tmp_path / "a.net"))
                assert compilation.ok == (compilation.program is not None)


@pytest.mark.parametrize(
    "value",
    [
        "unknown_name",
        *(pytest.param(one, marks=pytest.mark.slow) for one in ("none", "_", "ReLU", "[]")),
    ],
)
@pytest.mark.parametrize("setting", SETTINGS)
def test_no_setting_takes_the_program_away_without_an_error(setting: str, value: str) -> None:
    nets = "net = ReLU", "net = Linear(_, 2)", "net = Linear(2, hidden) -> ReLU -> Linear(25, 2)"
    for net in (*nets, "net = Linear(_, 2, init=1)"):
        for left_out in ("", *GOOD):
            text = "\n".join(({**GOOD, "net": net} | {left_out: ""}).values())
            compilation = compile_source(SourceFile("a.net", text), [f"{setting}={value}"])
            assert compilation.ok == (compilation.program is not None)


def test_an_input_of_none_is_none_that_is_stated() -> None:
    (found,) = compile_source(SourceFile("a.net", "net = ReLU\ninput = none")).diagnostics
    assert isinstance(found, InputUnknown)
    compile_source(SourceFile("a.net", "net = Linear(2, 2)\ninput = none")).require()


def test_a_file_with_a_warning_alone_is_a_program() -> None:
    compilation = compiled({"los": "los = 3"})
    assert [one.severity for one in compilation.diagnostics] == ["warning"]
    assert compilation.require().epochs == 3


@pytest.mark.parametrize("path", sorted(MODELS.glob("*.net")), ids=lambda path: path.stem)
def test_a_model_that_netlang_ships_can_be_run(path: Path) -> None:
    source = SourceFile(path.name, path.read_text(encoding="utf-8"), path)
    compilation = compile_source(source, to_run=True)
    assert not compilation.diagnostics
    assert compilation.ok


def test_compiling_twice_says_the_same() -> None:
    changes = {"net": "net = Linear(2, 0) -> Zebra", "los": "los = 3"}
    first, second = compiled(changes).diagnostics, compiled(changes).diagnostics
    assert [one.key for one in first] == [one.key for one in second]


def test_line_ends_of_windows_change_no_message() -> None:
    for name, line, code in MISTAKES:
        text = "\r\n".join(one for one in (GOOD | {name: line}).values() if one)
        found = compile_source(SourceFile("a.net", text.replace("\n\n", "\n")), to_run=True)
        codes = [one.code for one in found.diagnostics]
        assert codes == [one.code for one in compiled({name: line}).diagnostics], (line, code)
