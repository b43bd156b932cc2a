"""Items as they lie in the table, made legible."""

import zlib
from typing import Any

Item = dict[str, Any]


def legible(item: Item) -> Item:
    """The item with its facts as text, packed or not."""
    if "packed" not in item:
        return item
    return {name: value for name, value in item.items() if name != "packed"} | {"facts": {"S": text_of(item)}}


def text_of(item: Item) -> str:
    """The facts, as JSON."""
    text: str = zlib.decompress(item["packed"]["B"]).decode() if "packed" in item else item["facts"]["S"]
    return text
