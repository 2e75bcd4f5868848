"""MLflow: ``mlflow ui`` shows the runs of a folder.

Where the data go is MLflow's own setting, MLFLOW_TRACKING_URI; without it they stay in the folder
where netlang was called, in ``mlflow.db`` and ``mlruns``.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Self

from netlang.runs.tracking.tracker import About, Tracker
from netlang.runs.training.events import EpochDone, Finished

if TYPE_CHECKING:
    from mlflow import MlflowClient

_STATUS = {"finished": "FINISHED", "interrupted": "KILLED"}
_LEFT_OUT = ("checkpoint.safetensors", "events.")  # for this machine, and for TensorBoard alone


class MLflow(Tracker):
    """Tells a run of the experiment that is called as the file: parameters, metrics by epoch, and
    at the end the files of its folder.
    """

    name, extra = "mlflow", "mlflow"

    @classmethod
    def packages(cls) -> tuple[str, ...]:
        if os.environ.get("MLFLOW_TRACKING_URI"):
            return ("mlflow",)
        return ("mlflow", "sqlalchemy", "alembic")  # which write its file here

    def __init__(self, about: About, known: Mapping[str, str]) -> None:
        self._folder = about.folder
        self._client = client = _client()
        if known_run := known.get("run_id"):
            self._run = known_run
            client.update_run(self._run, status="RUNNING")
            return
        experiment = Path(about.file).stem
        found = client.get_experiment_by_name(experiment)
        number = found.experiment_id if found else client.create_experiment(experiment)
        tags = {"mlflow.source.name": about.file, "mlflow.source.type": "LOCAL"}
        tags |= {"netlang.group": about.group} if about.group else {}
        run = client.create_run(number, run_name=about.called, tags=tags)
        self._run = run.info.run_id
        for name, value in about.hyperparameters.items():
            client.log_param(self._run, name, value)

    @classmethod
    def begin(cls, about: About, known: Mapping[str, str]) -> Self:
        return cls(about, known)

    @property
    def known_as(self) -> dict[str, str]:
        return {"run_id": self._run}

    def epoch(self, event: EpochDone) -> None:
        measured = dict(event.by_epoch) | ({} if event.lr is None else {"lr": event.lr})
        self._log(measured, event.epoch)

    def result(self, event: Finished) -> None:
        self._log({f"result.{path}": value for path, value in event.metrics.items()}, event.epoch)

    def close(self, status: str) -> None:
        for file in sorted(self._folder.iterdir()):
            if file.is_file() and not file.name.startswith((".", *_LEFT_OUT)):
                self._client.log_artifact(self._run, str(file))
        self._client.set_terminated(self._run, _STATUS.get(status, "FAILED"))

    def _log(self, metrics: Mapping[str, float], epoch: int) -> None:
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        found = [Metric(name, value, now, epoch) for name, value in metrics.items()]
        self._client.log_batch(self._run, metrics=found)


def _client() -> MlflowClient:
    """A client that says nothing, and tells nobody that it is used."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("DO_NOT_TRACK", "true")
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)
    from mlflow import MlflowClient

    return MlflowClient()
