"""The repository, whose files tests read, and the models that the package ships."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
MODELS = ROOT / "models"


def examples(title: str) -> list[str]:
    """The Python in the section of CONTRIBUTING.md with this ``title``."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = re.split(r"^## ", text.split(f"\n## {title}\n")[1], flags=re.M)[0]
    return re.findall(r"^```python\n(.*?)^```$", section, re.S | re.M)
