"""A command with --json answers in JSON whatever happens, and what it warns of spoils no answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from netlang.runs.training.training import Training
from netlang.system import interruption
from tests.program import SHORT, netlang

COMMANDS = {
    "run": ["run", "a.net"],
    "compare": ["compare", "a.net"],
    "lockstep": ["compare", "a.net", "--lockstep"],
    "summary": ["summary", "a.net"],
    "diff": ["diff", "a.net", "a.net"],
    "check": ["check", "a.net"],
    "test": ["test", "a.net"],
}
WARNED = "unused = 3\n" + SHORT


@pytest.mark.parametrize("text", ["net = Linear(2, 3) -> Linear(4, 1)\n", None])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_with_an_error_is_answered_with_its_diagnostics(
    command: str, text: str | None
) -> None:
    if text:
        Path("a.net").write_text(text)
    result = netlang(*COMMANDS[command], "--json")
    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    assert [found["severity"] for found in answer["diagnostics"]].count("error") >= 1


@pytest.mark.parametrize("command", ["summary", "diff"])
def test_a_warning_is_shown_beside_the_only_answer(command: str) -> None:
    Path("a.net").write_text(WARNED)
    result = netlang(*COMMANDS[command], "--json")
    assert result.exit_code == 0
    assert "diagnostics" not in json.loads(result.stdout)
    assert "warning" in result.stderr


def test_a_warning_is_an_event_of_a_run() -> None:
    Path("a.net").write_text(WARNED)
    first, *_, last = map(json.loads, netlang("run", "a.net", "--json").stdout.splitlines())
    assert (first["event"], last["event"]) == ("diagnostics", "result")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--backend", "foo", "--json", "a.net"], "'foo' is not one of"),
        (["a.net", "--json", "--lr", "0.1"], "`--set optimizer.lr=...`"),
        (["a.net", "--json", "--set", "epochs", "50"], "`--set epochs=...`, in one word"),
        (["--set", "epochs", "50", "a.net", "--json"], "`--set epochs=...`, in one word"),
        (["--json"], "Missing argument 'FILE...'"),
    ],
)
def test_a_wrong_command_line_is_answered_with_the_error_and_its_hint(
    words: list[str], said: str
) -> None:
    Path("a.net").write_text(SHORT)
    result = netlang("run", *words)
    assert result.exit_code == 2
    answer = json.loads(result.stdout)
    assert answer["event"] == "error"
    assert said in answer["message"]
    assert said in result.stderr


def test_an_error_of_netlangs_own_ends_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a mistake")

    Path("a.net").write_text(SHORT)
    monkeypatch.setattr(Training, "events", fail)
    result = netlang("run", "a.net", "--json")
    assert isinstance(result.exception, RuntimeError)
    last = json.loads(result.stdout.splitlines()[-1])
    assert last["event"] == "error"
    assert "RuntimeError('a mistake')" in last["message"]


def test_a_command_that_has_ended_leaves_nothing_to_do_at_a_signal() -> None:
    before = list(interruption._process.closings)
    Path("a.net").write_text(SHORT)
    assert netlang("summary", "a.net", "--json").exit_code == 0
    assert interruption._process.closings == before
