import json
from pathlib import Path
from typing import Any

REFERENCE = Path(__file__).parents[3] / "docs" / "reference"


def vectors(name: str) -> Any:
    return json.loads((REFERENCE / f"{name}.json").read_text())
