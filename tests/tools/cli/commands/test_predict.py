"""``netlang predict``: from tables and single samples to answers, and what is wrong with them."""

from __future__ import annotations

import csv
import gzip
import io
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import torch
from click.testing import CliRunner

from netlang.catalogue.data import Pipeline
from netlang.engine.pieces import evaluation_samples
from netlang.language.run_record import WhatWasRun
from netlang.runs.models.trained import TrainedModel
from netlang.runs.training.training import Training
from netlang.tools.cli.group import cli
from tests.models import CLASSES, FLOWERS, LABELS, NUMBERS, SPECIES, WEATHER, kept, trained
from tests.program import PROCESS, netlang

HEADER = "long,wide,name,prediction,p(iris),p(lily),p(rose)\n"


@pytest.fixture
def flowers() -> Training:
    """A training of classes, kept as m.safetensors."""
    training = trained(CLASSES)
    kept(training)
    return training


def outputs(training: Training, table: str = FLOWERS) -> torch.Tensor:
    rows = [*csv.DictReader(io.StringIO(table))]
    assert training.split.pipeline
    inputs = training.split.pipeline.apply({name: [row[name] for row in rows] for name in rows[0]})
    return training.outputs(inputs)


def probabilities(text: str) -> torch.Tensor:
    names = [name for name in pl.read_csv(io.StringIO(text)).columns if name.startswith("p(")]
    schema = dict.fromkeys(names, pl.Float32)
    frame = pl.read_csv(io.StringIO(text), schema_overrides=schema).select(names)
    return torch.from_numpy(frame.to_numpy().copy())


def test_answers_are_the_networks_outputs_bit_for_bit(flowers: Training) -> None:
    result = netlang("predict", "m.safetensors", "flowers.csv")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(HEADER)
    y = outputs(flowers)
    assert torch.equal(probabilities(result.stdout), y)
    names = pl.read_csv(io.StringIO(result.stdout))["prediction"].to_list()
    assert flowers.split.pipeline
    assert flowers.split.pipeline.classes
    assert names == [flowers.split.pipeline.classes[one] for one in y.argmax(1)]


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_what_is_said_of_a_stream_is_no_part_of_the_table(
    flowers: Training, options: tuple[str, ...]
) -> None:
    printed = netlang("predict", "m.safetensors", "flowers.csv", *options)
    named = netlang("predict", "m.safetensors", "flowers.csv", "-o", "/dev/stdout", *options)
    assert (named.stdout, named.stderr) == (printed.stdout, "")
    device = netlang("predict", "m.safetensors", "flowers.csv", "-o", "/dev/null", *options)
    rows = FLOWERS.strip().count("\n")
    assert (device.stdout, device.stderr) == ("", f"{rows} rows in /dev/null\n")


def test_the_rows_themselves_stay_as_they_were_written(flowers: Training) -> None:
    table = 'wide,id,long,note\n1.50,007,3.000," a, b"\n2.5,08,4.1,\n'
    Path("new.csv").write_text(table)
    lines = netlang("predict", "m.safetensors", "new.csv").stdout.splitlines()
    assert lines[0] == "wide,id,long,note,prediction,p(iris),p(lily),p(rose)"
    assert lines[1].startswith('1.50,007,3.000," a, b",')
    assert lines[2].startswith("2.5,08,4.1,,")


def test_numbers_are_in_the_units_of_the_target() -> None:
    training = trained(NUMBERS)
    result = netlang("predict", kept(training), "houses.csv")
    frame = pl.read_csv(io.StringIO(result.stdout))
    assert frame.columns == ["rooms", "area", "price", "prediction"]
    assert training.split.pipeline
    table = {name: frame[name].to_list() for name in ("rooms", "area")}
    y = training.outputs(training.split.pipeline.apply(table))
    expected = training.split.pipeline.to_values(y).flatten()
    assert frame["prediction"].to_list() == pytest.approx(expected.tolist(), abs=0)


