"""What type checkers know of ``from netlang import ...``."""

from __future__ import annotations

from pathlib import Path

import pytest

from netlang import api

FILE = """
from netlang import {names}

reveal_type(Linear)
Linear("25", 2)
"""

# What other packages say takes mypy longer than all of netlang, and no type here is theirs.
SETTINGS = """
[mypy]
strict = true
[mypy-torch.*,numpy.*,polars.*,rich.*,click.*,lark.*,safetensors.*,matplotlib.*,scipy.*,sklearn.*]
follow_imports = skip
"""


@pytest.mark.slow
def test_every_name_has_a_type_and_a_misspelt_one_is_an_error(tmp_path: Path) -> None:
    from mypy import api as mypy  # the fast tests do without it

    file = tmp_path / "user.py"
    file.write_text(FILE.format(names=", ".join([*api.__all__, "Linaer"])))
    config = tmp_path / "mypy.ini"
    config.write_text(SETTINGS)
    settings = [f"--config-file={config}", f"--cache-dir={tmp_path / 'cache'}"]
    found, _, _ = mypy.run([*settings, str(file)])
    errors = [line.partition("error: ")[2] for line in found.splitlines() if "error: " in line]
    assert 'Module "netlang" has no attribute "Linaer"' in errors[0]
    assert 'Argument 1 to "Linear" has incompatible type "str"' in errors[1]
    assert len(errors) == 2
    assert "in_features: int, out_features: int" in found
