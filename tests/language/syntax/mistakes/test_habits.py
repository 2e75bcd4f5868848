"""What people write by habit of other languages, and what messages tell them to write."""

from __future__ import annotations

import pytest

from netlang.compiler.fixes import mended
from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import Diagnostic
from netlang.language.source import SourceFile

IN_ORDER = "layers are joined by `->`: write them in the order in which the data passes them"
METRIC_FIRST = "the metric comes first, as in `expect test.accuracy > 0.9`"
NO_IMPORT = "remove it: layers, losses and optimizers are known without any import"


def check(source: SourceFile) -> tuple[Diagnostic, ...]:
    return compile_source(source).diagnostics


def alone(name: str) -> str:
    return f"names stand alone here: write `{name}`"


def mistake(text: str) -> Diagnostic:
    return check(SourceFile("a.net", text))[0]


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("loss=MSE, optimizer=Adam", "loss=MSE\noptimizer=Adam"),
        ("loss = MSE ; optimizer = Adam", "loss = MSE\noptimizer = Adam"),
        ("epochs=3, batch=4, seed=5", "epochs=3\nbatch=4\nseed=5"),
        ("epochs = 3; batch = 4;", "epochs = 3\nbatch = 4"),
        ("loss = MSE, optimizer = Adam(lr=0.1, beta1=0.5)", None),
    ],
)
def test_definitions_in_one_line_are_told_to_stand_in_lines_of_their_own(
    line: str, lines: str | None
) -> None:
    text = "net = Linear(2, 3)\n" + line
    found = mistake(text)
    assert found.label == "expected the end of the statement here"
    second = line.replace(";", ",").split(",")[1].split("=")[0].strip()
    help = f"a statement ends with its line: begin a new one before `{second}`"
    assert found.helps == (help,)
    better, made = mended(SourceFile("a.net", text), compile_source)
    assert made
    assert lines is None or better.text == "net = Linear(2, 3)\n" + lines


@pytest.mark.parametrize(
    "line", ["epochs = 3", 'name = "a" ', "a = [3]", "expect test.loss < 1", 'import "a.net"']
)
def test_a_definition_behind_a_value_begins_a_new_line(line: str) -> None:
    found = mistake(f"{line} batch = 4")
    assert found.helps == ("a statement ends with its line: begin a new one before `batch`",)
    (fix,) = found.fixes
    assert (fix.span.start, fix.span.end, fix.replacement) == (
        len(line.rstrip()),
        len(line) + 1,
        "\n",
    )


def test_what_stands_behind_a_comma_and_defines_nothing_is_a_layer() -> None:
    assert mistake("net = Linear(2, 3), ReLU").helps == ("layers are joined by `->`",)
    brackets = mistake("loss=MSE optimizer=Adam").helps[0]
    assert "`MSE(optimizer=...)`; a definition begins a new line" in brackets


def test_a_decimal_comma_is_told_with_its_number() -> None:
    for line in ("p = 0,25", "expect test.accuracy > 0,25", "net = Dropout(p=1) * 0,25"):
        assert mistake(line).helps == ("a decimal number has a point: write `0.25`",)


@pytest.mark.parametrize(
    ("line", "written"),
    [("metrics = accuracy, mse", "[accuracy, mse]"), ("input = 4, 3, 2", "[4, 3, 2]")],
)
def test_a_list_without_brackets_is_told_with_them(line: str, written: str) -> None:
    assert mistake(line).helps == (f"a list stands in square brackets: write `{written}`",)
    assert "write `1.5`, and a list square brackets: `[1, 5]`" in mistake("a = 1,5").helps[0]


def test_a_method_or_a_call_of_a_layer_is_told_to_be_a_chain() -> None:
    assert mistake("net = Linear(2, 3).tanh()").helps == (
        "layers are joined by `->`: write `-> Tanh`",
    )
    assert mistake("net = ReLU(Linear(2, 3))").helps[0].endswith("`->`: `Linear(2, 3) -> ReLU`")


@pytest.mark.parametrize("body", ["x + Linear(n, n)(x)", "Linear(n, n)(x) + x"])
def test_a_layer_s_input_that_is_added_to_its_output_is_told_to_be_a_branch(body: str) -> None:
    found = mistake(f"block res(n) = {body}\nnet = res(4)")
    assert "`[Identity, Linear(n, n)] -> Add`" in found.helps[0]


