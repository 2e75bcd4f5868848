"""MNIST's four files become samples as they are, and damaged ones are refused, each in a word."""

from __future__ import annotations

import gzip
import json
import os
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from netlang.catalogue.data import IDX
from netlang.language import paths
from netlang.language.shapes import Shape
from netlang.language.source import SourceFile, Span
from tests.catalogue.data.arrays.files import Named, digits, idx, refusal, said, write_idx

IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


@pytest.mark.parametrize(("packed", "sign"), [(False, "-"), (True, "-"), (False, "."), (True, ".")])
def test_pictures_and_labels_are_those_of_the_files(
    tmp_path: Path, packed: bool, sign: str
) -> None:
    data = IDX(write_idx(tmp_path / "mnist", packed, sign), standardize=False)
    described, split = data.describe(), data.load()
    assert described.input == Shape.of(1, 4, 3)
    assert (described.train, described.test, described.validation) == (40, 12, 0)
    assert described.classes == ("0", "1", "2")
    for part, (images, labels) in ((split.train, digits(0, 40)), (split.test, digits(1, 12))):
        assert torch.equal(part.inputs, torch.tensor(images[:, None]).float())
        assert torch.equal(part.targets, torch.tensor(labels).long())
    assert split.validation is None
    assert len(data.files) == 4


def test_pictures_are_standardised_by_all_pixels_of_the_training_pictures(tmp_path: Path) -> None:
    split = IDX(write_idx(tmp_path / "mnist")).load()
    pixels = digits(0, 40)[0].astype(np.float64)
    expected = (digits(1, 12)[0] - pixels.mean()) / pixels.std()
    assert torch.equal(split.test.inputs[:, 0], torch.tensor(expected.astype(np.float32)))
    assert abs(split.train.inputs.double().mean()) < 1e-7


def test_a_validation_part_has_its_share_of_each_class(tmp_path: Path) -> None:
    folder = write_idx(tmp_path / "mnist")
    split = IDX(folder, validation=0.3).load(3)
    assert split.validation
    assert split.validation.targets.bincount().tolist() == [4, 4, 4]
    assert len(split.train) == 28
    again, other = IDX(folder, validation=0.3).load(3), IDX(folder, validation=0.3).load(4)
    assert torch.equal(split.train.inputs, again.train.inputs)
    assert not torch.equal(split.train.targets, other.train.targets)


def test_classes_have_the_names_that_are_given(tmp_path: Path) -> None:
    data = IDX(write_idx(tmp_path / "mnist"), classes=("cat", "dog", "eel", "fox"))
    assert data.describe().classes == ("cat", "dog", "eel", "fox")
    two = IDX(tmp_path / "mnist", classes=("cat", "dog"))
    assert "the class of sample 3 is 2, and there are 0 to 1" in said(two)


def test_labels_of_the_test_are_those_of_the_training(tmp_path: Path) -> None:
    folder = write_idx(tmp_path / "mnist")
    (folder / "t10k-labels-idx1-ubyte").write_bytes(idx(np.full(12, 7, np.uint8)))
    assert "the class of sample 1 is 7, and there are 0 to 2" in said(IDX(folder))


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "float32", "float64"])
def test_all_number_types_of_the_format_are_read(tmp_path: Path, dtype: str) -> None:
    folder = write_idx(tmp_path / "mnist")
    for name, count in (("train", 40), ("t10k", 12)):
        images = np.arange(count * 2, dtype=dtype).reshape(count, 2, 1) - 3
        (folder / f"{name}-images-idx3-ubyte").write_bytes(idx(images))
    split = IDX(folder, standardize=False).load()
    assert split.train.inputs.flatten()[:5].tolist() == [-3, -2, -1, 0, 1]


