"""Several trainings are done one after the other, or side by side in processes of their own.

Each takes one thread, so that its bits are the same however many there are at a time. A process
trains one after the other, as it takes seconds to start. It ends with the command's process, in
whatever way that ends, and keeps a checkpoint then.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Protocol

import click

from netlang.catalogue.own import in_use, use_plugin
from netlang.compiler.ir import Program
from netlang.engine.choice import expected_seconds
from netlang.engine.threads import torch_threads
from netlang.runs.training.events import Event, Started, StepsDone
from netlang.runs.training.memory import training_memory
from netlang.system import interruption
from netlang.system.machine import memory_limit, processors
from netlang.system.parent import end_with_parent
from netlang.tools.cli.named.plugins import failure_in_plugin
from netlang.tools.cli.training.members import Ended, Member, train

_SECONDS_TO_START = 3.0  # that a process takes until it trains
_SECONDS_TO_END = 30.0  # that it may take to write a checkpoint
_BETWEEN_STEPS = 0.05  # seconds, as nobody reads faster
_OF_A_PROCESS = 400 << 20  # bytes of Python and torch

jobs_option = click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Train so many of several at a time, rather than as many as pay.",
)


class Watcher(Protocol):
    """Who is told how the trainings go."""

    def show(self, member: Member, event: Event, folder: str | None) -> None: ...

    def end(self, member: Member, ended: Ended) -> None: ...


def jobs_that_pay(programs: Sequence[Program], backend: str) -> int:
    """How many trainings of all ``programs`` there are best at a time: as many as there are
    processors, and as memory has room for, and one where they are over before a process has begun.
    """
    seconds = [expected_seconds(program, backend) for program in programs]
    if sum(seconds) - max(seconds, default=0) < _SECONDS_TO_START:
        return 1
    largest = max(training_memory(program, backend).total for program in programs)
    room = memory_limit() // (largest + _OF_A_PROCESS)
    return max(1, min(processors(), len(programs), room))


def train_all(members: Sequence[Member], jobs: int, watcher: Watcher) -> None:
    """Train all ``members``, up to so many at a time, and tell ``watcher`` how it goes.

    Raises what ``watcher`` does, and OSError; and ClickException where a process was killed.
    """
    jobs = min(jobs, len(members))
    if jobs > 1:
        _SideBySide(members, jobs, watcher).train()
        return
    with torch_threads(1):
        for member, ended in _in_turn(members, watcher):
            watcher.end(member, ended)


def _in_turn(members: Sequence[Member], watcher: Watcher) -> Iterator[tuple[Member, Ended]]:
    can_draw = True
    for member in members:
        drawn = member.how.is_drawn and can_draw  # that nothing can be drawn is said once
        one = member.replace(how=member.how.replace(is_drawn=drawn))

        def tell(event: Event, folder: str | None, member: Member = member) -> None:
            watcher.show(member, event, folder)

        ended = train(one, tell)
        can_draw = can_draw and ended.can_draw
        yield member, ended


class _SideBySide:
    """Gives ``members`` to as many processes as there are ``jobs``, each the next one when it is
    done. Of members with the same text, the first is given alone until it trains: it compiles the
    C that the others find then.
    """

    def __init__(self, members: Sequence[Member], jobs: int, watcher: Watcher) -> None:
        self.waiting, self.jobs, self.watcher = deque(members), jobs, watcher
        self.begun: set[str] = set()  # texts of which a training was given away
        self.compiled: set[str] = set()  # and those of them that train
        self.busy: dict[Connection, Member] = {}

    def train(self) -> None:
        with _processes(self.jobs) as processes:
            idle = [*processes]
            while self.waiting or self.busy:
                while idle and (member := self._next()):
                    connection = idle.pop()
                    self.busy[connection] = member
                    connection.send(member)
                ready = wait([*self.busy])
                telling = [connection for connection in self.busy if connection in ready]
                idle += [one for one in telling if self._hear(one, processes[one])]

    def _next(self) -> Member | None:
        """The next member that can be given away."""
        for _ in range(len(self.waiting)):
            member = self.waiting.popleft()
            text = member.source.text
            if text not in self.begun or text in self.compiled:
                self.begun.add(text)
                return member
            self.waiting.append(member)
        return None

    def _hear(self, connection: Connection, process: BaseProcess) -> bool:
        """Pass on what a process tells, and return whether it is done with its member."""
        member = self.busy[connection]
        try:
            told = connection.recv()
        except (EOFError, OSError):
            process.join(_SECONDS_TO_END)
            raise click.ClickException(_killed(member, process.exitcode)) from None
        self.compiled.add(member.source.text)
        if isinstance(told, BaseException):
            raise told
        if isinstance(told, Ended):
            del self.busy[connection]
            self.watcher.end(member, told)
            return True
        self.watcher.show(member, *told)
        return False


def _killed(member: Member, status: int | None) -> str:
    which = f" {member.name}" if member.name else f" {member.source.name}"
    how = f"was ended by signal {-status}" if status and status < 0 else f"ended by {status}"
    memory = ", which the system sends where memory runs out: fewer --jobs take less"
    return f"the process that trained{which} {how}{memory * (status == -9)}"


@contextmanager
def _processes(count: int) -> Iterator[dict[Connection, BaseProcess]]:
    """So many processes by the connections to them, which end with the context's body."""
    context = multiprocessing.get_context("spawn")
    plugins = tuple(str(plugin.source.path) for plugin in in_use())
    made: dict[Connection, BaseProcess] = {}

    def end() -> None:
        for process in made.values():
            process.terminate()
        for process in made.values():
            process.join(_SECONDS_TO_END)

    withdraw = interruption.at_signal(end)
    try:
        with _one_thread(), _unheard():
            for _ in range(count):
                ours, theirs = context.Pipe()
                process: BaseProcess = context.Process(
                    target=_work, args=(theirs, plugins), daemon=True
                )
                process.start()
                theirs.close()
                made[ours] = process
        yield made
        for connection in made:
            connection.close()  # by which a process that has nothing to do ends
        for process in made.values():
            process.join(_SECONDS_TO_END)
    finally:
        end()
        withdraw()


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let processes that start now have one thread each."""
    names = "OMP_NUM_THREADS", "POLARS_MAX_THREADS"
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _unheard() -> Iterator[None]:
    """Let processes that start now not hear what a terminal sends to all of a command's: its own
    process hears it, and ends them.
    """
    if not hasattr(signal, "pthread_sigmask"):  # as on Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(connection: Connection, plugins: Sequence[str]) -> None:
    """Train the members that come through ``connection``, and tell through it how that goes."""
    interruption.heed()
    interruption.leave_it_to_others()
    end_with_parent()
    for plugin in plugins:
        use_plugin(plugin)
    can_draw = True
    with torch_threads(1), suppress(EOFError, BrokenPipeError):  # the command has ended
        while True:
            member: Member = connection.recv()
            if not can_draw:
                member = member.replace(how=member.how.replace(is_drawn=False))
            ended = _ended(member, _Teller(connection))
            can_draw = can_draw and not (isinstance(ended, Ended) and not ended.can_draw)
            connection.send(ended)


def _ended(member: Member, teller: _Teller) -> Ended | Exception:
    try:
        return train(member, teller)
    except BrokenPipeError:
        raise
    except Exception as error:
        if failure := failure_in_plugin(error):
            return Ended(None, (failure,))
        if os.environ.get("NETLANG_DEBUG"):
            raise
        if isinstance(error, OSError):
            return error
        return RuntimeError(repr(error))  # any other may not be one that can be pickled


class _Teller:
    """Tells events through ``connection``, but not every step."""

    def __init__(self, connection: Connection) -> None:
        self._connection, self._told_at = connection, 0.0

    def __call__(self, event: Event, folder: str | None) -> None:
        if isinstance(event, StepsDone):
            now = time.monotonic()
            if now - self._told_at < _BETWEEN_STEPS:
                return
            self._told_at = now
        if isinstance(event, Started):
            event = event.replace(unseen={**event.unseen})  # a view of a mapping is not pickled
        told: tuple[Any, ...] = event, folder
        self._connection.send(told)