def test_escapes_in_a_path_that_were_meant_for_folders_are_told() -> None:
    for path in (r"new\table.csv", r"C:\new\table.csv"):
        found = mistake(f'net = Linear(2, 3)\ndata = CSV("{path}", target="y")')
        assert "write `/` between folders" in found.helps[0]


@pytest.mark.parametrize(
    ("path", "written"),
    [
        (r"C:\data\x.csv", "C:/data/x.csv"),
        (r"C:\my data\x.csv", "C:/my data/x.csv"),
        ("C:/data/x.csv", "C:/data/x.csv"),
        (r"data\x.csv", "data/x.csv"),
        *((path, path) for path in ("x.csv", "data/x.tsv", "/home/me/x.csv", "~/x.csv", "./x.csv")),
        *((path, path) for path in ("../x.csv", "my data.csv", "a-b_c.d/2024-01 x.csv", "1.csv")),
    ],
)
@pytest.mark.parametrize("before", ["", "path="])
def test_a_path_without_quotes_is_told_as_a_string(path: str, written: str, before: str) -> None:
    found = mistake(f'net = Linear(2, 3)\ndata = CSV({before}{path}, target="y")')
    assert found.span
    assert found.span.text == path
    assert found.helps[0].endswith(f'write `"{written}"`')
    assert [fix.replacement for fix in found.fixes] == [f'"{written}"']


@pytest.mark.parametrize("path", [r"C:\data\x.csv", r"data\x.csv", r"..\my data\x.csv"])
def test_a_path_with_backslashes_is_told_with_slashes(path: str) -> None:
    found = mistake(f'net = Linear(2, 3)\ndata = CSV("{path}", target="y")')
    meant = path.replace("\\", "/")
    assert found.helps[0].endswith(f'write `"{meant}"`')
    assert [fix.replacement for fix in found.fixes] == [f'"{meant}"']
    assert not mistake('n = "a \\q: b"').fixes


def test_a_quotient_is_no_path() -> None:
    assert not mistake("net = Linear(2, a/b c)").title.startswith("unexpected `a/b")


@pytest.mark.parametrize(
    "text",
    [
        "net = nn.Sequential(nn.Linear(2, 3), nn.ReLU())",
        "net = torch.nn.Sequential(Linear(2, 3))",
        "model = keras.Sequential([Dense(3)])",
        "net = Sequential(Linear(2, 3), ReLU)",
        "net = Linear(2, 3)\nnet.add(ReLU)",
    ],
)
def test_a_sequence_of_another_library_is_told_to_be_a_chain(text: str) -> None:
    assert "layers in a row are joined by `->`" in mistake(text).helps[0]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("net.fit(data, epochs=3)", "`netlang run FILE` does it"),
        ("optimizer.step()", "`netlang run FILE` does it"),
        ("torch.manual_seed(0)", "`seed = 0`"),
        ("net.save()", "keeps the trained network"),
        ("net.frobnicate(3)", "calls no methods"),
        ("results = train(net, epochs=3)", "`netlang run FILE` does it"),
    ],
)
def test_a_method_that_is_called_is_told_what_there_is_instead(line: str, says: str) -> None:
    assert says in mistake(f"net = Linear(2, 3)\n{line}").helps[0]


