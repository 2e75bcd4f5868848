"""The commands that train nothing: check, ir, summary, layers, init, and the program itself."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from netlang import __version__
from netlang.catalogue import library, registry
from netlang.tools.cli.commands import init
from netlang.tools.cli.group import cli
from tests.paths import MODELS, ROOT
from tests.program import DISC, PROCESS, SHARED, netlang

GOOD = "net = Linear(2, 3) -> ReLU\n"
BAD = "net = Linear(2, 3) -> ReLu\n"


def program(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [*PROCESS, *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, **environment}, check=False
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.net").write_text(GOOD)
    (tmp_path / "bad.net").write_text(BAD)
    return tmp_path


def test_check_says_ok_for_a_file_without_mistakes(folder: Path) -> None:
    result = netlang("check", "good.net")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "good.net: ok\n", "")


def test_check_says_what_a_file_lacks_to_be_run(folder: Path) -> None:
    (folder / "good.net").write_text("net = Linear(2, 2)\ndata = Disc\nloss = MSE\n")
    assert netlang("check", "good.net").stdout == "good.net: ok (to run, it needs `optimizer`)\n"


def test_check_takes_several_files_and_fails_if_one_does(folder: Path) -> None:
    result = netlang("check", "good.net", "bad.net", "gone.net")
    assert result.exit_code == 1
    assert "good.net: ok" in result.stdout
    assert "error[E0201]" in result.stderr
    assert "bad.net: 1 error" in result.stderr
    assert "error[E0501]" in result.stderr


def test_the_program_itself_exits_with_1_for_a_bad_file_and_0_for_a_good_one(
    folder: Path,
) -> None:
    assert program("check", "bad.net").returncode == 1
    assert program("check", "good.net").returncode == 0
    assert program("run", "good.net").returncode == 1


def test_check_reads_standard_input(folder: Path) -> None:
    result = netlang("check", "-", text=BAD)
    assert result.exit_code == 1
    assert "--> <stdin>:1:23" in result.stderr


def test_a_warning_is_shown_and_is_no_failure(folder: Path) -> None:
    result = netlang("check", "-", text=GOOD + "spare = 3\n")
    assert result.exit_code == 0
    assert "warning[W0601]" in result.stderr
    assert "<stdin>: 1 warning" in result.stdout


def test_check_json_is_one_object_with_lines_and_columns_from_1(folder: Path) -> None:
    result = netlang("check", "--json", "good.net", "bad.net")
    data = json.loads(result.stdout)
    assert data["ok"] is False
    (found,) = data["diagnostics"]
    assert found["code"] == "E0201"
    assert (found["file"], found["line"], found["column"]) == ("bad.net", 1, 23)
    assert (found["end_line"], found["end_column"]) == (1, 27)
    assert found["fixes"][0]["replacement"] == "ReLU"


def test_check_json_of_a_good_file_is_ok(folder: Path) -> None:
    result = netlang("check", "--json", "good.net")
    assert json.loads(result.stdout) == {"ok": True, "diagnostics": []}


def test_check_without_a_file_is_wrong_usage() -> None:
    assert netlang("check").exit_code == 2


def test_a_setting_given_as_an_option_is_told_how_to_set_it(folder: Path) -> None:
    result = program("run", "good.net", "--epochs", "3")
    assert result.returncode == 2
    assert "`--set epochs=...`" in result.stderr
    for option, meant in (("--lr", "optimizer.lr"), ("--validation", "data.validation")):
        assert f"`--set {meant}=...`" in program("run", "good.net", option, "3").stderr
    assert "--set" not in program("run", "good.net", "--frobnicate").stderr


@pytest.mark.parametrize(
    ("command", "option", "said"),
    [
        ("run", "--fold", "did you mean --folds? A setting is changed by `--set data.fold=...`."),
        ("resume", "--epoch", "did you mean --epochs? A setting is changed by `--set epochs=...`."),
        ("run", "--seed", "did you mean --seeds? A setting is changed by `--set seed=...`."),
        ("run", "--threads", "OMP_NUM_THREADS=2 in the environment says how many threads"),
        ("eval", "--cuda", "netlang computes on the CPU."),
        ("run", "--native", "`netlang run --backend native` trains in C."),
    ],
)
def test_an_option_that_is_nearly_one_of_the_command_or_of_others_is_told_it_first(
    folder: Path, command: str, option: str, said: str
) -> None:
    result = netlang(command, option, "5", "good.net")
    assert f"No such option {option}: {said}" in " ".join(result.stderr.split())


def test_a_setting_without_an_equals_sign_is_told_how_to_write_it(folder: Path) -> None:
    result = program("run", "good.net", "--set", "epochs", "5")
    assert result.returncode == 2
    assert "`--set epochs=...`, in one word" in result.stderr
    assert "in one word" not in program("run", "good.net", "--set", "epochs=5", "6").stderr


def test_a_command_that_sets_nothing_suggests_no_set(folder: Path) -> None:
    for command in ("fmt", "layers"):
        result = program(command, "good.net", "--epochs", "3")
        assert (result.returncode, "--set" in result.stderr) == (2, False)


@pytest.mark.parametrize(
    ("name", "begins"), [("a.svg", "<svg"), ("a.gv", "digraph"), ("a.mmd", "flowchart")]
)
def test_a_picture_is_of_the_kind_that_its_name_says(folder: Path, name: str, begins: str) -> None:
    assert netlang("graph", "good.net", "-o", name).exit_code == 0
    assert (folder / name).read_text().startswith(begins)


def test_a_terminal_gets_no_picture_unless_it_asks_for_it(folder: Path) -> None:
    reader, terminal = pty.openpty()

    def graph(*options: str) -> subprocess.CompletedProcess[bytes]:
        command = [*PROCESS, "graph", "good.net", *options]
        return subprocess.run(command, stdout=terminal, stderr=subprocess.PIPE, check=False)

    refused = graph()
    assert refused.returncode == 2
    assert (
        b"write it to a file by `-o a.svg`, or choose text by `--format mermaid`" in refused.stderr
    )
    assert graph("-o", "a.svg").returncode == 0
    assert graph("--format", "mermaid").returncode == 0
    assert os.read(reader, 100).startswith(b"flowchart")
    assert netlang("graph", "good.net").stdout.startswith("<svg")


def test_a_picture_of_another_kind_than_its_name_says_is_warned_of(folder: Path) -> None:
    result = netlang("graph", "good.net", "--format", "dot", "-o", "a.svg")
    assert (result.exit_code, "a.svg holds dot" in result.stderr) == (0, True)
    assert (folder / "a.svg").read_text().startswith("digraph")
    assert netlang("graph", "good.net", "--format", "dot", "-o", "a.gv").stderr == ""


@pytest.mark.parametrize("command", ["graph --format svg", "export", "ir", "emit"])
def test_no_output_takes_the_name_of_a_file_in_the_language(folder: Path, command: str) -> None:
    (folder / "other.net").write_text("net = ReLU\n")
    (folder / "good.net").write_text(f"{DISC}epochs = 1\n")
    result = netlang(*command.split(), "good.net", "-o", "other.net")
    assert (result.exit_code, "no .net file" in result.output) == (2, True)
    assert (folder / "other.net").read_text() == "net = ReLU\n"


@pytest.mark.parametrize("command", ["ir", "emit"])
def test_what_is_printed_may_go_into_a_file(folder: Path, command: str) -> None:
    (folder / "good.net").write_text(f"{DISC}epochs = 1\n")
    assert netlang(command, "good.net", "-o", "out.txt").stdout == ""
    assert (folder / "out.txt").read_text() == netlang(command, "good.net").stdout != ""


def test_emit_asks_for_no_data(folder: Path) -> None:
    step = "net = Linear(2, 2)\nloss = MSE\n"
    (folder / "step.net").write_text(f"{step}optimizer = SGD\n")
    assert netlang("emit", "step.net").exit_code == 0
    (folder / "step.net").write_text(step)
    result = netlang("emit", "step.net")
    assert (result.exit_code, "an `optimizer`" in result.stderr) == (1, True)


@pytest.mark.parametrize("command", ["diff", "check", "fmt", "test"])
def test_standard_input_is_named_only_once(command: str) -> None:
    result = netlang(command, "-", "-", text="net = ReLU\n")
    assert (result.exit_code, "only once" in result.output) == (2, True)


def test_a_kind_of_picture_that_is_not_drawn_is_refused(folder: Path) -> None:
    result = netlang("graph", "good.net", "-o", "a.png")
    assert result.exit_code == 2
    assert "does not draw `.png` files" in result.stderr
    assert not (folder / "a.png").exists()


def test_a_picture_goes_to_the_terminal_and_never_over_its_file(folder: Path) -> None:
    assert netlang("graph", "good.net", "-o", "-").stdout == netlang("graph", "good.net").stdout
    text = (folder / "good.net").read_text()
    result = netlang("graph", "good.net", "--format", "svg", "-o", "good.net")
    assert (result.exit_code, "would be lost" in result.output) == (2, True)
    assert (folder / "good.net").read_text() == text


def test_a_picture_that_would_take_minutes_is_refused_with_a_way_out(folder: Path) -> None:
    layers = "".join(f"\n -> Linear(4, 4) as t{number}" for number in range(400))
    taps = ", ".join(f"t{number}" for number in range(400))
    text = f"input = [4]\nnet = Identity{layers} -> [{taps}] -> Add\n"
    (folder / "taps.net").write_text(text)
    result = netlang("graph", "taps.net")
    assert result.exit_code == 1
    assert "the picture would be too large: its edges pass 80," in result.stderr
    assert "`--format dot`" in result.stderr
    assert netlang("graph", "taps.net", "--format", "dot").exit_code == 0


def test_ir_prints_the_graph(folder: Path) -> None:
    result = netlang("ir", "good.net")
    assert "%2 = ReLU(%1) : [N, 3]" in result.stdout


def table_of(said: str) -> list[str]:
    """The lines of a summary above what it says of memory."""
    return said.partition("memory to train")[0].splitlines()


@pytest.mark.parametrize("name", ["gpt2", "resnet152", "vgg16"])
def test_a_summary_is_as_wide_as_the_terminal_and_keeps_shapes_and_weights(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = str(ROOT / "tests" / "architectures" / "published" / f"{name}.net")
    monkeypatch.setenv("COLUMNS", "200")
    wide = table_of(netlang("summary", file).stdout)
    monkeypatch.setenv("COLUMNS", "80")
    narrow = table_of(netlang("summary", file).stdout)
    assert "multiply-adds" in wide[0]
    assert "MACs" in narrow[0]
    assert max(map(len, narrow)) <= 80 < max(map(len, wide))
    shapes = [re.findall(r"\[N[^]]*\]", line) for line in wide]
    assert shapes == [re.findall(r"\[N[^]]*\]", line) for line in narrow]
    assert wide[-2].split()[1] == narrow[-2].split()[1]  # all weights


def test_summary_totals_weights_multiply_adds_and_memory() -> None:
    said = netlang("summary", str(MODELS / "model2.net")).stdout
    total, memory = (line for line in said.splitlines() if line.startswith(("total", "memory")))
    assert total.split() == ["total", "1,427", "1,350", "38.2", "KiB"]
    assert memory.startswith("memory to train with batches of 10: 16.2 MiB (weights 5.57 KiB,")


def test_summary_names_the_batch_that_its_memory_is_for(folder: Path) -> None:
    (folder / "few.net").write_text(SHARED.replace("batch = 7", "batch = 4096"))
    said = netlang("summary", "few.net").stdout
    assert "memory to train with batches of 23: " in said


@pytest.mark.parametrize("command", [("ir",), ("graph",), ("export",), ("summary",)])
def test_a_network_larger_than_memory_is_shown_though_it_cannot_be_trained(
    command: tuple[str, ...], folder: Path
) -> None:
    (folder / "huge.net").write_text("net = Linear(100000, 10000000)\n")
    assert netlang(*command, "huge.net").exit_code == 0
    assert "this machine has" in netlang("check", "huge.net").stderr


def test_summary_json_has_a_node_for_each_layer() -> None:
    result = netlang("summary", str(MODELS / "model2.net"), "--json", "--set", "hidden=10")
    data = json.loads(result.stdout)
    assert data["parameters"] == 30 + 110 + 110 + 22
    assert data["macs"] == 20 + 100 + 100 + 20
    assert data["memory"]["weights"] == 4 * data["parameters"]
    parts = {name: size for name, size in data["memory"].items() if name != "total"}
    later = sum(parts.values()) - parts["loading"]  # data are loaded before the rest is there
    assert data["memory"]["total"] == later
    assert data["nodes"][0] == {
        "id": "linear1",
        "layer": "Linear",
        "args": {
            "in_features": 2,
            "out_features": 10,
            "init": "xavier",
            "bias": True,
            "tied": None,
        },
        "inputs": ["input"],
        "output": [None, 10],
        "parameters": 30,
        "frozen": False,
        "shares": None,
        "receptive_field": None,
        "macs": 20,
        "memory": 4 * (30 * 4 + 2 * 10 * 10),  # with Adam's two vectors, and a batch of 10
        "file": str(MODELS / "model2.net"),
        "line": 5,
    }


BRANCHED = """\
shared tower = Linear(2, 3) -> ReLU
net = [tower, tower] -> Concat -> Linear(6, 2)
"""


def test_summary_says_where_branches_come_from_and_whose_weights_are_shared(folder: Path) -> None:
    (folder / "branched.net").write_text(BRANCHED)
    lines = [line.split() for line in netlang("summary", "branched.net").stdout.splitlines()]
    assert lines[0][:3] == ["node", "layer", "from"]
    assert "as linear1" in " ".join(lines[4])
    assert lines[6][:4] == ["concat1", "Concat", "relu1,", "relu2"]
    data = json.loads(netlang("summary", "branched.net", "--json").stdout)
    assert [node["shares"] for node in data["nodes"]] == [
        None,
        None,
        "linear1",
        "relu1",
        None,
        None,
    ]
    assert data["parameters"] == 9 + 14


def test_columns_of_a_summary_are_as_wide_as_their_widest_cell(folder: Path) -> None:
    text = "shared t = Linear(4, 4)\ninput = [4]\nnet = t -> Tanh -> t\n"
    (folder / "tied.net").write_text(text)
    table = table_of(netlang("summary", "tied.net").stdout)
    assert table == [
        "node     layer         output     weights  multiply-adds    memory",
        "input                  [N, 4]",
        "linear1  Linear(4, 4)  [N, 4]          20             16  1.16 KiB",
        "tanh1    Tanh          [N, 4]                                1 KiB",
        "linear2  Linear(4, 4)  [N, 4]  as linear1             16     1 KiB",
        "total                                  20             32  3.16 KiB",
    ]


def test_a_summary_of_pictures_says_what_outputs_see_of_them(folder: Path) -> None:
    net = "Conv2d(1, 2, 3) -> MaxPool2d(2) -> Flatten -> Linear(_, 3)"
    (folder / "pictures.net").write_text(f"net = {net}\ninput = [1, 6, 6]\n")
    table = table_of(netlang("summary", "pictures.net").stdout)
    assert table[:5] == [
        "node        layer            output        sees       weights  MACs    memory",
        "input                        [N, 1, 6, 6]",
        "conv2d1     Conv2d(1, 2, 3)  [N, 2, 4, 4]  3 x 3 / 1       20   288  8.16 KiB",
        "maxpool2d1  MaxPool2d(2)     [N, 2, 2, 2]  4 x 4 / 2                    2 KiB",
        "flatten1    Flatten          [N, 8]                                     2 KiB",
    ]
    nodes = json.loads(netlang("summary", "pictures.net", "--json").stdout)["nodes"]
    found = [node["receptive_field"] for node in nodes]
    assert found[1:3] == [{"size": [4, 4], "stride": [2, 2]}, None]


DEEP = """\
block Res(w) = [Linear(w, w) -> ReLU -> Linear(w, w), Identity] -> Add
net = Linear(4, 8) -> Res(8) * 30 -> Linear(8, 2)
input = [4]
"""


def test_a_summary_of_many_layers_shows_blocks_and_one_copy_of_a_repeat(folder: Path) -> None:
    (folder / "deep.net").write_text(DEEP)
    *table, note = table_of(netlang("summary", "deep.net").stdout)
    assert table == [
        "layer           output  weights  multiply-adds    memory",
        "input           [N, 4]",
        "Linear(4, 8)    [N, 8]       40             32  2.31 KiB",
        "Res(8) × 30     [N, 8]    4,320          3,840   274 KiB",
        "  Linear(8, 8)  [N, 8]       72             64  2.56 KiB",
        "  ReLU          [N, 8]                             2 KiB",
        "  Linear(8, 8)  [N, 8]       72             64  2.56 KiB",
        "  Add           [N, 8]                             2 KiB",
        "Linear(8, 2)    [N, 2]       18             16     656 B",
        "total                     4,378          3,888   277 KiB",
    ]
    assert note == "blocks and repeats of 122 layers; --expand shows them all"
    whole = table_of(netlang("summary", "deep.net", "--expand").stdout)
    assert len(whole) == 1 + 1 + 122 + 1
    assert whole[-1].split()[1:] == table[-1].split()[1:]
    assert len(json.loads(netlang("summary", "deep.net", "--json").stdout)["nodes"]) == 122


def test_calls_are_cut_where_a_summary_would_be_wider_than_a_terminal(folder: Path) -> None:
    call = 'Linear(1000000, 1000000, init="xavier")'
    text = f"input = [1_000_000]\nnet = {call} -> [Tanh, ReLU] -> Mul -> Tanh\n"
    (folder / "wide.net").write_text(text)
    *table, _ = netlang("summary", "wide.net").stdout.splitlines()
    assert "Linear(1000000,…" in table[2]
    *whole, _ = netlang("summary", "wide.net", "--expand").stdout.splitlines()
    assert "Linear(1000000, 1000000)" in whole[2]
    text = "input = [8]\nnet = Dropout(p=0.123456789012345) -> [Tanh, ReLU] -> Mul -> Tanh\n"
    (folder / "narrow.net").write_text(text)
    *table, _ = netlang("summary", "narrow.net").stdout.splitlines()
    assert max(map(len, table)) == 80, table


def test_diff_says_what_changed_in_meaning_and_takes_standard_input(folder: Path) -> None:
    other = GOOD.replace("ReLU", "ReLU  # a comment")
    same = netlang("diff", "good.net", "-", text=other)
    assert (same.exit_code, same.stdout) == (0, "no change in meaning\n")
    changed = netlang("diff", "good.net", "-", "--exit-code", text=GOOD.replace("3", "4"))
    assert changed.exit_code == 1
    assert changed.stdout.splitlines()[0] == (
        "~ linear1        Linear(2, 3) -> Linear(2, 4)  (line 1)"
    )
    data = json.loads(netlang("diff", "good.net", "good.net", "--json").stdout)
    assert data == {"changes": []}
    answer = netlang("diff", "good.net", "-", "--json", text=GOOD.replace("3", "4")).stdout
    lines = {(one["what"], one["line_before"]) for one in json.loads(answer)["changes"]}
    assert {("linear1", 1), ("weights", None)} <= lines  # what has no line says so


def test_diff_reports_a_file_with_a_mistake(folder: Path) -> None:
    result = netlang("diff", "good.net", "bad.net")
    assert result.exit_code == 1
    assert "error[E0201]" in result.stderr


def test_check_takes_a_file_of_blocks_and_run_asks_it_for_a_network(folder: Path) -> None:
    (folder / "blocks.net").write_text("block twice(layer) = layer -> layer\n")
    assert netlang("check", "blocks.net").stdout == "blocks.net: ok\n"
    assert "error[E0401]" in netlang("summary", "blocks.net").stderr


def test_allow_lets_a_file_read_from_another_folder(folder: Path) -> None:
    (folder / "lib").mkdir()
    (folder / "net").mkdir()
    (folder / "lib" / "blocks.net").write_text("block twice(layer) = layer -> layer\n")
    text = 'import "../lib/blocks.net"\nnet = twice(Linear(2, 2))\n'
    (folder / "net" / "a.net").write_text(text)
    refused = netlang("check", "net/a.net")
    assert "error[E0410]" in refused.stderr
    assert "--allow" in refused.stderr
    assert netlang("check", "net/a.net", "--allow", "lib").exit_code == 0
    assert netlang("check", "net/a.net", "--allow", "net").exit_code == 1


def test_allow_holds_for_a_path_in_an_override(folder: Path) -> None:
    (folder / "lib").mkdir()
    (folder / "net").mkdir()
    (folder / "lib" / "t.csv").write_text("a,y\n1,p\n2,q\n3,p\n4,q\n")
    (folder / "net" / "a.net").write_text("net = Linear(1, 2)\n")
    override = 'data=CSV("../lib/t.csv", target="y", test=0.5)'
    assert netlang("check", "net/a.net", "--set", override).exit_code == 1
    assert netlang("check", "net/a.net", "--set", override, "--allow", "lib").exit_code == 0


def test_layers_lists_the_whole_catalogue_and_every_setting() -> None:
    result = netlang("layers")
    for item in registry.ITEMS.values():
        assert item.name in result.stdout
    assert "optimizer " in result.stdout


def test_layers_lists_whole_sentences_and_the_arguments_that_have_room() -> None:
    sections = netlang("layers").stdout.split("\n\n")
    for section in sections[:6]:
        for row in section.splitlines()[1:]:
            assert row.endswith((".", "..."))
            assert ")  " in row
    assert "\n  Table(path, target, test=0.2, ...)  " in netlang("layers").stdout
    assert 'missing="refuse"' in netlang("layers", "Table").stdout.splitlines()[0]


def test_layers_lists_the_library_and_shows_the_text_of_a_block() -> None:
    listed, shown = netlang("layers").stdout, netlang("layers", "mlp").stdout
    assert "  SwiGLU(width, hidden) " in listed
    assert shown.startswith("MLP(inputs, hidden, outputs, depth=2, act=ReLU)   (library block)\n")
    assert library.blocks()["MLP"].text in shown
    one = json.loads(netlang("layers", "--json", "MLP").stdout)
    assert one in json.loads(netlang("layers", "--json").stdout)
    assert (one["kind"], one["arguments"][3]["default"]) == ("block", "2")


def test_layers_with_a_name_shows_its_arguments() -> None:
    result = netlang("layers", "Dropout")
    assert "Dropout(p=0.5)" in result.stdout
    assert "a number, at least 0 and below 1" in result.stdout


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *(("relu", "ReLU"), ("LINEAR", "Linear"), ("Linear(2, 3)", "Linear"), ("adam", "Adam")),
        *(("cross_entropy", "CrossEntropy"), ("csv", "CSV"), ("Net", "net"), ("R2", "r2")),
        ("softmax-cross-entropy", "SoftmaxCrossEntropy"),
    ],
)
def test_layers_shows_what_is_meant_in_any_case(written: str, meant: str) -> None:
    assert netlang("layers", written).stdout == netlang("layers", meant).stdout
    assert netlang("layers", "--json", written).stdout == netlang("layers", "--json", meant).stdout


def test_layers_shows_the_name_in_its_own_case_and_names_what_differs_in_case_alone() -> None:
    assert netlang("layers", "mse").stdout.endswith("\nThere is also the loss `MSE`.\n")
    assert netlang("layers", "MSE").stdout.endswith("\nThere is also the metric `mse`.\n")
    assert "There is also" not in netlang("layers", "mse", "--json").stdout
    either = netlang("layers", "Mse")
    assert either.exit_code == 2
    assert "Did you mean MSE or mse?" in either.stderr


def test_layers_with_an_unknown_name_suggests_one() -> None:
    result = netlang("layers", "Dense")
    assert result.exit_code == 2
    assert "Did you mean Linear?" in result.stderr


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Conv3d", "netlang has no `Conv3d`: its convolutions are"),
        ("Conv3d(3, 8)", "netlang has no `Conv3d`: its convolutions are"),
        ("RReLU", "netlang has no `RReLU`: its activations are"),
        ("sequential", "layers in a row are joined by `->`"),
    ],
)
def test_layers_says_of_what_netlang_lacks_what_check_says_of_it(name: str, said: str) -> None:
    result = netlang("layers", name)
    assert result.exit_code == 2
    assert f"There is nothing called '{name}': {said}" in result.stderr


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        *(("train", "run"), ("fit", "run"), ("lint", "check"), ("format", "fmt")),
        *(("draw", "graph"), ("help", "--help"), ("version", "--version")),
        *(("chekc", "check"), ("a.net", "run a.net")),
    ],
)
def test_a_word_that_is_no_command_is_told_with_the_command_that_was_meant(
    word: str, meant: str
) -> None:
    result = netlang(word)
    assert result.exit_code == 2
    said = f"There is no command '{word}'. Did you mean `netlang {meant}`?"
    assert said in result.stderr


@pytest.mark.parametrize("name", ["model1", "model2", "iris"])
def test_init_copies_a_model_that_checks_where_it_lands(folder: Path, name: str) -> None:
    assert netlang("init", name).exit_code == 0
    assert netlang("check", f"{name}.net").exit_code == 0


@pytest.mark.parametrize("name", ["IRIS", "Iris.net"])
def test_init_takes_a_model_in_any_case(folder: Path, name: str) -> None:
    assert "netlang run iris.net" in netlang("init", name).stdout
    assert {file.name for file in folder.iterdir()} >= {"iris.net", "iris.csv"}


@pytest.mark.parametrize(
    "command", ["run --backend Tensor --no-folder", "graph --format DOT", "export"]
)
def test_a_word_that_an_option_takes_is_taken_in_any_case(folder: Path, command: str) -> None:
    (folder / "a.net").write_text(
        "net = Linear(2, 2) -> Softmax\ndata = Disc(train=20, test=10)\nloss = CrossEntropy\n"
        "optimizer = Adam\nepochs = 1\n"
    )
    assert netlang(*command.split(), "a.net").exit_code == 0
    assert netlang("completion", "BASH").exit_code == 0


def test_init_leaves_a_file_that_is_there(folder: Path) -> None:
    (folder / "model2.net").write_text("mine")
    result = netlang("init")
    assert "left as it is" in result.stdout
    assert (folder / "model2.net").read_text() == "mine"


def test_init_lists_the_models() -> None:
    result = netlang("init", "--list")
    listed = [line.split()[0] for line in result.stdout.splitlines()]
    models = sorted(path.stem for path in MODELS.glob("*.net"))
    assert listed == [*models, "exercises", "notebook"]
    assert {"iris", "lenet", "model1", "model2", "xor"} < {*listed}


def test_init_copies_the_data_that_a_model_names_and_no_other(folder: Path) -> None:
    before = {*folder.iterdir()}
    assert netlang("init", "xor").exit_code == 0
    assert sorted(file.name for file in {*folder.iterdir()} - before) == ["xor.csv", "xor.net"]


@pytest.mark.parametrize("installed", [False, True])
def test_init_says_which_package_a_model_needs_that_is_not_there(
    installed: bool, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(init, "find_spec", lambda name: name if installed else None)
    said = netlang("init", "lenet").stdout
    assert ('pip install "netlang[sklearn]"' in said) != installed


def test_init_lists_the_models_for_programs() -> None:
    models = json.loads(netlang("init", "--list", "--json").stdout)
    assert {"name": "iris", "about": _first_comment("iris")} in models
    assert netlang("init", "--json").exit_code == 2


def _first_comment(model: str) -> str:
    return (MODELS / f"{model}.net").read_text().splitlines()[0].removeprefix("# ")


def test_init_lists_all_models_and_not_one() -> None:
    assert netlang("init", "--list", "iris").exit_code == 2


def test_init_of_an_unknown_model_suggests_one(folder: Path) -> None:
    result = netlang("init", "irs")
    assert result.exit_code == 2
    assert "Did you mean iris?" in result.stderr
    digits = netlang("init", "digits.net")
    assert "one of the exercises: `netlang init exercises` writes all" in digits.stderr


def test_a_missing_file_that_comes_with_netlang_points_to_init(folder: Path) -> None:
    assert "netlang init model2" in netlang("run", "model2.net").stderr


def test_version_is_printed() -> None:
    assert program("--version").stdout == f"netlang, version {__version__}\n"


@pytest.mark.parametrize("command", cli.list_commands(None))  # type: ignore[arg-type]
def test_every_command_has_help_with_an_example(command: str) -> None:
    assert f"netlang {command}" in netlang(command, "--help").stdout.split("Example:")[1]


def test_no_command_is_described_in_a_sentence_that_is_cut() -> None:
    _, described = netlang("--help").stdout.split("Commands:\n")
    assert "..." not in described
    assert all(line.endswith(".") for line in described.splitlines())


def test_an_error_of_netlang_itself_shows_no_traceback(folder: Path) -> None:
    code = (
        "import netlang.tools.cli.commands.check as check, netlang.tools.cli as cli, sys\n"
        "def fail(*_, **__): raise RuntimeError('broken')\n"
        "check.compile_source = fail\n"
        "sys.argv = ['netlang', 'check', 'good.net']\n"
        "cli.main()"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert "broken" in result.stderr


def test_hostile_names_are_shown_and_not_obeyed(folder: Path) -> None:
    (folder / "\x1b[31mred.net").write_text(BAD)
    result = netlang("check", "\x1b[31mred.net")
    assert "\x1b" not in result.output
    assert "\\x1b[31mred.net" in result.output
