"""The emitted C says what is computed, depends on nothing else, and can be read."""

from __future__ import annotations

import json
import platform
import re
import subprocess
from ctypes import POINTER, c_int64, c_uint64, c_void_p
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import netlang
from netlang.catalogue.layers import Tanh
from netlang.catalogue.losses import MSE
from netlang.catalogue.optimizers import Adam
from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.engine.native import cache
from netlang.engine.native.cc import Compiler
from netlang.engine.native.compiled import _Call
from netlang.language.source import SourceFile
from netlang.lowering.c import lowers
from netlang.lowering.c.generator.emit import emit
from netlang.lowering.c.generator.writing import escaped
from netlang.lowering.lowerings import Unsupported
from netlang.system.shipped import folder
from netlang.tools.cli.group import cli
from tests.catalogue.layers.test_conformance import IN_C, build
from tests.graphs import behind_linears, chain, dense, side_by_side

MODEL = """\
net = Linear(2, 8) -> Dropout(0.5) -> ReLU
   -> Linear(8, 8) -> Tanh
   -> Linear(8, 2) -> Softmax
data = Disc(train=20, test=20)
loss = CrossEntropy
optimizer = Adam(lr=1e-2)
"""


CALL_TYPES = {
    "int64_t": c_int64,
    "const uint64_t *": POINTER(c_uint64),
    "real *const *": POINTER(c_void_p),
}


def program(text: str = MODEL, name: str = "a.net") -> Program:
    return compile_source(SourceFile(name, text), to_run=True).require()


def source(made: Program, comments: bool = False) -> str:
    assert made.loss
    assert made.optimizer
    parts = made.graph, made.loss, made.optimizer, made.batch_size
    return emit(*parts, comments=comments).source


def test_the_caller_and_the_source_mean_the_same_by_a_call() -> None:
    declared = re.search(r"struct call \{(.*?)\n\};", source(program()), re.DOTALL)
    assert declared
    fields = re.findall(r"^ *(.*?)(\w+);", declared[1], re.MULTILINE)
    kinds = [(name, CALL_TYPES.get(kind.strip(), c_void_p)) for kind, name in fields]
    assert kinds == list(_Call._fields_)


def test_names_places_and_comments_of_the_file_change_nothing() -> None:
    other = MODEL.replace("net =", "# a remark\n\nsize = 8\nnet =").replace("8, 8", "size, size")
    assert source(program(other, name="other */ name.net")) == source(program())


def test_what_no_layer_calls_is_not_there() -> None:
    net = "net = Conv2d(1, {0}, 3) -> Conv2d({0}, {0}, 3) -> Flatten\ninput = [1, 8, 8]"
    parts = "struct convolution {", "struct winograd {"
    for channels, some in ((None, 0), (4, 1), (16, 2)):
        file = SourceFile("a.net", net.format(channels))
        made = compile_source(file).require() if channels else program()
        text = emit(made.graph, MSE(), Adam.declared({}), 8).source
        assert [part in text for part in parts] == [some > 0, some > 1]


def test_what_the_optimizer_is_told_changes_nothing() -> None:
    assert source(program(MODEL.replace("1e-2", "0.5"))) == source(program())


@pytest.mark.parametrize(
    ("old", "new"),
    [("0.5", "0.25"), ("ReLU", "Tanh"), ("CrossEntropy", "MSE"), ("Adam", "SGD"), ("8", "9")],
)
def test_what_is_computed_changes_the_source(old: str, new: str) -> None:
    assert source(program(MODEL.replace(old, new))) != source(program())


def test_layers_that_compute_the_same_share_a_function() -> None:
    repeated = "b = Linear(8, 8) -> Tanh\nnet = Linear(2, 8) -> b * {} -> Linear(8, 2)\n"
    rest = MODEL.partition("data")
    functions = [
        source(program(repeated.format(copies) + "data" + rest[2])).count("\nFUNCTION ")
        for copies in (2, 20)
    ]
    assert functions[0] == functions[1]


def test_elementwise_layers_share_a_loop_unless_another_reads_between() -> None:
    assert "dropout_relu_forward" in source(program())
    tapped = MODEL.replace("Dropout(0.5) -> ReLU", "[Dropout(0.5) as d -> ReLU, d] -> Add")
    assert "dropout_relu_forward" not in source(program(tapped))


