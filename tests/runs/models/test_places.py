"""Models that tell a class at each place of a sample are evaluated place by place."""

from __future__ import annotations

import pytest
import torch

from netlang.compiler.answers import answers_of
from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from netlang.runs.models.evaluator import Evaluator

TEXT = """\
net = Conv2d(_, 4, 1) -> Permute([1, 2, 0])
data = Shapes(train=10, test=6, size=8)
loss = SoftmaxCrossEntropy
optimizer = SGD
"""


def test_the_confusion_counts_all_places() -> None:
    program = compile_source(SourceFile("a.net", TEXT), to_run=True).require()
    assert program.data
    split = program.data.load(0)
    assert split.test
    outputs = torch.zeros(6, 8, 8, 4)
    outputs[..., 0] = 1
    evaluator = Evaluator(program, answers_of(program, split.pipeline))
    evaluator.add(outputs, split.test.targets)
    found = evaluator.evaluation()
    counts = split.test.targets.flatten().bincount(minlength=4).tolist()
    assert [row[0] for row in found.confusion] == counts
    assert found.metrics["accuracy"] == pytest.approx(counts[0] / (6 * 64))
