"""Arrays of NumPy become samples as they are; what is none, or runs code, or lies, is refused."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from netlang.catalogue.data import IDX, Arrays, DataSet, Images, Table
from netlang.catalogue.data.arrays import opened
from netlang.language.diagnostics import NetError
from netlang.language.shapes import Shape
from tests.catalogue.data.arrays.files import Named, refusal, said

DRAW = np.random.default_rng(0)
X, Y = DRAW.normal(3, 2, (50, 4)), np.arange(50) % 3


def npy(array: Any, pickled: bool = False) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=pickled)
    return file.getvalue()


def saved(folder: Path, x: Any = X, y: Any = Y, packed: bool = False) -> Path:
    (np.savez_compressed if packed else np.savez)(folder / "d.npz", x=x, y=y)
    return folder / "d.npz"


def sorted_rows(*parts: torch.Tensor) -> np.ndarray:
    rows = torch.cat(parts).numpy()
    return rows[np.lexsort(rows.reshape(len(rows), -1).T)]


@pytest.mark.parametrize("packed", [False, True])
def test_an_archive_s_arrays_are_split_by_class(tmp_path: Path, packed: bool) -> None:
    data = Arrays(saved(tmp_path, packed=packed), standardize=False, validation=0.2)
    described, split = data.describe(), data.load(1)
    assert (described.input, described.classes) == (Shape.of(4), ("0", "1", "2"))
    assert (described.train, described.test, described.validation) == (30, 10, 10)
    assert split.validation
    parts = split.train, split.test, split.validation
    for name in ("train", "test", "validation"):
        rows = split.rows[name].numpy() - 1
        part = getattr(split, name)
        assert np.array_equal(part.inputs.numpy(), X[rows].astype(np.float32))
        assert np.array_equal(part.targets.numpy(), Y[rows])
    assert (described.target, described.counts) == (("y",), (17, 17, 16))
    there = sorted_rows(*(part.inputs for part in parts))
    assert np.array_equal(there, sorted_rows(torch.tensor(X).float()))


@pytest.mark.parametrize("fortran", [False, True])
def test_a_pair_of_files_is_read(tmp_path: Path, fortran: bool) -> None:
    np.save(tmp_path / "x.npy", np.asfortranarray(X) if fortran else X)
    np.save(tmp_path / "y.npy", Y)
    pair = Arrays(tmp_path / "x.npy", target=tmp_path / "y.npy")
    archive = Arrays(saved(tmp_path))
    assert torch.equal(pair.load().train.inputs, archive.load().train.inputs)
    assert [file.path.name for file in pair.files] == ["x.npy", "y.npy"]
    assert len(archive.files) == 1


def test_features_are_standardised_each_by_the_training_rows(tmp_path: Path) -> None:
    split = Arrays(saved(tmp_path, X * [1, 10, 100, 0] + 5)).load()
    inputs = split.train.inputs.double()
    assert inputs.mean(0).abs().max() < 1e-6
    torch.testing.assert_close(inputs.std(0, correction=0)[:3], torch.ones(3).double())
    assert inputs[:, 3].abs().max() == 0


def test_channels_are_standardised_each_and_pictures_without_them_as_one(tmp_path: Path) -> None:
    pictures = DRAW.normal(0, 1, (50, 2, 5, 3)) * [[[3]], [[7]]] + [[[1]], [[-4]]]
    inputs = Arrays(saved(tmp_path, pictures)).load().train.inputs.double()
    assert inputs.mean((0, 2, 3)).abs().max() < 1e-6
    torch.testing.assert_close(inputs.std((0, 2, 3), correction=0), torch.ones(2).double())
    plain = Arrays(saved(tmp_path, pictures[:, 0])).load()
    assert plain.pipeline
    assert len(plain.pipeline.shift) == 1  # type: ignore[union-attr]
    assert plain.train.inputs.shape == (40, 5, 3)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", ">i2", "float16", ">f8", "longdouble"])
def test_all_kinds_of_numbers_are_inputs(tmp_path: Path, dtype: str) -> None:
    numbers = (np.arange(50 * 4).reshape(50, 4) % 7).astype(dtype)
    split = Arrays(saved(tmp_path, numbers), standardize=False).load()
    there = sorted_rows(split.train.inputs, split.test.inputs)
    assert np.array_equal(there, sorted_rows(torch.tensor(numbers.astype(np.float32))))


def test_one_number_for_each_sample_is_an_input(tmp_path: Path) -> None:
    assert Arrays(saved(tmp_path, X[:, 0])).describe().input == Shape.of(1)


@pytest.mark.parametrize(
    ("targets", "arguments", "classes"),
    [
        (np.arange(50) % 2 == 0, {}, ("0", "1")),
        (np.array(["b", "a"] * 25), {}, ("a", "b")),
        (np.array([b"b", b"a"] * 25), {}, ("a", "b")),
        ((np.arange(50) % 3 + 5).astype(float), {}, ("5", "6", "7")),
        (np.arange(50) % 3, {"classes": ("x", "y", "z")}, ("x", "y", "z")),
        (np.arange(50)[:, None] % 3, {}, ("0", "1", "2")),
        (np.arange(50) * 100, {"task": "classification"}, tuple(str(100 * i) for i in range(50))),
        (np.arange(50) * 100, {}, None),
        (np.arange(50) % 3, {"task": "regression"}, None),
        (np.linspace(0, 1, 50), {}, None),
    ],
)
def test_targets_are_classes_or_numbers(
    tmp_path: Path, targets: Any, arguments: Any, classes: Any
) -> None:
    described = Arrays(saved(tmp_path, y=targets), **arguments).describe()
    assert described.classes == classes
    assert described.outputs == (len(classes) if classes else 1)


def test_arrays_to_test_on_may_have_names_of_their_own(tmp_path: Path) -> None:
    texts = np.array(["a", "b", "c"])
    arrays = {"x_train": X, "y_train": texts[Y], "x_test": X[:6] * 2, "y_test": texts[Y[:6]]}
    np.savez(tmp_path / "d.npz", **arrays)
    for name, array in arrays.items():
        np.save(tmp_path / f"{name}.npy", array)
    test = {"test_inputs": "x_test", "test_target": "y_test"}
    archive = Arrays(tmp_path / "d.npz", inputs="x_train", target="y_train", **test)
    files = {
        key: str(tmp_path / f"{name}.npy") for key, name in {"target": "y_train", **test}.items()
    }
    for data in (archive, Arrays(tmp_path / "x_train.npy", **files)):
        assert (data.describe().train, data.describe().test) == (50, 6)
        split = data.load()
        assert split.test
        assert split.pipeline
        assert torch.equal(split.test.inputs, split.pipeline.apply(X[:6] * 2))  # type: ignore[arg-type]
        assert split.test.targets.tolist() == Y[:6].tolist()


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({}, "it names `test_inputs` and no `test_target`"),
        ({"y2": Y[:5]}, "there are 5 targets, and 6 samples"),
        ({"y2": Y[:6] + 1}, "the class of sample 3 is 3, and there are 0 to 2"),
        ({"y2": np.array(["a"] * 6)}, "its targets are no such classes"),
        ({"x2": X[:6, :3], "y2": Y[:6]}, "have other shapes: [3] and [4]"),
        ({"x2": X[:6] * np.nan, "y2": Y[:6]}, "sample 1 holds NaN"),
    ],
)
def test_arrays_to_test_on_have_to_fit(tmp_path: Path, arrays: Any, reason: str) -> None:
    np.savez(tmp_path / "d.npz", **{"x": X, "y": Y, "x2": X[:6], **arrays})
    target = "y2" if arrays else None
    assert reason in said(Arrays(tmp_path / "d.npz", test_inputs="x2", test_target=target))


def test_several_numbers_are_predicted_together(tmp_path: Path) -> None:
    data = Arrays(saved(tmp_path, y=X[:, :3]), standardize=False)
    assert data.describe().targets == 3
    split = data.load()
    assert torch.equal(split.test.targets, split.test.inputs[:, :3])
    assert split.pipeline
    assert split.pipeline.target == ("y[0]", "y[1]", "y[2]")


def test_what_a_task_may_have_been_is_told(tmp_path: Path) -> None:
    assert Arrays(saved(tmp_path)).describe().other_task == "regression"
    assert Arrays(saved(tmp_path, y=np.arange(50) * 7)).describe().other_task == "classification"
    assert Arrays(saved(tmp_path), task="classification").describe().other_task == ""


BAD_ARRAYS: dict[str, tuple[Any, Any, str]] = {
    "NaN": (np.where(np.arange(200).reshape(50, 4) == 9, np.nan, X), Y, "sample 3 holds NaN"),
    "infinity": (np.where(np.arange(200).reshape(50, 4) == 1, np.inf, X), Y, "sample 1 holds NaN"),
    "too large": (X * 1e300, Y, "sample 1 holds NaN, infinity or a number beyond"),
    "complex": (X * 1j, Y, "it holds complex numbers"),
    "texts": (np.array([["a"]] * 50), Y, "it holds texts"),
    "dates": (np.zeros((50, 1), "M8[D]"), Y, "it holds dates"),
    "records": (np.zeros(50, [("a", "i4"), ("b", "f8")]), Y, "it holds records of several fields"),
    "no samples": (X[:0], Y[:0], "it holds nothing: its shape is [0, 4]"),
    "no features": (X[:, :0], Y, "it holds nothing: its shape is [50, 0]"),
    "a number": (np.float64(3), Y, "it has 0 dimensions"),
    "more targets": (X, np.arange(51) % 3, "there are 51 targets, and 50 samples"),
    "NaN in targets": (X, np.where(np.arange(50) == 7, np.nan, 1.5), "target of sample 8 is nan"),
    "targets of pictures": (X, np.zeros((50, 2, 2)), "its targets have too many dimensions"),
    "complex targets": (X, Y * 1j, "it holds complex numbers"),
}


@pytest.mark.parametrize("case", BAD_ARRAYS)
def test_arrays_that_cannot_be_used_are_refused_in_one_message(
    tmp_path: Path, named: Named, case: str
) -> None:
    x, y, reason = BAD_ARRAYS[case]
    saved(tmp_path, x, y)
    found = refusal(named(Arrays("d.npz")))
    assert found.code == "E0403"
    assert reason in found.title


@pytest.mark.parametrize(
    ("targets", "arguments", "reason"),
    [
        (Y, {"classes": ("a", "b")}, "the class of sample 3 is 2, and there are 0 to 1"),
        (Y + 0.5, {"task": "classification"}, "the class of sample 1 is 0.5, no whole number"),
        (np.eye(50)[:, :3], {"task": "classification"}, "its targets [50, 3] are no classes"),
        (np.array(["a", "b"] * 25), {"task": "regression"}, "its targets are texts"),
    ],
)
def test_targets_that_are_not_what_is_asked_for_are_refused(
    tmp_path: Path, targets: Any, arguments: Any, reason: str
) -> None:
    assert reason in said(Arrays(saved(tmp_path, y=targets), **arguments))


def texts(*code_points: int) -> np.ndarray:
    """Texts of one character each, again and again."""
    return np.resize(np.array(code_points, np.uint32), 50).view("<U1")


@pytest.mark.parametrize(
    ("targets", "reason"),
    [
        (texts(65, 0x110000), "the class of sample 2 is no text of Unicode"),
        (texts(65, 65, 0xD800), "the class of sample 3 is no text of Unicode"),
        (np.array([b"a", b"\xff"] * 25), "the class of sample 2 is no text in UTF-8"),
        (np.array(["a", ""] * 25), "sample 2 has no class"),
        (
            np.array(["a", "b", "nan", "c", "d"] * 10),
            "sample 3 is `nan`, which marks a missing one",
        ),
        (np.array(["a", "b "] * 25), "sample 2 is `b `, with a blank around it"),
        (X[:, 0].astype(str), "its targets are numbers that are written as texts"),
    ],
)
def test_texts_that_name_no_classes_are_refused(
    tmp_path: Path, targets: np.ndarray, reason: str
) -> None:
    assert reason in said(Arrays(saved(tmp_path, y=targets)))


@pytest.mark.parametrize("kind", [">U1", "<U3", "S1"])
def test_texts_of_any_kind_name_classes(tmp_path: Path, kind: str) -> None:
    data = Arrays(saved(tmp_path, y=np.array(["b", "a"] * 25, kind)))
    assert data.describe().classes == ("a", "b")
    assert data.load().train.targets.bincount().tolist() == [20, 20]


def claiming(shape: str, descr: str = "'<f8'", data: bytes = bytes(8)) -> bytes:
    head = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + data


HOSTILE = {
    "no array": (b"hello, world", "it does not begin as an NPY file does"),
    "empty": (b"", "it is empty"),
    "truncated": (npy(X)[:-1], "its header says 1,600 bytes of numbers, and there are 1,599"),
    "too long": (npy(X) + b"x", "its header says 1,600 bytes of numbers, and there are 1,601"),
    "terabytes": (claiming("(1000000, 1000000)"), "its header says 8,000,000,000,000 bytes"),
    "beyond 64 bits": (claiming(f"({10**30},)"), f"its header says {8 * 10**30:,} bytes"),
    "negative": (claiming("(-1, 4)"), "it holds nothing"),
    "end in header": (npy(X)[:20], "its header is damaged"),
    "code in header": (claiming("__import__('os').getpid()"), "its header is damaged"),
    "deep header": (claiming("(" * 5000), "its header is damaged"),
    "no dtype": (claiming("(1,)", "'zz'"), "its header is damaged"),
    "objects": (npy(np.array([{}, 1], object), pickled=True), "which can run code"),
    "objects in records": (claiming("(1,)", "[('a', '|O')]"), "which can run code"),
    "version": (b"\x93NUMPY\x09\x00" + npy(X)[8:], "NPY format's version 9.0"),
    "many dimensions": (claiming("(1,) * 40".replace("(1,) * 40", repr((1,) * 40))), "40 dimens"),
    "widthless texts": (claiming("(3,)", "'<U0'", b""), "it holds nothing"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_damaged_array_is_refused_in_one_message(tmp_path: Path, named: Named, case: str) -> None:
    data, reason = HOSTILE[case]
    (tmp_path / "x.npy").write_bytes(data)
    np.save(tmp_path / "y.npy", Y)
    found = refusal(named(Arrays("x.npy", target="y.npy")))
    assert found.code == "E0403"
    assert reason in found.title


def test_pickled_objects_are_never_unpickled(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> Any:
            return Path.touch, (tmp_path / "sprung",)

    for name in ("d.npz", "x.npy"):
        target = {} if name == "d.npz" else {"target": tmp_path / "x.npy"}
        objects = np.array([Trap()] * 3, object)
        if name == "d.npz":
            np.savez(tmp_path / name, x=objects, y=objects)
        else:
            (tmp_path / name).write_bytes(npy(objects, pickled=True))
        assert "which can run code" in said(Arrays(tmp_path / name, **target))
    assert not (tmp_path / "sprung").exists()


def zipped(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(f"{name}.npy", data)
    return file.getvalue()


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def test_an_archive_that_expands_a_thousandfold_is_refused_by_its_directory(
    tmp_path: Path, named: Named, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "d.npz").write_bytes(zipped(x=npy(np.zeros(10**6)), y=npy(Y)))
    monkeypatch.setattr(opened, "_FREE", 1 << 20)
    assert "bytes of it claim to become 8,000,128" in said(named(Arrays("d.npz")))


@pytest.mark.parametrize("packed", [False, True])
def test_a_damaged_archive_is_refused_in_one_message(
    tmp_path: Path, named: Named, packed: bool
) -> None:
    data = saved(tmp_path, packed=packed).read_bytes()
    for spoiled in (data[:-30], data[:100], flipped(data, 700), b"PK\3\4" + bytes(500), data[99:]):
        (tmp_path / "d.npz").write_bytes(spoiled)
        found = refusal(named(Arrays("d.npz")))
        assert found.code == "E0403"
        assert "it is no NPZ archive that is whole" in found.title


def test_no_flipped_bit_of_an_archive_is_a_traceback(tmp_path: Path) -> None:
    data = saved(tmp_path, X[:6], Y[:6]).read_bytes()
    right = Arrays(tmp_path / "d.npz").load()
    for at in range(0, len(data), 7):
        (tmp_path / "d.npz").write_bytes(flipped(data, at))
        spoiled = Arrays(tmp_path / "d.npz")
        try:
            refusal(spoiled)
        except pytest.fail.Exception:  # in what no reader needs, such as a member's date
            assert torch.equal(spoiled.load().train.inputs, right.train.inputs)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (npy(X), "it is one array, an NPY file"),
        (b"\x89HDF\r\n\x1a\n", "it is an HDF5 file"),
        (b"\x80\x04\x95", "it is a pickle, which can run code when it is read"),
    ],
)
def test_a_file_of_another_kind_is_told_by_how_it_begins(
    tmp_path: Path, data: bytes, reason: str
) -> None:
    (tmp_path / "d.npz").write_bytes(data)
    assert reason in said(Arrays(tmp_path / "d.npz"))


def test_an_archive_is_named_alone(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", X)
    found = refusal(Arrays(tmp_path / "x.npy", target=saved(tmp_path)))
    assert "it is an NPZ file" in found.title
    assert "name an NPZ file alone" in str(found.message().helps)


@pytest.mark.parametrize(
    ("name", "data", "help"),
    [
        ("d.npz", lambda: Table("d.npz", target="y"), '`Arrays("d.npz")`'),
        ("d.npz", lambda: Images("d.npz"), '`Arrays("d.npz")`'),
        ("mnist.zip", lambda: IDX("mnist.zip"), "unpack it"),
        ("pets/", lambda: Arrays("pets"), '`Images("pets")`'),
    ],
)
def test_data_that_another_data_set_reads_are_told_by_which(
    tmp_path: Path, named: Named, name: str, data: Callable[[], DataSet], help: str
) -> None:
    if name.endswith("/"):
        (tmp_path / name).mkdir()
    else:
        saved(tmp_path).rename(tmp_path / name)
    assert help in str(refusal(named(data())).message().helps)


def test_the_array_of_an_archive_that_is_no_good_is_named(tmp_path: Path) -> None:
    assert "its array `y`: it has 0 dimensions" in said(Arrays(saved(tmp_path, y=np.int64(3))))


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (("arr_0", "arr_1"), 'write `inputs="arr_0", target="arr_1"`'),
        (
            ("x_train", "x_test", "y_train", "y_test"),
            'target="y_train", test_inputs="x_test", test_target="y_test"`',
        ),
        (("a", "b", "c"), 'name two of them: `inputs="...", target="..."`'),
    ],
)
def test_the_arrays_that_are_likely_to_be_meant_are_told(
    tmp_path: Path, names: tuple[str, ...], told: str
) -> None:
    np.savez(tmp_path / "d.npz", **dict.fromkeys(names, X))
    assert told in str(refusal(Arrays(tmp_path / "d.npz")).message().helps)


def test_an_array_that_is_not_there_is_told_from_those_that_are(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", inputs=X, labels=Y)
    found = refusal(Arrays(tmp_path / "d.npz", inputs="input"))
    assert "it has no array `input`; it has `inputs` and `labels`" in found.title
    assert "did you mean `inputs`?" in str(found.message().helps)


@pytest.mark.parametrize("shares", [{"test": 0.001}, {"test": 0.6, "validation": 0.5}])
def test_shares_that_leave_a_part_empty_are_refused(tmp_path: Path, shares: Any) -> None:
    assert refusal(Arrays(saved(tmp_path), **shares)).code == "E0407"


def test_an_array_alone_asks_for_the_targets(tmp_path: Path, named: Named) -> None:
    np.save(tmp_path / "x.npy", X)
    found = refusal(named(Arrays("x.npy")))
    assert "`x.npy`: an NPY file holds one array" in found.title
    assert '`target="target.npy"`' in str(found.message().helps)
    assert "cannot read the data file `z.npy`" in said(named(Arrays("x.npy", target="z.npy")))


def test_a_file_that_is_not_there_is_named_with_one_that_is(tmp_path: Path, named: Named) -> None:
    saved(tmp_path)
    found = refusal(named(Arrays("e.npz")))
    assert "cannot read the data file `e.npz`" in found.title
    assert "did you mean `d.npz`?" in str(found.message().helps)


def test_a_file_that_is_cut_off_or_changed_after_it_was_read_is_what_it_was(tmp_path: Path) -> None:
    program = f"""\
