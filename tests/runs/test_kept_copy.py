"""The text that a run keeps can be run where it is kept: on the same data, and with its imports."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.language import paths
from netlang.language.syntax import decode, read
from netlang.runs.folders.run_folder import new_run_folder
from tests.program import CLASSES, about, netlang, only

MODEL = """\
import "lib/blocks.net"
net = wide(2) -> Linear(2, 2) -> Softmax
data = CSV("tables/t.csv", target="y")
loss = CrossEntropy
optimizer = Adam(lr=1e-2)
epochs = 2
"""


@pytest.fixture(autouse=True)
def _files() -> None:
    for folder in ("project/lib", "project/tables"):
        Path(folder).mkdir(parents=True)
    Path("project/m.net").write_text(MODEL)
    Path("project/lib/blocks.net").write_text(
        'import "more.net"\nblock wide(n) = deep(n) -> Tanh\n'
    )
    Path("project/lib/more.net").write_text("block deep(n) = Linear(n, n)\n")
    Path("project/tables/t.csv").write_text(CLASSES)


def run(file: str, root: str, *arguments: str) -> Path:
    """The folder of a run of ``file``."""
    options = ["--no-plots", "--backend", "tensor", "-o", root]
    result = netlang("run", file, *options, *arguments)
    assert result.exit_code == 0, result.output
    return only(root)


def result_of(folder: Path) -> object:
    return about(folder)["result"]["metrics"]


def test_a_kept_text_gives_the_run_again_and_so_does_that_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = run("project/m.net", "runs")
    second = run(str(first / "m.net"), "again")
    monkeypatch.chdir(second)
    third = run("m.net", "third")
    assert result_of(third) == result_of(Path("."))
    assert result_of(third) == result_of(Path("../..") / first)


def test_imports_are_kept_as_they_were() -> None:
    folder = run("project/m.net", "runs")
    Path("project/lib/more.net").write_text("block deep(n) = Linear(n, 7)\n")
    assert netlang("check", str(folder / "m.net")).exit_code == 0
    assert netlang("check", "project/m.net").exit_code == 1
    shutil.rmtree("project/lib")
    assert netlang("summary", str(folder / "m.net")).exit_code == 0


@pytest.mark.parametrize("name", [".a.net", "-a.net", "a.txt"])
def test_a_text_and_an_import_that_would_be_kept_by_one_name_are_both_kept(name: str) -> None:
    imported, text = "block wide(n) = Linear(n, n)\n", MODEL.replace("lib/blocks.net", "a.net")
    Path("project/a.net").write_text(imported)
    Path("project", name).write_text(text)
    folder = run(f"project/{name}", "runs", "--set", "epochs=2")
    assert (folder / "a.net").read_text() == imported
    assert (folder / about(folder)["kept"]).read_text() == text
    kept = netlang("run", str(folder / about(folder)["kept"]), "--no-folder")
    assert kept.exit_code == 0
    assert "was run with other settings" in kept.stderr


def test_an_import_that_changes_before_the_folder_is_made_is_kept_as_it_was_read() -> None:
    file = Path("project/m.net")
    program = compile_source(decode(file.read_bytes(), file.name, file)).program
    assert program
    Path("project/lib/more.net").write_text("block deep(n) = Linear(n, 7)\n")
    folder = new_run_folder(Path("runs"), program)
    folder.close("finished")
    assert (folder.path / "lib/more.net").read_text() == "block deep(n) = Linear(n, n)\n"


def compiled(file: Path) -> Program:
    return compile_source(read(str(file)), to_run=True).require()


def recorded(program: Program) -> dict[str, dict[str, str]]:
    """What the folder of a run says was read, by its name there."""
    folder = new_run_folder(Path("late"), program)
    folder.close("finished")
    return {one["named"]: one for one in about(folder.path)["reads"]}


def change(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"\n")


def move(file: Path) -> None:
    file.rename(file.with_suffix(".moved"))


def link(file: Path) -> None:
    """Put a link to another file in its place."""
    file.unlink()
    file.symlink_to(Path("project/other").absolute())
    Path("project/other").write_text("other")


@pytest.mark.parametrize("name", ["m.net", "lib/blocks.net", "lib/more.net", "tables/t.csv"])
@pytest.mark.parametrize("happens", [change, move, link])
def test_the_record_tells_the_bytes_that_were_read_whatever_the_file_holds_later(
    name: str, happens: Callable[[Path], None]
) -> None:
    file = Path("project") / name
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    program = compiled(Path("project/m.net"))
    real = str(file.resolve())
    happens(file)
    assert recorded(program)[name] == {"named": name, "path": real, "sha256": digest}


def test_a_byte_order_mark_and_line_ends_are_part_of_what_was_read() -> None:
    file = Path("project/m.net")
    data = b"\xef\xbb\xbf" + MODEL.replace("\n", "\r\n").encode()
    file.write_bytes(data)
    assert recorded(compiled(file))["m.net"]["sha256"] == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("name", ["tables/t.csv", "lib/blocks.net", "lib/more.net"])
def test_what_was_read_through_a_link_is_found_again_by_the_links_name(name: str) -> None:
    file = Path("project") / name
    file.symlink_to(file.rename(file.with_name("real")).absolute())
    folder = run("project/m.net", "runs")
    assert {one["named"] for one in about(folder)["reads"]} >= {name}
    result = netlang("check", str(folder / "m.net"))
    assert result.exit_code == 0, result.output
    assert (folder / name).exists() == name.endswith(".net")


def test_one_table_under_two_names_is_recorded_by_the_one_that_was_read() -> None:
    shutil.copy("project/tables/t.csv", "project/copy.csv")
    Path("project/n.net").write_text(MODEL.replace("tables/t.csv", "copy.csv"))
    for name, table in (("m.net", "tables/t.csv"), ("n.net", "copy.csv")):
        assert table in recorded(compiled(Path("project") / name))


@pytest.mark.parametrize("name", ["tables/t.csv", "lib/blocks.net"])
def test_what_a_kept_text_reads_again_is_what_was_compared(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing can be put in its place between a look at it and another."""
    kept = run("project/m.net", "runs") / "m.net"
    shutil.rmtree(kept.parent / "lib")
    file = Path("project") / name
    before, read = file.read_bytes(), paths.read_regular

    def swapped(path: Path, limit: int) -> bytes:
        file.write_bytes(before)
        found = read(path, limit)
        file.write_text("secret")
        return found

    monkeypatch.setattr(paths, "read_regular", swapped)
    program = compiled(kept)
    assert recorded(program)[name]["sha256"] == hashlib.sha256(before).hexdigest()
    assert program.data
    assert program.data.describe().train == 32


