"""``netlang check --fix``: mistakes that netlang knows the remedy of are mended in the file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path

import pytest
from click.testing import Result

from netlang.compiler.fixes import mended
from netlang.compiler.passes import compile_source
from netlang.compiler.passes.compile import Compilation
from netlang.language.diagnostics import Diagnostic
from netlang.language.source import SourceFile
from tests.diagnostics import fixed, is_mended, mistakes
from tests.errors.accept import HERE, overrides_in, to_run_in
from tests.program import netlang
from tests.together import together


def check(*arguments: str | Path) -> Result:
    return netlang("check", *arguments)


def test_mistakes_behind_mistakes_are_mended_as_well(tmp_path: Path) -> None:
    file = tmp_path / "a.net"
    file.write_text(
        "los = MSE  # kept\n"
        "net = Linear(2, 8) => Relu -> Linaer(8, 4) -> [Linear(4, 3), Linear(4, 4)] -> Concat"
        " -> Linear(7, 2)\n"
        "data = Disc\noptimizer = Adam(learning_rate=1e-3)\n"
    )
    result = check("--fix", file)
    assert result.exit_code == 0
    assert result.stdout.endswith(f"\n{file}: 5 fixed, ok\n")
    assert "\n-los = MSE  # kept\n" in result.stdout
    assert "\n+loss = MSE  # kept\n" in result.stdout
    assert file.read_text() == (
        "loss = MSE  # kept\n"
        "net = Linear(2, 8) -> ReLU -> Linear(8, 4) -> [Linear(4, 3), Linear(4, 4)] -> Concat"
        " -> Linear(7, 2)\n"
        "data = Disc\noptimizer = Adam(lr=1e-3)\n"
    )


def test_what_cannot_be_mended_is_shown_and_the_rest_is_mended(tmp_path: Path) -> None:
    file = tmp_path / "a.net"
    file.write_text("net = Linear(2, 8) -> Relu -> Zebra\n")
    result = check("--fix", file)
    assert result.exit_code == 1
    assert "unknown name `Zebra`" in result.stderr
    assert "1 fixed, 1 error" in result.stderr
    assert file.read_text() == "net = Linear(2, 8) -> ReLU -> Zebra\n"


def test_a_sound_file_is_not_written(tmp_path: Path) -> None:
    file = tmp_path / "a.net"
    file.write_text("net = Linear(2, 8)\n")
    before = file.stat().st_mtime_ns
    assert check("--fix", file).exit_code == 0
    assert file.stat().st_mtime_ns == before


def test_standard_input_cannot_be_fixed() -> None:
    assert check("--fix", "-").exit_code == 2


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("text", [b"net = Linear(2, 8) -> Relu\r\nseed = 3\r\n", b"net = Relu"])
def test_a_fix_changes_no_other_byte(tmp_path: Path, mark: bytes, text: bytes) -> None:
    file = tmp_path / "a.net"
    file.write_bytes(mark + b"input = [2]\n" + text)
    check("--fix", file)
    assert file.read_bytes() == mark + b"input = [2]\n" + text.replace(b"Relu", b"ReLU")


def test_a_file_that_is_read_only_stays_and_the_others_are_mended(tmp_path: Path) -> None:
    text = "net = Linear(2, 8) -> Relu\n"
    for name in ("a.net", "b.net"):
        (tmp_path / name).write_text(text)
    (tmp_path / "a.net").chmod(0o444)
    result = check("--fix", tmp_path)
    assert result.exit_code == 1
    assert "a.net: it is read-only" in result.stderr
    assert "unknown name `Relu`" in result.stderr
    assert (tmp_path / "a.net").read_text() == text
    assert (tmp_path / "b.net").read_text() == text.replace("Relu", "ReLU")


def test_json_says_what_was_fixed_and_what_could_not_be_written(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.net", "b.net", "c.net")]
    for file in files:
        file.write_text("net = Linear(2, 8) -> Relu\n")
    files[0].chmod(0o444)
    files[2].write_text("net = Linear(2, 8)\n")
    found = json.loads(check("--fix", "--json", tmp_path).stdout)
    assert found["fixed"] == {str(files[1]): 1}
    assert found["unwritten"] == [str(files[0])]


def test_the_file_that_is_named_is_mended_and_what_it_imports_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "b.net").write_text("block b(n) = Linear(n, n) -> Relu\n")
    (tmp_path / "a.net").write_text('import "b.net"\nnet = Linear(2, 8) -> Tahn -> b(8)\n')
    check("--fix", tmp_path / "a.net")
    assert (tmp_path / "b.net").read_text() == "block b(n) = Linear(n, n) -> Relu\n"
    check("--fix", tmp_path / "b.net")
    assert (tmp_path / "b.net").read_text() == "block b(n) = Linear(n, n) -> ReLU\n"


def test_a_file_is_mended_as_it_stands_whatever_is_set(tmp_path: Path) -> None:
    file = tmp_path / "a.net"
    file.write_text("n = 0\nnet = Linear(2, 3) -> Dropuot(n) -> ReLU\n")
    assert check("--fix", file, "--set", "net=Linear(2, 3)").exit_code == 0
    assert "Dropout(n)" in file.read_text()


def test_many_mistakes_of_which_some_cannot_be_mended_take_few_checks() -> None:
    lines = [f"n{i} = Linear(2, 2) {'=>' if i % 3 else f'-> z{i} =>'} ReLU" for i in range(60)]
    source = SourceFile("a.net", "\n".join([*lines, "net = Linear(2, 2)"]))
    checks = 0

    def counted(source: SourceFile) -> Compilation:
        nonlocal checks
        checks += 1
        return compile_source(source, blocks_ok=True)

    better, made = mended(source, counted)
    assert made == 40
    assert checks <= 200_000 / len(source.text) + 2
    assert better.text.count("=>") == 20


def test_what_the_checks_of_a_short_text_cost_is_limited_by_its_blocks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("netlang.compiler.fixes._COST", 20_000)
    blocks = [f"block b{i}(n) = b{i - 1}(n) -> b{i - 1}(n)" for i in range(1, 9)]
    mistakes = [f"n{i} = Linear(2, 2) -> z{i} => ReLU" for i in range(8)]
    lines = ["block b0(n) = Linear(n, n)", *blocks, *mistakes, "net = Linear(2, 2) -> b8(2)"]
    expanded = 0

    def counted(source: SourceFile) -> Compilation:
        nonlocal expanded
        compilation = compile_source(source)
        expanded += compilation.expanded
        return compilation

    mended(SourceFile("a.net", "\n".join(lines)), counted)
    once = compile_source(SourceFile("a.net", "\n".join([*lines[:9], lines[-1]]))).expanded
    assert once > 1_000
    assert once * len(mistakes) > 10_000
    assert expanded <= 20_000 + 2 * once


def text_after_fix(text: str) -> str:
    return mended(SourceFile("a.net", text), partial(compile_source, blocks_ok=True))[0].text


@pytest.mark.parametrize(
    ("text", "better"),
    [
        ("net = Linear(2, 3) → Relu → Linear(3, 2)", "net = Linear(2, 3) -> ReLU -> Linear(3, 2)"),
        ("net = Linear(٢, ٣) × ٢", "net = Linear(2, 3) * 2"),  # whose mismatch is told in any case
        ("net = Linear(٢, ٢) × ٢", "net = Linear(2, 2) * 2"),
        ("net = Linear{2, 3} -> ReLU", "net = Linear(2, 3) -> ReLU"),
        ("net = Linear（2，3） –> ReLU", "net = Linear(2, 3) -> ReLU"),
        ("n: 2^3\nnet: Linear(n, n)", "n = 2**3\nnet = Linear(n, n)"),
        ("n : 2 ^ 3\nnet:Linear(n, n)", "n = 2**3\nnet = Linear(n, n)"),
        ("net＝Linear(2, out_features: 3)", "net = Linear(2, out_features=3)"),
        ("net = Linear(2, 3*2×2)", "net = Linear(2, 3*2 * 2)"),
        ("net = Linear(2, 3)=>ReLU |Tanh", "net = Linear(2, 3) -> ReLU -> Tanh"),
        ("net = Linear(2, 3) =>  # up\n   ReLU", "net = Linear(2, 3) ->  # up\n   ReLU"),
        ("net = Linear(2, 3)ReLU", "net = Linear(2, 3) -> ReLU"),
        ("//two\nnet = Linear(2, 3)", "# two\nnet = Linear(2, 3)"),
        ("net = Linear(2;3);", "net = Linear(2, 3)"),
        ("net = Linear(2; 3);", "net = Linear(2, 3)"),
        ("net = Linear(2, 3);  # ;", "net = Linear(2, 3)  # ;"),
        ("net = Linear(2, 3, init=“zero”)", 'net = Linear(2, 3, init="zero")'),
        ("net = Linear(2, 3, init='zero')", 'net = Linear(2, 3, init="zero")'),
        ("net = Linear(2, 3, init=‘zero’)", 'net = Linear(2, 3, init="zero")'),
        ("net = Linear(2, 3, init=«zero»)", 'net = Linear(2, 3, init="zero")'),
        ("net = Linear(2, 3, init=„zero“)", 'net = Linear(2, 3, init="zero")'),
        ('net = Linear(2, 3, init=“zero")', 'net = Linear(2, 3, init="zero")'),
        ("net = Linear(2, 3, init=`zero`)", 'net = Linear(2, 3, init="zero")'),
        ("net = Linear(2, 3, init=zero)", 'net = Linear(2, 3, init="zero")'),
        ("net = Linear(2, out=3)", "net = Linear(2, out_features=3)"),
        ("net = Linear(2, out_features=3 init=none)", "net = Linear(2, out_features=3 init=none)"),
        (
            "net = Linear(2, 2)\ndata = Disc(train=100 test=100)",
            "net = Linear(2, 2)\ndata = Disc(train=100, test=100)",
        ),
        ("net = Linear(2, 3) ReLU", "net = Linear(2, 3) -> ReLU"),
        (
            "net = Linear(2, 3) -> Dropuot(50%) -> ReLU",
            "net = Linear(2, 3) -> Dropout(0.5) -> ReLU",
        ),
        ("net = Linear(2, 2) * 200%", "net = Linear(2, 2) * 2"),
        (
            "p = .5%\nnet = Dropout(p) -> Linear(2, 3)",
            "p = 0.005\nnet = Dropout(p) -> Linear(2, 3)",
        ),
        (
            "optimizer = SGD(lr=12.3456789%)\nnet = Linear(2, 3)",
            "optimizer = SGD(lr=0.123456789)\nnet = Linear(2, 3)",
        ),
        ("modle = Linear(2, 3)", "modle = Linear(2, 3)"),
        ("model = Linear(2, 3)", "net = Linear(2, 3)"),
    ],
)
def test_what_can_be_meant_in_one_way_alone_is_mended(text: str, better: str) -> None:
    assert text_after_fix(text) == better


@pytest.mark.parametrize(
    "text",
    [
        "net = Linear(2, 3)\nloss MSE",
        "net = Linear(2, 3)\nloss => MSE",
        "net = Linear(2, 3)\nloss -> MSE",
        "net = Linear(2, 3)\nmetrics     [accuracy]",
        "net = Linear(2, 3)\nloss\n   MSE",
        "net = Linear(2,.5 25)",
        "net = Linear(2 25)",
        "n = 2\nm = 3\nnet = Linear(n m)",
        "net = Linear(2, 3) -> -> Linear(3, 2)",
        "net = Linear(2, 30) -> Linear(25, 2)",
        "net = Linear(2, 3)\nloss = SoftmaxCrossEntropy + 0.01*L2",
        "net = Linear(2, 3)\nloss = L2",
        "net = Linear(2, 3) -> SLU",
        "net = Linear(2, 3) -> Slice(1, stop=2)",
        "n1 = 3\nm = 2\nnet = Linear(m, n1) -> Linear(n2, m)",
        "layer1 = ReLU\nlayer3 = ReLU\nnet = layer1 -> layer3 -> layer2",
        "left = ReLU\nnet = Linear(2, 3) -> lift",
        "inner = ReLU\nnet = Linear(2, 3) -> dinner -> inner",
        "n = 3\nnet = Linear(2, N) -> Linear(n, 2)",
        "head = Linear(2, 3)",
        "net = Linear(2, 3) -> Rleu",
        "net = Linear(2, 2)\ndata = Disc\nexpect accuracy > 0.5",
        "net = Linear(2, 2)\ndata = Disc\nmetrics = [mse]\nexpect test.mse > 0.5",
    ],
)
def test_a_guess_is_told_and_changes_nothing(text: str) -> None:
    found = compile_source(SourceFile("a.net", text), blocks_ok=True).diagnostics
    assert found
    assert all(one.helps for one in found)
    assert text_after_fix(text) == text


def test_a_fix_that_brings_an_error_is_not_made_and_the_others_are() -> None:
    text = (
        "net = Linear(2, 8) -> Relu\n"
        "loss = MSELoss\n"
        "optimizer = Adam(learning_rate=0)\n"  # `lr` cannot be 0
        "metrics = [Accuracy]\n"
    )
    assert text_after_fix(text) == (
        "net = Linear(2, 8) -> ReLU\n"
        "loss = MSE\n"
        "optimizer = Adam(learning_rate=0)\n"
        "metrics = [accuracy]\n"
    )


LONG = HERE / "expands_too_far.net"  # to compile


@together("file", sorted({*HERE.glob("*.net")} - {LONG}), ids=lambda file: file.stem)
def test_a_fix_mends_its_mistake_and_brings_no_other_but_warnings_behind_errors(file: Path) -> None:
    assert_a_fix_mends(file)


@pytest.mark.slow
def test_a_fix_mends_what_takes_long_to_compile() -> None:
    assert_a_fix_mends(LONG)


def assert_a_fix_mends(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    source = SourceFile(file.name, text, file)

    @cache
    def compiled(source: SourceFile) -> Compilation:
        return compile_source(source, overrides_in(text), to_run_in(text))

    def told(source: SourceFile) -> Sequence[Diagnostic]:
        return compiled(source).diagnostics

    better, count = mended(source, compiled)
    assert is_mended(told(source), told(better), count)
    for one in told(better):
        if one.fixes and one.fixes[0].span.source is better:  # it would bring others
            assert not mistakes(told(fixed(one.fixes))) < mistakes(told(better))


@pytest.mark.parametrize(
    ("quoted", "code"),
    [
        ("data = CSV(“gone.csv”, target=“y”)", "E0403"),
        ("data = CSV(‘gone.csv’)", "E0205"),
        ("net = Linear(2, 3, init=“zebra”)", "E0209"),
        ("data = CSV(“gone.csv”, target=“y” test=0.5)", "E0101"),
    ],
)
def test_what_quotes_hide_is_told_with_them_and_keeps_none_from_being_mended(
    quoted: str, code: str
) -> None:
    source = SourceFile("a.net", quoted)
    assert {one.code for one in compile_source(source).diagnostics} >= {code}
    assert all(
        not one.span or one.span.source is source for one in compile_source(source).diagnostics
    )
    better = text_after_fix(quoted)
    assert not set("“”‘’") & set(better)
    assert better.count('"') == 2 * (quoted.count("“") + quoted.count("‘"))