@pytest.mark.parametrize("ending", ["csv", "tsv", "ndjson", "jsonl", "parquet", "arrow", "csv.gz"])
def test_the_ending_says_the_form(ending: str, flowers: Training) -> None:
    result = netlang("predict", "m.safetensors", "flowers.csv", "-o", f"out.{ending}")
    assert (result.exit_code, result.stdout) == (0, f"60 rows in out.{ending}\n")
    readers = {"csv": pl.read_csv, "tsv": lambda file: pl.read_csv(file, separator="\t")}
    readers |= {"parquet": pl.read_parquet, "arrow": pl.read_ipc, "csv.gz": pl.read_csv}
    frame = readers.get(ending, pl.read_ndjson)(f"out.{ending}")
    assert frame.columns == HEADER.strip().split(",")
    assert frame["long"].to_list()[:2] == [0, 0.143]
    assert frame["prediction"].null_count() == 0
    read = frame.select("^p\\(.*$").cast(pl.Float32).to_numpy().copy()
    assert torch.equal(torch.from_numpy(read), outputs(flowers))


def test_categories_that_training_never_had_are_counted_and_count_as_none() -> None:
    training = trained(SPECIES)
    table = "sex,bill,island\nm,3,Biscoe\n,NA,Mars\nx,?,Mars\n"
    result = netlang("predict", kept(training), "-", text=table)
    assert result.exit_code == 0
    y = outputs(training, table)
    assert torch.equal(probabilities(result.stdout), y)
    first, second, third = result.stderr.splitlines()
    assert first == (
        "note: `island` has 2 cells with a category that no training row had, whose inputs are "
        "0: `Mars`"
    )
    assert "`sex` has 1 cell" in second
    assert third == "note: 3 missing cells are filled in as in training: 2 of `bill` and 1 of `sex`"
    told = netlang("predict", "m.safetensors", "-", "-o", "o.csv", "--json", text=table).stdout
    assert json.loads(told)["unseen"] == {"island": {"Mars": 2}, "sex": {"x": 1}}


def test_a_category_that_is_written_otherwise_is_told_as_it_was_in_training() -> None:
    table = "island,bill,sex\ndream,1,f\ndream,2,F\nMars,3,m\n"
    result = netlang("predict", kept(trained(SPECIES)), "-", text=table)
    assert result.exit_code == 0
    first, second = result.stderr.splitlines()
    assert first.endswith("inputs are 0: `dream` and `Mars`; did you mean `Dream`?")
    assert second.endswith("inputs are 0: `F`; did you mean `f`?")


def test_missing_cells_are_filled_as_in_training() -> None:
    name = kept(trained(SPECIES))
    result = netlang("predict", name, "--values", "island=Dream,bill=,sex=f")
    assert result.exit_code == 0
    assert result.stdout.startswith(("Adelie\n", "Gentoo\n"))


def test_each_label_has_an_answer_of_its_own() -> None:
    training = trained(LABELS)
    result = netlang("predict", kept(training), "weather.csv")
    frame = pl.read_csv(io.StringIO(result.stdout))
    assert frame.columns[4:] == ["prediction of rain", "p(rain)", "prediction of wind", "p(wind)"]
    y = outputs(training, WEATHER)
    assert frame["prediction of rain"].to_list() == (y[:, 0] > 0.5).int().tolist()
    one = netlang("predict", "m.safetensors", "--values", "0.9,1").stdout.splitlines()
    assert [line.split()[:-1] for line in one] == [
        ["prediction", "of", "rain"],
        ["p(rain)"],
        ["prediction", "of", "wind"],
        ["p(wind)"],
    ]
    assert one[0].split()[-1] in "01"