def test_the_record_says_what_was_read_and_where() -> None:
    reads = about(run("project/m.net", "runs"))["reads"]
    named = {one["named"]: one for one in reads}
    assert set(named) == {"m.net", "lib/blocks.net", "lib/more.net", "tables/t.csv"}
    assert named["tables/t.csv"]["path"] == str(Path("project/tables/t.csv").resolve())


def test_a_changed_file_is_told_whatever_its_folder_is_called() -> None:
    Path("project/folder").mkdir()
    Path("project/m.net").write_text(MODEL.replace("tables/", "folder/"))
    Path("project/folder/t.csv").write_text(CLASSES)
    kept = run("project/m.net", "runs") / "m.net"
    Path("project/folder/t.csv").write_text(CLASSES + "3,4,no\n")
    told = netlang("check", str(kept)).stderr
    assert "has been changed since" in told
    assert "the text of a run reads what the run has read" in told
    assert "--allow" not in told


def test_data_that_has_gone_or_changed_is_told_with_where_it_was() -> None:
    folder = run("project/m.net", "runs")
    table = Path("project/tables/t.csv")
    table.write_text(CLASSES + "3,4,no\n")
    result = netlang("check", str(folder / "m.net"))
    assert result.exit_code == 1
    told = f"the file `{table.resolve()}` has been changed since the run has read it"
    assert told in result.stderr
    assert f"`netlang eval {folder} {table.resolve()}`" in result.stderr
    assert "put it back as it was in the run" in result.stderr
    assert "--allow" not in result.stderr
    table.unlink()
    result = netlang("run", str(folder / "m.net"))
    assert f"was `{table.resolve()}` in the run, and is not there any more" in result.stderr
    assert "put the file beside the .net file" in result.stderr
    (folder / "tables").mkdir()
    (folder / "tables" / "t.csv").write_text(CLASSES)
    assert netlang("check", str(folder / "m.net")).exit_code == 0


def test_a_record_opens_no_file_whose_content_it_does_not_know() -> None:
    """One that comes from elsewhere cannot have a text read what it likes."""
    Path("secret.csv").write_text(CLASSES)
    Path("sent").mkdir()
    Path("sent/m.net").write_text('net = Linear(2, 2)\ndata = CSV("t.csv", target="y")\n')
    path = str(Path("secret.csv").resolve())
    for digest in ("", "0" * 64, None, 3):
        one = {"named": "t.csv", "path": path, "sha256": digest}
        Path("sent/run.json").write_text(json.dumps({"reads": [one]}))
        assert "error[E0410]" in netlang("check", "sent/m.net").stderr


