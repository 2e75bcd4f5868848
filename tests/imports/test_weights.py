"""A file with weights becomes a .net and a model file beside it, and both networks are run."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from netlang.imports.beside import Beside
from netlang.imports.importing import import_file
from netlang.imports.onnx import running
from netlang.language.diagnostics import NetError
from tests.imports.onnx.test_reading import Of, drawn, exported, numbers, tokens
from tests.program import netlang


def test_the_command_writes_both_and_says_how_near_they_are(tmp_path: Path) -> None:
    module = drawn(nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2), nn.Softmax(1)))
    (tmp_path / "small.onnx").write_bytes(exported(module, (numbers(2, 3),)))
    said = netlang("import", "small.onnx", "-o", "mine.net")
    assert said.exit_code == 0
    assert "wrote mine.safetensors: the weights; on 4 random samples, outputs are" in said.stdout
    assert said.stdout.rstrip().endswith("netlang summary mine.net")
    assert 'start = "mine.safetensors"' in (tmp_path / "mine.net").read_text()
    assert netlang("check", "mine.net").exit_code == 0
    assert "p(0)" in netlang("predict", "mine.safetensors", "--values", "1,2,3").stdout
    assert netlang("import", "small.onnx").exit_code == 0  # to the terminal, without weights


def test_tokens_and_several_inputs_are_tried(tmp_path: Path) -> None:
    module = drawn(
        Of(
            lambda own, x, z: own.out(torch.cat([own.table(x).mean(1), z], 1)),
            table=nn.Embedding(7, 4),
            out=nn.Linear(6, 2),
        )
    )
    file = tmp_path / "a.onnx"
    file.write_bytes(exported(module, (tokens(2, 5), numbers(2, 2))))
    found = import_file(file, weights="a.safetensors")
    assert found.beside
    assert found.beside.apart < 1e-5


def test_other_numbers_are_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.onnx"
    file.write_bytes(exported(drawn(nn.Linear(3, 2)), (numbers(2, 3),)))
    right = running.OnnxRunner.outputs
    wrong = lambda own, x: [one + np.float32(0.5) for one in right(own, x)]  # noqa: E731
    monkeypatch.setattr(running.OnnxRunner, "outputs", wrong)
    with pytest.raises(NetError, match=r"up to 0\.5 apart"):
        import_file(file, weights="a.safetensors")


def test_numbers_that_are_none_are_no_equal_ones() -> None:
    assert Beside(float("nan"), 1.0, 4, "onnxruntime").differs


def test_probabilities_of_many_classes_are_held_to_their_own_size() -> None:
    assert Beside(5e-4, 1e-3, 4, "onnxruntime").differs
    assert not Beside(5e-9, 1e-3, 4, "onnxruntime").differs


def test_a_block_takes_no_sizes_that_follow_from_what_comes_in(tmp_path: Path) -> None:
    sizes = (3, 8, 12, 16, 20)
    convs = [nn.Conv2d(a, b, 3, padding=1) for a, b in pairwise(sizes)]
    module = drawn(nn.Sequential(*(one for conv in convs for one in (conv, nn.Tanh()))))
    file = tmp_path / "a.onnx"
    file.write_bytes(exported(module, (numbers(1, 3, 6, 6),)))
    found = import_file(file, weights="a.safetensors")
    assert "block conv(channels) = Conv2d(_, channels, 3, padding=1) -> Tanh" in found.text
    assert found.beside
    assert not found.beside.differs
