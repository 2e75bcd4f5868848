"""What netlang must survive: one diagnostic with its place, status 1, and nothing half-written.

The program itself is run, with 500 MB of memory at most beyond what Python takes to start, and
each answer has to come within seconds. What compiled code must survive is in
tests/backends/native.
"""

from __future__ import annotations

import os
import resource
import subprocess
from pathlib import Path

import pytest

from tests.program import PROCESS

MEMORY = 700 << 20
SECONDS = 60  # with other tests beside it


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def netlang(*arguments: str, text: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """The program, within its limits of memory and time."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    return subprocess.run(
        [*PROCESS, *arguments],
        input=text,
        capture_output=True,
        timeout=SECONDS,
        preexec_fn=limited,
        check=False,
    )


def told(text: str | bytes, *arguments: str) -> str:
    """What ``check`` says of a file that it refuses, once, without a traceback."""
    Path("a.net").write_bytes(text if isinstance(text, bytes) else text.encode())
    done = netlang("check", "a.net", *arguments)
    shown = done.stderr.decode()
    assert done.returncode == 1, shown
    assert "Traceback" not in shown
    assert "an error of its own" not in shown
    assert shown.count("error[") == 1, shown
    return shown


def accepted(text: str | bytes) -> None:
    Path("a.net").write_bytes(text if isinstance(text, bytes) else text.encode())
    done = netlang("check", "a.net")
    assert (done.returncode, done.stderr) == (0, b"")


# 1: nesting


@pytest.mark.parametrize("depth", [300, 100_000])
@pytest.mark.parametrize("bracket", ["()", "[]"])
def test_1_nested_brackets_meet_a_limit(depth: int, bracket: str) -> None:
    nested = bracket[0] * depth + "1" + bracket[1] * depth
    assert "nested more than 200 deep" in told(f"x = {nested}\nnet = Linear(2, 2)\n")


def test_1_definitions_that_lead_through_ten_thousand_others_are_followed() -> None:
    lines = [f"a{i} = a{i + 1} -> Tanh" for i in range(10_000)]
    accepted("\n".join(["net = a0 -> ReLU", *lines, "a10000 = Linear(2, 2)"]))
    blocks = [f"block b{i}(n) = b{i + 1}(n) -> Tanh" for i in range(5_000)]
    accepted("\n".join(["net = b0(2)", *blocks, "block b5000(n) = Linear(n, n)"]))


# 2: size


def test_2_a_file_over_a_mebibyte_is_refused_unread() -> None:
    assert "larger than 1 MiB" in told("# x\n" * (1 << 18) + "net = Linear(2, 2)\n")


def test_2_a_chain_of_twenty_thousand_layers_is_checked() -> None:
    accepted("net = " + " -> ".join(["Linear(2, 2)", "Tanh"] * 10_000))


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "1+" * 500_000 + "1",
        "net = Linear(2,2)" + " -> Linear(2,2)" * 65_000,
        "a b\n" * 260_000,
        pytest.param("\n".join(f"a{i} = b{i}" for i in range(60_000)), marks=pytest.mark.slow),
        pytest.param(
            "net = " + "linear(2, 2) -> relu -> " * 15_000 + "Relu", marks=pytest.mark.slow
        ),
        "net = " + "[" * 100 + "ReLU," * 200_000 + "]" * 100,
        "#" * 1_000_000 + "\nnet = ",
    ],
    ids=["sum", "chain", "nonsense", "unknown names", "one unknown name", "branches", "comment"],
)
def test_2_a_mebibyte_of_anything_is_answered(text: str) -> None:
    Path("a.net").write_text(text[: 1 << 20])
    done = netlang("check", "a.net")
    assert done.returncode == 1
    assert b"error[" in done.stderr
    assert b"an error of its own" not in done.stderr


# 3: repeats


@pytest.mark.parametrize(
    "text",
    [
        "net = ((Linear(2, 2) * 1000) * 1000) * 1000",
        "net = Linear(2, 2) * 1000000000",
        "block b(x) = x * 1000\nnet = b(b(b(Linear(2, 2))))",
        "a = [Identity, Identity] * 1000000\nnet = Linear(2, 2) -> a -> Add",
    ],
)
def test_3_repeats_are_counted_and_not_made(text: str) -> None:
    assert "more than netlang takes" in told(text)


# 4: memory


@pytest.mark.parametrize(
    "text",
    [
        "net = Linear(10000000, 10000000)",
        "net = Linear(9223372036854775807, 9223372036854775807)",
        "net = Linear(2, 2)\nbatch = 9223372036854775807",
        "n = 100000\nnet = Linear(2, n) -> (Tanh -> Linear(n, n)) * 100",
    ],
)
def test_4_what_memory_does_not_hold_is_refused_before_it_is_made(text: str) -> None:
    assert "this machine has" in told(text)


# 5: numbers


@pytest.mark.parametrize(
    ("number", "message"),
    [
        ("9" * 5000, "too large"),
        ("9223372036854775808", "too large"),
        ("1e999", "too large"),
        ("1e-999", "too small"),
        ("2 ** 63", "over 9223372036854775807"),
        ("1e300 * 1e300", "out of range"),
    ],
)
def test_5_numbers_out_of_range_are_told(number: str, message: str) -> None:
    assert message in told(f"x = {number}\nnet = Linear(2, 2)\n")


@pytest.mark.parametrize("rate", ["1e39", "1e-60"])
def test_5_a_rate_that_a_32_bit_float_does_not_hold_is_told(rate: str) -> None:
    assert "`lr` of `SGD` cannot be" in told(f"net = Linear(2, 2)\noptimizer = SGD({rate})\n")


# 6: characters


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("net = Linear(٢, 2)".encode(), "write `2`"),
        ("net = Linear(2, 2)  # \u202e".encode(), "text-direction mark U+202E (character 22)"),
        (b"net = Linear(2, 2)\0", "control character U+0000 (character 18)"),
        (b"net = Linear(2, 2) # \xff", "not UTF-8 (byte 21)"),
    ],
)
def test_6_characters_that_hide_something_are_refused_with_their_place(
    text: bytes, message: str
) -> None:
    assert message in told(text)


def test_6_a_byte_order_mark_and_windows_line_ends_are_accepted() -> None:
    accepted(b"\xef\xbb\xbfnet = Linear(2, 2)\r\n   -> ReLU\r\n")


# 7: arguments


@pytest.mark.parametrize(
    "text",
    [
        "net = Linear(2, 2, size=3)",
        "net = Linear(2, out_feature=3)",
        "net = Linear(2)",
        "net = Linear(2, 2, out_features=2)",
        'net = Linear(2, "2")',
        "net = Linear(2, 0)",
        "net = Linear(-2, 2)",
        "net = Linear(2, 2) -> Dropout(1.5) -> Linear(2, 2)",
        "net = Linear(2, 2)\nbatch = 0",
        'net = Linear(2, 2)\nepochs = "inf"',
    ],
)
def test_7_wrong_arguments_are_told(text: str) -> None:
    told(text)


# 8: names like keywords


@pytest.mark.parametrize(
    "name", ["modela", "setx", "importx", "blocky", "sharedx", "asx", "expecter", "truely"]
)
def test_8_names_that_begin_like_keywords_are_names(name: str) -> None:
    accepted(f"{name} = 3\nnet = Linear(2, {name})\n")
    accepted(f"block {name}(n) = Linear(n, n)\nnet = {name}(2)\n")


# 9: circles


@pytest.mark.parametrize(
    "text",
    [
        "block f(n) = Linear(n, n) -> f(n)\nnet = f(2)",
        "block f(n) = g(n)\nblock g(n) = f(n)\nnet = f(2)",
        "a = a + 1\nnet = Linear(a, 2)",
        "net = net -> ReLU",
        "a = b\nb = c\nc = a\nnet = Linear(a, 2)",
    ],
)
def test_9_definitions_in_a_circle_are_told(text: str) -> None:
    told(text)


def test_9_imports_in_a_circle_are_told(folder: Path) -> None:
    (folder / "b.net").write_text('import "a.net"\nblock b(n) = Linear(n, n)\n')
    assert "imported by itself" in told('import "b.net"\nnet = b(2)\n')


# 10: files that are none


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing but this\n"])
def test_10_a_file_that_says_nothing_is_told_so(text: str) -> None:
    assert "defines no network" in told(text)


def test_10_a_folder_a_missing_file_and_a_pipe_are_no_files(folder: Path) -> None:
    os.mkfifo(folder / "pipe.net")
    (folder / "empty").mkdir()
    for path, message in (
        ("empty", b"no .net file"),
        ("gone.net", b"no such file"),
        ("pipe.net", b"no regular file"),
    ):
        done = netlang("check", path)
        assert done.returncode == 1
        assert message in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_10_a_file_that_may_not_be_read_is_told(folder: Path) -> None:
    (folder / "a.net").write_text("net = Linear(2, 2)")
    (folder / "a.net").chmod(0)
    assert b"permission denied" in netlang("check", "a.net").stderr


def test_10_standard_input_is_read() -> None:
    assert netlang("check", "-", text=b"net = Linear(2, 2)").returncode == 0
    assert b"<stdin>:1:" in netlang("check", "-", text=b"net = Zebra").stderr


# 11: data


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("a,y\n", "no rows"),
        ("a,y\n1,p\n", "leaves no rows"),
        ("a,y\n1,p\n2,q,3\n", "row 2 has 3 cells"),
        ("a,y\n1,p\nx,q\n", "row 2, column `a` holds `x`"),
        ("a,y\n1,p\nnan,q\n", "row 2, column `a` holds `nan`"),
        ("a,z\n1,p\n2,q\n", "no column `y`"),
        ("a,y\n1,p\n2,\n", "row 2, column `y` is empty"),
    ],
)
def test_11_a_table_that_cannot_be_used_is_told_before_training(
    folder: Path, table: str, message: str
) -> None:
    (folder / "t.csv").write_text(table)
    assert message in told('net = Linear(1, 2)\ndata = CSV("t.csv", target="y", test=0.5)\n')


# 12: paths


@pytest.mark.parametrize(
    "path",
    ["../t.csv", "/etc/passwd", "link/t.csv", "file:///t.csv", "https://a.b/t.csv", "/dev/zero"],
)
@pytest.mark.parametrize("way", ["data", "import"])
def test_12_paths_out_of_the_folder_are_refused(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, path: str, way: str
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "t.csv").write_text("a,y\n1,p\n2,q\n")
    (folder / "link").symlink_to(elsewhere)
    net = "net = Linear(1, 2)\n"
    text = (
        f'data = CSV("{path}", target="y")\n{net}' if way == "data" else f'import "{path}"\n{net}'
    )
    assert "error[E0410]" in told(text)


def test_12_a_pipe_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    assert "no regular file" in told('net = Linear(1, 2)\ndata = CSV("pipe", target="y")\n')
    assert "no regular file" in told('import "pipe"\nnet = Linear(1, 2)\n')


def test_12_a_flag_on_the_command_line_allows_a_folder(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "t.csv").write_text("a,y\n1,p\n2,q\n3,p\n4,q\n")
    text = f'net = Linear(1, 2)\ndata = CSV("{elsewhere}/t.csv", target="y", test=0.5)\n'
    (folder / "a.net").write_text(text)
    assert netlang("check", "a.net").returncode == 1
    assert netlang("check", "a.net", "--allow", str(elsewhere)).returncode == 0


# 13: files that run code or grow


@pytest.mark.parametrize("name", ["a.pkl", "a.PT", "a.npy", "a.npz", "a.joblib"])
def test_13_files_that_can_run_code_are_refused_unread(folder: Path, name: str) -> None:
    (folder / name).write_text("a,y\n1,p\n2,q\n3,p\n4,q\n")
    text = f'net = Linear(1, 2)\ndata = CSV("{name}", target="y", test=0.5)\n'
    assert "can run code" in told(text)


def test_13_a_table_too_large_is_refused_by_its_size(folder: Path) -> None:
    with (folder / "t.csv").open("wb") as file:
        file.truncate(1 << 40)  # a file of a tebibyte that takes no room
    text = 'net = Linear(1, 2)\ndata = CSV("t.csv", target="y")\n'
    assert "over 32 MiB" in told(text)


# 20: names that do something where they are shown


HOSTILE = "\x1b[31m[red]</script>\"'`${x}"


def test_20_hostile_names_are_shown_and_not_obeyed(folder: Path) -> None:
    (folder / f"{HOSTILE.replace('/', '_')}.net").write_text("net = Zebra\n")
    shown = netlang("check", ".").stderr.decode()
    assert "\x1b" not in shown
    assert "\\x1b[31m[red]" in shown


@pytest.mark.parametrize("form", ["svg", "mermaid"])
def test_20_pictures_hold_hostile_titles_as_text(folder: Path, form: str) -> None:
    text = 'block b(n, s) = Linear(n, n) -> ReLU\nnet = b(2, "</script>`--> \\" <b>")\n'
    (folder / "a.net").write_text(text)
    done = netlang("graph", "a.net", "--format", form)
    assert done.returncode == 0
    assert b"</script>" not in done.stdout
    assert b"<b>" not in done.stdout
