"""Pictures become pixels as Pillow shows them, and what is none, or too much, is named."""

from __future__ import annotations

import json
import os
import struct
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
import torch
from PIL import Image

from netlang.catalogue.data import Images
from netlang.language.diagnostics import NetError
from netlang.language.shapes import Shape
from netlang.language.source import SourceFile, Span
from tests.catalogue.data.arrays.files import Named, refusal, said, write_pictures


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    return write_pictures(tmp_path / "pets", 10)


def shades(*rows: list[int]) -> Image.Image:
    return Image.fromarray(np.array(rows, np.uint8))


def test_pictures_are_split_by_class_and_are_those_of_the_files(pets: Path) -> None:
    data = Images(pets, standardize=False, test=0.2)
    described, split = data.describe(), data.load(1)
    assert (described.input, described.classes) == (Shape.of(3, 4, 3), ("cat", "dog"))
    assert (described.train, described.test) == (16, 4)
    assert split.test
    assert split.test.targets.tolist() == [0, 0, 1, 1]
    there = {
        np.asarray(Image.open(file))
        .transpose(2, 0, 1)
        .astype(np.float32)
        .tobytes(): file.parent.name
        for file in pets.glob("*/*.png")
    }
    for part in (split.train, split.test):
        for inputs, label in zip(part.inputs, part.targets, strict=True):
            assert there.pop(inputs.numpy().tobytes()) == ("cat", "dog")[label]
    assert not there


def test_folders_of_parts_are_the_parts(tmp_path: Path) -> None:
    write_pictures(tmp_path / "pets" / "train", 6)
    write_pictures(tmp_path / "pets" / "test", 2)
    data = Images(tmp_path / "pets", test=0.5)
    assert (data.describe().train, data.describe().test) == (12, 4)
    split = data.load()
    assert split.test
    assert (len(split.train), len(split.test)) == (12, 4)
    assert data.warnings() == ()


def test_what_is_beside_the_parts_is_told_and_train_alone_is_refused(tmp_path: Path) -> None:
    for part in ("train", "val"):
        write_pictures(tmp_path / "pets" / part, 3)
    assert "it has a folder `train`, and none called `test`" in said(Images(tmp_path / "pets"))
    write_pictures(tmp_path / "pets" / "test", 3)
    (warning,) = Images(tmp_path / "pets").warnings()
    assert "`val`" in str(warning.message().notes)
    assert Images(tmp_path / "pets" / "train", test=0.3).describe().samples == 6
    write_pictures(tmp_path / "traffic", 5)
    (tmp_path / "traffic" / "dog").rename(tmp_path / "traffic" / "train")
    assert Images(tmp_path / "traffic").describe().classes == ("cat", "train")


@pytest.mark.parametrize("ending", ["png", "jpg", "bmp", "gif", "webp", "tiff", "PNG", "jpeg"])
def test_each_format_is_read(tmp_path: Path, ending: str) -> None:
    for name in ("a", "b"):
        (tmp_path / "p" / name).mkdir(parents=True)
        for index in range(5):
            Image.new("RGB", (8, 8), (200, 100, 50)).save(
                tmp_path / "p" / name / f"{index}.{ending}"
            )
    split = Images(tmp_path / "p", standardize=False).load()
    pixel = split.train.inputs[0, :, 4, 4]
    assert (pixel - torch.tensor([200.0, 100.0, 50.0])).abs().max() < 6


def test_pictures_are_brought_to_a_size_and_to_grey(pets: Path) -> None:
    data = Images(pets, size=(6, 5), channels=1, standardize=False)
    assert data.describe().input == Shape.of(1, 6, 5)
    inputs = data.load().train.inputs
    first = Image.open(sorted(pets.glob("cat/*.png"))[0]).convert("L").resize((5, 6), 2)
    assert any(np.array_equal(one[0], np.asarray(first, np.float32)) for one in inputs.numpy())


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK"])
def test_pictures_of_each_kind_become_colours(pets: Path, mode: str) -> None:
    for file in pets.glob("*/*.png"):
        kept = mode if mode != "CMYK" else "RGB"
        Image.open(file).convert(kept).save(file)
    assert Images(pets).describe().input == Shape.of(3, 4, 3)
    assert Images(pets).load().train.inputs.shape[1:] == (3, 4, 3)


