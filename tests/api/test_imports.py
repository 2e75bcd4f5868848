"""Python's first second: nothing is imported that is not needed yet."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.paths import MODELS

PROGRAM = f"""
import json, sys, netlang
model = netlang.load({str(MODELS / "iris.net")!r}, epochs=2)
model.check(), str(model.summary()), model.graph().svg, repr(model), model.constants
try:
    netlang.load("Liner(2, 3)\\n")
except netlang.NetError as error:
    str(error)
late = ("torch", "numpy", "polars", "pandas", "sklearn", "IPython", "onnx", "matplotlib")
print(json.dumps([one for one in late if one in sys.modules]))
"""


def test_a_file_is_loaded_checked_and_shown_without_what_computes() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == []
