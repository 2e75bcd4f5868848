"""Workers are started by torch's own launcher, as torchrun starts them."""

from __future__ import annotations

import logging
import os
import signal
import sys
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, NoReturn

import click

from netlang.language.diagnostics.wording import counted
from netlang.system import interruption
from netlang.system.machine import processors

_LOOPBACK = "lo0" if sys.platform == "darwin" else "lo"
_ALWAYS, _EACH = 16, 4  # workers that may be asked for: in any case, and for each processor
_BETWEEN_LOOKS = 0.1  # seconds, at whether all workers are there


def launch(count: int) -> NoReturn:
    """Start so many workers of this machine with the command line that this process has, and end as
    worker 0 ends.
    """
    if sys.platform == "win32":
        raise click.ClickException("--workers needs Linux or macOS")
    if count > max(_ALWAYS, _EACH * processors()):
        has = counted(processors(), "processor")
        raise click.UsageError(f"this machine has {has}: {count} workers would only wait")
    if count > processors():
        has = counted(processors(), "processor")
        click.echo(f"note: {count} workers share {has}: more workers are slower", err=True)
    from torch.distributed.elastic.multiprocessing import DefaultLogsSpecs, SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    logging.disable(logging.CRITICAL)  # what the launcher notes is for whoever looks for its faults
    threads = str(max(1, processors() // count))
    for name in ("OMP_NUM_THREADS", "POLARS_MAX_THREADS"):
        os.environ.setdefault(name, threads)
    os.environ.setdefault("GLOO_SOCKET_IFNAME", _LOOPBACK)
    words: Sequence[str] = click.get_current_context().find_root().obj
    with tempfile.TemporaryDirectory() as logs:
        config = LaunchConfig(
            min_nodes=1,
            max_nodes=1,
            nproc_per_node=count,
            run_id=uuid.uuid4().hex,
            rdzv_backend="c10d",
            rdzv_endpoint="127.0.0.1:0",
            local_addr="127.0.0.1",
            max_restarts=0,
            monitor_interval=_BETWEEN_LOOKS,
            logs_specs=DefaultLogsSpecs(log_dir=logs),
            **_signals(LaunchConfig),
        )
        status = 0
        try:
            elastic_launch(config, sys.executable)("-m", "netlang", *words)
        except ChildFailedError as error:
            status = _status(error.failures)
        except SignalException as error:
            status = 128 + error.sigval
    interruption.ignore()
    raise click.exceptions.Exit(status)


def _signals(config: type) -> dict[str, Any]:
    """How the launcher's ``config`` is told which signals end the command: not those that it was
    started to ignore, as by nohup. Older versions of torch cannot be told.
    """
    if "signals_to_handle" not in {field.name for field in fields(config)}:
        return {}
    names = "SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"
    ignored = [one for one in names if signal.getsignal(getattr(signal, one)) == signal.SIG_IGN]
    return {"signals_to_handle": ",".join(one for one in names if one not in ignored)}


def _status(failures: Mapping[int, Any]) -> int:
    """The exit status for workers that failed, that of worker 0 if nobody was killed; it says which
    of them a signal has ended.
    """
    killed = {rank: -one.exitcode for rank, one in failures.items() if one.exitcode < 0}
    killed = {rank: number for rank, number in killed.items() if number != signal.SIGTERM}
    for rank, number in sorted(killed.items()):  # by SIGTERM the launcher ends the others
        memory = ", as by the system where memory runs out" * (number == signal.SIGKILL)
        click.echo(f"worker {rank} was ended by {signal.Signals(number).name}{memory}", err=True)
    if 0 in killed:  # which would have said what is left
        click.echo("`netlang runs` lists what it kept, and `netlang resume RUN` goes on", err=True)
    first = failures.get(0)
    return first.exitcode if first and first.exitcode > 0 and not killed else 1
