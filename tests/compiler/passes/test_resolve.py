"""Names: definitions in any order, cycles, names taken twice, and overrides."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from netlang.catalogue.settings import SETTINGS
from netlang.compiler.ir import Program, compare
from netlang.compiler.passes import compile_source
from netlang.compiler.passes.compile import Compilation
from netlang.language.diagnostics import Diagnostic
from netlang.language.diagnostics.messages.names import (
    Cycle,
    DefinedTwice,
    ReservedName,
    UnknownName,
    WrongKind,
)
from netlang.language.shapes import Shape
from netlang.language.source import SourceFile
from tests.together import together


def diagnostics(text: str, overrides: Sequence[str] = ()) -> tuple[Diagnostic, ...]:
    return compile_source(SourceFile("a.net", text), overrides).diagnostics


def mistake(text: str, *overrides: str) -> Diagnostic:
    (found,) = diagnostics(text, overrides)
    return found


def program(text: str, *overrides: str) -> Program:
    compilation = compile_source(SourceFile("a.net", text), overrides)
    assert not compilation.diagnostics
    return compilation.require()


def layers(text: str, *overrides: str) -> list[str]:
    """Its layers with their arguments, whatever is wrong beside them."""
    compiled = compile_source(SourceFile("a.net", text), overrides).require()
    return [f"{node.layer}" for node in compiled.graph.layers]


def sizes(text: str, *overrides: str) -> list[int | None]:
    return [node.shape.last for node in program(text, *overrides).graph.layers]


def test_definitions_stand_in_any_order() -> None:
    lines = [
        "net = head -> Tanh -> tail",
        "head = Linear(2, n)",
        "tail = Linear(n, m)",
        "n = m + 1",
        "m = 4",
    ]
    for order in (lines, lines[::-1], lines[2:] + lines[:2]):
        assert sizes("\n".join(order)) == [5, 5, 4]


def test_a_setting_is_a_name_as_any_other() -> None:
    assert program("epochs = 7\nbatch = epochs * 2\nnet = Linear(2, batch)").batch_size == 14


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("net = net", ("net",)),
        ("net = Linear(2, n)\nn = n + 1", ("n",)),
        ("a = b\nb = a\nnet = Linear(2, a)", ("a", "b")),
        ("net = Linear(2, c)\na = c\nb = a\nc = b", ("c", "b", "a")),
        ("net = a -> Linear(2, 3)\na = ReLU -> net", ("net", "a")),
        ("net = Linear(2, 3, init=net)", ("net",)),
        ("block f(n) = g(n)\nblock g(n) = f(n)\nnet = f(2)", ("f", "g")),
    ],
)
def test_a_definition_that_leads_back_to_itself_is_told_once(
    text: str, names: tuple[str, ...]
) -> None:
    found = mistake(text)
    assert isinstance(found, Cycle)
    assert found.names == names


def test_two_cycles_are_two_messages() -> None:
    found = diagnostics("a = b\nb = a\nc = d\nd = c\nnet = Linear(a, c)")
    assert [type(one) for one in found] == [Cycle, Cycle]


def test_of_many_cycles_the_first_are_told_and_the_names_of_the_others_are_not_unknown() -> None:
    found = diagnostics("\n".join(f"a{i} = a{i}" for i in range(22)) + "\nnet = Linear(2, 3)")
    assert [type(one) for one in found] == [Cycle] * 20


def test_a_tap_of_text_that_the_command_line_replaced_is_known_nowhere() -> None:
    source = SourceFile("a.net", "net = Linear(2, 2) as t -> ReLU")
    (found,) = compile_source(source, ["net=t -> ReLU"]).diagnostics
    assert isinstance(found, UnknownName)
    assert found.note is None


def test_an_argument_of_a_network_that_is_used_by_its_name_can_be_set() -> None:
    source = SourceFile("a.net", "a = Linear(2, 3)\nnet = a")
    (layer,) = compile_source(source, ["net.out_features=5"]).require().graph.layers
    assert layer.call == "Linear(2, 5)"


def test_the_layer_that_a_block_makes_has_no_arguments_to_set() -> None:
    source = SourceFile("a.net", "block f(n) = Linear(2, n)\nnet = f(3)")
    (found,) = compile_source(source, ["net.out_features=5"]).diagnostics
    assert isinstance(found, WrongKind)
    assert found.problem == "`net` has no arguments to set: it is what the block `f` makes"


def test_a_hole_that_is_set_is_one_for_each_use_as_if_it_were_written() -> None:
    source = SourceFile("a.net", "a = Linear(9, 3)\nnet = a -> a\ninput = [2]")
    layers = compile_source(source, ["a.in_features=_"]).require().graph.layers
    assert [node.call for node in layers] == ["Linear(2, 3)", "Linear(3, 3)"]


def test_a_cycle_of_five_thousand_definitions_is_one_message() -> None:
    lines = [f"a{i} = a{i + 1}" for i in range(5000)]
    found = mistake("\n".join([*lines, "a5000 = a0", "net = Linear(2, a0)"]))
    assert isinstance(found, Cycle)


def test_a_name_of_the_catalogue_cannot_be_defined_and_that_is_all_that_is_told() -> None:
    for text in (
        "ReLU = Linear(2, 3)\nnet = ReLU",
        "MSE = 3\nnet = Linear(2, MSE)",
        "accuracy = 1\nnet = Linear(2, 3)",
        "Disc = CSV\nnet = Linear(2, 3)\ndata = Disc",
    ):
        assert isinstance(mistake(text), ReservedName)


@pytest.mark.parametrize(
    ("parameters", "code", "first"),
    [("a, n, n", "E0202", "n"), ("n, ReLU", "E0203", None), ("n, MLP", "E0203", "MLP")],
)
def test_a_parameter_that_is_refused_is_all_that_is_told_of_its_block(
    parameters: str, code: str, first: str | None
) -> None:
    found = mistake(f"block b({parameters}) = Linear(n, n)\nnet = b(3, 4, 5) -> b(3)\n")
    assert found.code == code
    assert [label.span.text for label in found.labels] == ([first] if first else [])


def test_a_tap_with_the_name_of_a_layer_is_all_that_is_told_of_it() -> None:
    found = mistake("net = Linear(2, 3) -> Linear(3, 3) as Linear -> [Identity, Linear] -> Add")
    assert isinstance(found, ReservedName)
    found = mistake("net = Linear(2, 4) as ReLU -> ReLU")
    assert isinstance(found, ReservedName)


def test_a_name_defined_twice_keeps_its_first_definition() -> None:
    first, second = diagnostics("n = 3\nn = 4\nnet = Linear(2, n) -> Linear(9, 1)")
    assert isinstance(first, DefinedTwice)
    assert first.span
    assert first.span.first.line == 2
    assert first.first.first.line == 1
    assert second.labels[0].text == "this produces [N, 3]"


def test_a_bare_chain_beside_net_defines_it_twice() -> None:
    for text in ("net = Linear(2, 3)\nReLU -> Tanh", "Linear(2, 3) -> ReLU\nnet = Linear(2, 3)"):
        assert isinstance(mistake(text), DefinedTwice)


def test_a_definition_that_cannot_be_read_counts_as_defined() -> None:
    found = diagnostics("n = = 3\nnet = Linear(2, n)\nepochs = n")
    assert [one.code for one in found] == ["E0101"]
    assert len(diagnostics("net = = Linear(2, 3)")) == 1


def test_an_override_takes_the_place_of_a_constant_a_setting_or_a_network() -> None:
    text = "n = 3\nnet = Linear(2, n)\nepochs = 5\n"
    assert sizes(text, "n=4") == [4]
    assert program(text, "epochs=6").epochs == 6
    assert program(text, "seed=6").seed == 6
    assert sizes(text, "net=Linear(2, n) -> Tanh -> Linear(n, 8)") == [3, 3, 8]


def test_an_override_may_use_names_and_arithmetic() -> None:
    assert sizes("n = 3\nm = 4\nnet = Linear(m, n)", "n=m * 2") == [8]


def test_the_last_override_of_a_name_wins() -> None:
    text = "net = Linear(2, 3)\noptimizer = SGD\n"
    assert program(text, "epochs=2", "epochs=3").epochs == 3
    optimizer = program(text, "optimizer.lr=1", "optimizer.lr=2").optimizer
    assert optimizer
    assert optimizer.values["lr"] == 2


def test_a_dotted_override_sets_an_argument_that_was_given_or_not() -> None:
    for written in ("Adam", "Adam()", "Adam(1e-3)", "Adam(lr=1e-3)", "Adam(beta1=0.8, lr=1e-3)"):
        text = f"net = Linear(2, 3)\noptimizer = {written}"
        optimizer = program(text, "optimizer.lr=0.25").optimizer
        assert optimizer
        assert optimizer.values["lr"] == 0.25


def test_a_dotted_override_reaches_a_layer_with_a_name() -> None:
    assert sizes("head = Linear(2, 3)\nnet = head -> ReLU", "head.out_features=7") == [7, 7]


def test_a_dotted_override_goes_with_an_override_of_the_whole() -> None:
    optimizer = program("net = Linear(2, 3)\n", "optimizer=SGD", "optimizer.lr=0.5").optimizer
    assert optimizer
    assert (optimizer.name, optimizer.values["lr"]) == ("SGD", 0.5)


def test_an_override_with_a_number_sets_an_argument_of_a_part_of_a_list_an_arrow_or_a_sum() -> None:
    text = """
