"""A file of tensors is read as it was written, or refused with a reason."""

import json
import random
import struct

import pytest
import torch

from netlang.system.tensor_file import FileKind, NotReadable

KIND = FileKind("model", 1)
TENSORS = {"linear1.weight": torch.arange(6.0).view(2, 3), "steps": torch.tensor([7])}
ABOUT = {
    "name": "añ ☃.net",
    "metrics": {"train.loss": 0.1, "test.loss": float("inf")},
    "none": None,
}


def _file(**header: object) -> bytes:
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text


def test_it_is_read_as_it_was_written() -> None:
    data = KIND.to_bytes(TENSORS, ABOUT)
    assert data == KIND.to_bytes(TENSORS, ABOUT)
    tensors, about = KIND.from_bytes(data)
    assert about == ABOUT
    assert tensors.keys() == TENSORS.keys()
    assert all(torch.equal(tensors[name], TENSORS[name]) for name in TENSORS)


def test_other_tools_read_the_tensors() -> None:
    from safetensors.torch import load

    assert torch.equal(load(KIND.to_bytes(TENSORS, ABOUT))["steps"], torch.tensor([7]))


def test_what_is_said_is_known_from_the_header_alone() -> None:
    data = KIND.to_bytes({"big": torch.zeros(1000)}, ABOUT)
    assert KIND.about(data[:-4000])["name"] == ABOUT["name"]


def test_a_view_is_kept_as_the_numbers_that_it_shows() -> None:
    vector = torch.arange(10.0)
    tensors, _ = KIND.from_bytes(KIND.to_bytes({"a": vector[2:4], "b": vector[::2]}, {}))
    assert tensors["a"].tolist() == [2, 3]
    assert tensors["b"].tolist() == [0, 2, 4, 6, 8]


def test_every_changed_file_is_refused() -> None:
    data, source = KIND.to_bytes(TENSORS, ABOUT), random.Random(0)
    for _ in range(500):
        changed = bytearray(data)
        match source.randrange(4):
            case 0:
                changed[source.randrange(len(data))] ^= 1 << source.randrange(8)
            case 1:
                del changed[source.randrange(len(data)) :]
            case 2:
                at = source.randrange(len(data))
                changed[at:at] = source.randbytes(source.randrange(1, 20))
            case _:
                at = source.randrange(len(data))
                changed[at : at + 8] = source.randbytes(8)
        if changed != data:
            with pytest.raises(NotReadable):
                KIND.from_bytes(bytes(changed))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "cut off"),
        (b"\x80\x04\x95", "cut off"),
        (b"\xff" * 100, "it is no safetensors file"),
        (_file(), "netlang has not written it"),
        (_file(__metadata__={"netlang": "[" * 100_000}), "netlang has not written it"),
        (_file(__metadata__={"netlang": '{"kind": "model"}'}), "netlang has not written it"),
        (FileKind("checkpoint", 1).to_bytes(TENSORS, ABOUT), "a checkpoint, not a model"),
        (FileKind("model", 2).to_bytes(TENSORS, ABOUT), "a later version"),
        (FileKind("model", 0).to_bytes(TENSORS, ABOUT), "an earlier version"),
    ],
    ids=[
        "empty",
        "a pickle",
        "noise",
        "no text",
        "nested",
        "no checksum",
        "kind",
        "later",
        "earlier",
    ],
)
def test_what_is_no_such_file_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(NotReadable, match=reason):
        KIND.from_bytes(data)


def test_what_could_not_be_read_again_is_not_written() -> None:
    about = {"names": "x" * ((1 << 24) - 1000)}
    assert KIND.from_bytes(KIND.to_bytes({}, about))[1] == about
    with pytest.raises(OSError, match="header would have over 16 MiB"):
        KIND.to_bytes({}, {"names": "x" * (1 << 24)})


def test_a_million_tensors_are_refused_at_once() -> None:
    entry = '{"dtype":"F32","shape":[0],"data_offsets":[0,0]}'
    text = ",".join([f'"t{number}":{entry}' for number in range(1_000_000)])
    header = f"{{{text}}}".encode()
    data = struct.pack("<Q", len(header)) + header
    with pytest.raises(NotReadable, match="header has over 16 MiB"):
        KIND.from_bytes(data)
