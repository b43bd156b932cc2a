"""What the table's stream brings: of all that is written there, the ledger entries."""

from collections.abc import Iterator, Mapping
from typing import Any

from licensing.adapters.dynamodb.rows import Row
from licensing.domain.core.ledger import Entry


def entries_in(event: Mapping[str, Any]) -> Iterator[tuple[str, Entry]]:
    """Each with the number by which its place in the stream is known."""
    for record in event["Records"]:
        row = Row()
        # The image alone is what is read: of an entry there never was another.
        row.deserialize(record["dynamodb"]["NewImage"])
        entry = row.to_domain()
        assert isinstance(entry, Entry), "the template filters out all else"
        yield record["dynamodb"]["SequenceNumber"], entry
