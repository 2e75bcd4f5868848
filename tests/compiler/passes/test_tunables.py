"""What a file lets ``netlang tune`` change, and what it then may be."""

from __future__ import annotations

import pytest

from netlang.compiler.ir import print_program
from netlang.compiler.ir.tunable import Choices, Interval
from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile

BASE = """\
hidden = 25
act = ReLU
p = 0.5
net = Linear(2, hidden) -> act -> Dropout(p) -> Linear(hidden, 2)
aside = 50
data = Disc(validation=aside)
loss = MSE
optimizer = Adam(lr=1e-3)
"""


def found(lines: str, *tunings: str) -> tuple[list[tuple[str, object, object]], list[str]]:
    compiled = compile_source(SourceFile("a.net", f"{BASE}{lines}\n"), tunings=tunings)
    tunables = compiled.program.tunables if compiled.program else ()
    codes = [one.code for one in compiled.diagnostics]
    return [(one.path, one.candidates, one.own) for one in tunables], codes


@pytest.mark.parametrize(
    ("line", "candidates", "own"),
    [
        ("tune hidden in 8..256 log", Interval(8, 256, True, log=True), 25),
        ("tune p in 0..1", Interval(0, 1, False), 0.5),
        ("tune optimizer.lr in 1e-4..1", Interval(1e-4, 1, False), 1e-3),
        ("tune batch in 8..64 step 8", Interval(8, 64, True, step=8), 32),
        ("tune act in [ReLU, Tanh]", Choices(("ReLU", "Tanh")), "ReLU"),
        ("tune loss in [MSE, MAE]", Choices(("MSE", "MAE")), "MSE"),
    ],
)
def test_candidates_are_of_the_kind_of_the_value(
    line: str, candidates: object, own: object
) -> None:
    ((_, are, stands),), codes = found(line)
    assert (str(are), stands, codes) == (str(candidates), own, [])


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("tune hiden in 8..9", "E0201"),
        ("tune optimizer.lrr in 1..2", "E0204"),
        ("tune optimizer.lr in -1..1", "E0209"),
        ("tune epochs in 0..9", "E0209"),
        ("tune batch in 1..9.5", "E0208"),
        ("tune act in [ReLU, Tnh]", "E0201"),
        ("tune loss in [MSE, Adam]", "E0211"),
        ("tune net.p in 0..1", "E0211"),
        ("tune net.p in [0, 1]", "E0211"),
        ("tune hidden in 1...9", "E0105"),
        ("tune optimizer.lr in 1e-4...1e-1", "E0105"),
        ("tune hidden in 8..8", "E0446"),
        ("tune act in 1..2", "E0447"),
        ("tune clip in 0.1..2", "E0447"),
        ("tune clip.max in 0.1..2", "E0211"),
        ("tune Dropout.p in 0..1", "E0211"),
        ("tune seed in 0..9", "E0459"),
        ("tune metrics in [accuracy, f1]", "E0459"),
        ("tune data in [Disc, Moons]", "E0459"),
        ("tune data.validation in 10..20", "E0459"),
        ("tune aside in 10..20", "E0459"),
    ],
)
def test_what_cannot_be_tuned_is_one_mistake(line: str, code: str) -> None:
    assert found(line) == ([], [code])


def test_of_several_optimizers_the_first_is_tuned_as_it_is_overridden() -> None:
    several = BASE.replace("Adam(lr=1e-3)", '[Adam(lr=1e-3), SGD(lr=1e-2, only="biases")]')
    text = f"{several}tune optimizer.lr in 1e-4..1 log\n"
    (tunable,) = compile_source(SourceFile("a.net", text)).require().tunables
    assert (tunable.path, tunable.own) == ("optimizer.lr", 1e-3)


def test_data_are_tuned_in_what_leaves_the_samples_and_losses_are_told_apart() -> None:
    lines = "tune data.standardize in [true, false]\ntune p in 0..1\ntune loss in [MSE, MAE]"
    program = compile_source(SourceFile("a.net", f"{BASE}{lines}\n")).require()
    assert [(one.path, one.decides_loss) for one in program.tunables] == [
        ("data.standardize", False),
        ("p", False),
        ("loss", True),
    ]


def test_the_command_line_takes_the_place_of_a_statement() -> None:
    tunables, codes = found("tune hidden in 8..64\ntune p in 0..1", "tune hidden in 8..32")
    assert [(path, str(one)) for path, one, _ in tunables] == [
        ("hidden", str(Interval(8, 32, True))),
        ("p", str(Interval(0, 1, False))),
    ]
    assert codes == []
    program = compile_source(SourceFile("a.net", f"{BASE}tune hidden in 8..64 log\n")).require()
    assert "tune hidden in 8..64 log" in print_program(program).splitlines()


def test_a_name_that_only_a_list_of_candidates_uses_is_used() -> None:
    lines = "block mine() = Tanh -> Tanh\ntune act in [ReLU, mine()]"
    assert found(lines)[1] == []
