"""Under the address sanitizer, every array of the C lies apart from its neighbours.

They are fields of two structs, and one that runs into the next would be seen by nobody.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest

from netlang.engine.native import engine

FIELD = re.compile(r"^    ALIGNED .*;$", re.MULTILINE)
TRAIN = "void train(const struct call *c) {\n"


@pytest.fixture(autouse=True)
def _guards(monkeypatch: pytest.MonkeyPatch) -> None:
    if "-fsanitize=address" in os.environ.get("CC", ""):
        compiled = engine._compiled
        monkeypatch.setattr(engine, "_compiled", lambda source: compiled(guarded(source)))


def guarded(source: str) -> str:
    """The C with room between arrays that nobody may touch."""
    parts = re.split(r"(struct (?:prepared|work) \{\n.*?\n\};)", source, flags=re.DOTALL)
    assert len(parts) == 5
    poison = []
    for at, place in ((1, "(struct prepared *)c->prepared"), (3, "(struct work *)c->work + id")):
        guards: Iterator[str] = iter([f"guard{n}" for n in range(parts[at].count("\n"))])
        parts[at] = FIELD.sub(
            lambda field, names=guards: f"{field[0]} ALIGNED char {next(names)}[256];", parts[at]
        )
        used = re.findall(r"guard\d+", parts[at])
        poison += [f"__asan_poison_memory_region(({place})->{name}, 256);" for name in used]
    assert poison
    head = f"{TRAIN}    for (int id = 0; id < c->threads; id++) {{ {' '.join(poison)} }}\n"
    return "#include <sanitizer/asan_interface.h>\n" + "".join(parts).replace(TRAIN, head)
