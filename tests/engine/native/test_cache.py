"""Whatever is wrong with the compiler or the cache, nothing strange is loaded, and it is said."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from ctypes import c_double
from pathlib import Path

import pytest
import torch

from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.engine import Engine, choose
from netlang.engine.native import cache, cc
from netlang.engine.native.cc import Compiler, NotCompiled, find_compiler
from netlang.engine.native.compiled import load
from netlang.engine.network import Network
from netlang.language.source import SourceFile
from netlang.lowering.c import lowers

MODEL = """
net = Linear(2, 4) -> ReLU -> Linear(4, 2)
data = Disc(train=20, test=20)
loss = MSE
optimizer = SGD(lr=1e-2)
"""
SOURCE = "int answer(void) { return 42; }\n"

needs_compiler = pytest.mark.usefixtures("compiler")
posix = pytest.mark.skipif(not hasattr(os, "getuid"), reason="users and modes are POSIX's")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache; the folder that netlang's is made in."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def program() -> Program:
    return compile_source(SourceFile("a.net", MODEL), to_run=True).require()


def chosen(program: Program, wanted: str = "native") -> Engine:
    assert program.loss
    assert program.optimizer
    network = Network(program.graph, program.seed)
    optimizer = type(program.optimizer).over(network, program.optimizer.values)
    return choose(wanted, program, network, program.loss, optimizer)


def script(folder: Path, text: str) -> str:
    """A command that does what ``text`` says."""
    file = folder / "command"
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return str(file)


def test_without_a_compiler_tensors_take_over_and_say_how_to_get_one(
    home: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setenv("PATH", str(home))
    monkeypatch.setattr("netlang.engine.native.cc.find_spec", lambda name: None)
    engine = chosen(program)
    assert engine.name == "tensor"
    assert "there is no C compiler" in engine.note
    assert "pip install ziglang" in engine.note
    assert "\n" not in engine.note


def test_what_the_compiler_says_names_no_file_that_is_gone_and_shows_the_line(
    home: Path, compiler: Compiler
) -> None:
    with pytest.raises(NotCompiled) as failure:
        cache.build("key", "int one;\nint two = wrong;\n", compiler)
    said = str(failure.value)
    assert "failed: step.c:2" in said
    assert "in `int two = wrong;`" in said
    assert str(home) not in said


@posix
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "echo 'step.c:1: error: it is Monday' >&2; exit 1",
            "failed: step.c:1: error: it is Monday",
        ),
        ("exit 0", "failed"),  # and made nothing
        ("sleep 100", "took longer than 0.3 s"),
        ("sleep 100 & wait", "took longer than 0.3 s"),
        ('while :; do shift; [ "$1" = -o ] && echo junk > "$2" && exit 0; done', "loaded"),
    ],
)
def test_a_compiler_that_fails_leaves_it_to_tensors(
    home: Path, program: Program, monkeypatch: pytest.MonkeyPatch, text: str, said: str
) -> None:
    monkeypatch.setenv("CC", script(home, text))
    for name in ("_SECONDS", "_SECONDS_TO_ANSWER"):
        monkeypatch.setattr(f"netlang.engine.native.cc.{name}", 0.3)
    engine = chosen(program)
    assert engine.name == "tensor"
    assert said in engine.note
    assert "\n" not in engine.note
    folder = home / "netlang"
    assert not folder.exists() or not list(folder.iterdir())


@pytest.mark.parametrize("text", ["/nowhere/cc", "'unbalanced", "cc-that-is-not-there -O9"])
def test_a_wrong_cc_is_named(
    home: Path, program: Program, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("CC", text)
    assert "$CC" in chosen(program).note


@needs_compiler
@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="root may write anywhere")
def test_a_cache_that_cannot_be_written_leaves_it_to_tensors(home: Path, program: Program) -> None:
    home.chmod(0o500)
    assert "cannot be used" in chosen(program).note


@needs_compiler
def test_a_cache_that_is_a_file_leaves_it_to_tensors(home: Path, program: Program) -> None:
    (home / "netlang").write_text("not a folder")
    engine = chosen(program)
    assert engine.name == "tensor"
    assert "netlang" in engine.note


@needs_compiler
@posix
@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_a_cache_that_others_can_write_is_not_used(home: Path, program: Program, mode: int) -> None:
    (home / "netlang").mkdir()
    (home / "netlang").chmod(mode)
    assert "can be written by others" in chosen(program).note
    assert not list((home / "netlang").iterdir())


@needs_compiler
@posix
def test_a_cache_that_is_a_link_is_not_followed(home: Path, program: Program) -> None:
    (home / "elsewhere").mkdir(mode=0o700)
    (home / "netlang").symlink_to(home / "elsewhere")
    assert "is a link to one; $XDG_CACHE_HOME can name another" in chosen(program).note


@needs_compiler
def test_comments_in_c_have_any_letters(home: Path) -> None:
    assert cache.compiled("int one(void) { return 1; /* größer */ }").exists()


@needs_compiler
@posix
def test_a_cache_of_another_user_is_not_used(
    home: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "netlang").mkdir(mode=0o700)
    monkeypatch.setattr(os, "getuid", lambda: os.stat(home).st_uid + 1)
    assert "can be written by others" in chosen(program).note


@needs_compiler
@posix
def test_the_cache_is_for_the_user_alone(home: Path, program: Program) -> None:
    assert chosen(program).name == "native"
    assert stat.S_IMODE((home / "netlang").stat().st_mode) == 0o700


def test_what_was_compiled_is_found_again(home: Path, compiler: Compiler) -> None:
    key = cache.key_of(SOURCE, compiler)
    assert cache.find(key) is None
    kept = cache.build(key, SOURCE, compiler)
    assert cache.find(key) == kept
    assert [file.name for file in (home / "netlang").iterdir()] == [kept.name]


@posix
def test_what_two_compile_at_the_same_time_is_compiled_once(
    home: Path, compiler: Compiler, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    said = tmp_path / "said"
    command = f'case "$*" in *step.c*) echo >>{said}; sleep 0.2;; esac\nexec {compiler.shown} "$@"'
    monkeypatch.setenv("CC", script(tmp_path, command))
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(cache.compiled, [SOURCE, SOURCE])
    assert one == other
    assert said.read_text() == "\n"
    assert not [*(home / "netlang").glob("*.turn")]


def test_a_library_whose_bytes_were_changed_is_removed_and_made_anew(
    home: Path, program: Program, compiler: Compiler
) -> None:
    key = cache.key_of(SOURCE, compiler)
    kept = cache.build(key, SOURCE, compiler)
    damaged = kept.read_bytes() + b"poison"
    kept.unlink()  # it is loaded, and to write into it would change what is
    kept.write_bytes(damaged)
    assert cache.find(key) is None
    assert not kept.exists()


@posix
@pytest.mark.parametrize("how", ["link", "writable", "pipe"])
def test_what_somebody_else_could_have_put_there_is_not_loaded(
    home: Path, compiler: Compiler, how: str
) -> None:
    key = cache.key_of(SOURCE, compiler)
    kept = cache.build(key, SOURCE, compiler)
    if how == "writable":
        kept.chmod(0o777)
    else:
        kept.rename(home / "elsewhere.so")
        if how == "link":
            kept.symlink_to(home / "elsewhere.so")
        else:
            os.mkfifo(kept)
    assert cache.find(key) is None
    assert cache.find(cache.build(key, SOURCE, compiler).stem.partition("-")[0])


@posix
def test_a_cache_that_can_only_be_read_is_used(
    home: Path, compiler: Compiler, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError("read-only file system")

    key = cache.key_of(SOURCE, compiler)
    kept = cache.build(key, SOURCE, compiler)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "touch", refused)
        assert cache.find(key) == kept
    with monkeypatch.context() as patch:
        patch.setattr(cache, "_tidy", refused)
        assert load(cache.build(key, SOURCE, compiler)).answer() == 42


@posix
@pytest.mark.parametrize("home_folder", ["relative", "/"])
def test_a_home_that_is_none_is_not_written_to(
    home: Path, program: Program, monkeypatch: pytest.MonkeyPatch, home_folder: str
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setenv("HOME", home_folder)
    assert "there is no home folder" in chosen(program).note


def test_a_cache_whose_name_is_too_long_leaves_it_to_tensors(
    home: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / ("long" * 100)))
    assert "cannot be used: File name too long" in chosen(program).note


@posix
def test_a_compiler_that_calls_another_is_told_from_itself_by_what_it_says(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "version").write_text("12")
    monkeypatch.setenv("CC", script(home, f"cat {home}/version"))
    before = find_compiler().identity
    cc._identified.cache_clear()  # as in another process
    assert find_compiler().identity == before
    (home / "version").write_text("13")
    cc._identified.cache_clear()
    assert find_compiler().identity != before


@posix
def test_a_compiler_is_asked_for_its_version_once_until_its_file_changes(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CC", script(home, f"echo asked >> {home}/asked"))
    for _ in range(3):
        find_compiler()
    assert (home / "asked").read_text() == "asked\n"
    script(home, f"echo again >> {home}/asked")
    find_compiler()
    assert (home / "asked").read_text() == "asked\nagain\n"


@posix
@pytest.mark.parametrize("flag", ["-ffast-math", "-Ofast", "-funsafe-math-optimizations"])
def test_fast_mathematics_is_not_let_into_the_process(
    home: Path, program: Program, compiler: Compiler, monkeypatch: pytest.MonkeyPatch, flag: str
) -> None:
    monkeypatch.setenv("CC", f"{compiler.shown} {flag}")
    assert chosen(program).name == "native"
    assert torch.full((1,), 5e-324, dtype=torch.float64).mul(1.0).item() > 0
    source = "double last(double big, double x) { return (big + x) - big; }\n"
    library = load(cache.build("fast", source, find_compiler()))
    library.last.restype, library.last.argtypes = c_double, [c_double, c_double]
    assert library.last(1e16, 1.0) == 0.0


def test_what_was_not_used_for_longest_goes(
    home: Path, compiler: Compiler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_KEPT", 2)
    sources = [f"int answer(void) {{ return {number}; }}\n" for number in range(4)]
    keys = [cache.key_of(source, compiler) for source in sources]
    for age, (key, source) in enumerate(zip(keys[:3], sources[:3], strict=True)):
        os.utime(cache.build(key, source, compiler), (age, age))
    assert cache.find(keys[0]) is None  # there are two when the third is kept
    assert cache.find(keys[1])  # and is used
    cache.build(keys[3], sources[3], compiler)
    assert [bool(cache.find(key)) for key in keys] == [False, True, False, True]


def test_what_a_killed_compiler_left_is_removed_in_the_end(home: Path, compiler: Compiler) -> None:
    (home / "netlang").mkdir(mode=0o700)
    old, new = home / "netlang" / "making-old", home / "netlang" / "making-new"
    for folder in (old, new):
        folder.mkdir()
    os.utime(old, (0, 0))
    cache.build(cache.key_of(SOURCE, compiler), SOURCE, compiler)
    assert not old.exists()
    assert new.exists()


def test_source_compiler_flags_and_processor_each_make_another_key(
    compiler: Compiler, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = {cache.key_of(SOURCE, compiler), cache.key_of(SOURCE + " ", compiler)}
    keys.add(cache.key_of(SOURCE, Compiler(compiler.command, "another version")))
    keys.add(cache.key_of(SOURCE, Compiler((*compiler.command, "-O0"), compiler.identity)))
    with monkeypatch.context() as patch:
        patch.setattr(cache, "machine_flags", lambda: ("-O1",))
        keys.add(cache.key_of(SOURCE, compiler))
    with monkeypatch.context() as patch:
        patch.setattr(cache, "processor", lambda: "another")
        keys.add(cache.key_of(SOURCE, compiler))
    assert len(keys) == 6


LONG = MODEL.replace("train=20", "train=20000") + "epochs = 100\nbatch = 1\n"


def test_auto_does_not_look_for_a_compiler_where_it_would_not_pay(
    home: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CC", "/nowhere/cc")
    engine = chosen(program, "auto")
    assert (engine.name, engine.note) == ("tensor", "")


@needs_compiler
def test_auto_compiles_where_that_is_sooner_done(home: Path) -> None:
    program = compile_source(SourceFile("a.net", LONG), to_run=True).require()
    assert chosen(program, "auto").name == "native"


def test_auto_trains_where_compiling_would_pay_and_there_is_no_compiler(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CC", "/nowhere/cc")
    program = compile_source(SourceFile("a.net", LONG), to_run=True).require()
    engine = chosen(program, "auto")
    assert engine.name == "tensor"
    assert "$CC" in engine.note


def test_auto_counts_each_step_of_a_recurrent_layer_on_tensors(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CC", "/nowhere/cc")
    recurrent = "Linear(2, 60) -> Unflatten([20, 3]) -> GRU(3, 3) -> Flatten -> Linear(60, 1)"
    for net, note in (("Linear(2, 60) -> Linear(60, 1)", ""), (recurrent, "$CC")):
        text = MODEL.replace("train=20", "train=100") + "epochs = 10\nbatch = 1\n"
        text = "\n".join(f"net = {net}" if "net =" in line else line for line in text.splitlines())
        engine = chosen(compile_source(SourceFile("a.net", text), to_run=True).require(), "auto")
        assert note in engine.note
        assert bool(engine.note) == bool(note)


def test_auto_says_why_it_does_not_compile_what_would_pay_and_has_no_c(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = compile_source(SourceFile("a.net", LONG), to_run=True).require()
    monkeypatch.delitem(lowers.functions, type(program.graph.layers[0].layer))
    engine = chosen(program, "auto")
    assert engine.name == "tensor"
    assert "Linear in line 2 has no counterpart in C" in engine.note


def test_a_library_that_is_none_is_refused(tmp_path: Path) -> None:
    from netlang.engine.native.compiled import CompiledCode

    (tmp_path / "junk.so").write_bytes(b"\x7fELF junk")
    with pytest.raises(NotCompiled):
        CompiledCode(tmp_path / "junk.so", slices=1)


def test_other_types_of_numbers_are_left_to_tensors(home: Path, program: Program) -> None:
    assert program.loss
    assert program.optimizer
    network = Network(program.graph, 0)
    network.to(torch.float16)
    optimizer = type(program.optimizer).over(network, program.optimizer.values)
    assert "float16" in choose("native", program, network, program.loss, optimizer).note


def test_a_compiler_is_named_by_cc(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", f"{script(home, 'true')} -pipe")
    assert find_compiler().command == (str(home / "command"), "-pipe")
