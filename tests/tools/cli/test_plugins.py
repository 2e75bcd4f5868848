"""Commands take a plugin, say what it lacks, and never show a traceback of its code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from netlang.tools.cli.group import cli

PLUGIN = """\
from netlang import Layer


class Half(Layer):
    def forward(self, x):
        return 0.5 * x

    def backward(self, dy):
        return 0.5 * dy
"""
NET = """\
net = Linear(2, 4) -> Half -> Linear(4, 2)
data = Moons(train=40, test=20)
loss = SoftmaxCrossEntropy
optimizer = Adam(0.01)
epochs = 1
"""


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("half.py").write_text(PLUGIN)
    Path("own.net").write_text(NET)


def netlang(*words: str) -> Result:
    result = CliRunner().invoke(cli, words, prog_name="netlang", standalone_mode=False)
    assert result.exception is None, result.output
    return result


def test_a_run_with_a_plugin_is_used_later() -> None:
    netlang("run", "own.net", "--plugin", "half.py", "--no-plots", "-o", "runs/a")
    (run,) = Path("runs/a").iterdir()
    assert (run / "half.py").read_text() == PLUGIN
    reads = json.loads((run / "run.json").read_text())["reads"]
    assert [one["named"] for one in reads] == ["own.net", "half.py"]
    assert "accuracy" in netlang("eval", str(run), "--plugin", "half.py").output
    assert "--plugin half.py" in netlang("eval", str(run)).output
    assert "--plugin half.py" in netlang("resume", str(run), "--epochs", "2").output
    going_on = netlang("resume", str(run), "--epochs", "2", "--no-plots", "--plugin", "half.py")
    assert "epoch 2/2" in going_on.output
    Path("half.py").write_text(PLUGIN + "# changed\n")
    changed = netlang("resume", str(run), "--epochs", "3", "--no-plots", "--plugin", "half.py")
    assert "has changed since" in changed.output


def test_commands_that_read_a_network_know_the_layer() -> None:
    assert "Half" in netlang("layers", "Half", "--plugin", "half.py").output
    for command in ("check", "summary", "ir", "gradcheck"):
        assert "error" not in netlang(command, "own.net", "--plugin", "half.py").output
    assert "unknown name `Half`" in netlang("check", "own.net").output


def test_an_error_of_the_plugins_code_shows_its_line() -> None:
    Path("half.py").write_text(PLUGIN.replace("0.5 * x", "x if len(x) < 9 else 1 / 0"))
    found = netlang("run", "own.net", "--plugin", "half.py", "--no-folder", "--json")
    assert found.return_value == 1
    last = json.loads(found.stdout.splitlines()[-1])
    (one,) = last["diagnostics"]
    assert (one["code"], one["file"], one["line"]) == ("E0520", "half.py", 6)
    assert "ZeroDivisionError" in one["labels"][0]["text"]