@pytest.mark.parametrize(
    ("net", "stored"),
    [
        ("Linear(2, 2) -> GELU", {"slope"}),  # its gate is used forwards alone
        ("SiLU -> Linear(2, 2)", set()),  # no gradient goes back through it
        ("Dropout(0.5) -> Linear(2, 2)", set()),
        ("Linear(2, 2) -> Dropout(0.5) -> Linear(2, 2)", {"mask"}),
    ],
)
def test_what_no_backward_pass_uses_is_not_kept(net: str, stored: set[str]) -> None:
    made = compile_source(SourceFile("a.net", f"net = {net}")).require()
    text = emit(made.graph, MSE(), Adam.declared({}), 8).source
    assert {*re.findall(r"\bkeep_([a-z]+)_\w+\[e\] = ", text)} == stored


def test_an_array_is_called_after_all_that_it_holds_in_turn() -> None:
    text = source(program())
    assert "keep_mask_y0_then_into_x0[e] = (dy0 * mask_y0);" in text
    assert "real *restrict from_x0_then_keep_mask_y0,\n" in text


def test_each_layers_line_stands_above_its_calls() -> None:
    text = source(program(), comments=True)
    for comment in ("line 1: Linear(2, 8)", "line 1: Dropout(0.5)", "line 2: Tanh"):
        assert f"/* {comment} */" in text


def test_the_line_that_uses_a_block_of_the_library_stands_above_the_calls_of_its_layers() -> None:
    net = "# first\nnet = SwiGLU(2, 8) -> Linear(2, 2) -> Softmax\n"
    text = source(program(net + MODEL[MODEL.index("data =") :]), comments=True)
    lines = {*re.findall(r"/\* (line \d+: .*) \*/", text)}
    assert lines == {"line 2: SwiGLU(2, 8)", "line 2: Linear(2, 2)", "line 2: Softmax"}


@given(st.text())
def test_no_text_ends_a_comment_early(text: str) -> None:
    comment = escaped(text)
    assert comment.isascii()
    assert comment.isprintable()
    assert not any(mark in comment for mark in ("*/", "/*", "\\", "??"))


STRICT = ("-Wall", "-Wextra", "-Werror", "-O3", "-fopenmp-simd", "-std=gnu11")


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(folder("models").glob("*.net")), ids=lambda path: path.stem)
def test_what_emit_prints_compiles_without_a_warning(
    path: Path, tmp_path: Path, compiler: Compiler
) -> None:
    printed = CliRunner().invoke(cli, ["emit", str(path)])
    if printed.exit_code:  # some have layers, or several losses, that C has not
        assert " C" in printed.output
        return
    compile_strictly(compiler, printed.stdout, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("real", "batch"),
    [("float", 13), ("double", 1), ("float", 1), ("double", 13)],
)
@pytest.mark.parametrize("flag", ["-mtune=native", "-mno-avx512f", "-mno-avx"])
def test_processors_with_any_vectors_compile_it_without_a_warning(
    tmp_path: Path, compiler: Compiler, flag: str, real: str, batch: int
) -> None:
    if platform.machine() not in ("x86_64", "AMD64"):
        pytest.skip("the flags are those of x86")
    net = "Linear(5, 33) -> Tanh -> Slice(1, 24, dim=2) -> Linear(24, 17) -> Softmax"
    made = compile_source(SourceFile("a.net", f"net = {net}\ninput = [2, 5]")).require()
    text = emit(made.graph, MSE(), Adam.declared({}), batch, real).source
    compile_strictly(compiler, text, tmp_path, "-march=native", flag)


@pytest.mark.slow
def test_the_c_of_each_layer_compiles_without_a_warning(tmp_path: Path, compiler: Compiler) -> None:
    graphs = [
        behind_linears(item.declared(build(text).values), samples)
        for item, text, samples in (case.values for case in IN_C)
    ]
    text = emit(side_by_side(graphs), MSE(), Adam.declared({}), 13).source
    compile_strictly(compiler, text, tmp_path, "-O0")


