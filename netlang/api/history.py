"""What was measured after each epoch, as plain dicts or as a frame."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self, SupportsIndex, overload

from netlang.api.elsewhere import OF_HISTORIES, absent
from netlang.api.frames import pandas
from netlang.language.diagnostics.wording import in_code, listed
from netlang.runs.training.events import EpochDone

if TYPE_CHECKING:
    import polars


class Rows(list[dict[str, Any]]):
    """Dicts, which are the rows of a table."""

    def to_polars(self) -> polars.DataFrame:
        """A frame of polars, with a row for each."""
        import polars

        return polars.DataFrame([*self])

    def to_pandas(self) -> Any:
        """A frame of pandas, with a row for each."""
        return pandas().DataFrame([*self])

    def _repr_html_(self) -> str:
        from netlang.api.notebook.objects import rows_html

        return rows_html(self)


class Measures(dict[str, float]):
    """Numbers by the names of metrics. It is a dict, which a notebook shows as a table."""

    def _repr_html_(self) -> str:
        from netlang.api.notebook.objects import measures_html

        return measures_html(self)


class Runs(Rows):
    """The runs that a folder keeps, a dict each."""


class History(Rows):
    """A dict for each epoch, in order: ``epoch`` (from 1), all metrics by path, such as
    ``test.accuracy``, ``seconds`` of its steps, and ``lr`` where a schedule changes it.
    """

    @classmethod
    def of(cls, epochs: Iterable[EpochDone]) -> Self:
        return cls({"epoch": one.epoch, **one.by_epoch, "seconds": one.seconds} for one in epochs)

    def _repr_html_(self) -> str:
        from netlang.api.notebook.objects import history_html

        return history_html(self)

    if not TYPE_CHECKING:  # for which a class with it has every attribute

        def __getattr__(self, name):
            raise absent(self, name, {} if name.startswith("_") else OF_HISTORIES)

    @overload
    def __getitem__(self, at: SupportsIndex) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, at: slice) -> list[dict[str, Any]]: ...
    @overload
    def __getitem__(self, at: str) -> list[float]: ...
    def __getitem__(self, at: SupportsIndex | slice | str) -> Any:
        """An epoch, or the ``curve`` of a metric."""
        return self.curve(at) if isinstance(at, str) else super().__getitem__(at)

    def curve(self, path: str) -> list[float]:
        """The values of one metric, such as ``"train.loss"``, an epoch after the other.

        Raises KeyError for a metric that was not measured.
        """
        for one in self:
            if path not in one:
                measured = listed(in_code([*one][1:]))
                raise KeyError(f"`{path}` was not measured; there are {measured}")
        return [one[path] for one in self]
