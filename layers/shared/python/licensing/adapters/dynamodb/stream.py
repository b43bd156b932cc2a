"""What the table's stream brings: of all that is written there, the ledger entries."""

import base64
from collections.abc import Iterator, Mapping
from typing import Any

from licensing.adapters.dynamodb.rows import Row
from licensing.domain.core.ledger import Entry


def entries_in(event: Mapping[str, Any]) -> Iterator[tuple[str, Entry]]:
    """Each with the number by which its place in the stream is known."""
    for record in event["Records"]:
        row = Row()
        # The image alone is what is read: of an entry there never was another.
        row.deserialize(dict(map(_as_stored, record["dynamodb"]["NewImage"].items())))
        entry = row.to_domain()
        assert isinstance(entry, Entry), "the template filters out all else"
        yield record["dynamodb"]["SequenceNumber"], entry


def _as_stored(attribute: tuple[str, dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    """Lambda's events are JSON, in which bytes, such as packed facts, are text in base64."""
    name, value = attribute
    return name, {"B": base64.b64decode(value["B"])} if "B" in value else value
