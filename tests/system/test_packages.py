"""A package that works in silence takes nothing from the program."""

from __future__ import annotations

import os

import pytest

from netlang.system.packages import silence


def open_descriptors() -> list[str]:
    return sorted(os.listdir("/dev/fd"))


def test_a_descriptor_that_cannot_be_opened_leaves_none_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: object) -> int:
        raise OSError(24, "Too many open files")

    before = open_descriptors()
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", full)
        with silence():
            pass
    assert open_descriptors() == before
