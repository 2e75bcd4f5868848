"""Several processes, the workers, train one network together. Worker 0 shows and keeps the run.

torchrun starts them, on one machine or on several; `--workers 4` starts four by the same launcher.
All of them have the same command line. The others say nothing: what stops one of them before the
training, worker 0 says.
"""

from __future__ import annotations

import functools
import io
import json
import os
import platform
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout, suppress
from datetime import timedelta
from typing import Any, NoReturn

import click

from netlang.engine.process_group import NotJoined, ProcessGroup, joined
from netlang.engine.shared import WorkerLost, Workers
from netlang.engine.versions import versions
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.workers import WorkersBeginOtherwise
from netlang.language.diagnostics.wording import counted
from netlang.runs.training.identity import Difference, differences, identity_of
from netlang.runs.training.training import LeftAlone, TakesNoPart, Training
from netlang.system import interruption
from netlang.system.parent import end_with_parent
from netlang.system.terminal import visible
from netlang.tools.cli.training.folders import is_on_command_line
from netlang.tools.cli.training.launching import launch

_TEAM = "netlang: team"  # under which click keeps it for the command
_TO_SAY = timedelta(seconds=20)  # that worker 0 may take to say what is wrong with another
_STREAMS = (
    "`stream=true` in the table, or `stream=false`, says for all whether its rows are streamed, "
    "where memory would decide"
)


class Team:
    """The workers of a command, of which this process is number ``rank``. They sum in any order if
    that is ``fast``.
    """

    def __init__(self, group: ProcessGroup, fast: bool = False) -> None:
        self.group, self.rank, self.fast = group, group.rank, fast
        self.has_met = False

    def together(self, begin: Callable[[Workers], Training]) -> Training:
        """The training that each worker begins, once all are known to have begun the same.

        Raises what ``begin`` does; in worker 0 NetError where another one is not ready for it; and
        in the others Exit then, and in one that takes no part.
        """
        training: Training | None = None
        about: dict[str, str] = {}
        with suppress(TakesNoPart):
            training = begin(self.group.workers(self.fast))
            about = _about(training) | {"reduce": "fast" if self.fast else "fixed"}
        first, *others = self._meet({"about": about})
        if training is None:
            raise click.exceptions.Exit(0)
        for other in others:
            if other["about"] and (found := differences(first["about"], other["about"])):
                texts = tuple(map(_difference, found))
                path = training.program.source.name
                way = _STREAMS if all(map(_is_of_memory, found)) else ""
                self._end(WorkersBeginOtherwise(None, path, _called(other), texts, way=way))
        if self.rank == 0 and (left_over := self.group.world - max(1, training.workers)):
            _say_left_over(training, left_over)
        return training

    def assist(self, training: Training) -> NoReturn:
        """Train beside worker 0, which shows and keeps the run, and end the command."""
        with interruption.uninterrupted():  # worker 0 decides when a signal ends them
            try:
                for _ in training.events():
                    pass
                interruption.ignore()  # its work is done
            except LeftAlone as error:
                if self.group.local_rank == 0 and not interruption.has_asked():
                    _say_aside(self.rank, error.diagnostics[0].message().title)
                raise click.exceptions.Exit(1) from None
            except NetError as error:
                if not training.has_diverged:  # else worker 0 says so
                    _say_aside(self.rank, error.diagnostics[0].message().title)
                raise click.exceptions.Exit(1) from None
        raise click.exceptions.Exit(0)

    def fail(self, said: str) -> None:
        """Leave it to worker 0 to say what this one would have ``said`` in its place."""
        if self.has_met:
            _say_aside(self.rank, said)
        else:
            self._meet({"failed": said})

    def _meet(self, told: dict[str, Any]) -> list[dict[str, Any]]:
        """What all workers tell.  Raises as ``together`` does if one of them has failed."""
        self.has_met = True
        own = {"worker": self.rank, "host": platform.node(), **told}
        try:
            found = [json.loads(one) for one in self.group.gather(json.dumps(own))]
        except WorkerLost as error:
            if self.rank:
                raise click.exceptions.Exit(1) from None
            raise click.ClickException(str(error)) from None
        if failed := next((one for one in found if "failed" in one), None):
            called, said = _called(failed), failed["failed"]
            self._end(WorkersBeginOtherwise(None, failed["host"], called, said=said))
        return found

    def _end(self, reason: WorkersBeginOtherwise) -> NoReturn:
        """End in each worker: the first one says why."""
        if self.rank == 0:
            raise NetError(reason)
        self.group.wait_for_the_end_of_the_first(_TO_SAY)
        raise click.exceptions.Exit(1)