@pytest.mark.parametrize(
    "record",
    ["", "[]", "{", '{"reads": 3}', '{"reads": [3]}', '{"reads": [{"named": 1}]}', "[" * 100_000],
    ids=range(7),
)
def test_another_ones_record_says_nothing(record: str) -> None:
    Path("run.json").write_text(record)
    Path("m.net").write_text('net = Linear(2, 2)\ndata = CSV("t.csv", target="y")\n')
    assert "cannot read the data file `t.csv`: no such file" in netlang("check", "m.net").stderr


@pytest.mark.parametrize("path", ["/tmp/\ud800x", "\udfff", ""], ids=ascii)
def test_a_record_with_what_is_no_path_says_nothing(path: str) -> None:
    one = {"named": "t.csv", "path": path, "sha256": "0" * 64}
    Path("run.json").write_text(json.dumps({"reads": [one]}))
    Path("m.net").write_text('net = Linear(2, 2)\ndata = CSV("t.csv", target="y")\n')
    told = netlang("check", "m.net").stderr
    assert "cannot read the data file `t.csv`: no such file" in told


def test_that_a_large_file_has_changed_is_told_before_what_is_wrong_in_it() -> None:
    path = Path("large.csv").resolve()
    with path.open("wb") as file:
        file.truncate((1 << 25) + 1)
    one = {"named": "t.csv", "path": str(path), "sha256": "0" * 64}
    Path("run.json").write_text(json.dumps({"reads": [one]}))
    Path("m.net").write_text('net = Linear(2, 2)\ndata = CSV("t.csv", target="y")\n')
    told = netlang("check", "m.net").stderr
    assert f"the file `{path}` has been changed since the run has read it" in told


def test_a_record_that_names_a_pipe_does_not_wait_for_its_writer() -> None:
    path = Path("pipe.csv").resolve()
    os.mkfifo(path)
    one = {"named": "t.csv", "path": str(path), "sha256": "0" * 64}
    Path("run.json").write_text(json.dumps({"reads": [one]}))
    Path("m.net").write_text('net = Linear(2, 2)\ndata = CSV("t.csv", target="y")\n')
    assert "and is not there any more" in netlang("check", "m.net").stderr


def test_data_that_the_command_line_allowed_is_found_again() -> None:
    Path("elsewhere").mkdir()
    shutil.move("project/tables/t.csv", "elsewhere/t.csv")
    absolute = Path("elsewhere/t.csv").resolve()
    for name, path in (("up", "../elsewhere/t.csv"), ("far", str(absolute))):
        Path(f"project/{name}.net").write_text(MODEL.replace("tables/t.csv", path))
        folder = run(f"project/{name}.net", f"runs-{name}", "--allow", "elsewhere")
        assert netlang("check", str(folder / f"{name}.net")).exit_code == 0


def test_a_kept_text_says_with_what_settings_it_was_run() -> None:
    folder = run("project/m.net", "runs", "--set", "epochs=2", "--set", "optimizer.lr=2e-2")
    kept = str(folder / "m.net")
    again = f"netlang run {kept} --set epochs=2 --set optimizer.lr=2e-2"
    note = f"note: {kept} was run with other settings, as by: {again}\n"
    for command in ("check", "run --no-folder", "summary"):
        assert netlang(*command.split(), kept).stderr == note
        assert netlang(*command.split(), kept, "--set", "epochs=2").stderr == note
    assert netlang("diff", "project/m.net", kept).stderr == note
    assert netlang(*again.split()[1:], "--no-folder").stderr == ""


def test_a_text_that_was_run_as_it_stands_says_nothing_nor_does_what_it_imports() -> None:
    assert "note" not in netlang("check", str(run("project/m.net", "runs") / "m.net")).stderr
    folder = run("project/m.net", "others", "--set", "epochs=2")
    (folder / "more.net").write_text("x = 1\n")
    assert "note" not in netlang("check", str(folder / "more.net")).stderr
    record = json.loads((folder / "run.json").read_text())
    for overrides in (None, 3, "epochs=2", {"epochs": 2}, []):
        (folder / "run.json").write_text(json.dumps(record | {"overrides": overrides}))
        assert netlang("check", str(folder / "m.net")).stderr == ""


def test_a_text_from_standard_input_is_kept_so_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("project")
    options = ["--no-plots", "--backend", "tensor"]
    assert netlang("run", "-", *options, text=MODEL).exit_code == 0
    assert netlang("check", str(only() / "stdin.net")).exit_code == 0
