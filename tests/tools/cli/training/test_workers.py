"""Several processes train one network: to the bits of one, and with an end that is told."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import TypeVar

import pytest

from netlang.tools.cli.training.launching import _signals, _status
from tests.paths import MODELS
from tests.program import PROCESS, about, netlang, only

WIDE = """\
net = Linear(2, 256) -> ReLU -> Dropout(0.25) -> Linear(256, 256) -> ReLU -> Linear(256, 2)
data = Disc(train=1500, test=100)
loss = SoftmaxCrossEntropy
optimizer = Adam
batch = 512
"""
T = TypeVar("T")
QUIET = ["--no-plots", "--quiet"]
LOOPBACK = {"GLOO_SOCKET_IFNAME": "lo", "OMP_NUM_THREADS": "1"}
only_on_linux = pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")


@pytest.fixture(autouse=True)
def _wide() -> None:
    Path("wide.net").write_text(f"{WIDE}epochs = 4\n")


def model(root: str | Path) -> bytes:
    return (only(root) / "model.safetensors").read_bytes()


def alone(*arguments: str) -> bytes:
    """The model of a run in this process."""
    assert netlang("run", *arguments, "-o", "alone", *QUIET).exit_code == 0
    return model("alone")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--reduce", "fast"], "--reduce says how workers sum: it goes with --workers"),
        (["--workers", "1000"], "1000 workers would only wait"),
        (["--workers", "0"], "0 is not in the range x>=1"),
        (["--workers", "2", "--seeds", "0..3"], "--workers share one training"),
        (["--workers", "2", "--jobs", "2"], "--workers share one training"),
        (["other.net", "--workers", "2"], "--workers share one training"),
        (["--workers", "2", "--overfit", "8"], "only try a file: they need no workers"),
        (["--workers", "1", "--fast"], "only try a file: they need no workers"),
    ],
)
def test_what_workers_do_not_share_is_refused(arguments: Sequence[str], says: str) -> None:
    Path("other.net").write_text(WIDE)
    result = netlang("run", "wide.net", *arguments)
    assert result.exit_code == 2
    assert says in result.stderr


def test_a_file_that_only_one_can_read_is_refused() -> None:
    result = netlang("run", "-", "--workers", "2", text=WIDE)
    assert result.exit_code == 2
    assert "each worker reads the file: name one, not `-`" in result.stderr


def test_folds_are_refused() -> None:
    Path("a.csv").write_text("a,y\n" + "".join(f"{n},{n}\n" for n in range(20)))
    text = 'net = Linear(1, 1)\ndata = CSV("a.csv", target="y", folds=2)\nloss = MSE\n'
    Path("a.net").write_text(f"{text}optimizer = SGD\n")
    result = netlang("run", "a.net", "--workers", "1")
    assert result.exit_code == 2
    assert "--workers share one training: it takes no folds" in result.stderr


@pytest.mark.parametrize("as_data", [False, True])
def test_a_mistake_in_the_file_is_told_once_and_starts_nobody(
    as_data: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch.distributed.launcher.api", None)  # not to be imported
    Path("wide.net").write_text(WIDE.replace("Adam", "Adm"))
    result = netlang("run", "wide.net", "--workers", "2", *(["--json"] if as_data else []))
    assert result.exit_code == 1
    said = result.stdout if as_data else result.stderr
    assert said.count("unknown name `Adm`") == 1


@pytest.mark.parametrize("backend", ["native", "tensor"])
@pytest.mark.usefixtures("compiler")
def test_one_worker_goes_on_as_one(backend: str) -> None:
    done = netlang("run", "wide.net", "--workers", "1", "--backend", backend, *QUIET)
    assert done.exit_code == 0
    assert about(only())["workers"] == 1
    if backend == "native":
        assert model("runs") == alone("wide.net", "--backend", "native")
    run = str(only())
    assert netlang("resume", run, "--epochs", "6", *QUIET).exit_code == 0
    assert about(Path(run))["workers"] == 1  # so that the sums stay in the slices' order
    whole = netlang(
        "run", "wide.net", "--set", "epochs=6", "--workers", "1", "--backend", backend,
        "-o", "whole", *QUIET,
    )  # fmt: skip
    assert whole.exit_code == 0
    assert model("runs") == model("whole")


def test_a_run_on_tensors_that_workers_go_on_with_says_that_its_bits_are_others() -> None:
    assert netlang("run", "wide.net", "--backend", "tensor", *QUIET).exit_code == 0
    goes_on = netlang("resume", str(only()), "--epochs", "6", "--workers", "1", *QUIET)
    assert "the run was trained with workers 0, and goes on with workers 1" in goes_on.stderr


def test_a_run_of_several_trainings_has_no_workers() -> None:
    assert netlang("run", "wide.net", "--seeds", "0..1", "--set", "epochs=1", *QUIET).exit_code == 0
    result = netlang("resume", str(only()), "--workers", "1", "--epochs", "2")
    assert result.exit_code == 2
    assert "--workers share one training, and this run has several" in result.stderr


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"RANK": "0", "WORLD_SIZE": "1"}, "a launcher started 1 worker, and --workers asks for 2"),
        ({"RANK": "one", "WORLD_SIZE": "1"}, "RANK is 'one' in the environment, and has to be a"),
        ({"RANK": "0", "WORLD_SIZE": "0"}, "RANK is 0, and WORLD_SIZE is 0: ranks count from 0"),
    ],
)
def test_a_launcher_that_contradicts_itself(
    environment: Mapping[str, str], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**environment, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "1"}.items():
        monkeypatch.setenv(name, value)
    result = netlang("run", "wide.net", "--workers", "2")
    assert result.exit_code != 0
    assert says in result.stderr


def test_the_launcher_ends_as_the_first_worker_and_says_who_was_killed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    missed, killed, ended = (SimpleNamespace(exitcode=code) for code in (2, -9, -15))
    assert _status({0: missed, 2: ended}) == 2
    assert capsys.readouterr().err == ""
    assert _status({0: missed, 1: killed, 2: ended}) == 1
    said = "was ended by SIGKILL, as by the system where memory runs out\n"
    assert capsys.readouterr().err == f"worker 1 {said}"
    assert _status({0: killed}) == 1
    resume = "`netlang runs` lists what it kept, and `netlang resume RUN` goes on\n"
    assert capsys.readouterr().err == f"worker 0 {said}{resume}"


def test_a_launcher_of_an_older_torch_is_not_told_of_signals() -> None:
    @dataclass
    class Older:
        nproc_per_node: int = 1

    @dataclass
    class Newer(Older):
        signals_to_handle: str = ""

    assert _signals(Older) == {}
    heeded = _signals(Newer)["signals_to_handle"].split(",")
    assert "SIGTERM" in heeded


def started(place: Path, rank: int, port: int, *arguments: str) -> subprocess.Popen[str]:
    """Worker ``rank`` of two, without a launcher."""
    variables = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": "2"}
    return subprocess.Popen(
        [*PROCESS, *arguments],
        cwd=place,
        env={**os.environ, **LOOPBACK, **variables, "RANK": str(rank), "LOCAL_RANK": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def free_port() -> int:
    import socket

    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        port: int = made.getsockname()[1]
        return port


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            WIDE.replace("Adam", "Adam(lr=0.02)"),
            ["would not train what worker 0 trains", "`optimizer` is `Adam(lr=0.001", "0.02"],
        ),
        (None, ["could not begin", "cannot read `wide.net`"]),
    ],
)
def test_a_worker_that_cannot_begin_ends_all_and_is_told_of(
    text: str | None, says: Sequence[str], tmp_path: Path
) -> None:
    there, port = tmp_path / "there", free_port()
    there.mkdir()
    if text:
        (there / "wide.net").write_text(text)
    run = ["run", "wide.net", "--backend", "tensor", *QUIET]
    both = [started(place, rank, port, *run) for rank, place in enumerate((Path(), there))]
    (_, first), (answered, other) = (one.communicate(timeout=120) for one in both)
    assert [one.returncode for one in both] == [1, 1]
    assert first.startswith("error[E0528]: worker 1 on ")
    assert [part for part in says if part not in first] == []
    assert answered == other == ""


@pytest.mark.slow
def test_a_training_that_diverges_is_told_once() -> None:
    Path("wide.net").write_text(WIDE.replace("Adam", "SGD(lr=1e9)"))
    run, port = ["run", "wide.net", "--backend", "tensor", *QUIET], free_port()
    both = [started(Path(), rank, port, *run) for rank in range(2)]
    (_, first), (answered, other) = (one.communicate(timeout=120) for one in both)
    assert [one.returncode for one in both] == [1, 1]
    assert "error[E0411]: training diverged in step" in first
    assert answered == other == ""


@only_on_linux
@pytest.mark.slow
@pytest.mark.usefixtures("compiler")
def test_when_a_worker_is_killed_the_others_end_and_any_number_goes_on(tmp_path: Path) -> None:
    run = ["wide.net", "--backend", "native", "--set", "epochs=150"]
    whole = alone(*run)
    command = [*PROCESS, "run", *run, "--workers", "2", *QUIET]
    launcher = subprocess.Popen(command, env={**os.environ, **LOOPBACK}, stderr=subprocess.PIPE)
    try:
        history = wait_for(lambda: next(Path("runs").glob("*/history.jsonl"), None))
        wait_for(lambda: history.read_text().count("\n") > 20 or None)
        os.kill(worker(launcher.pid, rank=1), signal.SIGKILL)
        _, said = launcher.communicate(timeout=30)
    finally:
        launcher.kill()
    assert launcher.returncode == 1
    told = said.decode()
    assert "error[E0526]" in told
    assert f"`netlang resume {only()} --workers 2` goes on from the last checkpoint" in told
    assert "worker 1 was ended by SIGKILL" in told
    assert about(only())["status"] == "failed"
    shutil.copytree("runs", "by-three")
    assert netlang("resume", str(only()), *QUIET).exit_code == 0
    command = [*PROCESS, "resume", str(only("by-three")), "--workers", "3", *QUIET]
    subprocess.run(command, env={**os.environ, **LOOPBACK}, check=True, capture_output=True)
    assert model("runs") == model("by-three") == whole
    epochs = [json.loads(line)["epoch"] for line in history.read_text().splitlines()]
    assert epochs == [*range(1, 151)]


def wait_for(look: Callable[[], T | None]) -> T:
    """What ``look`` gives as soon as that is something."""
    until = time.monotonic() + 120
    while (found := look()) is None:
        assert time.monotonic() < until
        time.sleep(0.05)
    return found


@only_on_linux
@pytest.mark.slow
@pytest.mark.usefixtures("compiler")
def test_a_signal_ends_all_workers_without_a_step_lost_unless_it_is_ignored() -> None:
    run = ["wide.net", "--backend", "native", "--set", "epochs=150"]
    whole = alone(*run)
    command = ["nohup", *PROCESS, "run", *run, "--workers", "2", *QUIET]
    launcher = subprocess.Popen(
        command, env={**os.environ, **LOOPBACK}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        history = wait_for(lambda: next(Path("runs").glob("*/history.jsonl"), None))
        launcher.send_signal(signal.SIGHUP)
        wait_for(lambda: history.read_text().count("\n") > 40 or None)
        launcher.send_signal(signal.SIGINT)
        _, said = launcher.communicate(timeout=60)
    finally:
        launcher.kill()
    assert launcher.returncode == 130
    told = said.decode().splitlines()
    assert [line for line in told if "nohup" not in line] == [
        f"interrupted: `netlang resume {only()} --workers 2` goes on; until then its model is that "
        f"of epoch {about(only())['model_epoch']}"
    ]
    assert about(only())["status"] == "interrupted"
    resumed = netlang("resume", str(only()), *QUIET)
    assert resumed.exit_code == 0
    assert model("runs") == whole


def worker(launcher: int, rank: int) -> int:
    """The process of the worker ``rank``."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            environment = (entry / "environ").read_bytes().split(b"\0")
        except (OSError, ValueError):
            continue
        if parent == launcher and f"RANK={rank}".encode() in environment:
            return int(entry.name)
    raise AssertionError("there is no such worker")


