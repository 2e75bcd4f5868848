"""A checkpoint keeps all that a training needs to go on after any step, to the same bits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from netlang.compiler.ir import Program
from netlang.engine import Batches, Cursor, Engine
from netlang.language.diagnostics.wording import counted
from netlang.runs.training.best import BestEpoch
from netlang.runs.training.events import EpochDone
from netlang.runs.training.identity import Difference, differences, identity_of
from netlang.runs.training.measurement import Measurement, Sums
from netlang.runs.training.plausible_sums import may_be_sums
from netlang.runs.training.tensors import AVERAGE, changing_tensors, lasting_tensors, weights_of
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Tensor


class Unfit(ValueError):
    """Raised for a checkpoint that a training cannot go on from; ``differences`` are those of their
    programs, if these are the reason; ``help`` is the way out.
    """

    def __init__(
        self, reason: str, differences: Sequence[Difference] = (), help: str = "run the file again"
    ) -> None:
        super().__init__(reason)
        self.differences, self.help = differences, help


class Checkpoint(Record):
    """A training between two steps. It stays as it is while the training goes on.

    ``cursor`` names the step that comes next. ``epoch`` is not measured yet: some of its steps are
    left, or none, and then the cursor stands at the first step of the epoch after it. ``sums`` come
    from the outputs of this epoch, and ``epoch_seconds`` is the time that its steps took.
    ``earlier_seconds`` is the time of all steps before it. ``done`` is the epoch before, if there
    is one, and ``before`` has the network's tensors as it left them, where they are others by now.
    """

    program: Mapping[str, str]  # as ``identity_of`` gives it
    engine: str  # the name of the one that trained
    threads: int  # that torch had
    versions: Mapping[str, str]  # of what computed
    epoch: int
    cursor: Cursor
    steps: int  # that the optimizer has taken
    tensors: Mapping[str, Tensor]  # by name: the network's vectors, and the optimizer's state
    sums: Sums
    epoch_seconds: float
    earlier_seconds: float
    done: EpochDone | None = None
    before: Mapping[str, Tensor] | None = None
    best: BestEpoch | None = None  # of those before, if the program has a stopping rule

    def __repr__(self) -> str:
        """Where it is in the training alone, as its tensors would fill the screen."""
        return f"Checkpoint(epoch={self.epoch}, cursor={self.cursor})"

    @property
    def good(self) -> Mapping[str, Tensor]:
        """The network's tensors as the last epoch that is done left them, or none has trained them
        yet.
        """
        return self.tensors if self.before is None else self.before

    @property
    def result(self) -> Mapping[str, Tensor]:
        """The same of the network that is the result: of the averaged one, if there is one."""
        names = {name.removeprefix(AVERAGE): name for name in self.good}
        return {own: self.good[names[own]] for own in ("parameters", "statistics")}

    def restore(self, engine: Engine) -> None:
        """Give the engine's network and optimizer what they had."""
        for name, tensor in changing_tensors(engine).items():
            tensor.copy_(self.tensors[name])
        engine.optimizer.steps = self.steps

    def check(
        self, program: Program, engine: Engine, batches: Batches, measurement: Measurement
    ) -> None:
        """Raise Unfit if it is of another program than the one that ``engine`` trains on
        ``batches`` and whose epochs the ``measurement`` measures; of another engine, whose bits
        would be others; or if no training can have made it.
        """
        if engine.name != self.engine:
            if not engine.note:
                both = f"`{self.engine}`, and this training of `{engine.name}`"
                raise Unfit(f"the checkpoint is of the backend {both}")
            reason = f"it was trained in C, and would now be {engine.note}"
            raise Unfit(reason, help="mend that, or run the file again with `--backend tensor`")
        own = identity_of(program)
        if program.settings.get("start") and not program.beginning:  # the file was not read again
            own |= {"start": self.program.get("start", "")}
        differ = differences(self.program, own)
        differ = differ or differences(_forms(self.tensors), _forms(changing_tensors(engine)))
        if self.before and not differ:
            differ = differences(_forms(self.before), _forms(lasting_tensors(engine)))
        if self.best and not differ:
            differ = differences(_forms(self.best.tensors), _forms(weights_of(engine.network)))
        if differ:
            names = ", ".join(difference.what for difference in differ)
            raise Unfit(f"the checkpoint is of another program: these differ: {names}", differ)
        self._check_place(program.epochs, batches)
        if wrong := self._contradiction(program, batches, measurement):
            raise Unfit(f"the checkpoint contradicts itself: {wrong}")

    def _check_place(self, epochs: int, batches: Batches) -> None:
        """Raise Unfit where ``batches`` have no step to go on with. After the last epoch, the next
        one's first step stands for the end; and who has begun with more epochs may end before them.
        """
        begin, end = Cursor(self.epoch), Cursor(self.epoch + 1)
        is_begun = self.cursor != begin
        if self.epoch > epochs + 1 or not (
            begin <= self.cursor <= end and self.cursor in batches and is_begun == bool(self.before)
        ):
            step = f"step {self.cursor.step + 1} of epoch {self.cursor.epoch}"
            has = f"{counted(epochs, 'epoch')} of {counted(batches.steps, 'step')}"
            raise Unfit(f"the training has no {step}, where the checkpoint is: it has {has}")

    def _contradiction(self, program: Program, batches: Batches, measurement: Measurement) -> str:
        """What no training can have left so, though each part may be right; empty for nothing."""
        done, best, last = self.done, self.best, self.epoch - 1
        if self.steps != (self.cursor.epoch - 1) * batches.steps + self.cursor.step:
            return "the optimizer has taken another number of steps"
        if (done.epoch if done else 0) != last:
            return f"it does not say what epoch {last} measured"
        if bool(best) != bool(program.stop and last) or (best and not 1 <= best.epoch <= last):
            return "no epoch before it is the best one"
        names = [*done.metrics] if done else []
        if (best and [*best.metrics] != names) or (done and not _are_measured(names, program)):
            return "it has metrics that the program does not measure"
        samples = self.cursor.step * batches.size
        count = batches.count if self.cursor.epoch > self.epoch else samples
        if not may_be_sums(self.sums, count, batches, measurement):
            return f"its sums are not those of {counted(count, 'sample')}"
        return ""


def _are_measured(paths: Sequence[str], program: Program) -> bool:
    """Whether a training of ``program`` measures ``paths``: the same of each part of its data."""
    parts = dict.fromkeys(path.partition(".")[0] for path in paths)
    names = ["loss", *(path for one in program.measures for path in one.paths)]
    return "train" in parts and [*paths] == [f"{part}.{name}" for part in parts for name in names]


def _forms(tensors: Mapping[str, Tensor]) -> dict[str, str]:
    """The dtype and shape of each, as a text."""
    return {name: f"{one.dtype} {[*one.shape]}" for name, one in tensors.items()}
