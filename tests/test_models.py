"""The models that people start from do what they say, whatever the seed."""

from __future__ import annotations

from pathlib import Path

import pytest

from netlang.compiler.passes import compile_source
from netlang.language.syntax import read
from tests.paths import MODELS
from tests.program import netlang

FILES = sorted(MODELS.glob("*.net"))
LONG = {"chars", "gru", "mixer", "resnet", "unet"}  # on one seed, as they take their time


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_nothing_is_said_about_a_model(file: Path) -> None:
    assert compile_source(read(str(file)), to_run=True).diagnostics == ()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "seed"),
    [(file, seed) for file in FILES for seed in range(1 if file.stem in LONG else 3)],
    ids=lambda value: getattr(value, "stem", value),
)
def test_a_model_meets_what_it_expects(file: Path, seed: int) -> None:
    result = netlang("test", file, "--set", f"seed={seed}")
    assert result.exit_code == 0, result.stdout


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_backward_passes_of_a_model_agree_with_central_differences(file: Path) -> None:
    result = netlang("gradcheck", file, *(["--batch", "2"] if file.stem in LONG else []))
    assert result.exit_code == 0, result.stdout