def shared_by_workers(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command --workers and --reduce. It gets its ``team``, or None if there is none; and
    ``launch`` where it has to start workers in its place, by calling that.
    """

    @click.option(
        "--workers",
        type=click.IntRange(min=1),
        metavar="N",
        help="Share each step among N processes of this machine.",
    )
    @click.option(
        "--reduce",
        type=click.Choice(["fixed", "fast"]),
        default="fixed",
        show_default=True,
        help="Sum the workers' gradients to the same bits for any number of them, or in any order.",
    )
    @functools.wraps(command)
    def with_workers(*named: Any, workers: int | None, reduce: str, **options: Any) -> None:
        asked = functools.partial(command, *named, **options)
        team: Team | None = click.get_current_context().meta.get(_TEAM)
        if team is None and workers is None:
            if is_on_command_line("reduce"):
                raise click.UsageError("--reduce says how workers sum: it goes with --workers")
            asked(team=None, launch=None)
        elif team is None and workers and workers > 1:
            asked(team=None, launch=functools.partial(launch, workers))
        else:
            team = team or Team(ProcessGroup(0, 1, 0))
            if workers and workers != team.group.world:
                started = f"a launcher started {counted(team.group.world, 'worker')}"
                raise click.UsageError(f"{started}, and --workers asks for {workers}: leave it out")
            team.fast = reduce == "fast"
            asked(team=team, launch=None)

    return with_workers


def as_a_worker(command: Callable[[], object]) -> object:
    """Do a command in a process that a launcher started; it finds its team there. All but the first
    say nothing.

    Raises what it raises, and ClickException if the workers do not find each other.
    """
    if os.environ["RANK"] != "0":
        interruption.leave_it_to_others()
    end_with_parent()
    try:
        with joined() as group:
            team = click.get_current_context().meta[_TEAM] = Team(group)
            return _silently(team, command) if group.rank else command()
    except NotJoined as error:
        interface = "GLOO_SOCKET_IFNAME=eth0 in the environment names the network between them"
        raise click.ClickException(f"{visible(str(error))}. {interface}") from None


def _silently(team: Team, command: Callable[[], object]) -> object:
    """Do the command as a worker that says nothing itself."""
    told, answered = io.StringIO(), io.StringIO()
    try:
        with redirect_stderr(told), redirect_stdout(answered):
            return command()
    except click.exceptions.Exit as ended:
        said = told.getvalue() or answered.getvalue()
        if ended.exit_code and said and not team.has_met:  # else worker 0 says it
            team.fail(said)
        raise
    except click.ClickException as error:
        team.fail(error.format_message())
        raise click.exceptions.Exit(1) from None
    except NetError as error:
        team.fail("\n".join(one.message().title for one in error.diagnostics))
        raise click.exceptions.Exit(1) from None
    except Exception as error:
        team.fail(repr(error))
        if os.environ.get("NETLANG_DEBUG"):
            raise
        raise click.exceptions.Exit(1) from None


def _about(training: Training) -> dict[str, Any]:
    """What has to be the same for all workers."""
    program = training.program
    return {
        **identity_of(program),
        **{name: repr(value) for name, value in program.settings.items() if value is not None},
        "epochs": str(program.epochs),
        "backend": training.engine.name,
        "first step": str(tuple(training.cursor)),
        **{f"version of {name}": text for name, text in versions().items() if name != "python"},
        "weights at the beginning": training.digest()[:12],
    }


def _is_of_memory(found: Difference) -> bool:
    """Whether one worker streams what another one has in memory, and all else is alike."""
    own = {str(text).partition("(")[2] for text in found.apart}
    return found.what == "data" and own == {"stream=true)", "stream=false)"}


def _difference(found: Difference) -> str:
    was, now = found.apart
    return f"`{found.what}` is `{was or 'not there'}`, and there `{now or 'not there'}`"


def _called(told: dict[str, Any]) -> str:
    return f"worker {told['worker']} on {visible(told['host'])}"


def _say_left_over(training: Training, count: int) -> None:
    """Say that so many workers are not needed."""
    others = "one ends" if count == 1 else f"{count} end"
    if training.workers > 1:
        text = (
            f"a batch of {training.program.batch_size} is cut into shares for "
            f"{training.workers} workers, and the other {others}"
        )
    else:
        text = (
            "a step takes less time than a message (README, Several workers): worker 0 trains "
            f"alone, and the other {others}"
        )
    click.echo(f"note: {text}", err=True)


def _say_aside(rank: int, text: str) -> None:
    """Say something of a worker that is not the first."""
    stream = sys.__stderr__
    if stream:
        stream.write(f"worker {rank} on {platform.node()}: {visible(text.strip())}\n")
        stream.flush()