def compile_strictly(compiler: Compiler, text: str, folder: Path, *flags: str) -> None:
    (folder / "step.c").write_text(text)
    done = subprocess.run(
        [*compiler.command, *STRICT, *flags, "-c", "step.c"],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_memory_of_many_lengths_is_said_in_short_lines(tmp_path: Path, compiler: Compiler) -> None:
    """A macro in a macro would double the text with each length, and compile for minutes."""
    graph = chain(*(dense(n, n - 3) for n in range(240, 192, -3)), start=(240,))
    text = emit(graph, MSE(), Adam.declared({}), batch=8).source
    (tmp_path / "step.c").write_text(text)
    command = [*compiler.command, "-E", "step.c"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) < 10_000


def test_the_command_that_emit_prints_builds_what_netlang_builds(
    tmp_path: Path, compiler: Compiler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "a.net").write_text(MODEL)
    printed = CliRunner().invoke(cli, ["emit", str(tmp_path / "a.net"), "-o", f"{tmp_path}/step.c"])
    assert printed.exit_code == 0, printed.output
    command = (tmp_path / "step.c").read_text().partition(" */")[0].partition("cc ")[2]
    shell = f"{compiler.shown} {command}"
    assert not subprocess.run(shell, shell=True, cwd=tmp_path).returncode
    built = cache.build("key", source(program()), compiler)
    assert (tmp_path / "step.so").read_bytes() == built.read_bytes()


def test_emit_in_double_says_so() -> None:
    printed = CliRunner().invoke(cli, ["emit", "--double", str(folder("models") / "iris.net")])
    assert "typedef double real;" in printed.stdout


def test_a_layer_without_c_is_named_with_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(lowers.functions, Tanh)
    with pytest.raises(Unsupported, match="Tanh in line 2 has no counterpart in C"):
        source(program())


def test_what_the_c_cannot_count_is_left_to_tensors() -> None:
    made = program()
    assert made.loss
    with pytest.raises(Unsupported, match="too large"):
        emit(made.graph, made.loss, Adam.declared({}), batch=1 << 30)


@pytest.mark.parametrize("batch", [3_000_000_000, 1 << 62])
def test_a_batch_of_more_samples_than_there_are_is_all_of_them(
    tmp_path: Path, compiler: Compiler, batch: int
) -> None:
    results = []
    for size in (20, batch):
        (tmp_path / "a.net").write_text(f"{MODEL}batch = {size}\nepochs = 2\n")
        asked = ["run", str(tmp_path / "a.net"), "--backend", "native", "--json"]
        result = CliRunner().invoke(cli, asked)
        assert result.exit_code == 0, result.output
        results.append(json.loads(result.stdout.splitlines()[-1])["metrics"])
    assert results[0] == results[1]


def test_run_says_so_when_native_is_asked_for_and_is_silent_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(lowers.functions, Tanh)
    (tmp_path / "a.net").write_text(MODEL)
    asked, auto = (
        CliRunner().invoke(cli, ["run", str(tmp_path / "a.net"), "--backend", backend])
        for backend in ("native", "auto")
    )
    assert asked.exit_code == auto.exit_code == 0
    assert "trained on tensors: Tanh in line 2 has no counterpart in C" in asked.stdout
    assert "has no counterpart in C" not in auto.stdout


def test_a_quiet_run_says_on_standard_error_that_tensors_take_the_place_of_c(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(lowers.functions, Tanh)
    (tmp_path / "a.net").write_text(MODEL)
    asked = ["run", str(tmp_path / "a.net"), "--backend", "native", "--quiet"]
    says = "note: trained on tensors: Tanh in line 2 has no counterpart in C"
    for more in ([], ["--json"]):
        result = CliRunner().invoke(cli, [*asked, *more])
        assert result.exit_code == 0
        assert result.stderr.startswith(says)
        assert "note" not in result.stdout
    model = netlang.load(tmp_path / "a.net")
    with pytest.warns(UserWarning, match="trained on tensors: Tanh") as caught:
        model.fit(backend="native")
    assert caught[0].filename == __file__
    model.fit(backend="native", verbose=False)
    model.fit()


def test_emit_says_why_there_is_nothing_to_print(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(lowers.functions, Tanh)
    (tmp_path / "a.net").write_text(MODEL)
    result = CliRunner().invoke(cli, ["emit", str(tmp_path / "a.net")])
    assert result.exit_code == 1
    assert "Tanh in line 2 has no counterpart in C" in result.output


def test_a_network_without_weights_has_nothing_to_train() -> None:
    with pytest.raises(Unsupported, match="no weights"):
        source(
            program("net = ReLU\n" + MODEL.partition("Softmax\n")[2].replace("CrossEntropy", "MSE"))
        )