@pytest.mark.parametrize(
    ("line", "help"),
    [
        ("epochs = 10,000", "digits are grouped by `_`: write `10_000`"),
        (
            "input = 3,224,224",
            "digits are grouped by `_`: write `3_224_224`,"
            " and a list square brackets: `[3, 224, 224]`",
        ),
        ("net = tf.keras.layers.Dense(3)", alone("Linear")),
        ("net = Linear(2, 3) -> F.relu -> Linear(3, 2)", alone("ReLU")),
        ("net = [F.relu, Identity] -> Add", alone("ReLU")),
        ("net = Linear(2, 3) -> torch.nn.functional.relu", alone("ReLU")),
        ("net = Linear(2, 3) -> [nn.Tanh, nn.ReLU] -> Add", alone("Tanh")),
        ("h = 4 // hidden units", "a comment starts with `#`"),
        ("net = Linear(2, 2) -> Tanh  -- the output", "a comment starts with `#`"),
        ("f = lambda x: x", "netlang has no `lambda`: write the value itself"),
        ("net = Linear(2, 25)\n  .relu()", "layers are joined by `->`: write `-> ReLU`"),
        ("net = Linear(2, 3)(ReLU(Linear(3, 4)))", IN_ORDER),
        ("net = Softmax(Linear(2, 3)(ReLU))", IN_ORDER),
        ("net = Linear(sizes[0], 3)", "nothing takes an item out of a list: give each its name"),
        ("expect test.loss < 1 and test.mae < 2", "write an `expect` of its own for each"),
        ("epochs = 3 epochs", "remove it: a number has no unit"),
        ("net = ReLU * 3 Tanh", "write `-> Tanh`"),
        ("net = Linear(2, 3) == 4", "only an `expect` compares values"),
        ("net = Linear(2, 3) and ReLU", "layers are joined by `->`"),
        (
            'expect test.f1(average="micro") > 0.5',
            "arguments of a metric stand in a setting, `metrics = [f1(...)]`; `netlang check` then "
            "knows its number by a name such as `test.f1_micro`",
        ),
        ("expect 0.9 < test.accuracy", METRIC_FIRST),
        ("expect -0.9 < test.accuracy", METRIC_FIRST),
        ("expect (test.accuracy) > 0.9", METRIC_FIRST),
        ("expect = 3", "`expect` is a word of the language, and not a name"),
        ('import "imp.net" as x', 'an import has no `as`: `import "imp.net"`'),
        ('from "imp.net" import b', 'an import takes a whole file: `import "imp.net"`'),
        ("from imp import b", 'an import takes a whole file: `import "imp.net"`'),
        ("from netlang import *", NO_IMPORT),
        ("import netlang", NO_IMPORT),
        ('data = pd.read_csv("p.csv")', '`data = CSV("table.csv", target="column")` reads a table'),
    ],
)
def test_a_habit_of_another_language_is_told_what_netlang_has(line: str, help: str) -> None:
    assert mistake(line).helps == (help,)


@pytest.mark.parametrize("text", ["test.loss < 1", "accuracy >= 0.5"])
def test_a_misspelt_expect_is_mended_whatever_follows(text: str) -> None:
    (fix,) = mistake(f"Expect {text}").fixes
    assert fix.replacement == "expect"


@pytest.mark.parametrize(
    ("line", "better"),
    [("epochs == 3", "epochs = 3"), ("optimizer = Adam(lr == 0.1)", "optimizer = Adam(lr = 0.1)")],
)
def test_two_equals_signs_are_mended_where_one_defines(line: str, better: str) -> None:
    assert mistake(line).label == "expected `=` here"
    assert mended(SourceFile("a.net", line), compile_source)[0].text == better


@pytest.mark.parametrize("line", ['import "imp.net" as b', 'from "imp.net" import b'])
def test_what_a_broken_import_may_have_brought_is_not_missed(line: str) -> None:
    codes = [found.code for found in check(SourceFile("a.net", f"{line}\nnet = b"))]
    assert codes == ["E0101"]


def test_every_activation_that_a_method_is_told_as_is_known() -> None:
    for name in ("relu", "tanh", "sigmoid", "selu", "silu", "softmax"):
        (help,) = mistake(f"net = Linear(2, 2)\n  .{name}()").helps
        link = help.partition("write ")[2].strip("`")
        assert not check(SourceFile("a.net", f"net = Linear(2, 2)\n  {link}"))


def test_braces_around_a_block_and_an_arrow_with_a_blank_are_told_as_they_are_written() -> None:
    block = "block f(n) {text}\nnet = f(2)"
    assert mistake(block.format(text="{ Linear(n, n) }")).helps == ("write `=`",)
    assert mistake(block.format(text="= Linear(n, n) }")).helps[0].startswith("remove it")
    assert mistake("net = Linear{2, 3}").helps == ("write `(`",)
    arrow = "an arrow has no blank in it: write `->`"
    assert mistake("net = Linear(2, 3) - > ReLU").helps == (arrow,)
