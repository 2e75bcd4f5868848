"""A trial is trained: its file with its values, judged by the validation data alone."""

from __future__ import annotations

from collections.abc import Callable

from netlang.compiler.ir import Program
from netlang.language.diagnostics import NetError
from netlang.language.metric_path import MetricPath
from netlang.runs.training.events import EpochDone, Finished
from netlang.runs.training.training import Training
from netlang.runs.tuning.study import Claimed, TakenOver
from netlang.runs.tuning.trials import Trial

Compiled = Callable[[tuple[str, ...]], Program]  # the file's program with such overrides


def train(claimed: Claimed, compiled: Compiled, metric: MetricPath, backend: str) -> Trial | None:
    """Train the trial to its end, or until it falls behind or fails; what it came to.

    None where another process has taken it over meanwhile.
    """
    try:
        return _train(claimed, compiled, metric, backend)
    except TakenOver:
        return None


def _train(claimed: Claimed, compiled: Compiled, metric: MetricPath, backend: str) -> Trial:
    epochs = 0
    try:
        training = Training(compiled(claimed.overrides), backend)
        training.held_out.pop("test", None)  # which nothing here may look at
        for event in training.events():
            if isinstance(event, EpochDone):
                epochs = event.epoch
                behind = claimed.falls_behind(epochs, event.metrics[metric])
                if behind and not training.is_done:
                    return claimed.pruned(epochs)
            elif isinstance(event, Finished):
                return claimed.done(event.metrics[metric], epochs)
    except NetError as error:
        return claimed.failed(error.diagnostics[0].title, epochs)
    except MemoryError:
        return claimed.failed("memory ran out", epochs)
    except RuntimeError as error:
        if "memory" not in str(error).lower():
            raise
        return claimed.failed("memory ran out", epochs)
    raise AssertionError("a training finishes, or says why it does not")