import os, sys
from netlang.catalogue.data import Arrays
data = Arrays({str(saved(tmp_path))!r}, standardize=False)
(file,) = data.files
data.describe()
assert "torch" not in sys.modules
with open(file.path, "r+b") as changed:
    changed.write(bytes(os.path.getsize(file.path)))
os.truncate(file.path, 100)
print(file.sha256, data.load().train.inputs.sum().item())
"""
    expected = Arrays(saved(tmp_path), standardize=False)
    told = f"{expected.files[0].sha256} {expected.load().train.inputs.sum().item()}"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    assert done.stdout.decode().strip() == told


def test_numbers_are_kept_until_inputs_are_made_of_them(tmp_path: Path) -> None:
    data = Arrays(saved(tmp_path))
    data.describe()
    assert data.arranged.samples.strides == X.strides
    first = data.load().train.inputs
    assert not any(data.arranged.samples.strides)  # they take no memory
    assert torch.equal(data.load().train.inputs, first)
    saved(tmp_path, X + 1)
    with pytest.raises(NetError, match=r"`.*d\.npz` has changed since it was read first"):
        data.load()


def test_a_file_that_is_larger_than_memory_is_refused_by_its_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opened, "memory_limit", lambda: 1000)
    assert "it is larger than this machine's memory" in said(Arrays(saved(tmp_path)))


def test_a_test_of_samples_that_are_their_own_target_has_no_other(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.arange(12.0).reshape(6, 2), z=np.ones((3, 2)))
    path = str(tmp_path / "a.npz")
    data = Arrays(path, target="input", test_inputs="z")
    assert (data.describe().train, data.describe().test) == (6, 3)
    found = refusal(Arrays(path, target="input", test_inputs="z", test_target="x"))
    assert "its targets are the inputs" in found.title


def test_whole_numbers_at_each_place_are_refused_with_how_they_are_classes(tmp_path: Path) -> None:
    np.savez(tmp_path / "p.npz", x=np.zeros((4, 1, 2, 2)), y=np.arange(16).reshape(4, 2, 2) % 3)
    path = str(tmp_path / "p.npz")
    with pytest.raises(NetError, match='at each place, add `task="classification"`'):
        Arrays(path).describe()
    assert Arrays(path, task="classification").describe().classes == ("0", "1", "2")


@pytest.mark.parametrize("part", ["train", "test", "validation"])
def test_a_part_in_which_no_place_has_a_class_is_refused(part: str, tmp_path: Path) -> None:
    x, y = np.zeros((20, 6, 1)), np.tile([0, 1, -1], (20, 2))
    path = str(tmp_path / "p.npz")
    np.savez(path, x=x, y=y)
    data = Arrays(path, task="classification", test=0.25, validation=0.25)
    y[data.load().rows[part].numpy() - 1] = -100
    np.savez(path, x=x, y=y)
    with pytest.raises(NetError) as caught:
        Arrays(path, task="classification", test=0.25, validation=0.25).load()
    (found,) = caught.value.diagnostics
    purpose = {"train": "10 samples to learn from", "test": "5 samples to test on"}
    samples = purpose.get(part, "5 samples to validate on")
    assert (found.code, found.title) == ("E0407", f"no place of {samples} has a class")


def test_arrays_to_test_on_that_name_no_class_are_refused(tmp_path: Path) -> None:
    x, y = np.zeros((20, 6, 1)), np.tile([0, 1, -1], (20, 2))
    np.savez(tmp_path / "p.npz", x=x, y=y, x2=x, y2=np.full((20, 6), -1))
    test = {"test_inputs": "x2", "test_target": "y2"}
    data = Arrays(tmp_path / "p.npz", task="classification", **test)
    assert said(data).endswith("its targets name no class")
