"""A trial is trained: its file with its values, judged by the validation data alone."""

from __future__ import annotations

from collections.abc import Callable

from netlang.compiler.ir import Program
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.tuning import OtherStudy
from netlang.language.metric_path import MetricPath
from netlang.runs.training.events import EpochDone, Finished
from netlang.runs.training.training import Training
from netlang.runs.tuning.claimed import Claimed, TakenOver
from netlang.runs.tuning.tracked_trials import TrackedTrial, TrackedTrials
from netlang.runs.tuning.trials import Trial
from netlang.system import interruption

Compiled = Callable[[tuple[str, ...]], Program]  # the file's program with such overrides
_STATUS = {"done": "finished", "failed": "failed"}  # of a run; others are interrupted


def train(
    claimed: Claimed, compiled: Compiled, metric: MetricPath, backend: str, tracked: TrackedTrials
) -> Trial | None:
    """Train the trial to its end, or until it falls behind or fails; what it came to.

    None where another process has taken it over meanwhile.  Raises OSError, and NetError where the
    files of the study are no longer what they were.
    """
    told, status = tracked.of(claimed), "interrupted"
    withdraw = interruption.at_signal(lambda: told.close(status))
    try:
        trial = _train(claimed, compiled, metric, backend, told)
        status = _STATUS.get(trial.state, status)
        return trial
    except TakenOver:
        return None
    finally:
        withdraw()
        told.close(status)


def _train(
    claimed: Claimed, compiled: Compiled, metric: MetricPath, backend: str, told: TrackedTrial
) -> Trial:
    epochs = 0
    try:
        program = compiled(claimed.overrides)
        training = Training(program, backend)
        training.held_out.pop("test", None)  # which nothing here may look at
        told.begin(program)
        for event in training.events():
            told.keep(event)
            if isinstance(event, EpochDone):
                epochs = event.epoch
                behind = claimed.falls_behind(epochs, event.metrics[metric])
                if behind and not training.is_done:
                    return claimed.pruned(epochs)
            elif isinstance(event, Finished):
                return claimed.done(event.metrics[metric], epochs)
    except NetError as error:
        if any(isinstance(one, OtherStudy) for one in error.diagnostics):
            raise
        return claimed.failed(error.diagnostics[0].title, epochs)
    except MemoryError:
        return claimed.failed("memory ran out", epochs)
    except RuntimeError as error:
        if "memory" not in str(error).lower():
            raise
        return claimed.failed("memory ran out", epochs)
    raise AssertionError("a training finishes, or says why it does not")
