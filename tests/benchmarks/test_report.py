"""Ratios, spreads and tables say what was measured."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import cast

import pytest

from tests.benchmarks import report
from tests.benchmarks.__main__ import main
from tests.benchmarks.contestants import BY_NAME
from tests.benchmarks.large_table import NETLANG, POLARS, Measured
from tests.benchmarks.measure import Times, in_turns, spread
from tests.benchmarks.parts import KINDS, PARTS, chosen
from tests.benchmarks.run_costs import LIVE, NEITHER, Costs, lower_quartile, on_a_terminal
from tests.benchmarks.scaling import SWEEPS
from tests.benchmarks.speedup import Speedup, on_one_thread
from tests.benchmarks.streamed import HELD, STREAMED, Reading, Streamed
from tests.benchmarks.workloads import BY_KEY, classifier, lenet, model1

TIMES = Times({"native": [1e-5, 2e-5, 4e-5], "torch.nn": [4e-5, 8e-5, 8e-5]})
SPEEDUP = Speedup(
    2,
    Times({"native": [2e-5], on_one_thread("native"): [3e-5], "torch.nn": [1e-5]}),
    same_bits={"native"},
)
RESULTS = report.Results(
    speed={model1(10): TIMES, classifier(32): TIMES},
    bound={
        lenet(64): Times({"native": [2e-5], "at peak": [1e-5]}),
        classifier(32): Times({"at peak": [1e-5]}),
    },
    inference={model1(10): TIMES},
    threads={lenet(64): SPEEDUP},
    first_step={model1(10): {"native": 0.004, "torch.nn": 0.002}},
    memory={classifier(128): {"import torch": 200 * 2**20}},
    process=Times({"import torch": [1.25]}),
    table=Measured(1000, Times({POLARS: [2.0], NETLANG: [3.0]}), {POLARS: 0, NETLANG: 2**21}),
    streamed=Streamed(
        10**6,
        Times({STREAMED: [1.0, 0.8], HELD: [0.5, 0.4]}),
        {STREAMED: 2**21, HELD: 2**22},
    ),
    reader=[Reading(10**6, 0.5, 0.25, 2**21)],
    run_costs=Costs(Times({NEITHER: [2.0], LIVE: [3.0]}), Times({NEITHER: [2.0], LIVE: [2.1]})),
    scaling={sweep.name: {1: TIMES, 8: TIMES} for sweep in SWEEPS},
)


def test_a_ratio_is_one_of_medians_and_its_spread_that_of_the_rounds() -> None:
    ratio = TIMES.ratio("torch.nn", "native")
    assert (ratio.median, ratio.low, ratio.high) == pytest.approx((4.0, 2.4, 4.0))
    assert spread([3.0]) == (3.0, 3.0)


def test_all_take_turns() -> None:
    order: list[str] = []

    def turn(name: str) -> float:
        order.append(name)
        return float(len(order))

    times = in_turns({name: partial(turn, name) for name in "abc"}, rounds=2)
    assert "".join(order) == "abcabc"
    assert times.rounds["b"] == [2.0, 5.0]


def test_tables_are_those_of_what_was_measured() -> None:
    speed, ratios, inference, bound, threads, *others = report.tables(RESULTS)
    assert speed.markdown() == (
        "Microseconds of a training step, by `python -m tests.benchmarks --only training`:\n\n"
        "| network | batch | native | torch.nn |\n"
        "| --- | ---: | ---: | ---: |\n"
        "| Model 1, SGD | 10 | 20 | 80 |\n"
        "| 784-512-512-10 | 32 | 20 | 80 |"
    )
    assert ratios.rows[0] == ["Model 1, SGD", "10", "4.0 (2.4–4.0)"]
    assert bound.rows == [
        ["LeNet, 28 x 28", "64", "72.4", "20", "10", "2.00", "14489"],
        ["784-512-512-10", "32", "51.3", "–", "10", "–", "10269"],
    ]
    assert inference.rows == [["Model 1", "1,000", "20", "80"]]
    assert threads.arguments == "--only threads --threads 2"
    assert threads.rows == [["LeNet, 28 x 28", "64", "1.50", "the same"]]
    assert len(others) == 7 + len(SWEEPS)
    assert others[3].rows[1] == ["netlang's own reading", "3.00", "1.50", "2"]
    assert others[4].rows == [["streamed", "1.25", "0.50", "2"], ["in memory", "2.50", "1.00", "4"]]
    assert others[5].rows == [["1,000,000", "500", "250", "2"]]
    assert others[6].rows[1] == ["the live line", "2.10", "1.050", "3.00", "1.500"]
    assert not report.tables(report.Results())


def test_a_part_that_fails_takes_no_table_with_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing(rounds: int) -> Times:
        raise RuntimeError(f"nothing in {rounds} rounds")

    monkeypatch.setattr("tests.benchmarks.threads.limit", lambda count: None)
    monkeypatch.setattr("tests.benchmarks.process.whole_runs", failing)
    monkeypatch.setattr("tests.benchmarks.run_costs.costs", lambda rounds: RESULTS.run_costs)
    line = ["tests.benchmarks", "--only", "process", "--only", "run_costs", "--rounds", "3"]
    monkeypatch.setattr("sys.argv", line)
    with pytest.raises(SystemExit, match="failed: process"):
        main()
    shown = capsys.readouterr()
    assert "nothing in 1 rounds" in shown.err
    assert report.run_costs(cast(Costs, RESULTS.run_costs)).plain() in shown.out


def test_a_run_on_a_terminal_is_measured_and_its_failure_told() -> None:
    assert lower_quartile([4.0, 1.0, 3.0, 2.0, 5.0]) == 2.0
    by_clock, of_processor = on_a_terminal(["-c", "import sys; assert sys.stdout.isatty()"])
    assert of_processor > 0
    assert 0 < by_clock < 60
    with pytest.raises(RuntimeError, match="no such thing"):
        on_a_terminal(["-c", "raise SystemExit('no such thing')"])


def test_a_table_for_a_terminal_stands_in_columns() -> None:
    table = report.Table("Title", ["name", "number"], [["a", "1"], ["long name", "10000000"]])
    assert table.plain() == (
        "Title\n\nname         number\na                 1\nlong name  10000000"
    )


def test_a_part_is_chosen_by_its_name_or_how_that_begins() -> None:
    def names(*only: str) -> list[str]:
        return [part.name for part in chosen(only)]

    assert names("process", "model2/1") == ["model2/1", "process"]
    assert names("class") == [f"classifier/{n}" for n in (32, 128, 512)]
    assert names("training") == [*BY_KEY]
    assert names("memory/res", "table") == ["memory/resnet8/32", "table"]
    assert names("inference/gru") == ["inference/gru/1", "inference/gru/10000"]
    assert len({*names()}) == len(names()) == len(PARTS)
    assert {part.kind for part in chosen([], ["scaling", "threads"])} == {*KINDS} - {
        "scaling",
        "threads",
    }


def test_the_picture_shows_every_workload_and_every_sweep(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from tests.benchmarks import plot

    plot.draw(RESULTS, "one machine", tmp_path / "speed.svg")
    picture = (tmp_path / "speed.svg").read_text(encoding="utf-8")
    for text in ("784-512-512-10, batch 32", "torch.nn", "one machine", *(s.name for s in SWEEPS)):
        assert text in picture


def test_everyone_who_may_take_part_has_a_colour() -> None:
    pytest.importorskip("matplotlib")
    from tests.benchmarks import plot

    assert list(plot.COLOURS) == list(BY_NAME)
    assert len(set(plot.COLOURS.values())) == len(BY_NAME)