FORMS: dict[str, Callable[[pl.DataFrame, Path], object]] = {
    "new.tsv": lambda frame, file: frame.write_csv(file, separator="\t"),
    "new.csv.gz": lambda frame, file: file.write_bytes(gzip.compress(frame.write_csv().encode())),
    "new.ndjson": lambda frame, file: frame.write_ndjson(file),
    "new.parquet": lambda frame, file: frame.write_parquet(file),
    "new.arrow": lambda frame, file: frame.write_ipc(file),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_table_is_read_in_each_form(
    name: str, flowers: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netlang.catalogue.data.formats.frames._ROWS", 25)
    monkeypatch.setattr("netlang.catalogue.data.formats.frames._BLOCK", 500)
    frame = pl.read_csv(io.StringIO(FLOWERS)).with_columns(number=pl.int_range(60) + 2**60)
    FORMS[name](frame, Path(name))
    result = netlang("predict", "m.safetensors", name)
    assert (result.exit_code, result.stderr) == (0, "")
    assert torch.equal(probabilities(result.stdout), outputs(flowers))
    found = pl.read_csv(io.StringIO(result.stdout))
    assert found["number"].to_list() == frame["number"].to_list()
    assert found["name"].to_list() == frame["name"].to_list()


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.parquet", b"PAR1 and then nothing", "it is no Parquet file, or damaged"),
        ("a.arrow", b"", "it is no Arrow file, or damaged"),
        ("a.csv.gz", b"a,b\n", "gzip cannot unpack it"),
        ("a.csv.gz", gzip.compress(FLOWERS.encode(), mtime=0)[:-20], "gzip cannot unpack it"),
        ("a.ndjson", b'{"long": 1, "wide": 2}\n{"long": 1', "row 2 is no object of JSON"),
        ("a.ndjson", b"[1, 2]\n", "row 1 is no object of JSON"),
        ("a.ndjson", b'{"long": 1}\n{"long": 1, "wide": 2}\n', "row 1, column `wide` is empty"),
        ("a.ndjson", b"", "`a.ndjson` has no rows of data"),
        ("a.csv", b"PK\3\4 and\0more", "it is an Excel workbook"),
        ("a.csv", b"PAR1\x15\0", "let its name end in `.parquet`"),
        ("a.csv", gzip.compress(b"a", mtime=0), "let its name end in `.gz`"),
        ("a.csv", b"long,wide\n\xff,1\n", "byte 10, in line 2, is not UTF-8"),
        ("a.csv", b'long,wide\n"1,2\n', "line 2"),
        ("a.csv", b"long,long\n1,2\n", "two of its columns are called `long`"),
    ],
)
def test_a_file_that_is_no_table_is_told(
    name: str, data: bytes, told: str, flowers: Training
) -> None:
    Path(name).write_bytes(data)
    result = netlang("predict", "m.safetensors", name, "-o", "out.csv")
    assert result.exit_code == 1
    assert result.stderr.count("error[") == 1
    assert told in result.stderr
    assert not Path("out.csv").exists()


def test_a_packed_table_on_standard_input_is_told_how_to_unpack_it(flowers: Training) -> None:
    packed = gzip.compress(FLOWERS.encode(), mtime=0)
    result = CliRunner().invoke(cli, ["predict", "m.safetensors", "-"], input=packed)
    assert result.exit_code == 1
    assert "`gunzip -c table.csv.gz | netlang ...`" in result.stderr


@pytest.mark.parametrize("large", [False, True])
def test_what_gzip_makes_very_large_is_not_unpacked_to_its_end(
    large: bool, flowers: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netlang.catalogue.data.formats.content._FREE", 1 << 16)
    if large:
        monkeypatch.setattr("netlang.catalogue.data.formats.datafile._SMALL", 0)
    Path("new.csv.gz").write_bytes(gzip.compress(b"long,wide\n" + b"1,2\n" * 100_000))
    result = netlang("predict", "m.safetensors", "new.csv.gz", "-o", "out.csv")
    assert "unpacked, it has more than" in result.stderr
    assert not Path("out.csv").exists()


def test_a_folder_is_no_table(flowers: Training) -> None:
    result = netlang("predict", "m.safetensors", ".")
    assert result.exit_code == 1
    assert "it is a folder" in result.stderr


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.net", b"net = ReLU\n", "it is a network in netlang"),
        ("m.safetensors", b"", "it is a file of tensors"),
        ("a.csv", b"\x89PNG\r\n", "it is a picture"),
        ("a.json", b"[]", "ends in `.ndjson`"),
        ("a.pt", b"PK\3\4", "it is a file of Python objects, which netlang never reads"),
        ("a.npy", b"\x93NUMPY", "it is an array of numpy"),
    ],
)
def test_what_is_no_table_is_told_with_the_columns_of_one(
    name: str, data: bytes, told: str, flowers: Training
) -> None:
    Path(name).write_bytes(Path(name).read_bytes() if Path(name).exists() else data)
    result = netlang("predict", "m.safetensors", name)
    assert result.exit_code == 1
    assert f"cannot read the data file `{name}`: " in result.stderr
    assert told in result.stderr
    assert "name a table that has the columns `long` and `wide`" in result.stderr


