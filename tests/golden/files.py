"""What a release stored, and what it answered about that, as files: one item or answer a line.

`python -m tests.golden release-2` writes those of the code as it is. They are never written again: a table in
production is not either.
"""

import base64
import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.golden.story import Story

HERE = Path(__file__).parent
RELEASES = sorted(folder.name for folder in HERE.glob("release-*"))


def lines(name: str) -> list[dict[str, Any]]:
    """The items or answers in a file."""
    found: list[dict[str, Any]] = json.loads((HERE / name).read_text(), object_hook=_binary)
    return found


def _binary(each: dict[str, Any]) -> dict[str, Any]:
    """A binary attribute is base64 in JSON, as it is on DynamoDB's wire."""
    return {"B": base64.b64decode(each["B"])} if each.keys() == {"B"} else each


def write_lines(name: str, each: Iterable[dict[str, Any]]) -> None:
    texts = (json.dumps(one, ensure_ascii=False, separators=(",", ":"), default=_base64) for one in each)
    (HERE / name).write_text("[\n" + ",\n".join(texts) + "\n]\n")


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def ending(release: str) -> tuple[datetime, dict[str, dict[str, str]]]:
    """The instant at which a release's story ended, and the license keys by purchase order and model."""
    told = json.loads((HERE / release / "story.json").read_text())
    return datetime.fromisoformat(told["now"]), told["keys"]


def keep(release: str, story: Story) -> None:
    """Writes what a release leaves behind; its folder must be new."""
    (HERE / release).mkdir()
    told = {"now": story.cloud.now.isoformat(), "keys": story.keys}
    (HERE / release / "story.json").write_text(json.dumps(told, indent=1) + "\n")
    write_lines(f"{release}/items.json", story.items())
    write_lines(f"{release}/answers.json", story.answers())
