"""A number of threads that is none is told before libraries stumble over it."""

from __future__ import annotations

import os

import pytest

from netlang.tools.cli.threads import heed_threads
from tests.together import together


@together("told", ["zwei", "0", "-1", "2.0", "1,", "9" * 20])
def test_what_is_no_number_of_threads_is_told_once(
    told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", told)
    heed_threads()
    heed_threads()
    warned = capsys.readouterr().err
    assert warned.count("\n") == 1
    assert f"OMP_NUM_THREADS is '{told}', which is no number of threads" in warned
    assert "OMP_NUM_THREADS" not in os.environ


@together("told", ["1", " 2 ", "4,2", "08"])
def test_numbers_of_threads_stay(
    told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", told)
    heed_threads()
    assert (capsys.readouterr().err, os.environ["OMP_NUM_THREADS"]) == ("", told)


def test_nothing_is_no_number_either_and_means_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "")
    heed_threads()
    assert (capsys.readouterr().err, "OMP_NUM_THREADS" in os.environ) == ("", False)