@pytest.mark.parametrize("command", ["predict", "eval"])
def test_a_model_behind_its_table_is_put_before_it(command: str, flowers: Training) -> None:
    result = netlang(command, "flowers.csv", "m.safetensors")
    assert result.exit_code == 2
    order = f"`netlang {command} m.safetensors flowers.csv`"
    assert f"MODEL comes before TABLE: {order}" in result.stderr


def test_a_run_is_no_table(flowers: Training) -> None:
    Path("run").mkdir()
    Path("run/run.json").write_text(json.dumps(WhatWasRun().as_data))
    for command in ("predict", "eval"):
        result = netlang(command, "m.safetensors", "run")
        assert result.exit_code == 1
        assert "it is the folder of a run" in result.stderr


def test_cells_that_a_text_cannot_hold_are_told(flowers: Training) -> None:
    frame = pl.DataFrame({"long": [1.0], "wide": [2.0], "more": [[1, 2]]})
    frame.write_parquet("new.parquet")
    result = netlang("predict", "m.safetensors", "new.parquet", "-o", "out.csv")
    assert result.exit_code == 1
    assert "cannot write out.csv: CSV" in result.stderr
    assert not Path("out.csv").exists()
    assert netlang("predict", "m.safetensors", "new.parquet", "-o", "o.ndjson").exit_code == 0


def test_another_ending_is_refused_before_the_model_is_read() -> None:
    result = netlang("predict", "gone", "flowers.csv", "-o", "out.xlsx")
    assert result.exit_code == 2
    assert "out.xlsx: its name has to end in `.csv`, `.tsv`" in result.stderr


def test_the_table_itself_is_not_written_over(flowers: Training) -> None:
    result = netlang("predict", "m.safetensors", "flowers.csv", "-o", "./flowers.csv")
    assert result.exit_code == 2
    assert "itself, which would be lost" in result.stderr
    assert Path("flowers.csv").read_text() == FLOWERS


