"""A training of a network with frozen parts: in PyTorch, from a checkpoint, and what is said."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.engine.network import Network
from netlang.language.source import SourceFile
from netlang.runs.comparison.lockstep import Lockstep
from netlang.runs.comparison.twin import Twin
from netlang.runs.training.checkpoint import Unfit
from netlang.runs.training.training import Training
from netlang.tools.cli.group import cli

CHAIN = """\
encoder = Linear(2, 6) -> Dropout(0.25) -> Tanh
net = encoder -> Linear(6, 6) -> Linear(6, 2)
"""
WIRED = """\
shared s = Linear(6, 6) -> Tanh
encoder = Linear(2, 6) -> [s -> s, Identity] -> Add
net = Linear(2, 2) -> encoder -> s -> Linear(6, 2)
"""
REST = """\
freeze = encoder
data = Disc(train=70, test=20)
loss = SoftmaxCrossEntropy
optimizer = Adam(lr=1e-2)
epochs = 3
batch = 9
"""


def made(text: str = CHAIN, *overrides: str) -> Program:
    return compile_source(SourceFile("a.net", text + REST), overrides, to_run=True).require()


@pytest.mark.parametrize("text", [CHAIN, WIRED], ids=["chain", "wired"])
def test_pytorch_trains_the_same(text: str, backend: str, tmp_path: Path) -> None:
    program = made(text)
    lockstep = Lockstep(Twin(program, tmp_path / "twin.py"), backend)
    double, _ = lockstep._trainings
    found = [*lockstep.epochs()]
    assert max(one.float64 for one in found) < 1e-9
    at_first = Network(program.graph, program.seed).named_tensors()
    frozen = {node.name for node in program.graph.nodes if node.frozen}
    for name, tensor in double.ours.network.named_tensors().items():
        stays = torch.equal(tensor, at_first[name].double())
        assert stays is (name.split(".")[0] in frozen)


def test_a_checkpoint_of_a_training_with_other_parts_frozen_is_refused() -> None:
    training = Training(made(), "tensor")
    with pytest.raises(Unfit, match="these differ: layer linear1, freeze"):
        Training(made(CHAIN, "freeze=[]"), "tensor", start=training.checkpoint())
    Training(made(), "tensor", start=training.checkpoint())


def test_a_run_says_how_many_weights_are_frozen(tmp_path: Path) -> None:
    (tmp_path / "a.net").write_text(CHAIN + REST)
    shown = CliRunner().invoke(cli, ["run", str(tmp_path / "a.net"), "--no-folder"])
    assert "a.net: 74 weights (18 frozen), 70 training and 20 test samples" in shown.output
    summed = CliRunner().invoke(cli, ["summary", str(tmp_path / "a.net")])
    assert "frozen 18 of 74" in summed.output
