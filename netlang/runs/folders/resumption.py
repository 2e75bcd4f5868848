"""A run that was broken off, or is to have more epochs, goes on in its folder.

Nothing in the folder changes before it is known that the run can go on.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from netlang.compiler.ir import Program
from netlang.engine import BACKENDS
from netlang.engine.shared import Workers
from netlang.engine.versions import versions
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.checkpoints import (
    CannotGoOn,
    CheckpointUnreadable,
    RunGoesOn,
)
from netlang.language.diagnostics.shell import shell_word
from netlang.language.diagnostics.wording import counted
from netlang.language.run_record import RECORD, WhatWasRun, texts_read
from netlang.language.source import SourceFile
from netlang.language.syntax import read
from netlang.language.syntax.read import TEXT_LIMIT
from netlang.runs.folders import history
from netlang.runs.folders.kept_run import KeptRun
from netlang.runs.folders.result_folder import surroundings
from netlang.runs.folders.run_folder import RunFolder, about_program
from netlang.runs.training.checkpoint import Checkpoint, Unfit
from netlang.runs.training.checkpoint_file import CHECKPOINT_FILE, from_bytes
from netlang.runs.training.training import Training
from netlang.system.files import PART, Irregular, TooLarge, read_regular, write_whole
from netlang.system.fingerprint import Fingerprint
from netlang.system.lock import Held, Lock
from netlang.system.tensor_file import NotReadable, read_file
from netlang.system.terminal import visible


class StoppedRun:
    """The run that ``kept`` is, which this process alone holds from now on, and its ``checkpoint``;
    None if it was broken off before it had one. A worker that keeps nothing ``only_reads`` it.

    Raises NetError if it still goes on, or if its checkpoint cannot be read, and OSError.
    """

    def __init__(self, kept: KeptRun, only_reads: bool = False) -> None:
        self.folder, self.record = kept.folder, kept.record
        self.lock: Lock | None = None
        if self.record.get("only_tries"):
            reason = "it only tried three steps of everything, with `--fast`"
            raise NetError(CannotGoOn(None, str(self.folder), reason, "run the file again"))
        if not only_reads:
            self.lock = self._held()
        try:
            self.checkpoint = self._checkpoint()
        except BaseException:
            self.release()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def release(self) -> None:
        """Let another process hold it."""
        if self.lock:
            self.lock.release()

    @property
    def backend(self) -> str:
        """The backend that trained it, or that was asked to."""
        backend = self.record.get("backend")
        return backend if isinstance(backend, str) and backend in BACKENDS else "auto"

    @property
    def is_watched(self) -> bool:
        """Whether its epochs are to have norms of layers."""
        return self.record.get("watched") is True

    def source(self) -> SourceFile:
        """The text that was run, as the folder keeps it, and called as it was then.

        Raises NetError.
        """
        source = read(self.folder / Path(str(self.record["kept"])).name)  # no file elsewhere
        return source.replace(name=str(self.record["file"]))

    def overrides(self, changes: Iterable[str]) -> tuple[str, ...]:
        """What the command lines of the run and of its resumptions changed, and now ``changes``
        do; of several changes of a name, the last.
        """
        before = self.record["overrides"]
        named: dict[str, str] = {}
        for change in (*map(str, before if isinstance(before, list) else ()), *changes):
            named[change.partition("=")[0].strip()] = change
        return tuple(named.values())

    def training(self, program: Program, workers: Workers | None = None) -> Training:
        """A training of ``program`` that goes on from the checkpoint. ``workers`` share its steps;
        one alone does what the run's did, if there are none now.

        Raises NetError if it cannot, and TakesNoPart.
        """
        start, is_watched = self.checkpoint, self.is_watched
        if workers is None and self.record.get("workers"):
            workers = Workers(0, 1)
        if start is None:
            return Training(program, self.backend, is_watched=is_watched, workers=workers)
        try:
            return Training(program, start=start, is_watched=is_watched, workers=workers)
        except Unfit as unfit:
            done, epochs = start.epoch - 1, program.epochs
            is_further = done > epochs and not unfit.differences
            found = self._has_more_epochs(done, epochs) if is_further else self._unfit(unfit)
            raise NetError(found) from None

    def check_goes_on(self, training: Training, changes: Sequence[str]) -> None:
        """Raise NetError where there is a ``refusal``."""
        if found := self.refusal(training, changes):
            raise NetError(found)

    def refusal(self, training: Training, changes: Sequence[str]) -> CannotGoOn | None:
        """What is to be said where ``changes`` of the command line ask for what ``training`` does
        not do, as it has no step left, or for more of a finished run without a checkpoint, which
        would train all of it again.
        """
        done, epochs = training.epoch - 1, training.program.epochs
        for_steps = [one for one in changes if not is_of_epochs(one)]
        reason = help = ""
        if self.checkpoint is None and self.record.get("status") == "finished":
            if changes:
                reason, help = "it is finished, and kept no checkpoint", "run the file again"
        elif not training.is_done:
            pass
        elif changes and done < epochs:
            reason = f"its stopping rule has ended it, after {counted(done, 'epoch')}"
            help = "it goes on with more patience: `--set stop.patience=...`"
        elif for_steps:
            reason = f"no step is left for `{for_steps[0]}`"
            help = f"`--epochs {2 * done}` beside it trains on"
        return CannotGoOn(None, str(self.folder), reason, help) if reason else None

    def notes(self, training: Training) -> Iterator[str]:
        """What whoever goes on with it should know: which of its texts have been edited since, and
        why ``training`` may give other bits than a run that never stopped.
        """
        for text in _edited(self.folder):
            name = visible(text)
            yield (
                f"{name} has changed since the run began, which goes on with the text that it "
                f"keeps: `netlang run {shell_word(name)}` trains the new one"
            )
        if not self.checkpoint:
            return
        was, now = dict(self.checkpoint.versions), versions()
        for one in (was, now):
            one.pop("python", None)  # which computes nothing
        if training.engine.threads_matter:
            was["threads"], now["threads"] = str(self.checkpoint.threads), str(training.threads)
        if training.engine.name == "tensor" and training.workers and not self.record.get("workers"):
            was["workers"], now["workers"] = "0", str(training.workers)
        before, here = (
            " and ".join(f"{name} {one.get(name)}" for name in now if was.get(name) != now[name])
            for one in (was, now)
        )
        if here:
            yield (
                f"the run was trained with {before}, and goes on with {here}: the last digits of "
                "its numbers may be others than without the break"
            )

    def _held(self) -> Lock:
        try:
            return Lock(self.folder)
        except Held:
            pid, host = (str(self.record.get(key)) for key in ("pid", "host"))
            raise NetError(RunGoesOn(None, str(self.folder), pid, host)) from None

    def _checkpoint(self) -> Checkpoint | None:
        file = self.folder / CHECKPOINT_FILE
        try:
            return read_file(file, from_bytes) if file.exists() else None
        except NotReadable as error:
            found = CheckpointUnreadable(None, str(file), str(error))
            raise NetError(found.replace(help=error.help) if error.help else found) from None

    def _has_more_epochs(self, done: int, wanted: int) -> CannotGoOn:
        reason = f"it has {done} epochs already, more than {wanted}"
        help = f"`--epochs {2 * done}` trains on; weights do not go back to an earlier epoch"
        return CannotGoOn(None, str(self.folder), reason, help)

    def _unfit(self, unfit: Unfit) -> CannotGoOn:
        if not unfit.differences:
            return CannotGoOn(None, str(self.folder), str(unfit), unfit.help)
        texts = tuple(
            f"`{what}` {f'was `{was}`' if was else 'was not there'}"
            f", and {f'is `{now}`' if now else 'is not there any more'}"
            for what, (was, now) in ((one.what, one.apart) for one in unfit.differences)
        )
        helps = (
            "leave the kept text as it was run, and change nothing but `epochs` and numbers of "
            "what a step does and of the stopping rule, such as `optimizer.lr` and `stop.patience`",
            "a run of another program begins anew: `netlang run`",
        )
        reason = "its checkpoint is of another program"
        return CannotGoOn(None, str(self.folder), reason, helps, texts)


def is_of_epochs(change: str) -> bool:
    """Whether a change of the command line is one of the number of epochs."""
    return change.partition("=")[0].strip() == "epochs"


def _edited(folder: Path) -> Iterator[str]:
    """Those of the texts that the run in ``folder`` keeps that are others by now where they were
    run, if they are still there.
    """
    for one in texts_read(folder):
        with suppress(Irregular, TooLarge, OSError, ValueError):
            data = read_regular(Path(one.path), TEXT_LIMIT)
            if Fingerprint.of(Path(one.path), data).sha256 != one.sha256:
                yield os.path.relpath(one.path)


def reopened(
    stopped: StoppedRun, program: Program, changes: Sequence[str], kind: type[RunFolder] = RunFolder
) -> RunFolder:
    """The folder of ``stopped``, in which a run of ``program`` goes on after these ``changes`` of
    the command line. What was measured after the checkpoint goes, as it comes again.

    Raises NetError where its history cannot be read, and OSError.
    """
    folder, start = stopped.folder, stopped.checkpoint
    try:
        epochs = history.go_back(folder, start.done if start else None)
    except history.NotAHistory as error:
        help = "move it away: the run goes on without it"
        raise NetError(CannotGoOn(None, str(folder), str(error), help)) from None
    for part in folder.glob(f"{PART}*"):  # of a process that was killed
        shutil.rmtree(part) if part.is_dir() else part.unlink()

    def made(record: str) -> tuple[Path, Lock]:
        assert stopped.lock, "this process keeps the run"
        write_whole(folder / RECORD, record)
        return folder, stopped.lock

    return kind(made, program, _record(stopped, program, changes), epochs)


def _record(stopped: StoppedRun, program: Program, changes: Sequence[str]) -> dict[str, Any]:
    """What the record says from now on: all that it said, but for how the run had ended."""
    ended, unchanged = ("result", "diagnostics"), WhatWasRun.fields
    before = {name: value for name, value in stopped.record.items() if name not in ended}
    resumptions, start, around = before.get("resumed"), stopped.checkpoint, surroundings()
    now = {
        "time": around["time"],
        "epoch": start.cursor.epoch if start else 1,
        "step": start.cursor.step + 1 if start else 1,
        "overrides": [*changes],
    }
    return {
        **before,
        **around,
        "status": "running",
        "time": before.get("time"),  # of the start
        **{name: value for name, value in about_program(program).items() if name not in unchanged},
        "overrides": [*program.overrides],
        "resumed": [*(resumptions if isinstance(resumptions, list) else ()), now],
    }
