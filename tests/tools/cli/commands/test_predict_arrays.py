"""``netlang predict`` and ``netlang eval`` with models of arrays: NPY, NPZ and IDX files."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch

from netlang.catalogue.data.arrays.pixels import pixels_of
from netlang.runs.training.training import Training
from tests.catalogue.data.arrays.files import digits, idx, write_idx, write_pictures
from tests.models import DIGITS, PETS, POINTS, kept, trained
from tests.program import about, netlang, only


def archive(**arrays: np.ndarray) -> bytes:
    """The bytes of an NPZ file."""
    file = io.BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type]
    return file.getvalue()


PICTURES, LABELS = digits(7, 30)


@pytest.fixture
def model() -> Training:
    """A model of pictures [1, 4, 3], kept as m.safetensors."""
    write_idx(Path("digits"))
    training = trained(DIGITS)
    kept(training)
    return training


@pytest.fixture
def points() -> Training:
    """A model of samples [4] with one number to predict, kept as m.safetensors."""
    draw = np.random.default_rng(3)
    x = draw.normal(size=(40, 4))
    np.savez("points.npz", x=x, y=100 * x[:, 0] + 7)
    training = trained(POINTS)
    kept(training)
    return training


WRITERS: dict[str, Callable[[Path], object]] = {
    "new.npy": lambda file: np.save(file, PICTURES),
    "new.npz": lambda file: np.savez(file, image=PICTURES),
    "small.npz": lambda file: np.savez_compressed(file, image=PICTURES[:, None]),
    "new-idx3-ubyte": lambda file: file.write_bytes(idx(PICTURES)),
    "new-idx3-ubyte.gz": lambda file: file.write_bytes(gzip.compress(idx(PICTURES))),
}


@pytest.mark.parametrize("name", WRITERS)
def test_each_kind_of_file_gives_the_networks_own_outputs(name: str, model: Training) -> None:
    WRITERS[name](Path(name))
    result = netlang("predict", "m.safetensors", name)
    assert (result.exit_code, result.stderr) == (0, "")
    schema = dict.fromkeys(("p(0)", "p(1)", "p(2)"), pl.Float32)
    frame = pl.read_csv(io.StringIO(result.stdout), schema_overrides=schema)
    assert frame.columns == ["sample", "prediction", *schema]
    assert frame["sample"].to_list() == [*range(1, 31)]
    assert model.split.pipeline
    y = model.outputs(model.split.pipeline.apply(PICTURES))
    assert torch.equal(torch.from_numpy(frame.select([*schema]).to_numpy().copy()), y)


def test_the_parts_in_which_samples_come_change_no_bit(
    model: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.save("new.npy", PICTURES)
    whole = netlang("predict", "m.safetensors", "new.npy").stdout
    monkeypatch.setattr("netlang.catalogue.data.arrays.in_parts._NUMBERS", 84)
    assert netlang("predict", "m.safetensors", "new.npy").stdout == whole


def test_a_bad_sample_is_counted_from_the_beginning_of_its_file(
    model: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.save("new.npy", np.where(np.arange(30)[:, None, None] == 19, np.nan, PICTURES))
    monkeypatch.setattr("netlang.catalogue.data.arrays.in_parts._NUMBERS", 84)
    result = netlang("predict", "m.safetensors", "new.npy", "-o", "out.csv")
    assert "sample 20 of `image` holds NaN" in result.stderr
    assert not Path("out.csv").exists()


def test_samples_alone_in_an_archive_have_any_name(model: Training) -> None:
    np.savez("new.npz", image=PICTURES)
    np.savez("other.npz", digits=PICTURES)
    by_name, alone = (
        netlang("predict", "m.safetensors", name) for name in ("new.npz", "other.npz")
    )
    assert alone.stdout == by_name.stdout
    np.savez("two.npz", digits=PICTURES, label=LABELS)
    told = netlang("predict", "m.safetensors", "two.npz").stderr
    assert "it has no array `image`; it has `digits` and `label`" in told
    assert "save the samples as the array `image`" in told


def test_the_files_of_mnist_have_their_labels_beside_them(model: Training) -> None:
    """Whether one of them is named, or the folder, of which the test is then meant."""
    of_folder = netlang("predict", "m.safetensors", "digits").stdout
    file = "digits/t10k-images-idx3-ubyte"
    assert netlang("predict", "m.safetensors", file).stdout == of_folder
    judged = [
        json.loads(netlang("eval", "m.safetensors", named, "--json").stdout)
        for named in ("digits", file, "digits/train-images-idx3-ubyte")
    ]
    assert [one["samples"] for one in judged] == [12, 12, 40]
    y = model.outputs(model.split.test.inputs).argmax(1)
    right = (y == model.split.test.targets).double().mean().item()
    assert judged[0]["metrics"]["accuracy"] == judged[1]["metrics"]["accuracy"] == right


@pytest.mark.parametrize("command", ["predict", "eval"])
def test_a_file_of_labels_holds_no_samples(command: str, model: Training) -> None:
    told = netlang(command, "m.safetensors", "digits/train-labels-idx1-ubyte").stderr
    assert "a whole number for each of 40 samples: these are labels" in told
    assert "name the file of the samples" in told


def test_labels_that_are_not_there_are_told(model: Training) -> None:
    Path("digits/t10k-labels-idx1-ubyte").unlink()
    told = netlang("eval", "m.safetensors", "digits").stderr
    assert "no `t10k-labels-idx1-ubyte` beside `t10k-images-idx3-ubyte`" in told
    for name in ("images-idx3", "labels-idx1"):
        Path(f"digits/train-{name}-ubyte").rename(f"digits/val-{name}-ubyte")
        Path(f"digits/more-{name}-ubyte").write_bytes(b"")
    Path("digits/t10k-images-idx3-ubyte").unlink()
    told = netlang("eval", "m.safetensors", "digits").stderr
    assert "several files of samples: `more-images-idx3-ubyte` and `val-images-idx3-ubyte`" in told


@pytest.mark.parametrize(
    ("more", "columns", "loss"),
    [
        ("", 1, "SoftmaxCrossEntropy"),
        (', task="regression"', 1, "MSE"),
        ("", 2, "MSE"),
    ],
)
def test_truth_values_are_targets_of_the_file_that_was_learned_from(
    more: str, columns: int, loss: str
) -> None:
    x = np.random.default_rng(3).normal(size=(40, 4))
    y = x[:, 0] > 0 if columns == 1 else x[:, :2] > 0
    np.savez("t.npz", x=x, y=y)
    data = f'data = Arrays("t.npz", inputs="x", target="y"{more})'
    text = f"{data}\nnet = Linear(4, _)\nloss = {loss}\noptimizer = SGD(lr=0.1)\nepochs = 1\n"
    kept(trained(text))
    of_truths = netlang("eval", "m.safetensors", "t.npz", "--json")
    assert of_truths.exit_code == 0
    np.savez("t.npz", x=x, y=y.astype(float))
    assert netlang("eval", "m.safetensors", "t.npz", "--json").stdout == of_truths.stdout


def test_named_classes_are_numbers_in_a_file(model: Training) -> None:
    expected = netlang("eval", "m.safetensors", "digits", "--json").stdout
    kept(trained(DIGITS.replace('IDX("digits"', 'IDX("digits", classes=["a", "b", "c"]')))
    np.savez("new.npz", image=digits(1, 12)[0], label=digits(1, 12)[1])
    for named in ("digits", "new.npz"):
        found = json.loads(netlang("eval", "m.safetensors", named, "--json").stdout)
        assert found["metrics"] == json.loads(expected)["metrics"]
        assert [score["name"] for score in found["scores"]] == ["a", "b", "c"]
    np.savez("new.npz", image=PICTURES, label=LABELS + 2)
    told = netlang("eval", "m.safetensors", "new.npz").stderr
    assert "the class of sample 2 is 3, and there are 0 to 2" in told


def test_several_numbers_of_each_sample_are_judged() -> None:
    x = np.random.default_rng(3).normal(size=(40, 4))
    Path("new").mkdir()
    for folder in (Path(), Path("new")):
        np.save(folder / "x.npy", x)
        np.save(folder / "y.npy", 100 * x[:, :2] + 7)
    data = '"x.npy", target="y.npy"'
    kept(trained(POINTS.replace('"points.npz"', data).replace("Linear(4, 1)", "Linear(4, 2)")))
    np.savez("new.npz", x=x, y=100 * x[:, :2] + 7)
    archive, folder, file = (
        json.loads(netlang("eval", "m.safetensors", named, "--json").stdout)
        for named in ("new.npz", "new", "new/x.npy")
    )
    assert archive["metrics"] == folder["metrics"] == file["metrics"]
    assert archive["metrics"]["mae"] > 1  # in the target's own units
    np.save("new/y.npy", x[:, :3])
    told = netlang("eval", "m.safetensors", "new").stderr
    assert "its targets [40, 3] are not 2 numbers for each sample" in told


def test_a_file_that_ends_while_it_is_read_in_parts_is_told(
    model: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netlang.catalogue.data.arrays.in_parts._NUMBERS", 12_000)
    noise = np.random.default_rng(0).integers(0, 255, (3000, 4, 3), np.uint8)
    packed = gzip.compress(idx(noise))
    Path("new-images-idx3-ubyte.gz").write_bytes(packed[:-100])
    Path("more-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(noise) + b"x"))
    np.savez_compressed("new.npz", image=noise)
    data = bytearray(Path("new.npz").read_bytes())
    data[20000] ^= 1
    Path("new.npz").write_bytes(data)
    for name, why in {
        "new-images-idx3-ubyte.gz": "it ends too early",
        "more-images-idx3-ubyte.gz": "it holds more than the 36,016 bytes",
        "new.npz": "it is no NPZ archive that is whole",
    }.items():
        result = netlang("predict", "m.safetensors", name, "-o", "out.csv")
        assert why in result.stderr
        assert not Path("out.csv").exists()


def test_one_sample_alone_is_enough(model: Training) -> None:
    np.save("one.npy", PICTURES[4])
    assert len(netlang("predict", "m.safetensors", "one.npy").stdout.splitlines()) == 2


def test_a_row_of_numbers_is_a_sample(points: Training) -> None:
    result = netlang("predict", "m.safetensors", "--values", "1,0.5,0,-1", "--json")
    assert points.split.pipeline
    y = points.outputs(points.split.pipeline.apply(np.array([[1, 0.5, 0, -1]])))
    assert json.loads(result.stdout)["prediction"] == points.split.to_values(y).item()


@pytest.mark.parametrize(
    ("values", "told"),
    [("1,2", "--values has 2 values, and the model takes 4"), ("1,2,3,x", "takes numbers")],
)
def test_other_values_are_told(values: str, told: str, points: Training) -> None:
    result = netlang("predict", "m.safetensors", "--values", values)
    assert result.exit_code == 2
    assert told in result.stderr


def test_a_picture_has_no_values(model: Training) -> None:
    result = netlang("predict", "m.safetensors", "--values", "1,2")
    assert result.exit_code == 2
    assert "name a file" in result.stderr


@pytest.mark.parametrize(
    ("write", "told"),
    [
        (lambda file: np.save(file, PICTURES[:, :3]), "takes an array [N, 1, 4, 3]"),
        (
            lambda file: file.write_bytes(archive(image=PICTURES[:, :3])),
            "`new.npy`: `image` takes an array [N, 1, 4, 3]",
        ),
        (lambda file: np.save(file, np.array([{}])), "Python objects"),
        (lambda file: file.write_bytes(b""), "no array that can be read"),
        (lambda file: file.write_text("a,b\n1,2\n"), "no array that can be read"),
        (lambda file: np.save(file, np.full((2, 4, 3), np.nan)), "sample 1"),
        (lambda file: file.unlink(missing_ok=True), "no such file"),
        (lambda file: file.mkdir(), "holds no pictures"),
    ],
)
def test_a_file_that_the_model_cannot_take_is_told(
    write: Callable[[Path], object], told: str, model: Training
) -> None:
    file = Path("new.npy")
    write(file)
    result = netlang("predict", "m.safetensors", "new.npy", "-o", "out.csv")
    assert result.exit_code == 1
    assert "error[E0403]" in result.stderr
    assert told in result.stderr
    assert not Path("out.csv").exists()


def test_its_own_test_data_are_judged_as_its_run_did() -> None:
    write_idx(Path("digits"))
    Path("m.net").write_text(DIGITS)
    netlang("run", "m.net", "--no-plots")
    found = json.loads(netlang("eval", only(), "--json").stdout)
    metrics = about(only())["result"]["metrics"]
    for name in ("loss", "accuracy"):
        assert found["metrics"][name] == metrics[f"test.{name}"]


def test_arrays_with_targets_are_judged(model: Training) -> None:
    np.savez("new.npz", image=PICTURES, label=LABELS)
    found = json.loads(netlang("eval", "m.safetensors", "new.npz", "--json").stdout)
    assert found["samples"] == 30
    assert model.split.pipeline
    y = model.outputs(model.split.pipeline.apply(PICTURES))
    right = y.argmax(1) == torch.from_numpy(LABELS.astype(np.int64))
    assert found["metrics"]["accuracy"] == right.double().mean().item()


@pytest.mark.parametrize(
    ("arrays", "told"),
    [
        ({"image": PICTURES}, "it has no array `label`"),
        (
            {"image": PICTURES, "label": np.full(30, 0x110000, np.uint32).view("<U1")},
            "sample 1 is no text of Unicode",
        ),
        ({"image": PICTURES, "label": LABELS[:7]}, "there are 7 targets, and 30 samples"),
        ({"image": PICTURES, "label": LABELS + 5}, "holds `5`, and training had no such class"),
    ],
)
def test_arrays_without_fitting_targets_are_told(
    arrays: dict[str, np.ndarray], told: str, model: Training
) -> None:
    np.savez("new.npz", **arrays)
    result = netlang("eval", "m.safetensors", "new.npz")
    assert result.exit_code == 1
    assert told in result.stderr


def test_an_array_alone_has_no_targets(model: Training) -> None:
    np.save("new.npy", PICTURES)
    result = netlang("eval", "m.safetensors", "new.npy")
    assert result.exit_code == 1
    assert "save an NPZ file of the arrays `image` and `label`" in result.stderr


@pytest.fixture
def pets() -> Path:
    """A folder of pictures, of which a model was trained that is kept as m.safetensors."""
    folder = write_pictures(Path("pets"), 10)
    kept(trained(PETS))
    return folder


def test_a_folder_of_pictures_has_a_row_for_each(pets: Path) -> None:
    result = netlang("predict", "m.safetensors", "pets")
    assert (result.exit_code, result.stderr) == (0, "")
    rows = [*csv.DictReader(io.StringIO(result.stdout))]
    assert [*rows[0]] == ["file", "prediction", "p(cat)", "p(dog)"]
    assert [row["file"] for row in rows] == sorted(
        file.relative_to(pets).as_posix() for file in pets.glob("*/*.png")
    )


def test_a_picture_alone_gives_what_it_gives_in_training(pets: Path) -> None:
    training = trained(PETS)
    file = min(pets.glob("cat/*.png"))
    result = netlang("predict", "m.safetensors", file, "--json")
    assert training.split.pipeline
    y = training.outputs(training.split.pipeline.apply(pixels_of(file.read_bytes(), 4, 3, 3)[None]))
    found = json.loads(result.stdout)
    assert found["file"] == file.name
    assert [torch.tensor(found[f"p({name})"]) for name in ("cat", "dog")] == [*y[0]]


def test_pictures_in_a_folder_for_each_class_are_judged(pets: Path) -> None:
    result = netlang("eval", "m.safetensors", "pets", "--json")
    found = json.loads(result.stdout)
    assert found["samples"] == 20
    assert [score["support"] for score in found["scores"]] == [10, 10]


@pytest.mark.parametrize("named", ["pets/cat", "pets/cat/000.png"])
def test_pictures_are_judged_by_the_names_of_their_folders_alone(named: str, pets: Path) -> None:
    told = netlang("eval", "m.safetensors", named).stderr
    assert "its pictures are in no folder for each class" in told
    assert "put the pictures of each class into a folder of its name" in told


def test_a_folder_with_parts_is_judged_by_its_test(pets: Path) -> None:
    write_pictures(Path("both/train"), 3)
    pets.rename("both/test")
    found = json.loads(netlang("eval", "m.safetensors", "both", "--json").stdout)
    assert found["samples"] == 20


@pytest.mark.parametrize(
    ("write", "told"),
    [
        (lambda folder: (folder / "a.png").write_bytes(b"text"), "`a.png` is no picture"),
        (lambda folder: (folder / "a.txt").write_bytes(b"text"), "no pictures that can be used"),
    ],
)
def test_pictures_that_cannot_be_used_are_told(
    write: Callable[[Path], object], told: str, pets: Path
) -> None:
    Path("new").mkdir()
    write(Path("new"))
    result = netlang("predict", "m.safetensors", "new")
    assert result.exit_code == 1
    assert told in result.stderr


def test_pictures_of_a_class_that_training_never_had_are_told(pets: Path) -> None:
    (pets / "cat").rename(pets / "bird")
    result = netlang("eval", "m.safetensors", "pets")
    assert result.exit_code == 1
    assert "holds `bird`, and training had no such class" in result.stderr