head = Linear(4, 2)
last = SGD(0.1, on=head)
net = Linear(2, 4) -> ReLU -> head
data = Disc(train=320, test=20)
loss = SoftmaxCrossEntropy + 0.5 * Focal
optimizer = [Adam, last]
penalty = [L2(1e-4), L1(1e-5, on=head)]
schedule = Warmup(9) -> Cosine
augment = Noise(0.1) -> Noise(0.2)
epochs = 20
"""
    unchanged = str(program(text).settings)
    for override, written, instead in (
        ("optimizer[0].lr=0.01", "Adam,", "Adam(0.01),"),
        ("optimizer[1].lr=0.01", "SGD(0.1,", "SGD(0.01,"),
        ("last.lr=0.01", "SGD(0.1,", "SGD(0.01,"),
        ("schedule[0].length=5", "Warmup(9)", "Warmup(5)"),
        ("schedule[1].to=0.5", "Cosine", "Cosine(0.5)"),
        ("penalty[1].strength=0.05", "1e-5", "0.05"),
        ("augment[1].std=0.5", "0.2)", "0.5)"),
        ("loss[1].gamma=5.0", "Focal", "Focal(gamma=5.0)"),
    ):
        settings = str(program(text, override).settings)
        assert settings != unchanged
        assert settings == str(program(text.replace(written, instead)).settings)


@together(
    ("net", "override", "written"),
    [
        ("enc -> Tanh -> Linear(4, 2)", "net[2].bias=false",
         "enc -> Tanh -> Linear(4, 2, bias=false)"),
        ("enc -> Tanh -> Linear(4, 2)", "net[0].bias=false", "one -> Tanh -> Linear(4, 2)"),
        ("Linear(2, 4) as a -> Tanh -> [a, Identity] -> Add", "net[0].bias=false",
         "Linear(2, 4, bias=false) as a -> Tanh -> [a, Identity] -> Add"),
        ("Linear(2, 2) * 3 -> Tanh", "net[0].bias=false", "Linear(2, 2, bias=false) * 3 -> Tanh"),
        ("Linear(2, 2) * 3", "net.bias=false", "Linear(2, 2, bias=false) * 3"),
        ("fan -> Add", "fan[1].bias=false", "[Identity, Linear(2, 2, bias=false)] -> Add"),
        ("two -> two", "two[0].bias=false", "both -> both"),
    ],
)  # fmt: skip
def test_an_override_with_a_number_sets_an_argument_of_a_layer(
    net: str, override: str, written: str
) -> None:
    parts = """
enc = Linear(2, 4)
one = Linear(2, 4, bias=false)
fan = [Identity, Linear(2, 2)]
shared two = Linear(2, 2) -> Tanh
shared both = Linear(2, 2, bias=false) -> Tanh
"""
    assert layers(f"{parts}net = {net}", override) == layers(f"{parts}net = {written}")
    assert layers(f"{parts}net = {net}") != layers(f"{parts}net = {written}")


@pytest.mark.parametrize(
    ("override", "help"),
    [
        ("net.bias=false", "`net[0].bias` is that of the first one"),
        ("net[6].bias=false", "they count from 0: the last one is `net[5]`"),
        ("net[0].bias=false", "`enc[0].bias` is that of its first part"),
        ("net[1].bias=false", "give it a name in the file"),
        ("net[3].bias=false", "set `s.bias`"),
        ("net[5].width=9", "or the number of something with arguments"),
        ("net[5].bias.x=9", "or the number of something with arguments"),
    ],
)
def test_a_part_of_a_network_without_arguments_is_told_what_can_be_set(
    override: str, help: str
) -> None:
    text = """
enc = Linear(2, 4) -> Tanh
shared s = Linear(4, 4)
block end(width) = Linear(4, width)
net = enc -> [Identity, Tanh] -> Add -> s -> s -> end(2)
"""
    assert help in mistake(text, override).helps[0]


def test_an_override_mends_the_definition_that_it_replaces() -> None:
    assert sizes("n = 1 / 0\nnet = Linear(2, n)", "n=3") == [3]
    assert sizes("n = n\nnet = Linear(2, n)", "n=3") == [3]


def test_an_override_mends_a_definition_that_cannot_be_read_no_further_than_its_message() -> None:
    assert [one.code for one in diagnostics("n = = 1\nnet = Linear(2, n)", ["n=3"])] == ["E0101"]


@pytest.mark.parametrize(
    ("override", "meant"), [("hiden=3", "hidden"), ("epohcs=3", "epochs"), ("zebra=3", None)]
)
def test_an_override_of_an_undefined_name_is_told_at_the_command_line(
    override: str, meant: str | None
) -> None:
    found = mistake("hidden = 3\nnet = Linear(2, hidden)", override)
    assert isinstance(found, UnknownName)
    assert getattr(found.meant, "text", None) == meant
    assert found.file == "--set"


@pytest.mark.parametrize(
    ("override", "kind"),
    [
        ("optimizer.rate=1", "E0204"),
        ("optimizer.lr=0", "E0209"),
        ('optimizer.lr="fast"', "E0208"),
        ("optimizer.lr=ReLU", "E0211"),
        ("optimizer.lr.x=1", "E0211"),
        ("hidden.x=1", "E0211"),
        ("loss.reduction=1", "E0211"),
        ("net.x=1", "E0211"),
        ("zebra.x=1", "E0201"),
        ("optimizer.lr=1 / 0", "E0212"),
        ("optimizer.lr=zebra", "E0201"),
        ("optimizer.lr", "E0101"),
        ("epochs=", "E0101"),
        ("epochs=0", "E0209"),
        ("epochs=(", "E0103"),
    ],
)
def test_a_bad_override_is_told_once_and_at_the_command_line(override: str, kind: str) -> None:
    text = "hidden = 3\nnet = Linear(2, hidden) -> ReLU\noptimizer = Adam(lr=0.1)"
    found = mistake(text, override)
    assert (found.code, found.file) == (kind, "--set")


def test_an_override_of_what_is_no_use_says_what_it_is() -> None:
    found = mistake("net = Linear(2, 3) -> ReLU", "net.x=1")
    assert isinstance(found, WrongKind)
    assert "it is a network" in found.title


def test_what_only_an_override_puts_out_of_use_is_not_called_unused() -> None:
    assert not diagnostics("n = 3\nnet = Linear(2, n)", ["net=Linear(2, 4)"])


def test_what_only_an_override_uses_is_used() -> None:
    assert not diagnostics("n = 3\nnet = Linear(2, 4)", ["net=Linear(2, n)"])


@pytest.mark.parametrize("alias", ["a = s\n", "b = s\na = b\n", "shared a = s\n"])
def test_an_override_through_another_name_of_what_is_shared_is_refused(alias: str) -> None:
    found = mistake(f"shared s = Linear(2, 2)\n{alias}net = a -> s", 'a.init="zero"')
    assert isinstance(found, WrongKind)
    assert found.problem == "`a` has no arguments to set: it shares the weights of `s`"
    assert found.help == "set `s.init`"


def test_an_override_of_what_is_shared_keeps_it_shared() -> None:
    text = "shared tower = Linear(4, 4)\nnet = tower -> ReLU -> tower\n"
    for override in ("tower=Linear(4, 4) -> Tanh", 'tower.init="zero"'):
        shares = [node.shares for node in program(text, override).graph.layers]
        assert any(shares)
    assert program(text, "tower=Linear(4, 4)").graph.weights == program(text).graph.weights
    found = mistake(text, "tower=3")
    assert (found.code, found.file) == ("E0211", "--set")
    assert "is shared in the file" in found.helps[0]


@pytest.mark.parametrize(
    ("override", "says"),
    [
        ("res=Linear(3, 3)", "`res` is a block"),
        ("res.n=3", "`res` is a block"),
        ("Linear=3", "`Linear` is the name of a layer"),
        ("Linear.in_features=3", "`Linear` is the name of a layer"),
        ("Adam.lr=3", "`Adam` is the name of an optimizer"),
        ("optimizer.lr.x=3", "`optimizer.lr` has no arguments"),
        ("net.lr.x=3", "`net` has no arguments"),
        ("tap=Linear(3, 3)", "`tap` is a tap of `net`"),
        ("n=3", "unknown constant or setting `n`"),
        ("epocs=3", "unknown constant or setting `epocs`"),
    ],
)
def test_a_name_that_cannot_be_set_is_told_at_the_command_line(override: str, says: str) -> None:
    text = "block res(n) = Linear(n, n)\nnet = res(3) as tap -> ReLU -> [Identity, tap] -> Add\n"
    found = mistake(text + "optimizer = Adam\n", override)
    assert found.title.startswith(says)
    assert found.file == "--set"
    assert found.span
    assert found.span.start == 0


def test_a_name_of_an_imported_file_is_set_and_the_file_itself_is_not(tmp_path: Path) -> None:
    (tmp_path / "parts.net").write_text(
        "width = 3\nblock part(n) = Linear(n, width)\nshared tower = Linear(3, 3)\n"
    )
    text = 'import "parts.net"\nnet = part(2) -> Linear(width, 3) -> tower -> tower\n'

    def compiled(override: str) -> Compilation:
        return compile_source(SourceFile("a.net", text, tmp_path / "a.net"), [override])

    assert compiled("width=5").require().graph.layers[0].shape == Shape.of(5)
    assert any(node.shares for node in compiled("tower=Linear(3, 3)").require().graph.nodes)
    for override in ("parts=3", "parts.net=3", "parts.width=3", "part=ReLU"):
        (found,) = compiled(override).diagnostics
        assert (found.code, found.file) == ("E0211", "--set")


def imported(folder: Path, text: str, *overrides: str, **files: str) -> Compilation:
    """``text`` in a folder with ``files``."""
    for name, said in files.items():
        (folder / f"{name}.net").write_text(said)
    return compile_source(SourceFile("a.net", text, folder / "a.net"), overrides)


def test_a_setting_holds_in_its_own_file_and_is_not_imported(tmp_path: Path) -> None:
    parts = "batch = 8\nn = batch * 2\nblock f(w) = Linear(w, n)\n"
    compilation = imported(tmp_path, 'import "b.net"\nnet = f(2)\n', b=parts)
    assert not compilation.diagnostics
    assert compilation.require().graph.output == Shape.of(16)
    assert compilation.require().batch_size == 32


def test_an_imported_setting_that_no_file_uses_is_warned_of(tmp_path: Path) -> None:
    parts = "batch = 8\nepochs = 100\nn = batch\nloss = MSE\nblock f(w) = Linear(w, n)\n"
    compilation = imported(tmp_path, 'import "b.net"\nnet = f(2)\nloss = MSE\n', b=parts)
    (found,) = compilation.diagnostics
    assert (found.code, found.written) == ("W0601", '"b.net"')
    assert found.title.startswith("nothing uses `epochs` of `")


PARTS = "hidden = 5\nblock f(w) = Linear(w, hidden)\nlayer = Dropout(0.5)\n"


@pytest.mark.parametrize(
    ("override", "sizes", "p"),
    [("hidden=w", 7, 0.5), ("hidden=w+1", 8, 0.5), ("layer.p=late", 5, 0.25)],
)
def test_an_override_of_an_imported_name_uses_the_names_of_the_file_itself(
    tmp_path: Path, override: str, sizes: int, p: float
) -> None:
    text = 'import "b.net"\nnet = f(2) -> layer\nw = 7 + 0 * hidden\nlate = 0.25\n'
    text = text if override.startswith("layer") else text.replace(" + 0 * hidden", "")
    compilation = imported(tmp_path, text, override, b=PARTS)
    linear, dropout = compilation.require().graph.layers
    assert (linear.shape.last, dropout.layer.values["p"]) == (sizes, p)


def test_an_override_of_an_imported_name_may_close_a_circle(tmp_path: Path) -> None:
    text = 'import "b.net"\nw = hidden + 1\nnet = f(w)\n'
    (found,) = imported(tmp_path, text, "hidden=w", b=PARTS).diagnostics
    assert isinstance(found, Cycle)
    assert set(found.names) == {"hidden", "w"}


def test_an_overridden_argument_uses_names_that_are_defined_later() -> None:
    text = "net = Linear(2, 2)\noptimizer = Adam(lr=0.1)\nrate = 0.2\n"
    assert program(text, "optimizer.lr=rate").optimizer.lr == 0.2


@pytest.mark.parametrize("mistake", ["m = 1 +", "block m() = Linear(2, 2) -> -> ReLU"])
def test_a_mistake_in_an_imported_file_is_all_that_is_told(tmp_path: Path, mistake: str) -> None:
    (found,) = imported(tmp_path, 'import "b.net"\nnet = m\n', b=mistake).diagnostics
    assert found.file.endswith("b.net")


def test_an_override_of_an_argument_of_what_cannot_be_read_is_not_told() -> None:
    assert mistake("net = Linear(2, 2)\noptimizer = Adam(\n", "optimizer.lr=1").code == "E0103"


def test_a_file_imported_twice_is_one_message(tmp_path: Path) -> None:
    text = 'import "b.net"\nimport "./b.net"\nnet = f(n)\n'
    (found,) = imported(tmp_path, text, b="n = 3\nblock f(w) = Linear(w, n)\n").diagnostics
    assert (found.code, found.written) == ("E0202", '"./b.net"')


def test_a_program_keeps_its_overrides_as_what_they_say() -> None:
    text = "hidden = 3\nnet = Linear(2, hidden) -> ReLU\noptimizer = Adam(lr=0.1)\n"
    kept = program(text, " hidden = 5 ", "optimizer . lr = 1e-3").overrides
    assert kept == ("hidden=5", "optimizer.lr=1e-3")
    again = program(text, *kept)
    edited = program(text.replace("hidden = 3", "hidden = 5").replace("lr=0.1", "lr=1e-3"))
    assert not compare(again, edited)


def chained(count: int) -> list[str]:
    """Definitions that each use the one before."""
    lines = ["a0 = 3", *(f"a{i} = a{i - 1}" for i in range(1, count))]
    return [*lines, f"net = Linear(2, a{count - 1})"]


@pytest.mark.parametrize("count", [5000, pytest.param(50_000, marks=pytest.mark.slow)])
def test_thousands_of_definitions_in_a_row_are_followed(count: int) -> None:
    assert sizes("\n".join(chained(count))) == [3]


def test_definitions_are_followed_as_deep_where_the_last_stands_first() -> None:
    assert sizes("\n".join(reversed(chained(5000)))) == [3]


DATA = (
    'h = 3\nnet = Linear(2, h)\ndata = CSV("t.csv", target="y", ignore=["b"])\noptimizer = Adam\n'
)


@pytest.mark.parametrize(
    ("override", "meant"),
    [
        ("data.target=b", 'data.target="b"'),
        ("data.target=accuracy", 'data.target="accuracy"'),
        ("data.target=petal length", 'data.target="petal length"'),
        ("data.target=petal.length", 'data.target="petal.length"'),
        ("data.target=3", 'data.target="3"'),
        ("data.target='b'", 'data.target="b"'),
        ("data.ignore=[a, b]", 'data.ignore=["a", "b"]'),
        ("data.ignore=a", 'data.ignore=["a"]'),
        ("data.delimiter=;", 'data.delimiter=";"'),
        ("data.task=regression", 'data.task="regression"'),
        ("data.task=Regression", 'data.task="regression"'),
        ("data.path=data/t.csv", 'data.path="data/t.csv"'),
    ],
)
def test_a_string_whose_quotes_a_shell_took_is_told_as_it_is_typed(
    override: str, meant: str
) -> None:
    (found,) = (one for one in diagnostics(DATA, [override]) if one.file == "--set")
    assert found.code == "E0208"
    assert found.label == "this is text without quotes"
    assert found.helps[0].endswith(f"put single ones around all of it, `--set '{meant}'`")


@pytest.mark.parametrize(
    "override", ["data=CSV(t.csv, target=y, test=0.3)", "data=CSV(t, target=y, test=0.3)"]
)
def test_all_strings_of_a_definition_are_told_as_they_are_typed(override: str) -> None:
    path = "t.csv" if ".csv" in override else "t"
    found = [one for one in diagnostics(DATA, [override]) if one.file == "--set"]
    meant = f'`--set \'data=CSV("{path}", target="y", test=0.3)\'`'
    assert all(one.helps[0].endswith(meant) for one in found)
    assert found


@pytest.mark.parametrize(
    ("override", "meant"),
    [
        ("data=CSV(a,b.csv, target=y)", 'data=CSV("a,b.csv", target="y")'),
        ("data=CSV(a, b.csv, target=y)", 'data=CSV("a, b.csv", target="y")'),
        ("data=CSV(t.csv, target=y,z)", 'data=CSV("t.csv", target="y,z")'),
        ("data=CSV(t.csv, y, task=Auto)", 'data=CSV("t.csv", "y", task="auto")'),
        ("data=CSV(t.csv, y, 0.3)", 'data=CSV("t.csv", "y", 0.3)'),
        (
            "data=CSV(t.csv, target=y, ignore=a,b)",
            'data=CSV("t.csv", target="y", ignore=["a", "b"])',
        ),
    ],
)
def test_a_comma_in_a_string_whose_quotes_a_shell_took_stays_in_it(
    override: str, meant: str
) -> None:
    found, *_ = (one for one in diagnostics(DATA, [override]) if one.file == "--set")
    assert found.helps[0].endswith(f"put single ones around all of it, `--set '{meant}'`")


def test_an_argument_that_is_none_is_told_and_not_its_value() -> None:
    (found,) = (one for one in diagnostics(DATA, ["data.tagret=b"]) if one.file == "--set")
    assert (found.code, found.label) == ("E0204", "did you mean `target`?")


def test_a_string_of_a_whole_definition_is_told_as_it_is_typed() -> None:
    found = diagnostics(DATA, ['data=CSV("t.csv", target=y)'])
    assert any(one.helps[0].endswith('`--set \'data=CSV("t.csv", target="y")\'`') for one in found)


@pytest.mark.parametrize("override", ['data.target="z"', "data.ignore=[]", "data.test=0.5", "h=4"])
def test_what_a_shell_left_whole_is_not_told_to_lack_its_quotes(override: str) -> None:
    assert not any("shell" in help for one in diagnostics(DATA, [override]) for help in one.helps)


def test_a_name_that_is_none_is_told_with_those_that_can_be_set() -> None:
    found = mistake(
        "hid = 3\nblock b(n) = Linear(n, n)\npart = b(3)\nnet = Linear(2, hid) -> part", "zebra=3"
    )
    names = ["hid", "part", *SETTINGS]
    named, rest = ", ".join(f"`{name}`" for name in names[:20]), len(names) - 20
    assert found.notes == (f"there are {named} and {rest} more",)
    assert found.helps == ("set one of those, or an argument of one, such as `optimizer.lr`",)
    (help,) = mistake("net = Linear(2, 2)", "patience=3").helps
    assert "`stop = Early(validation.loss, patience=5)`" in help
    many = "".join(f"n{i} = {i}\n" for i in range(50)) + "net = Linear(2, n3)"
    assert (
        diagnostics(many, ["zebra=3"])[0].notes[0].endswith(f"`n19` and {30 + len(SETTINGS)} more")
    )


@pytest.mark.parametrize(
    ("override", "meant"),
    [
        *(
            ("lr=0.1", "optimizer.lr"),
            ("learningRate=0.1", "optimizer.lr"),
            ("epohcs=3", "epochs"),
        ),
        *(
            ('target="z"', "data.target"),
            ("batchsize=3", "batch"),
            ("beta1=0.5", "optimizer.beta1"),
        ),
    ],
)
def test_a_name_that_cannot_be_set_is_told_with_what_was_meant(override: str, meant: str) -> None:
    data = DATA.replace("CSV(", "Disc(").replace('"t.csv", target="y", ignore=["b"]', "train=9")
    text = DATA if "target" in override else data
    found = next(one for one in diagnostics(text, [override]) if one.file == "--set")
    assert found.label == f"did you mean `{meant}`?"


@pytest.mark.parametrize("call", ["train(net, epochs=3)", "fit(net)", "print(net)", "plot(net)"])
def test_a_function_of_a_program_is_told_and_is_no_second_network(call: str) -> None:
    found = mistake(f"net = Linear(2, 3)\n{call}")
    assert (found.code, found.title) == ("E0201", f"unknown name `{call.split('(')[0]}`")
    assert "netlang" in found.helps[0]
    name = call.partition("(")[0]
    assert not diagnostics(f"block {name}(n) = Linear(n, 2)\n{name}(2)")


@pytest.mark.parametrize(
    ("block", "help"),
    [
        ("c", "set a constant that the file gives it where it is used, as in `c(n, p)`"),
        ("b", "it has no parameters: change it in the file"),
        ("MLP", "set a name that the file defines, or an argument of one, such as `optimizer.lr`"),
    ],
)
def test_a_block_cannot_be_set_and_what_can_is_told(block: str, help: str) -> None:
    text = "block b() = ReLU\nblock c(n, p=0.5) = Linear(n, n) -> Dropout(p)\n"
    (found,) = diagnostics(
        f"{text}net = Linear(2, 3) -> MLP(3, 2, 3) -> b -> c(3)", [f"{block}=ReLU"]
    )
    assert found.title.endswith("block, and cannot be set")
    assert found.helps == (help,)
