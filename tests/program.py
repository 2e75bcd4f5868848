"""Tests run the program netlang on files that train in a moment, and look at what is left."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from netlang.tools.cli.group import cli

DISC = """\
net = Linear(2, 4) -> ReLU -> Linear(4, 2) -> Softmax
data = Disc(train=40, test=40)
loss = CrossEntropy
optimizer = Adam(lr=1e-2)
"""
SHORT = f"{DISC}epochs = 3\nexpect test.accuracy > 0\n"
CLASSES = "a,b,y\n" + "".join(f"{n},{n % 3},{'no' if n % 2 else 'yes'}\n" for n in range(40))


NUMBERS = """\
net = Linear(3, 1)
data = CSV("a.csv", target="y", test=0.5)
loss = MSE
optimizer = SGD(lr=1e-2)
epochs = 2
"""
NUMBERS_TABLE = "a,b,c,y\n" + "".join(f"{n},{n % 3},{n % 5},{n / 7}\n" for n in range(20))
# It has layers that draw numbers, that share their weights, and that join others.
SHARED = """\
shared s = Linear(4, 4) -> Dropout(0.5) -> Tanh
net = Linear(2, 4) -> [s -> s, Dropout(0.25), s] -> Mul -> [Identity, s] -> Add -> Linear(4, 2)
optimizer = Adam(lr=1e-2)
data = Disc(train=23, test=5)
batch = 7
"""
SHORTEST = (
    "net = Linear(2, 3) -> Tanh -> Linear(3, 2) -> Softmax\ndata = Disc(train=20, test=10)\n"
    "loss = CrossEntropy\noptimizer = SGD(0.1)\nepochs = 2\nexpect test.loss < 1000\n"
)
PROCESS = [sys.executable, "-m", "netlang"]


def netlang(*arguments: str | Path, text: str | None = None) -> Result:
    """The program, in this process; ``text`` is its standard input."""
    return CliRunner().invoke(cli, [str(one) for one in arguments], input=text)


def only(root: str | Path = "runs") -> Path:
    """The one folder in ``root``."""
    (folder,) = Path(root).iterdir()
    return folder


def about(folder: Path) -> dict[str, Any]:
    """What a folder's record says, which is JSON without what only Python takes for it."""

    def strange(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    records = [folder / f"{name}.json" for name in ("run", "comparison", "lockstep")]
    (record,) = (one for one in records if one.exists())
    found: dict[str, Any] = json.loads(record.read_text(), parse_constant=strange)
    return found
