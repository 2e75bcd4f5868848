"""A file that is named in another's place is told by its first bytes, or by its name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from netlang.system.file_kinds import kind_of


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a", b"\x89PNG\r\n\x1a\n", "a picture"),
        ("curves.svg", b"<svg>", "a picture"),
        ("a.csv", b"\xff\xd8\xff\xe0", "a picture"),
        ("a.csv", b"x,y\n", "a table"),
        ("A.CSV.GZ", b"\x1f\x8b", "a table"),
        ("a", b"PAR1", "a table"),
        ("a.pt", b"PK\3\4", "a file of Python objects, which netlang never reads"),
        ("a", b"\x80\x04cposix", "a file of Python objects, which netlang never reads"),
        ("a.net", b"net = ", "a network in netlang"),
        ("a.json", b"{}", "JSON"),
        ("a.safetensors", b"\0", "a file of tensors"),
        ("a", b"text", ""),
        ("a.txt", b"", ""),
    ],
)
def test_a_kind_is_known(name: str, data: bytes, kind: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    assert kind_of(tmp_path / name) == kind


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no pipes with a name")
def test_what_is_no_file_has_no_kind(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    for name in ("", "pipe.csv", "gone.csv", "x" * 5000, "a\0.csv"):
        assert kind_of(tmp_path / name) == ""
