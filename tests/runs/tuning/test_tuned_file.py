"""Values are written into a file where its own stand, and everything else stays."""

from __future__ import annotations

import pytest

from netlang.language.source import SourceFile
from netlang.runs.tuning.tuned_file import with_values

HEAD = "hidden = 25  # units\nrate = 1e-2\n"


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        (HEAD, {"hidden": "64"}, "hidden = 64  # units\nrate = 1e-2\n"),
        ("optimizer = Adam # a\n", {"optimizer.lr": "0.1"}, "optimizer = Adam(lr=0.1) # a\n"),
        ("optimizer = Adam()\n", {"optimizer.lr": "0.1"}, "optimizer = Adam(lr=0.1)\n"),
        (
            "optimizer = Adam(1e-2, beta1=0.8)\n",
            {"optimizer.lr": "0.1", "optimizer.beta1": "0.7", "optimizer.eps": "1e-7"},
            "optimizer = Adam(0.1, beta1=0.7, eps=1e-7)\n",
        ),
        (
            "optimizer = Adam\n",
            {"optimizer.lr": "0.1", "optimizer.eps": "1e-7"},
            "optimizer = Adam(lr=0.1, eps=1e-7)\n",
        ),
        (
            "fast = (Adam(lr=1))\noptimizer = fast",
            {"optimizer.lr": "2"},
            "fast = (Adam(lr=2))\noptimizer = fast",
        ),
        (
            'optimizer = [\n    Adam(lr=1),\n    SGD(lr=2, only="biases"),\n]\n',
            {"optimizer.lr": "0.1"},
            'optimizer = [\n    Adam(lr=0.1),\n    SGD(lr=2, only="biases"),\n]\n',
        ),
        (
            "optimizer = Adam(lr=3e-3)\n",
            {"optimizer.lr": "0.1", "optimizer": "SGD(0.5, momentum=0.9)"},
            "optimizer = SGD(0.1, momentum=0.9)\n",
        ),
        (HEAD, {"rate": "0.01", "hidden": "25"}, HEAD),
        (HEAD, {"batch": "8"}, f"{HEAD}batch = 8\n"),
        (HEAD, {"optimizer.lr": "8"}, None),
        ("act = ReLU\n", {"act": "LeakyReLU(0.2)"}, "act = LeakyReLU(0.2)\n"),
    ],
)
def test_values_are_written(text: str, values: dict[str, str], expected: str | None) -> None:
    assert with_values(SourceFile("a.net", text), values) == expected
