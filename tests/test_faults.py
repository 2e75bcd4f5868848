"""What netlang survives: files that are too deep, too large or too long, or that would do harm.

Each is told in one message, with status 1. What compiled code survives is in tests/engine/native.
"""

from __future__ import annotations

import os
import resource
import subprocess
from pathlib import Path

import pytest

from tests.program import PROCESS, netlang

pytestmark = pytest.mark.slow  # as the texts are large

MEMORY = 700 << 20  # Python takes 200 MB of it to start
SECONDS = 60  # with other tests beside it


def limited(*texts: str) -> subprocess.CompletedProcess[str]:
    """What ``check`` makes of a file for each text, within limits of memory and time."""
    for number, text in enumerate(texts):
        Path(f"{number}.net").write_text(text)
    return subprocess.run(
        [*PROCESS, "check", *(f"{number}.net" for number in range(len(texts)))],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
        check=False,
    )


def assert_refused(message: str, *texts: str) -> None:
    """Each of the files has this message and no other."""
    done = limited(*texts)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert "an error of its own" not in done.stderr
    assert done.stderr.count("error[") == done.stderr.count(message) == len(texts), done.stderr


def test_nested_brackets_meet_a_limit() -> None:
    nested = [a * depth + "1" + b * depth for a, b in ("()", "[]") for depth in (300, 100_000)]
    texts = [f"x = {one}\nnet = Linear(2, 2)\n" for one in nested]
    assert_refused("nested more than 200 deep", *texts)


def test_definitions_that_lead_through_thousands_of_others_are_followed() -> None:
    lines = [f"a{i} = a{i + 1} -> Tanh" for i in range(10_000)]
    chain = "\n".join(["net = a0 -> ReLU", *lines, "a10000 = Linear(2, 2)"])
    blocks = [f"block b{i}(n) = b{i + 1}(n) -> Tanh" for i in range(5_000)]
    nested = "\n".join(["net = b0(2)", *blocks, "block b5000(n) = Linear(n, n)"])
    done = limited(chain, nested)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_chain_of_twenty_thousand_layers_is_checked() -> None:
    done = limited("net = " + " -> ".join(["Linear(2, 2)", "Tanh"] * 10_000))
    assert (done.returncode, done.stderr) == (0, "")


def test_a_file_over_a_mebibyte_is_refused_unread() -> None:
    assert_refused("larger than 1 MiB", "# x\n" * (1 << 18) + "net = Linear(2, 2)\n")


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "1+" * 500_000 + "1",
        "net = Linear(2,2)" + " -> Linear(2,2)" * 65_000,
        "a b\n" * 260_000,
        "\n".join(f"a{i} = b{i}" for i in range(60_000)),
        "net = " + "linear(2, 2) -> relu -> " * 15_000 + "Relu",
        "net = " + "[" * 100 + "ReLU," * 200_000 + "]" * 100,
        "#" * 1_000_000 + "\nnet = ",
    ],
    ids=["sum", "chain", "nonsense", "unknown names", "one unknown name", "branches", "comment"],
)
def test_a_mebibyte_of_anything_is_answered(text: str) -> None:
    done = limited(text[: 1 << 20])
    assert done.returncode == 1
    assert "error[" in done.stderr
    assert "an error of its own" not in done.stderr


def test_repeats_are_counted_and_not_made() -> None:
    assert_refused(
        "more than netlang takes",
        "net = ((Linear(2, 2) * 1000) * 1000) * 1000",
        "net = Linear(2, 2) * 1000000000",
        "block b(x) = x * 1000\nnet = b(b(b(Linear(2, 2))))",
        "a = [Identity, Identity] * 1000000\nnet = Linear(2, 2) -> a -> Add",
    )


def test_what_memory_does_not_hold_is_refused_before_it_is_made() -> None:
    assert_refused(
        "this machine has",
        "net = Linear(10000000, 10000000)",
        "net = Linear(9223372036854775807, 9223372036854775807)",
        "net = Linear(2, 2)\nbatch = 9223372036854775807",
        "n = 100000\nnet = Linear(2, n) -> (Tanh -> Linear(n, n)) * 100",
    )


def test_a_table_too_large_is_refused_by_its_size() -> None:
    with Path("t.csv").open("wb") as file:
        file.truncate(1 << 42)  # a file of four tebibytes that takes no room
    assert_refused(
        "far larger than this machine's memory",
        'net = Linear(1, 2)\ndata = CSV("t.csv", target="y")\n',
    )


def refusal(text: str) -> str:
    """What ``check`` says, in this process, of a file that it refuses."""
    Path("a.net").write_text(text)
    result = netlang("check", "a.net")
    assert isinstance(result.exception, SystemExit), result.exception
    assert (result.exit_code, result.stderr.count("error[")) == (1, 1), result.stderr
    return result.stderr


@pytest.mark.parametrize("rate", ["1e39", "1e-60"])
def test_a_rate_that_a_32_bit_float_does_not_hold_is_told(rate: str) -> None:
    assert "`lr` of `SGD` cannot be" in refusal(f"net = Linear(2, 2)\noptimizer = SGD({rate})\n")


@pytest.mark.parametrize(
    "path",
    ["../b.net", "/etc/passwd", "link/b.net", "file:///b.net", "https://a.b/b.net", "/dev/zero"],
)
def test_nothing_is_imported_from_out_of_the_folder(
    path: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "b.net").write_text("block b(n) = Linear(n, n)\n")
    Path("link").symlink_to(elsewhere)
    assert "error[E0410]" in refusal(f'import "{path}"\nnet = Linear(1, 2)\n')


def test_an_import_of_a_pipe_is_not_waited_for() -> None:
    os.mkfifo("pipe")
    assert "no regular file" in refusal('import "pipe"\nnet = Linear(1, 2)\n')


@pytest.mark.parametrize("name", ["a.pkl", "a.PT", "a.npy", "a.npz", "a.joblib"])
def test_files_that_can_run_code_are_refused_unread(name: str) -> None:
    Path(name).write_text("a,y\n1,p\n2,q\n3,p\n4,q\n")
    text = f'net = Linear(1, 2)\ndata = CSV("{name}", target="y", test=0.5)\n'
    told = "it holds arrays" if name in ("a.npy", "a.npz") else "can run code"
    assert told in refusal(text)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_told() -> None:
    Path("b.net").write_text("block b(n) = Linear(n, n)\n")
    Path("b.net").chmod(0)
    assert "permission denied" in refusal('import "b.net"\nnet = b(2)\n')


@pytest.mark.parametrize("form", ["svg", "mermaid"])
def test_pictures_hold_hostile_titles_as_text(form: str) -> None:
    text = 'block b(n, s) = Linear(n, n) -> ReLU\nnet = b(2, "</script>`--> \\" <b>")\n'
    Path("a.net").write_text(text)
    result = netlang("graph", "a.net", "--format", form)
    assert result.exit_code == 0
    assert "</script>" not in result.stdout
    assert "<b>" not in result.stdout
