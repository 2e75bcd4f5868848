"""What the tests of the C share: several threads, and guards under the address sanitizer.

There, every array lies apart from its neighbours: as they are fields of structs, nobody would see
one that runs into the next.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest
import torch

from netlang.engine.native import cache
from netlang.engine.native.compiled import Memory

FIELD = re.compile(r"^    ALIGNED .*;$", re.MULTILINE)
STRUCT = re.compile(r"(struct (?:prepared|work|evaluated) \{\n.*?\n\};)", re.DOTALL)
TRAIN = "void train(const struct call *c) {\n"
EVALUATE = "void evaluate(struct call *c) {\n"


@pytest.fixture(autouse=True)
def _several_threads() -> Iterator[None]:
    """The C tries how many pay, also where other tests have one."""
    before = torch.get_num_threads()
    torch.set_num_threads(os.cpu_count() or 1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def _guards(monkeypatch: pytest.MonkeyPatch) -> None:
    if "-fsanitize=address" in os.environ.get("CC", ""):
        compiled = cache.compiled
        monkeypatch.setattr(cache, "compiled", lambda source: compiled(guarded(source)))
        monkeypatch.setattr(Memory, "_allocated", on_the_heap)


def on_the_heap(memory: Memory, size: int) -> int:
    """Where the sanitizer allows again what was forbidden in memory that is given back."""
    memory._bytes = torch.zeros(size + 64, dtype=torch.uint8, device="cpu")  # type: ignore[assignment]
    return -(-memory._bytes.data_ptr() // 64) * 64  # type: ignore[attr-defined]


def guarded(source: str) -> str:
    """The C of a step with room between arrays that nobody may touch; inference as it is."""
    if TRAIN not in source:
        return source
    parts = STRUCT.split(source)
    assert len(parts) == 7
    prepared = poisoned(parts, 1, "(struct prepared *)c->prepared")
    work = poisoned(parts, 3, "(struct work *)c->work + id")
    evaluated = poisoned(parts, 5, "(struct evaluated *)c->work + id")
    text = "#include <sanitizer/asan_interface.h>\n" + "".join(parts)
    for head, own, parts_of_it in (
        (TRAIN, work, "work_parts(c->threads)"),
        (EVALUATE, evaluated, "c->threads"),
    ):
        assert head in text
        each = f"for (int id = 0; id < {parts_of_it}; id++) {{ {own} }}"
        text = text.replace(head, f"{head}    {prepared}\n    {each}\n")
    return text


def poisoned(parts: list[str], at: int, struct: str) -> str:
    """Statements that forbid the guards, which come between the fields of one struct."""
    names = (f"guard{n}" for n in range(parts[at].count("\n")))
    parts[at] = FIELD.sub(lambda field: f"{field[0]} ALIGNED char {next(names)}[256];", parts[at])
    used = re.findall(r"guard\d+", parts[at])
    assert used
    return " ".join(f"__asan_poison_memory_region(({struct})->{name}, 256);" for name in used)
