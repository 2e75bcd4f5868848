"""Rows that lack cells, or a target, in the tables of ``netlang predict`` and ``netlang eval``."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import polars as pl
import pytest

from tests.models import kept, trained
from tests.program import netlang

ROWS = [f"{n * 7 % 11}.5,{'uv'[n % 2]},{'pq'[n // 2 % 2]},{n}.25" for n in range(24)]
NETS = {
    "kind": "Linear(_, 4) -> Tanh -> Linear(4, _) -> Softmax",
    "size": "Linear(_, 4) -> Tanh -> Linear(4, _)",
}


def train(target: str, missing: str = "drop") -> None:
    other = "size" if target == "kind" else "kind"
    Path("t.csv").write_text("a,b,kind,size\n" + "\n".join([*ROWS, ",u,p,1.5", "1.5,v,,"]) + "\n")
    asked = f'target="{target}", ignore=["{other}"], missing="{missing}"'
    loss = "CrossEntropy" if target == "kind" else "MSE"
    text = f'net = {NETS[target]}\ndata = Table("t.csv", {asked})\nloss = {loss}\n'
    kept(trained(text + "optimizer = Adam\nepochs = 2\n"))


@pytest.mark.parametrize("target", ["kind", "size"])
def test_a_row_that_lacks_cells_has_an_empty_answer_and_no_other_row_another(target: str) -> None:
    train(target)
    Path("whole.csv").write_text("a,b\n" + "".join(f"{n}.5,{'uv'[n % 2]}\n" for n in range(9)))
    Path("gaps.csv").write_text(Path("whole.csv").read_text().replace("3.5,v", "NA,v") + "4.5,?\n")
    whole, gaps = (netlang("predict", "m.safetensors", f"{name}.csv") for name in ("whole", "gaps"))
    assert gaps.exit_code == 0
    assert "2 rows lack cells, as no training row did: given no answer" in gaps.stderr
    wanted, found = ([*csv.reader(io.StringIO(one.stdout))] for one in (whole, gaps))
    for place, row in enumerate(found):
        answers = row[2:]
        assert answers == ([""] * len(answers) if place in (4, 10) else wanted[place][2:])
    netlang("predict", "m.safetensors", "gaps.csv", "-o", "o.parquet")
    assert pl.read_parquet("o.parquet")["prediction"].null_count() == 2
    told = netlang("predict", "m.safetensors", "gaps.csv", "-o", "o.csv", "--json").stdout
    assert json.loads(told)["lacking"] == 2


def test_a_cell_that_is_wrong_and_not_missing_is_refused() -> None:
    train("kind")
    Path("new.csv").write_text("a,b\nNA,u\nmany,u\n")
    result = netlang("predict", "m.safetensors", "new.csv")
    assert result.exit_code == 1
    assert "row 2, column `a` holds `many`" in result.stderr


def test_a_model_that_refuses_missing_cells_refuses_those_of_new_rows() -> None:
    Path("t.csv").write_text("a,y\n" + "".join(f"{n}.5,{n}.25\n" for n in range(20)))
    kept(trained('net = Linear(1, 1)\ndata = Table("t.csv", target="y")\nloss = MSE\n'
                 "optimizer = Adam\nepochs = 1\n"))  # fmt: skip
    Path("new.csv").write_text("a\n1.5\nNA\n")
    assert netlang("predict", "m.safetensors", "new.csv").exit_code == 1


@pytest.mark.parametrize("target", ["kind", "size"])
@pytest.mark.parametrize("missing", ["drop", "mean"])
def test_rows_without_a_target_are_not_judged(target: str, missing: str) -> None:
    train(target, missing)
    header = "a,b,kind,size\n"
    Path("whole.csv").write_text(header + "\n".join(ROWS) + "\n")
    gaps = [row for pair in zip(ROWS, ["1.5,u,,"] * 24, strict=True) for row in pair]
    gaps += [",u,NA,"]
    Path("gaps.csv").write_text(header + "\n".join(gaps) + "\n")
    whole, found = (
        netlang("eval", "m.safetensors", f"{name}.csv", "--json") for name in ("whole", "gaps")
    )
    assert "25 rows have no target, and have no part in this" in found.stderr
    wanted, judged = (json.loads(one.stdout) for one in (whole, found))
    assert (judged["samples"], judged["left_out"]) == (24, 25)
    assert wanted["left_out"] == 0
    assert judged["metrics"] == wanted["metrics"]
    rows = [one["row"] for one in wanted["mistakes"]]
    assert [one["row"] for one in judged["mistakes"]] == [2 * row - 1 for row in rows]


def test_a_table_without_any_target_is_sent_to_predict() -> None:
    train("kind")
    Path("new.csv").write_text("a,b,kind\n1.5,u,\n2.5,v,NA\n")
    result = netlang("eval", "m.safetensors", "new.csv")
    assert result.exit_code == 1
    assert "new.csv has no row to evaluate on: `netlang predict` needs no targets" in result.stderr


@pytest.mark.parametrize("missing", ["mean", "median", "indicator"])
def test_cells_that_are_filled_in_are_counted(missing: str) -> None:
    train("kind", missing)
    Path("new.csv").write_text("a,b,kind\nNA,u,p\n1.5,,q\n,v,p\n2.5,v,q\n")
    note = "note: 3 missing cells are filled in as in training: 2 of `a` and 1 of `b`\n"
    for command in ("predict", "eval"):
        assert netlang(command, "m.safetensors", "new.csv").stderr == note
    told = netlang("predict", "m.safetensors", "new.csv", "-o", "o.csv", "--json").stdout
    assert json.loads(told)["filled"] == {"a": 2, "b": 1}
    one = netlang("predict", "m.safetensors", "--values", "a=,b=u")
    assert one.stderr == "note: 1 missing cell is filled in as in training: 1 of `a`\n"
    assert netlang("predict", "m.safetensors", "--values", "a=1.5,b=u").stderr == ""