@pytest.mark.slow
def test_standard_input_and_output_make_a_pipe(flowers: Training) -> None:
    command = [*PROCESS, "predict", "m.safetensors", "-"]
    done = subprocess.run(command, input=FLOWERS.encode(), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode() == netlang("predict", "m.safetensors", "flowers.csv").stdout


def test_json_has_a_line_for_each_row(flowers: Training) -> None:
    result = netlang("predict", "m.safetensors", "-", "--json", text=FLOWERS)
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(rows) == 60
    assert [*rows[0]] == HEADER.strip().split(",")
    assert rows[1]["long"] == 0.143
    assert isinstance(rows[1]["p(iris)"], float)


def test_json_of_a_file_says_what_is_in_it(flowers: Training) -> None:
    result = netlang("predict", "m.safetensors", "flowers.csv", "-o", "o.csv", "--json")
    found = json.loads(result.stdout)
    about = {"file": "o.csv", "lacking": 0, "unseen": {}, "filled": {}, "backend": "tensor"}
    assert found == {"event": "predicted", "rows": 60, **about}


@pytest.mark.slow
@pytest.mark.usefixtures("compiler")
def test_c_answers_where_it_is_asked_for(flowers: Training) -> None:
    written = [
        netlang("predict", "m.safetensors", "flowers.csv", "-o", name, "--backend", name[:6])
        for name in ("tensor.csv", "native.csv")
    ]
    assert [one.stdout for one in written] == [
        "60 rows in tensor.csv\n",
        "60 rows in native.csv, answered in C\n",
    ]
    tensor, native = (Path(name).read_text() for name in ("tensor.csv", "native.csv"))
    torch.testing.assert_close(probabilities(native), probabilities(tensor))
    one = "predict", "m.safetensors", "--values", "0.143, 1.5"
    assert netlang(*one, "--backend", "native").stdout == netlang(*one).stdout


def test_without_a_compiler_tensors_answer(
    flowers: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CC", "no-such-compiler")
    result = netlang("predict", "m.safetensors", "flowers.csv", "--backend", "native")
    assert result.stdout == netlang("predict", "m.safetensors", "flowers.csv").stdout
    assert result.stderr.startswith("note: answered on tensors: ")


def test_one_sample_by_position_or_by_name(flowers: Training) -> None:
    by_position = netlang("predict", "m.safetensors", "--values", "0.143, 1.5")
    by_name = netlang("predict", "m.safetensors", "--values", "wide=1.5,long=0.143")
    assert by_position.exit_code == 0
    assert by_position.stdout == by_name.stdout
    first, *others = by_position.stdout.splitlines()
    assert first == "rose"
    assert [line.split()[0] for line in others] == ["p(iris)", "p(lily)", "p(rose)"]
    found = json.loads(
        netlang("predict", "m.safetensors", "--values", "0.143,1.5", "--json").stdout
    )
    assert found["prediction"] == "rose"
    y = outputs(flowers, "long,wide\n0.143,1.5\n")[0]
    assert [torch.tensor(found[f"p({name})"]) for name in ("iris", "lily", "rose")] == [*y]


@pytest.mark.parametrize("times", [1, 1_000, 1e9])
def test_one_sample_of_a_regression_is_a_number_of_32_bits(times: float) -> None:
    training = trained(NUMBERS)
    training.network.parameters.mul_(times)
    name = kept(training)
    word, number = netlang("predict", name, "--values", "2,30").stdout.split()
    assert word == "prediction"
    exact = json.loads(netlang("predict", name, "--values", "2,30", "--json").stdout)
    assert torch.tensor(float(number)) == torch.tensor(exact["prediction"])
    assert len(number) <= 14


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ("1", "--values has 1 value: the model takes `long` and `wide`, in this order"),
        ("1,2,3", "--values has 3 values"),
        ("", "--values has 0 values"),
        ("long=1,width=2", "names `width`, which is no input: did you mean `wide`?"),
        ("long=1", "--values lacks `wide`"),
        ("long=1,wide=2,long=3", "--values names `long` twice"),
        ("long=1,2", "--values takes a name for each value, or for none"),
        ("1,many", "--values: column `wide` holds `many`"),
        ("1,", "--values: column `wide`"),
        ("x,y", "column `long` holds `x`: takes a number; nor can the values of `wide` be used"),
        ("1;2", "commas stand between values, not semicolons"),
        ("1,5;2,5", "commas stand between values, not semicolons, and a decimal has a point"),
        ("1.5 2.5", "commas stand between values, not blanks"),
        ("flowers.csv", "`flowers.csv` is a file: name it without --values"),
    ],
)
def test_values_that_are_no_sample_are_told(values: str, told: str, flowers: Training) -> None:
    result = netlang("predict", "m.safetensors", "--values", values)
    assert result.exit_code == 2
    assert told in result.stderr


def test_values_between_blanks_and_values_beside_a_table_are_told(flowers: Training) -> None:
    for values in (["1", "2"], ["1,", "2"], ["1", "2", "3"]):
        result = netlang("predict", "m.safetensors", "--values", *values)
        assert result.exit_code == 2
        assert "are one word, with commas between: --values 5.1,3.5,..." in result.stderr
    Path("flowers.csv").touch()
    result = netlang("predict", "m.safetensors", "flowers.csv", "--values", "1,2")
    assert result.stderr.endswith("by --values: either, not both\n")


def test_values_that_are_not_known_may_be_left_open() -> None:
    name = kept(trained(SPECIES))
    result = netlang("predict", name, "--values", "island=Dream,bill=2")
    assert "--values lacks `sex`: `sex=` says that it is not known" in result.stderr
    assert netlang("predict", name, "--values", "island=Dream,bill=2,sex=").exit_code == 0


def test_a_value_with_commas_stands_in_quotes() -> None:
    result = netlang("predict", kept(trained(SPECIES)), "--values", '"Dream, far away",3,f')
    assert result.exit_code == 0
    assert "`Dream, far away`" in result.stderr


def test_values_in_the_place_of_a_table_are_told(flowers: Training) -> None:
    result = netlang("predict", "m.safetensors", "1,2")
    assert result.exit_code == 2
    assert "there is no table `1,2`: is it --values 1,2?" in result.stderr


def test_a_value_far_from_all_training_rows_is_told(flowers: Training) -> None:
    assert netlang("predict", "m.safetensors", "--values", "0.1,4.5").stderr == ""
    result = netlang("predict", "m.safetensors", "--values", "wide=-5000,long=0.1")
    assert result.exit_code == 0
    learned = flowers.model().pipeline
    assert isinstance(learned, Pipeline)
    ((shift, scale),) = learned.encoders[1].scaling
    rows = f"those of the training rows are {shift:.4g} ± {scale:.4g}"
    assert result.stderr == f"note: `wide` is -5000, and {rows}\n"


@pytest.mark.parametrize("arguments", [(), ("flowers.csv", "--values", "1,2")])
def test_either_a_table_or_values_are_named(arguments: tuple[str, ...]) -> None:
    result = netlang("predict", "m.safetensors", *arguments)
    assert result.exit_code == 2
    assert "name a TABLE, or give one sample by --values" in result.stderr


def wrong(table: str, *options: str) -> str:
    """What is said of a table; nothing is written."""
    Path("new.csv").write_text(table)
    result = netlang("predict", "m.safetensors", "new.csv", "-o", "out.csv", *options)
    assert result.exit_code == 1
    assert not Path("out.csv").exists()
    assert not [*Path().glob(".part-*")]
    return result.stderr or result.stdout


def test_a_column_that_is_missing_is_named_and_what_may_be_meant(flowers: Training) -> None:
    text = wrong("Long,wide\n1,2\n")
    assert "error[E0508]: column `long` is missing; did you mean `Long`?" in text
    assert "the model takes `long` and `wide`" in text
    assert "--> new.csv" in text


def test_all_columns_that_are_missing_are_named(flowers: Training) -> None:
    text = wrong("Long,wides,note\n1,2,3\n")
    assert "error[E0508]: columns `long` and `wide` are missing" in text
    assert "= note: `Long` may be `long`" in text
    assert "= note: `wides` may be `wide`" in text
    assert "= note: its columns are `Long`, `wides` and `note`" in text
    text = wrong("a,b,c\n1,2,3\n")
    assert "error[E0508]: `new.csv` has none of the model's columns" in text


def test_a_table_without_names_is_told_which_to_write(flowers: Training) -> None:
    text = wrong("3,1.5\n4,2.5\n")
    assert "`new.csv` has no names of columns: its first line seems to be a row" in text
    assert "if it has these in this order, write `long,wide` above the rows" in text
    assert "write a line of names above the rows: the model takes" in wrong("3,1.5,rose\n")
    assert "write `long,wide` in the place of its first line" in wrong("x,y\n1,2\n")


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_cells_stand_between_the_signs_that_the_first_line_shows(
    sign: str, flowers: Training
) -> None:
    """Also where other signs stand in cells; and the answers are judged as the table is."""
    table = FLOWERS.replace("name", "name;note").replace("rose", "rose;red, dark")
    rows = csv.reader(io.StringIO(table.replace(",", "\0").replace(";", "\0")), delimiter="\0")
    cells = [[*row, ""][:4] for row in rows]
    Path("new.csv").write_text("".join(f"{sign.join(row)}\n" for row in cells))
    result = netlang("predict", "m.safetensors", "new.csv", "-o", "out.csv")
    assert (result.exit_code, result.stderr) == (0, "")
    assert netlang("predict", "m.safetensors", "-", text=Path("new.csv").read_text()).stdout
    written = Path("out.csv").read_text()
    assert written.startswith(("," if sign == "\t" else sign).join(("long", "wide", "name")))
    judged = [netlang("eval", "m.safetensors", name).stdout for name in ("out.csv", "new.csv")]
    assert judged[0].replace("out.csv", "new.csv") == judged[1]


