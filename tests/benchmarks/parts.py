"""What can be measured, and by which names a command line asks for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tests.benchmarks.workloads import BY_KEY, WORKLOADS, Workload


def _of_keys(*keys: str) -> list[Workload]:
    return [BY_KEY[key] for key in keys]


def _predicted() -> Iterator[Workload]:
    """One sample, and thousands."""
    for workload in _of_keys("model2/10", "lenet/64", "gru/32", "tabular/256"):
        yield from (replace(workload, samples=samples) for samples in (1, 10_000))
    for workload in _of_keys("resnet8/32", "transformer/16"):
        yield from (replace(workload, samples=samples) for samples in (1, 1_000))


LARGE = _of_keys("lenet/64", "resnet8/32", "gru/32", "transformer/16", "tabular/256")

# The networks of each kind of part that has some.
NETWORKS: Mapping[str, Sequence[Workload]] = {
    "training": WORKLOADS,
    "inference": [*_predicted()],
    "bound": _of_keys("model2/1000", "classifier/128", "residual/64") + LARGE,
    "threads": _of_keys("classifier/512") + LARGE,
    "first-step": _of_keys(
        *("model2/10", "classifier/128", "residual/64", "lenet/64", "resnet8/32", "transformer/16")
    ),
    "memory": _of_keys("classifier/128") + LARGE,
}
OTHERS = ("process", "table", "streamed", "reader", "run_costs", "scaling")
KINDS = (*NETWORKS, *OTHERS)


@dataclass(frozen=True)
class Part:
    """Something of a ``kind`` that is measured, of a network if the kind is one of NETWORKS."""

    kind: str
    workload: Workload | None = None

    @property
    def name(self) -> str:
        """``model2/10`` for its training, or else ``memory/model2/10``, and ``process``."""
        if self.workload is None:
            return self.kind
        if self.kind == "training":
            return self.workload.key
        number = self.workload.samples if self.kind == "inference" else self.workload.batch
        return f"{self.kind}/{self.workload.twin}/{number}"


PARTS = (
    *(Part(kind, workload) for kind, workloads in NETWORKS.items() for workload in workloads),
    *map(Part, OTHERS),
)


def chosen(only: Sequence[str], left_out: Sequence[str] = ()) -> list[Part]:
    """The parts that are called so, or of a kind that is, or whose names begin so; where nothing is
    asked for, all that are not of the kinds ``left_out``.
    """
    if not only:
        return [part for part in PARTS if part.kind not in left_out]
    exact = {*KINDS, *(part.name for part in PARTS)}
    begun = tuple(name for name in only if name not in exact)
    return [
        part
        for part in PARTS
        if part.kind in only or part.name in only or part.name.startswith(begun)
    ]