def test_pictures_are_turned_as_their_camera_says(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / "p" / name).mkdir(parents=True)
        for index in range(5):
            picture, exif = shades([0, 50, 100], [150, 200, 250]), Image.Exif()
            exif[274] = 6  # to be turned by a quarter clockwise
            picture.save(tmp_path / "p" / name / f"{index}.png", exif=exif)
    data = Images(tmp_path / "p", channels=1, standardize=False)
    assert data.describe().input == Shape.of(1, 3, 2)
    assert data.load().train.inputs[0, 0].tolist() == [[150, 0], [200, 50], [250, 100]]


def test_hidden_files_are_left_out_and_others_are_told(pets: Path) -> None:
    (pets / ".DS_Store").write_text("x")
    (pets / "__MACOSX" / "cat").mkdir(parents=True)
    (pets / "cat" / "._000.png").write_text("x")
    data = Images(pets)
    assert data.describe().samples == 20
    assert data.warnings() == ()
    (pets / "readme.txt").write_text("x")
    (pets / "dog" / "more").mkdir()
    (warning,) = Images(pets).warnings()
    assert warning.code == "W0620"
    assert warning.title == f"2 files in `{pets}` are no pictures"
    assert "`dog/more` and `readme.txt`" in str(warning.message().notes)


def bomb(width: int, height: int) -> bytes:
    """A PNG that claims so many pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def test_parts_that_are_called_otherwise_are_told_their_names(tmp_path: Path) -> None:
    for part in ("Train", "Test"):
        write_pictures(tmp_path / "pets" / part, 3)
    found = refusal(Images(tmp_path / "pets"))
    assert "call the folders of parts `train` and `test`" in str(found.message().helps)


def emptied(pets: Path) -> None:
    for file in (pets / "cat").iterdir():
        file.unlink()


def without_classes(pets: Path) -> None:
    for file in pets.glob("*/*"):
        file.unlink()
    for folder in pets.iterdir():
        folder.rmdir()


def of_16_bits(pets: Path) -> None:
    Image.fromarray(np.zeros((4, 3), np.uint16)).save(pets / "cat" / "000.png")


def into_parts(pets: Path) -> None:
    write_pictures(pets / "train", 3)
    write_pictures(pets / "test", 3)
    (pets / "test" / "cat").rename(pets / "test" / "eel")


FIRST = "cat/000.png"
HOSTILE: dict[str, tuple[Callable[[Path], object], str]] = {
    "no picture": (
        lambda pets: (pets / FIRST).write_bytes(b"hello"),
        f"`{FIRST}` is no picture that can be read",
    ),
    "empty": (lambda pets: (pets / FIRST).write_bytes(b""), f"`{FIRST}` is no picture"),
    "end in header": (
        lambda pets: (pets / FIRST).write_bytes((pets / FIRST).read_bytes()[:20]),
        f"`{FIRST}` is no picture",
    ),
    "PostScript": (
        lambda pets: (pets / FIRST).write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n"),
        f"`{FIRST}` is no picture",
    ),
    "bomb": (
        lambda pets: (pets / FIRST).write_bytes(bomb(12_000, 10_000)),
        f"`{FIRST}` claims 10,000 rows of 12,000 pixels",
    ),
    "larger bomb": (
        lambda pets: (pets / FIRST).write_bytes(bomb(2_000_000, 2_000_000)),
        f"`{FIRST}` is no picture that can be read: it claims far too many pixels",
    ),
    "16 bits": (of_16_bits, f"`{FIRST}` has more than 8 bits for each number"),
    "other size": (
        lambda pets: Image.new("RGB", (9, 7)).save(pets / "dog" / "003.png"),
        f"`dog/003.png` has [7, 9] pixels, and `{FIRST}` [4, 3]",
    ),
    "empty class": (emptied, "the folder of its class `cat` holds no picture"),
    "empty folder": (without_classes, "it has no folder for each class"),
    "parts that are called otherwise": (
        lambda pets: write_pictures(pets / "Train", 3),
        "the folder of its class `Train` holds no picture",
    ),
    "class that cannot be printed": (
        lambda pets: (pets / "cat").rename(pets / "a\nb"),
        "is no text that can be printed",
    ),
    "class of the test alone": (into_parts, "its `test` has a class `eel`, which `train` lacks"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_what_is_no_picture_is_named_in_one_message(pets: Path, named: Named, case: str) -> None:
    spoil, reason = HOSTILE[case]
    spoil(pets)
    found = refusal(named(Images("pets")))
    assert found.code == "E0403"
    assert "`pets`" in found.title
    assert reason in found.title


@pytest.mark.parametrize("spoil", [lambda data: data[:60], lambda data: data[:45] + bytes(40)])
def test_a_picture_that_is_damaged_behind_its_header_is_named_when_it_is_decoded(
    pets: Path, spoil: Callable[[bytes], bytes]
) -> None:
    (pets / FIRST).write_bytes(spoil((pets / FIRST).read_bytes()))
    data = Images(pets)
    data.describe()
    with pytest.raises(NetError, match="damaged"):
        data.load()


def test_a_picture_that_changes_while_it_is_read_is_noticed(pets: Path) -> None:
    data = Images(pets)
    data.describe()
    Image.new("RGB", (3, 4)).save(pets / FIRST)
    with pytest.raises(NetError, match="has changed since"):
        data.load()


def test_a_folder_that_is_not_there_or_none_is_refused(tmp_path: Path, named: Named) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "pets").mkdir()
    assert "it is no folder" in said(named(Images("file")))
    found = refusal(named(Images("petz/")))
    assert "cannot read the data file `petz/`: no such folder" in found.title
    assert "did you mean `pets`?" in str(found.message().helps)


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path, pets: Path, named: Named) -> None:
    inside = tmp_path / "inside"
    (inside / "p").mkdir(parents=True)
    (inside / "p" / "dog").symlink_to(pets / "dog")
    (inside / "p" / "cat").mkdir()
    for kind in ("cat", "dog"):
        (inside / "r" / kind).mkdir(parents=True)
        (inside / "r" / kind / "000.png").symlink_to(pets / FIRST)
    (inside / "link").symlink_to(pets)
    write_pictures(inside / "q" / "train", 2)
    (inside / "q" / "test").symlink_to(pets)
    refusals = {
        "p": "p/dog",
        "r": "r/cat/000.png",
        "q": "q/test",
        "link": "link",
        "../pets": "../pets",
    }
    for path, refused in refusals.items():
        data = named(Images(path))
        assert data.span
        source = data.span.source.replace(path=inside / "m.net")
        data.span = type(data.span)(source, 18, 19)
        found = refusal(data)
        assert found.code == "E0410"
        assert f"the path `{refused}` " in found.title


def test_a_pipe_for_a_picture_is_not_waited_for(pets: Path) -> None:
    (pets / FIRST).unlink()
    os.mkfifo(pets / FIRST)
    assert f"`{FIRST}` is no regular file" in said(Images(pets))


def test_one_digest_stands_for_all_pictures(pets: Path) -> None:
    (folder,) = Images(pets).files
    assert folder.path == pets
    assert Images(pets).files[0].sha256 == folder.sha256
    (pets / "cat" / "000.png").rename(pets / "cat" / "zzz.png")
    assert Images(pets).files[0].sha256 != folder.sha256


def test_the_text_that_a_run_keeps_reads_the_pictures_that_the_run_read(
    tmp_path: Path, pets: Path
) -> None:
    (tmp_path / "run").mkdir()
    (folder,) = Images(pets).files
    read = {"named": "pets", "path": str(pets), "sha256": folder.sha256}
    (tmp_path / "run" / "run.json").write_text(json.dumps({"reads": [read]}))

    def kept() -> Images:
        data = Images("pets")
        data.span = Span(SourceFile("m.net", "data = D", tmp_path / "run" / "m.net"), 7, 8)
        return data

    assert torch.equal(kept().load().train.inputs, Images(pets).load().train.inputs)
    Image.new("RGB", (3, 4)).save(pets / FIRST)
    found = refusal(kept())
    assert found.code == "E0410"
    assert "has been changed since" in found.title


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [({"size": (4,)}, "`size=[4]` is no pair"), ({"channels": 2}, "pictures have no 2 channels")],
)
def test_arguments_that_no_picture_has_are_refused(
    pets: Path, arguments: dict[str, object], reason: str
) -> None:
    assert reason in said(Images(pets, **arguments))  # type: ignore[arg-type]


def test_without_pillow_it_is_said_how_to_get_it(pets: Path) -> None:
    with patch.dict(sys.modules, {"PIL": None}):
        found = refusal(Images(pets))
    assert found.code == "E0419"
    assert found.title == "`Images` needs Pillow, which is not installed"
    assert 'pip install "netlang[images]"' in str(found.message().helps)