def test_cells_are_quoted_where_they_hold_what_stands_between_cells(flowers: Training) -> None:
    Path("new.csv").write_text('long;wide;note\n1;2;"a;b, c"\n')
    result = netlang("predict", "m.safetensors", "new.csv", "-o", "out.csv")
    assert result.exit_code == 0
    assert Path("out.csv").read_text().splitlines()[1].startswith('1;2;"a;b, c";')


MIXED: dict[str, str] = {
    "new.csv": "long,wide,id\n1,2,7\n1.5,2,x\n3,,2.5\n4,5,\n".replace(",,", ",8,"),
    "new.ndjson": '{"long": 1, "wide": 2, "id": 7}\n{"long": 1.5, "wide": 2, "id": "x"}\n'
    '{"long": 3, "wide": 8, "id": 2.5}\n{"wide": 5, "id": null, "long": 4}\n',
}


@pytest.mark.parametrize("name", [*MIXED, "new.parquet", "new.arrow"])
@pytest.mark.parametrize("ending", ["csv", "ndjson", "parquet", "arrow"])
def test_a_column_has_one_type_whatever_comes_late(
    name: str, ending: str, flowers: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    for where in ("frames._ROWS", "frames._BLOCK", "large_text._BLOCK"):
        monkeypatch.setattr(f"netlang.catalogue.data.formats.{where}", 1)
    monkeypatch.setattr("netlang.engine.pieces.EVALUATION_UNITS", 1)
    for file, text in MIXED.items():
        Path(file).write_text(text)
    frame = pl.read_csv("new.csv")
    frame.write_parquet("new.parquet")
    frame.write_ipc("new.arrow")
    result = netlang("predict", "m.safetensors", name, "-o", f"out.{ending}")
    assert (result.exit_code, result.stderr) == (0, "")
    readers: dict[str, Callable[[str], pl.DataFrame]] = {
        "csv": pl.read_csv,
        "ndjson": pl.read_ndjson,
        "parquet": pl.read_parquet,
        "arrow": pl.read_ipc,
    }
    found = readers[ending](f"out.{ending}")
    assert found["long"].to_list() == [1, 1.5, 3, 4]
    assert found["id"].to_list() == ["7", "x", "2.5", None]
    assert found["prediction"].null_count() == 0


def test_a_bad_cell_far_down_leaves_nothing_half_written(flowers: Training) -> None:
    rows = "1,2\n" * 40_000
    text = wrong(f"long,wide\n{rows}3,none at all\n")
    assert "row 40001, column `wide` holds `none at all`" in text


def test_all_cells_that_cannot_be_used_are_counted(flowers: Training) -> None:
    text = wrong("long,wide\n1,2\n,NA\n3,?\n4,x\n")
    assert "row 2, column `long` is empty: takes a number" in text
    assert "in the first 4 rows, 1 cell of `long` and 3 of `wide` cannot be used" in text
    assert 'or train with `missing="mean"`' in text
    text = wrong("long,wide\n1,x\n2,y\n")
    assert "in the first 2 rows, 2 cells of `wide` cannot be used" in text
    assert "missing" not in text
    assert "cannot be used" not in wrong("long,wide\n1,x\n2,3\n")


def test_cells_far_down_are_counted_in_their_rows(
    flowers: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netlang.catalogue.data.formats.frames._ROWS", 10)
    frame = pl.DataFrame({"long": [1.0] * 13 + [None] * 7, "wide": [2.0] * 18 + [None] * 2})
    frame.write_parquet("new.parquet")
    result = netlang("predict", "m.safetensors", "new.parquet")
    assert "row 14, column `long` is empty" in result.stderr
    assert "in rows 11 to 20, 7 cells of `long` and 2 of `wide` cannot be used" in result.stderr


def test_a_cell_that_is_missing_is_refused_if_training_refused_it(flowers: Training) -> None:
    assert "row 2, column `long` " in wrong("long,wide\n1,2\n,3\n")


def test_what_is_wrong_is_data_with_json(flowers: Training) -> None:
    (found,) = json.loads(wrong("long\n1\n", "--json"))["diagnostics"]
    assert found["code"] == "E0508"


def test_a_row_of_another_length_is_told(flowers: Training) -> None:
    assert "row 2" in wrong("long,wide\n1,2\n3\n")


def test_an_empty_file_is_no_table(flowers: Training) -> None:
    assert "has no rows of data" in wrong("")


def test_a_header_alone_is_a_table_without_rows(flowers: Training) -> None:
    result = netlang("predict", "m.safetensors", "-", text="long,wide,name\n")
    assert (result.exit_code, result.stdout) == (0, HEADER)


def test_a_table_that_is_not_there_may_be_another(flowers: Training) -> None:
    result = netlang("predict", "m.safetensors", "flower.csv")
    assert result.exit_code == 1
    assert "did you mean `flowers.csv`?" in result.stderr


def test_the_tables_own_columns_keep_their_names(flowers: Training) -> None:
    table = "long,wide,prediction\n1,2,mine\n"
    result = netlang("predict", "m.safetensors", "-", text=table)
    assert result.stdout.startswith("long,wide,prediction,prediction 2,p(iris)")
    assert "1,2,mine," in result.stdout
    assert "that of the model is called `prediction 2`" in result.stderr


def test_outputs_that_are_no_numbers_give_no_prediction_and_are_counted() -> None:
    training = trained(CLASSES.replace("Linear(2, 8) -> Tanh -> Linear(8, 3)", "Linear(2, 3)"))
    training.network.parameters.mul_(1e3)
    result = netlang("predict", kept(training), "-", text="long,wide\n1,2\n3e38,-3e38\n")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[2].startswith("3e38,-3e38,,NaN")
    assert "note: of 1 row the network's outputs are infinite or no numbers" in result.stderr


def test_logits_become_probabilities_and_this_is_said() -> None:
    text = CLASSES.replace(" -> Softmax", "").replace("CrossEntropy", "SoftmaxCrossEntropy")
    training = trained(text)
    result = netlang("predict", kept(training), "flowers.csv")
    assert torch.equal(probabilities(result.stdout), outputs(training).softmax(1))
    made = "made of the network's outputs as the loss takes them"
    assert result.stderr == f"note: p(...) are probabilities, {made}\n"


def test_rows_are_evaluated_in_the_parts_that_the_network_takes(
    flowers: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the parts in which a table is read change no bit."""
    monkeypatch.setattr("netlang.engine.pieces.EVALUATION_UNITS", 240)
    monkeypatch.setattr("netlang.catalogue.data.formats.large_text._BLOCK", 100)
    samples: list[int] = []
    evaluate = TrainedModel.outputs

    def noting(model: TrainedModel, inputs: torch.Tensor) -> torch.Tensor:
        samples.append(len(inputs))
        return evaluate(model, inputs)

    monkeypatch.setattr(TrainedModel, "outputs", noting)
    result = netlang("predict", "m.safetensors", "flowers.csv")
    size = evaluation_samples(flowers.program.graph)
    assert 1 < size < 30
    assert samples == [*[size] * (60 // size), *([60 % size] if 60 % size else [])]
    assert torch.equal(probabilities(result.stdout), outputs(flowers))


def test_what_is_no_model_is_told(flowers: Training) -> None:
    result = netlang("predict", "flowers.csv", "flowers.csv")
    assert result.exit_code == 1
    assert "error[E0506]" in result.stderr
