"""``netlang eval``: on the model's own data as its run measured it, and on other tables."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from sklearn.metrics import (
    classification_report,
    confusion_matrix,
    r2_score,
    root_mean_squared_error,
)

from tests.models import CLASSES, FLOWERS, HOUSES, LABELS, NUMBERS, kept, trained
from tests.program import DISC, about, netlang, only


def run(text: str, *options: str) -> Path:
    """The folder of a run; its tables are in the present folder."""
    Path("flowers.csv").write_text(FLOWERS)
    Path("houses.csv").write_text(HOUSES)
    Path("m.net").write_text(text)
    assert netlang("run", "m.net", "--no-plots", *options).exit_code == 0
    return only()


def evaluated(*arguments: str | Path) -> dict[str, Any]:
    result = netlang("eval", *arguments, "--json")
    assert result.exit_code == 0, result.output

    def strange(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    found: dict[str, Any] = json.loads(result.stdout, parse_constant=strange)
    return found


def predicted(model: str | Path, table: str) -> list[dict[str, str]]:
    return [*csv.DictReader(io.StringIO(netlang("predict", model, table).stdout))]


@pytest.mark.parametrize(("backend", "part"), [("tensor", "validation"), ("native", "test")])
def test_the_numbers_are_those_of_the_run_to_the_digit(backend: str, part: str) -> None:
    folder = run(CLASSES, "--backend", backend)
    metrics = about(folder)["result"]["metrics"]
    found = evaluated(folder, "--part", part)
    for name in ("loss", "accuracy"):
        assert found["metrics"][name] == metrics[f"{part}.{name}"]
    scores = found["metrics"], found["macro"]
    assert [scores[0][name] for name in ("precision", "recall", "f1")] == pytest.approx(
        [scores[1][name] for name in ("precision", "recall", "f1")]
    )


@pytest.mark.usefixtures("compiler")
def test_a_table_is_judged_in_c_where_that_is_asked_for() -> None:
    folder = run(CLASSES)
    tensor, native = (
        evaluated(folder, "flowers.csv", "--backend", backend) for backend in ("tensor", "native")
    )
    assert (tensor.pop("backend"), native.pop("backend")) == ("tensor", "native")
    assert native["metrics"] == pytest.approx(tensor["metrics"], rel=1e-5)
    assert native["confusion"] == tensor["confusion"]
    told = netlang("eval", folder, "flowers.csv", "--backend", "native").stdout
    assert told.splitlines()[0].endswith(" samples, in C")


def test_without_a_compiler_a_table_is_judged_on_tensors(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = run(CLASSES, "--backend", "tensor")
    monkeypatch.setenv("CC", "no-such-compiler")
    result = netlang("eval", folder, "--backend", "native")
    assert result.stdout == netlang("eval", folder).stdout
    assert result.stderr.startswith("note: answered on tensors: ")


def test_numbers_of_a_regression_are_those_of_the_run_to_the_digit() -> None:
    folder = run(NUMBERS)
    metrics = about(folder)["result"]["metrics"]
    found = evaluated(folder)["metrics"]
    for name in ("loss", "mae", "r2"):
        assert found[name] == metrics[f"test.{name}"]


def test_made_data_are_made_again_wherever_the_file_is(tmp_path: Path) -> None:
    folder = run(f"{DISC}epochs = 3\n")
    file = (folder / "model.safetensors").rename(tmp_path / "moved.safetensors")
    metrics = about(folder)["result"]["metrics"]
    assert evaluated(file)["metrics"]["accuracy"] == metrics["test.accuracy"]


def test_classes_of_a_table_are_judged_as_scikit_learn_judges_them() -> None:
    model = kept(trained(CLASSES))
    found = evaluated(model, "flowers.csv")
    rows = predicted(model, "flowers.csv")
    true, said = ([row[name] for row in rows] for name in ("name", "prediction"))
    assert found["confusion"] == confusion_matrix(true, said).tolist()
    report = classification_report(true, said, output_dict=True, zero_division=0.0)
    for score in found["scores"]:
        theirs = report[score["name"]]
        ours = [score[name] for name in ("precision", "recall", "f1", "support")]
        assert ours == pytest.approx([*theirs.values()])
    assert found["metrics"]["accuracy"] == report["accuracy"]
    wrong = [
        (-float(row[f"p({row['prediction']})"]), number)
        for number, row in enumerate(rows, 1)
        if row["name"] != row["prediction"]
    ]
    assert [one["row"] for one in found["mistakes"]] == [row for _, row in sorted(wrong)[:10]]


def test_numbers_of_a_table_are_judged_in_their_own_units() -> None:
    model = kept(trained(NUMBERS))
    found = evaluated(model, "houses.csv", "--mistakes", "3")
    rows = predicted(model, "houses.csv")
    true, said = ([float(row[name]) for row in rows] for name in ("price", "prediction"))
    assert found["metrics"]["rmse"] == pytest.approx(root_mean_squared_error(true, said))
    assert found["metrics"]["r2"] == pytest.approx(r2_score(true, said))
    errors = [abs(one - other) for one, other in zip(true, said, strict=True)]
    order = sorted(range(len(rows)), key=lambda row: -errors[row])
    assert [one["row"] for one in found["mistakes"]] == [row + 1 for row in order[:3]]
    assert found["mistakes"][0]["true"] == pytest.approx(true[order[0]])
    assert found["mistakes"][0]["predicted"] == pytest.approx(said[order[0]])


def test_labels_are_judged_one_by_one() -> None:
    training = trained(LABELS)
    found = evaluated(kept(training), "weather.csv")
    assert [score["name"] for score in found["scores"]] == ["rain", "wind"]
    rows = predicted("m.safetensors", "weather.csv")
    for score in found["scores"]:
        name = score["name"]
        both = [(row[name], row[f"prediction of {name}"]) for row in rows]
        assert score["support"] == sum(true == "1" for true, _ in both)
        assert score["predicted"] == sum(said == "1" for _, said in both)
    assert {one["target"] for one in found["mistakes"]} <= {"rain", "wind"}


def test_it_is_shown_as_tables() -> None:
    model = kept(trained(CLASSES, "epochs=1"))
    lines = netlang("eval", model, "flowers.csv").stdout.splitlines()
    assert lines[0] == "flowers.csv: 60 samples"
    assert lines[1].split()[::2] == ["loss", "accuracy", "log_loss", "brier"]
    assert [line.split()[0] for line in lines[2:4]] == ["precision", "mcc"]
    assert lines[5] == "true \\ predicted  iris  lily  rose"
    assert lines[10].split() == ["precision", "recall", "f1", "samples"]
    assert lines[14].split()[0] == "macro"
    assert lines[16].startswith("the worst mistakes")
    assert lines[17].startswith("row ")


def test_of_many_classes_the_pairs_that_are_confused_are_shown() -> None:
    Path("many.csv").write_text("x,y\n" + "".join(f"{n % 7},c{n % 14}\n" for n in range(280)))
    text = CLASSES.replace("Linear(2, 8)", "Linear(1, 8)").replace("Linear(8, 3)", "Linear(8, 14)")
    text = text.replace('CSV("flowers.csv", target="name"', 'CSV("many.csv", target="y"')
    shown = netlang("eval", kept(trained(text)), "many.csv").stdout
    assert "predicted  c0" not in shown
    assert "confused most often" in shown
    assert "taken for" in shown


@pytest.mark.parametrize(("text", "table"), [(CLASSES, "flowers.csv"), (NUMBERS, "houses.csv")])
def test_a_picture_is_drawn(text: str, table: str) -> None:
    model = kept(trained(text))
    result = netlang("eval", model, table, "--plot", "picture.svg")
    assert result.stdout.endswith("wrote picture.svg\n")
    assert "<svg" in Path("picture.svg").read_text()


def test_what_the_file_expects_of_its_own_data_is_told() -> None:
    expected = "expect test.accuracy > 0\nexpect test.loss < 0.01\n"
    Path("m.net").write_text(f"{DISC}epochs = 3\n{expected}")
    assert netlang("run", "m.net", "--no-plots").exit_code == 1
    folder = only()
    result = netlang("eval", folder)
    assert result.exit_code == 0
    first, second = result.stdout.splitlines()[-2:]
    assert first.startswith("expect test.accuracy > 0 ")
    assert first.endswith(" met")
    assert second.endswith(" MISSED")
    told = evaluated(folder)["expectations"]
    assert [one["met"] for one in told] == [True, False]
    assert evaluated(folder, "--part", "train")["expectations"] == []


def test_mistakes_on_its_own_data_have_the_rows_of_the_table() -> None:
    folder = run(CLASSES, "--set", "epochs=1")
    (first, *_) = evaluated(folder)["mistakes"]
    row = predicted(folder, "flowers.csv")[first["row"] - 1]
    assert (row["name"], row["prediction"]) == (first["true"], first["predicted"])
    assert f"row {first['row']} " in netlang("eval", folder).stdout


def test_without_a_test_the_part_that_judges_is_evaluated() -> None:
    folder = run(CLASSES.replace("validation=0.1", "validation=0.1, test=0"))
    found = evaluated(folder)
    assert found["on"] == "validation data of m.net"
    assert found["metrics"]["loss"] == about(folder)["result"]["metrics"]["validation.loss"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("gone", "flowers.csv", "--part", "test"), "--part is one of the model's own data"),
        (("gone", "--plot", "a.jpg"), "--plot names a file that ends in one of .png"),
    ],
)
def test_options_that_do_not_go_together_are_told(arguments: tuple[str, ...], told: str) -> None:
    result = netlang("eval", *arguments)
    assert result.exit_code == 2
    assert told in result.stderr


def failed(*arguments: str | Path) -> str:
    result = netlang("eval", *arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    return result.stderr


def test_a_part_that_there_is_not_is_told() -> None:
    assert "own data have no validation part" in failed(run(NUMBERS), "--part", "validation")


def test_a_model_file_alone_names_no_data(tmp_path: Path) -> None:
    assert "name a TABLE to evaluate on" in failed(kept(trained(CLASSES)))


def test_data_that_have_changed_since_the_run_are_refused() -> None:
    folder = run(CLASSES)
    Path("flowers.csv").write_text(FLOWERS.replace("lily", "Lily"))
    assert "error[E0410]" in failed(folder)


def test_a_table_without_the_target_is_told() -> None:
    model = kept(trained(CLASSES))
    Path("new.csv").write_text("long,wide\n1,2\n")
    text = failed(model, "new.csv")
    assert "error[E0508]: column `name` is missing" in text
    assert "the model takes `long`, `wide` and `name`" in text


def test_a_class_that_training_never_had_is_told() -> None:
    model = kept(trained(CLASSES))
    Path("new.csv").write_text("long,wide,name\n1,2,rose\n1,2,tulip\n")
    assert "row 2, column `name` holds `tulip`" in failed(model, "new.csv")


def test_a_table_of_which_no_row_can_be_judged_is_told_why() -> None:
    text = CLASSES.replace('target="name"', 'target="name", missing="drop"')
    model = run(text)
    Path("new.csv").write_text("long,wide,name\n1,,rose\n,2,rose\n")
    assert "new.csv has no row to evaluate on: each lacks cells" in failed(model, "new.csv")
    Path("new.csv").write_text("long,wide,name\n1,2,\n")
    assert "evaluate on: `netlang predict` needs no targets" in failed(model, "new.csv")


def test_a_table_without_rows_is_told() -> None:
    model = kept(trained(CLASSES))
    Path("new.csv").write_text("long,wide,name\n")
    assert "new.csv has no rows" in failed(model, "new.csv")


def test_another_model_in_a_runs_folder_is_told() -> None:
    folder = run(CLASSES)
    kept(trained(NUMBERS), str(folder / "model.safetensors"))
    text = failed(folder)
    assert "keeps another program than that of the model" in text
    assert "in it: run the file again, or name a TABLE to evaluate on" in text


def test_no_text_is_read_that_is_not_in_the_runs_folder(tmp_path: Path) -> None:
    folder = run(CLASSES)
    (tmp_path / "other.net").write_text("secret\n")
    (folder / "run.json").write_text(
        json.dumps(json.loads((folder / "run.json").read_text()) | {"kept": "../../other.net"})
    )
    result = netlang("eval", str(folder))
    assert result.exit_code == 1
    assert "secret" not in result.stderr
    assert "no such file" in result.stderr


def test_the_file_that_a_run_was_trained_on_is_no_new_one() -> None:
    folder = run(CLASSES)
    Path("copy.csv").write_text(FLOWERS)
    for table in ("flowers.csv", "copy.csv"):
        assert netlang("eval", folder, table).stderr == (
            "note: 42 of these rows were trained on; "
            f"`netlang eval {folder}` judges by 12 that were not\n"
        )
    Path("more.csv").write_text(FLOWERS + "1.5,2.5,lily\n")
    assert netlang("eval", folder, "more.csv").stderr == ""
    assert netlang("eval", folder).stderr == ""
    (folder / "model.safetensors").rename("m.safetensors")
    assert netlang("eval", "m.safetensors", "flowers.csv").stderr == ""


def test_a_file_to_test_on_is_not_trained_on() -> None:
    Path("other.csv").write_text(FLOWERS[: len(FLOWERS) // 2].rsplit("\n", 1)[0] + "\n")
    data = 'Table("flowers.csv", target="name", test="other.csv")'
    folder = run(CLASSES.replace('CSV("flowers.csv", target="name", validation=0.1)', data))
    assert "trained on" not in netlang("eval", folder, "other.csv").stderr
    assert "note: 60 of these rows were trained on" in netlang("eval", folder, "flowers.csv").stderr