@contextmanager
def two_machines() -> Iterator[Mapping[str, str]]:
    """Two network namespaces with a cable between them: interfaces by the names of namespaces."""
    names = {f"netlang-{end}{os.getpid()}": f"nl{end}{os.getpid() % 100_000}" for end in "ab"}
    (first, one), (second, other) = names.items()
    made = subprocess.run(["ip", "netns", "add", first], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("network namespaces cannot be made here")
    try:
        for command in (
            f"ip netns add {second}",
            f"ip link add {one} netns {first} type veth peer name {other} netns {second}",
            f"ip -n {first} addr add 10.77.0.1/24 dev {one}",
            f"ip -n {second} addr add 10.77.0.2/24 dev {other}",
            *(f"ip -n {name} link set {link} up" for name, link in names.items()),
            *(f"ip -n {name} link set lo up" for name in names),
        ):
            subprocess.run(command.split(), check=True)
        yield names
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)


@only_on_linux
@pytest.mark.skipif(shutil.which("ip") is None, reason="there is no `ip`")
@pytest.mark.slow
@pytest.mark.usefixtures("compiler")
def test_two_machines_train_to_the_bytes_of_one() -> None:
    runs = [("model2", [], 2), ("lenet", ["--set", "batch=512"], 2), ("wide", [], 1)]
    for name in ("model2", "lenet"):
        text = (MODELS / f"{name}.net").read_text()
        Path(f"{name}.net").write_text(text.partition("expect")[0])
    shutil.copytree(".", "there")
    with two_machines() as machines:
        for name, more, each in runs:
            run = [f"{name}.net", "--backend", "native", *more]
            torchrun = [
                sys.executable, "-m", "torch.distributed.run", "--nnodes", "2",
                "--nproc-per-node", str(each), "--master-addr", "10.77.0.1",
                "--master-port", "29500", "--node-rank",
            ]  # fmt: skip
            both = [
                subprocess.Popen(
                    ["ip", "netns", "exec", machine, *torchrun, str(number),
                     "-m", "netlang", "run", *run, "-o", f"shared-{name}", *QUIET],
                    cwd=place,
                    env={**os.environ, **LOOPBACK, "GLOO_SOCKET_IFNAME": interface},
                )
                for number, (place, (machine, interface)) in enumerate(
                    zip((".", "there"), machines.items(), strict=True)
                )
            ]  # fmt: skip
            assert [one.wait(240) for one in both] == [0, 0]
            assert netlang("run", *run, "-o", f"alone-{name}", *QUIET).exit_code == 0
            assert model(f"shared-{name}") == model(f"alone-{name}")
            shared = about(only(f"shared-{name}"))["workers"]
            assert shared == (1 if name == "model2" else 2 * each)
        assert not [*Path("there").glob("shared-*")]  # worker 0 alone keeps the run
