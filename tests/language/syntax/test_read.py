"""From bytes to a source: what is accepted, what is refused, and where."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import Diagnostic, NetError
from netlang.language.diagnostics.messages.files import FileTooLarge, Unreadable
from netlang.language.diagnostics.messages.syntax import ForbiddenCharacter
from netlang.language.run_record import ReadFile
from netlang.language.source import SourceFile
from netlang.language.syntax import decode, read
from netlang.language.syntax.read import TEXT_LIMIT


def refused(path: str | Path) -> Diagnostic:
    with pytest.raises(NetError) as error:
        read(str(path))
    (found,) = error.value.diagnostics
    return found


def refused_bytes(data: bytes) -> ForbiddenCharacter:
    with pytest.raises(NetError) as error:
        decode(data, "a.net")
    (found,) = error.value.diagnostics
    assert isinstance(found, ForbiddenCharacter)
    return found


def test_a_file_is_read_with_its_name_and_its_path(tmp_path: Path) -> None:
    file = tmp_path / "a.net"
    file.write_bytes("a = 1 # größe\r\n".encode())
    source = read(str(file))
    assert (source.text, source.name, source.path) == ("a = 1 # größe\r\n", str(file), file)
    assert source.folder == tmp_path
    assert read(file).name == source.name


def test_a_byte_order_mark_is_left_out() -> None:
    assert decode(b"\xef\xbb\xbfa = 1", "a.net").text == "a = 1"


def test_standard_input_is_read_for_a_dash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"a = 1\n")))
    source = read("-")
    assert (source.name, source.text, source.path) == ("<stdin>", "a = 1\n", None)


def test_standard_input_is_limited_too(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = SimpleNamespace(buffer=io.BytesIO(b"#" * (TEXT_LIMIT + 1)))
    monkeypatch.setattr(sys, "stdin", endless)
    assert isinstance(refused("-"), FileTooLarge)


def test_a_file_of_one_mebibyte_is_read_and_a_byte_more_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.net"
    file.write_bytes(b"#" * TEXT_LIMIT)
    assert len(read(str(file)).text) == TEXT_LIMIT == 2**20
    file.write_bytes(b"#" * (TEXT_LIMIT + 1))
    found = refused(file)
    assert isinstance(found, FileTooLarge)
    assert found.file == str(file)


@pytest.mark.parametrize(
    "character",
    "\0\x01\x07\b\x0b\x0c\x1b\x1f\x7f\x80\x85\x9f\u061c\u200e\u200f\u202a\u202e\u2028\u2066\u2069\ufeff",
    ids=lambda character: f"U+{ord(character):04X}",
)
def test_a_control_character_is_refused_with_its_number_and_offset(character: str) -> None:
    found = refused_bytes(f"a = 1\n# ö{character}b".encode())
    assert f"U+{ord(character):04X} (character 9)" in found.title
    assert found.span
    assert (found.span.start, found.span.text) == (9, character)
    assert (found.span.first.line, found.span.first.column) == (2, 4)


@pytest.mark.parametrize("character", ["\u202e", "\u2067"])
def test_a_text_direction_mark_is_called_one(character: str) -> None:
    assert "text-direction mark" in refused_bytes(character.encode()).title


def test_a_return_without_a_newline_is_refused() -> None:
    found = refused_bytes(b"a = 1\r\nb = 2\rc = 3")
    assert found.span
    assert found.span.start == 12


def test_tabs_newlines_and_returns_before_newlines_are_text() -> None:
    assert decode(b"a\t=\r\n1\n", "a.net").text == "a\t=\r\n1\n"


@pytest.mark.parametrize(
    ("data", "byte", "column"),
    [
        (b"a = \xff", 4, 5),
        ("# ö".encode() + b"\xe9t", 4, 4),
        (b"\xef\xbb\xbfa\x80", 4, 2),
        (b"\xed\xa0\x80", 0, 1),
        (b"\xc0\xaf", 0, 1),
        ("a = 1".encode("utf-16"), 0, 1),
    ],
)
def test_bytes_that_are_not_utf8_are_refused_with_their_offset(
    data: bytes, byte: int, column: int
) -> None:
    found = refused_bytes(data)
    assert f"(byte {byte})" in found.title
    assert found.span
    assert found.span.first.column == column


def test_a_folder_is_refused_and_a_file_in_it_is_named(tmp_path: Path) -> None:
    found = refused(tmp_path)
    assert isinstance(found, Unreadable)
    assert "it is a folder" in found.title
    assert found.helps == ("it has no .net file in it",)
    (tmp_path / "b.net").write_text("")
    (tmp_path / "a.net").write_text("")
    assert f"`{tmp_path / 'a.net'}`" in refused(tmp_path).helps[0]


def test_a_file_is_found_that_was_named_without_its_ending(tmp_path: Path) -> None:
    (tmp_path / "iris.net").write_text("")
    assert refused(tmp_path / "iris").helps == (f"did you mean `{tmp_path / 'iris.net'}`?",)


@pytest.mark.parametrize("name", ["iris.csv", "net.JSON", "train.py"])
def test_another_kind_of_file_is_not_read_as_a_model(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("net = Linear(2, 2)")
    assert refused(tmp_path / name).title.endswith(f"{name}`: it is no .net file")


@pytest.mark.parametrize("name", ["iris.csv", "iris.PARQUET", "iris.csv.gz", "iris.xlsx"])
def test_a_table_is_told_how_a_file_reads_it(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"")
    (help,) = refused(tmp_path / name).helps
    assert f'with `data = Table("{tmp_path / name}", target="...")`' in help


def test_a_missing_file_is_told_with_the_one_beside_it_that_was_meant(tmp_path: Path) -> None:
    (tmp_path / "model.net").write_text("")
    found = refused(tmp_path / "modle.net")
    assert isinstance(found, Unreadable)
    assert found.helps == (f"did you mean `{tmp_path / 'model.net'}`?",)


def test_files_are_near_by_their_names_without_the_ending(tmp_path: Path) -> None:
    (tmp_path / "b.net").write_text("")
    assert "did you mean" not in refused(tmp_path / "nop.net").helps[0]


def test_a_missing_model_that_netlang_ships_is_told_how_to_get(tmp_path: Path) -> None:
    assert "`netlang init model2`" in refused(tmp_path / "model2.net").helps[0]


@pytest.mark.parametrize("name", ["model2.net", "link.net"])
def test_a_file_that_nobody_may_read_is_told_with_its_permissions_alone(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "model.net").write_text("")
    (tmp_path / "model2.net").write_text("")
    (tmp_path / "link.net").symlink_to("model.net")

    def denied(path: str, flags: int) -> int:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)

    monkeypatch.setattr("netlang.system.files._without_waiting", denied)
    found = refused(tmp_path / name)
    assert found.title.endswith("permission denied")
    assert found.helps == ("change its permissions, or name another file",)


def test_an_import_that_is_too_large_is_called_by_one_path_with_and_without_a_record(
    tmp_path: Path,
) -> None:
    blocks = tmp_path / "blocks.net"
    blocks.write_text(" " * (TEXT_LIMIT + 1))
    digest = hashlib.sha256(blocks.read_bytes()).hexdigest()
    said = []
    for record in ({}, {"reads": [vars(ReadFile("b.net", str(blocks), digest))]}):
        (tmp_path / "run.json").write_text(json.dumps(record))
        name = "b.net" if record else "blocks.net"
        source = SourceFile("a.net", f'import "{name}"', tmp_path / "a.net")
        found = compile_source(source, blocks_ok=True).diagnostics
        said += [one.title for one in found if isinstance(one, FileTooLarge)]
    assert said == [f"`{blocks}` is larger than 1 MiB"] * 2


def test_a_missing_file_is_told_what_to_do(tmp_path: Path) -> None:
    assert refused(tmp_path / "nothing_like_it.net").helps


@pytest.mark.parametrize("path", ["", "a\0b.net", "x" * 5000, "no/such/folder/a.net"])
def test_a_path_that_no_file_can_have_is_refused(path: str) -> None:
    assert isinstance(refused(path), Unreadable)


@pytest.mark.parametrize("path", ["a.net/b.net", "loop.net"])
def test_a_path_that_leads_nowhere_is_refused(path: str, tmp_path: Path) -> None:
    (tmp_path / "a.net").write_text("")
    (tmp_path / "loop.net").symlink_to("loop.net")
    assert isinstance(refused(tmp_path / path), Unreadable)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.net")
    found = refused(tmp_path / "a.net")
    assert isinstance(found, Unreadable)
    assert "no regular file" in found.title


def test_a_device_is_refused() -> None:
    assert isinstance(refused("/dev/zero"), Unreadable)


def test_a_file_that_an_import_meant_is_named_from_the_folder_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "blocks.net").write_text("")
    for path, meant in (("lib/blokcs.net", "did you mean"), ("lib", "such as")):
        source = SourceFile("a.net", f'import "{path}"', tmp_path / "a.net")
        found, *_ = compile_source(source, blocks_ok=True).diagnostics
        assert f"{meant} `lib/blocks.net`" in found.helps[0]
