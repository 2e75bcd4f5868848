"""What an export makes of optimizers: it takes the steps that netlang takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from netlang.lowering.lowerings import Unsupported
from netlang.lowering.pytorch import to_pytorch
from netlang.runs.comparison.lockstep import Lockstep
from netlang.runs.comparison.twin import Twin
from tests.lowering.pytorch.written import assert_laid_out

TEXT = """
body = Linear(2, 5) -> LayerNorm(5) -> Tanh
head = Linear(5, 2)
net = body -> Linear(5, 5, bias=false) -> Tanh -> head
data = Disc(train=24, test=4)
loss = SoftmaxCrossEntropy
optimizer = {optimizer}
epochs = 2
batch = 8
"""
SPARED = "weight_decay=0.1, decay_biases=false"
CASES = {
    "a mask": f"SGD(0.1, momentum=0.9, {SPARED})",
    "a list": f'[AdamW(0.01, {SPARED}), SGD(0.1, on=head), Adam(only="biases", on=body)]',
    "a list that leaves nothing to its first": "[Adam, NAdam(0.01, on=net)]",
    "matrices": f"[Lion(0.01), Muon(0.02, {SPARED}, on=[body, head])]",
    "a loss in a step": 'LBFGS(max_iter=3, line_search_fn="strong_wolfe")\npenalty = L2(0.01)',
}


@pytest.mark.parametrize("case", CASES)
def test_an_export_takes_the_same_steps(case: str, tmp_path: Path) -> None:
    source = SourceFile("a.net", TEXT.format(optimizer=CASES[case]))
    program = compile_source(source, to_run=True).require()
    lockstep = Lockstep(Twin(program, tmp_path / "a.py"), "tensor")
    assert max(one.float64 for one in lockstep.epochs()) < 1e-12


def test_all_of_them_are_laid_out(tmp_path: Path) -> None:
    texts = (TEXT.format(optimizer=one) for one in [*CASES.values()][:-1])
    programs = [compile_source(SourceFile("a.net", text), to_run=True).require() for text in texts]
    assert_laid_out([to_pytorch(one, tmp_path).source for one in programs], tmp_path)


def test_muon_is_said_where_shapes_tell_what_is_a_matrix(tmp_path: Path) -> None:
    for net, reason in (
        ("Linear(2, 4) -> LayerNorm([4]) -> Linear(4, 2)\nmembers = 2", "no matrix|stacks"),
        ("Linear(2, 4) -> Unflatten([2, 2]) -> LayerNorm([2, 2]) -> Flatten -> Linear(4, 2)", "no"),
    ):
        text = f"net = {net}\ndata = Disc(train=8)\nloss = MSE\noptimizer = Muon(0.01)\n"
        program = compile_source(SourceFile("a.net", text), to_run=True).require()
        with pytest.raises(Unsupported, match=f"Muon goes by shapes, and .* {reason}"):
            to_pytorch(program, tmp_path)


@pytest.mark.parametrize(
    "more",
    ["", "accumulate = 3", "accumulate = 3\nclip = Norm(0.5)\nschedule = Warmup(4)"],
    ids=repr,
)
def test_each_look_at_the_loss_of_a_step_has_the_same_draws_and_batches(
    more: str, tmp_path: Path
) -> None:
    text = TEXT.format(optimizer=f"LBFGS(max_iter=3)\npenalty = L2(0.01)\n{more}")
    source = SourceFile("a.net", text.replace("Tanh -> head", "Dropout(0.3) -> head"))
    program = compile_source(source, to_run=True).require()
    lockstep = Lockstep(Twin(program, tmp_path / "a.py"), "tensor")
    assert max(one.float64 for one in lockstep.epochs()) < 1e-10
    assert "torch.set_rng_state(drawn)" in to_pytorch(program, tmp_path).source


def test_a_batch_of_a_step_may_say_nothing(tmp_path: Path) -> None:
    text = TEXT.replace("batch = 8", "batch = 1\naccumulate = 3").format(optimizer="Adam")
    source = SourceFile("a.net", text.replace("CrossEntropy", "CrossEntropy(weight=[0, 2])"))
    program = compile_source(source, to_run=True).require()
    lockstep = Lockstep(Twin(program, tmp_path / "a.py"), "tensor")
    assert max(one.float64 for one in lockstep.epochs()) < 1e-12