HEADER = b"\0\0\x08\x03"
HOSTILE: dict[str, tuple[str, Callable[[bytes], bytes], str]] = {
    "empty": (IMAGES, lambda data: b"", "it is empty"),
    "no magic": (IMAGES, lambda data: b"\x89PNG" + data[4:], "does not begin as an IDX file does"),
    "no dtype": (IMAGES, lambda data: b"\0\0\x0a\x03" + data[4:], "does not begin as an IDX"),
    "no dimensions": (IMAGES, lambda data: b"\0\0\x08\0", "its header says 0 dimensions"),
    "many dimensions": (IMAGES, lambda data: b"\0\0\x08\xff" + data[4:], "says 255 dimensions"),
    "end in header": (IMAGES, lambda data: data[:9], "it ends within its header"),
    "truncated": (IMAGES, lambda data: data[:-1], "its header says 496 bytes, and there are 495"),
    "too long": (IMAGES, lambda data: data + b"\0", "its header says 496 bytes, and there are 497"),
    "terabytes": (
        IMAGES,
        lambda data: HEADER + struct.pack(">III", *[0xFFFFFFFF] * 3) + data[16:],
        "bytes, and there are 496",
    ),
    "nothing": (IMAGES, lambda data: HEADER + struct.pack(">III", 0, 4, 3), "it holds nothing"),
    "gzip of terabytes": (
        IMAGES,
        lambda data: gzip.compress(HEADER + struct.pack(">III", 10**6, 10**3, 10**3)),
        "claim to become 1,000,000,000,016",
    ),
    "gzip that expands further": (
        IMAGES,
        lambda data: gzip.compress(data + bytes(10**7)),
        "it holds more than the 496 bytes that its header says",
    ),
    "gzip twice": (IMAGES, lambda data: gzip.compress(data) * 2, "it holds more than the 496"),
    "gzip truncated": (IMAGES, lambda data: gzip.compress(data)[:-9], "it ends too early"),
    "gzip damaged": (
        IMAGES,
        lambda data: gzip.compress(data)[:-8] + bytes(8),
        "it is damaged: gzip cannot expand it",
    ),
    "labels for pictures": (IMAGES, lambda data: idx(np.zeros(40, np.uint8)), "it holds 1 dimen"),
    "more labels": (
        LABELS,
        lambda data: idx(np.zeros(41, np.uint8)),
        "it has 41 labels, and `mnist/train-images-idx3-ubyte` has 40 pictures",
    ),
    "pictures for labels": (LABELS, lambda data: idx(digits(0, 40)[0]), "it holds no labels"),
    "other sizes": (
        "t10k-images-idx3-ubyte",
        lambda data: idx(np.zeros((12, 4, 4), np.uint8)),
        "have other sizes: [1, 4, 4] and [1, 4, 3]",
    ),
    "numbers that are none": (
        IMAGES,
        lambda data: idx(np.full((40, 4, 3), np.nan, np.float32)),
        "picture 1 holds NaN or infinity",
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_damaged_file_is_refused_in_one_message(tmp_path: Path, named: Named, case: str) -> None:
    name, spoil, reason = HOSTILE[case]
    write_idx(tmp_path / "mnist")
    file = tmp_path / "mnist" / name
    file.write_bytes(spoil(file.read_bytes()))
    found = refusal(named(IDX("mnist")))
    assert found.code == "E0403"
    assert f"`mnist/{name}`" in found.title
    assert reason in found.title


def test_one_class_is_nothing_to_learn(tmp_path: Path) -> None:
    folder = write_idx(tmp_path / "mnist")
    for name, count in (("train", 40), ("t10k", 12)):
        (folder / f"{name}-labels-idx1-ubyte").write_bytes(idx(np.ones(count, np.uint8)))
    assert refusal(IDX(folder)).code == "E0414"


def test_a_folder_without_the_files_is_told_what_it_lacks(tmp_path: Path, named: Named) -> None:
    write_idx(tmp_path / "mnist")
    (tmp_path / "mnist" / LABELS).unlink()
    assert f"there is no `{LABELS}` in it" in said(named(IDX("mnist/")))
    (tmp_path / "mnist" / IMAGES).unlink()
    assert f"there is no `{IMAGES}` in it" in said(named(IDX("mnist/")))
    assert "no such folder" in said(named(IDX("nowhere")))


def test_one_of_the_files_in_the_place_of_the_folder_is_told_its_folder(
    tmp_path: Path, named: Named
) -> None:
    write_idx(tmp_path / "mnist")
    found = refusal(named(IDX(f"mnist/{IMAGES}")))
    assert found.title.endswith("it is a file")
    assert found.helps == ('name its folder: `IDX("mnist")`',)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("../mnist", "leaves the folder"),
        ("{}/mnist", "is absolute"),
        ("link", "leads out of the folder through a link"),
        ("http://yann.lecun.com/mnist", "is an address"),
        ("", "is no file's name"),
    ],
)
def test_a_folder_elsewhere_is_not_read(tmp_path: Path, path: str, reason: str) -> None:
    write_idx(tmp_path / "mnist")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link").symlink_to(tmp_path / "mnist")
    data = IDX(path.format(tmp_path))
    data.span = Span(SourceFile("m.net", "data = D", inside / "m.net"), 7, 8)
    found = refusal(data)
    assert found.code == "E0410"
    assert f"the path `{data.path}` {reason}" in found.title


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    folder = write_idx(tmp_path / "mnist")
    (folder / IMAGES).unlink()
    os.mkfifo(folder / IMAGES)
    assert "it is no regular file" in said(IDX(folder))


@pytest.mark.parametrize("limit", [1, 1 << 25])
def test_the_text_that_a_run_keeps_reads_what_the_run_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    folder = write_idx(tmp_path / "mnist")
    (tmp_path / "run").mkdir()
    reads = [
        {"named": f"mnist/{one.path.name}", "path": str(one.path), "sha256": one.sha256}
        for one in IDX(folder).files
    ]
    (tmp_path / "run" / "run.json").write_text(json.dumps({"reads": reads}))
    monkeypatch.setattr(paths, "DATA_LIMIT", limit)

    def kept() -> IDX:
        data = IDX("mnist")
        data.span = Span(SourceFile("m.net", "data = D", tmp_path / "run" / "m.net"), 7, 8)
        return data

    assert torch.equal(kept().load().train.inputs, IDX(folder).load().train.inputs)
    images = (folder / IMAGES).read_bytes()
    (folder / IMAGES).write_bytes(images[:-1] + bytes([images[-1] ^ 1]))
    found = refusal(kept())
    assert found.code == "E0410"
    assert f"mnist/{IMAGES}`" in found.title
    assert "has been changed since" in found.title
