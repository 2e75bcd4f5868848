"""The repository, whose files tests read, and the models that the package ships."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[1]
MODELS = ROOT / "models"
