"""A model file that is not as it was written is refused as a whole, or means what it meant."""

from __future__ import annotations

import json
import math
import random
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from netlang.language.model_files import MODEL as KIND
from netlang.runs.models.trained import load_model
from tests.models import CLASSES, LABELS, NUMBERS, SPECIES, kept, trained
from tests.program import netlang

ASK = ("--values", "3,2.5")
MUTATIONS: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "a bit": lambda data, source: _with_bit(data, source),
    "cut off": lambda data, source: data[: source.randrange(len(data))],
    "longer": lambda data, source: data + source.randbytes(source.randrange(1, 50)),
    "a hole": lambda data, source: _with_hole(data, source),
    "bytes swapped": lambda data, source: _with_swapped(data, source),
    "its header": lambda data, source: _with_header(data, source),
}


@pytest.fixture
def model() -> Path:
    return Path(kept(trained(CLASSES)))


def _with_bit(data: bytes, source: random.Random) -> bytes:
    changed = bytearray(data)
    changed[source.randrange(len(data))] ^= 1 << source.randrange(8)
    return bytes(changed)


def _with_hole(data: bytes, source: random.Random) -> bytes:
    start = source.randrange(len(data))
    return data[:start] + data[start + source.randrange(1, 100) :]


def _with_swapped(data: bytes, source: random.Random) -> bytes:
    start, size = source.randrange(len(data) - 40), source.randrange(1, 20)
    first, second = data[start : start + size], data[start + size : start + 2 * size]
    return data[:start] + second + first + data[start + 2 * size :]


def _with_header(data: bytes, source: random.Random) -> bytes:
    """The header with one of its words changed, in a file that is whole otherwise."""
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    about = json.loads(header["__metadata__"]["netlang"])
    name = source.choice([*about])
    about[name] = source.choice([None, 0, -1, "", "x", [], {}, [about[name]], {"a": about[name]}])
    header["__metadata__"]["netlang"] = json.dumps(about)
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data[8 + length :]


@pytest.mark.parametrize("count", [8, pytest.param(85, marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", MUTATIONS)
def test_a_changed_file_gives_one_message_or_the_same_answer(
    kind: str, count: int, model: Path
) -> None:
    data, source = model.read_bytes(), random.Random(kind)
    answer = netlang("predict", "m.safetensors", *ASK).stdout
    refused = 0
    for _ in range(count):
        model.write_bytes(MUTATIONS[kind](data, source))
        result = netlang("predict", "m.safetensors", *ASK)
        if result.exit_code == 0:
            assert result.stdout == answer
            continue
        refused += 1
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.count("error[") == 1
        assert result.stderr.startswith("error[E0506]")
    assert refused > 0.9 * count - 1


def test_tensors_without_end_in_a_header_are_refused_at_once(model: Path) -> None:
    names = (f'"t{n}":{{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}' for n in range(1 << 19))
    header = f"{{{','.join(names)}}}".encode()
    model.write_bytes(struct.pack("<Q", len(header)) + header)
    result = netlang("eval", "m.safetensors", "flowers.csv")
    assert result.exit_code == 1
    assert "its header has over 16 MiB" in result.stderr


def test_a_damaged_model_is_data_for_programs(model: Path) -> None:
    model.write_bytes(model.read_bytes()[:-1])
    result = netlang("predict", "m.safetensors", *ASK, "--json")
    (found,) = json.loads(result.stdout)["diagnostics"]
    assert (result.exit_code, found["code"]) == (1, "E0506")


def test_files_of_python_objects_are_never_read(model: Path) -> None:
    for name in ("m.pt", "m.pkl", "m.h5"):
        Path(name).write_bytes(b"\x80\x04cposix\nsystem\n(S'touch read'\ntR.")
        result = netlang("predict", name, *ASK)
        assert result.exit_code == 1
        assert "error[E0506]" in result.stderr
    assert not Path("read").exists()


def test_an_unchanged_file_is_read_from_anywhere(model: Path, tmp_path: Path) -> None:
    answer = netlang("predict", "m.safetensors", *ASK).stdout
    elsewhere = tmp_path / "copy of a model"
    elsewhere.write_bytes(model.read_bytes())
    for file in (Path("flowers.csv"), model):
        file.unlink()
    assert netlang("predict", elsewhere, *ASK).stdout == answer
    assert load_model(str(elsewhere)).program.graph.weights


ODD = (
    None,
    True,
    0,
    -1,
    3,
    2.5,
    1e308,
    math.inf,
    math.nan,
    "",
    "x",
    "\0",
    "rose",
    [],
    {},
    [1],
    {"a": 1},
)


def _changed(value: Any, source: random.Random) -> Any:
    """``value`` with one of its leaves changed, left out or doubled."""
    match value:
        case dict() if value and source.random() < 0.9:
            name = source.choice([*value])
            if source.random() < 0.1:
                return {key: one for key, one in value.items() if key != name}
            return value | {name: _changed(value[name], source)}
        case list() if value and source.random() < 0.9:
            place = source.randrange(len(value))
            if source.random() < 0.2:
                return [*value, value[place]]
            return [*value[:place], _changed(value[place], source), *value[place + 1 :]]
        case str() if value and source.random() < 0.3:
            return value.replace(source.choice(value), source.choice("0ax(\n"))
    return source.choice(ODD)


@pytest.mark.parametrize(
    ("text", "ask"),
    [
        (CLASSES, ("predict", "m.safetensors", *ASK)),
        (SPECIES, ("eval", "m.safetensors", "birds.csv")),
        (NUMBERS, ("eval", "m.safetensors", "houses.csv")),
        (LABELS, ("eval", "m.safetensors", "weather.csv")),
    ],
    ids=["classes", "species", "numbers", "labels"],
)
def test_a_file_that_somebody_has_sealed_again_fails_with_a_message_or_works(
    text: str, ask: tuple[str, ...]
) -> None:
    model = Path(kept(trained(text)))
    tensors, about = KIND.from_bytes(model.read_bytes())
    about = {name: about[name] for name in about if name not in ("kind", "form")}
    source = random.Random(5)
    failed = 0
    for _ in range(30):
        name = source.choice([*about, "pipeline", "description"])
        odd = about | {name: _changed(about[name], source)}
        model.write_bytes(KIND.to_bytes(tensors, odd))
        result = netlang(*ask)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        failed += result.exit_code != 0
        assert bool(result.stderr) >= (result.exit_code != 0)
    assert failed > 15
