"""One stored item of each kind of record, as DynamoDB keeps it but for the packing, written down in `items.json`.

`make golden` writes them anew after a change that is meant: what the file held, read and written by the code as it is.
Kinds it lacks are taken from the story. A human looks at the difference, and decides whether old tables can bear it.
"""

from typing import Any

from licensing.adapters.dynamodb.keys import SHAPES
from licensing.adapters.dynamodb.rows import Row, item_of
from licensing.domain.core.records import Record
from tests.golden.files import lines, write_lines
from tests.golden.story import Story
from tests.worlds.items import legible, text_of

Item = dict[str, Any]
FILE = "items.json"


def kept() -> dict[str, Item]:
    """By kind."""
    return {item["kind"]["S"]: item for item in lines(FILE)}


def as_today(item: Item) -> Item:
    """What the code as it is makes of an item: read, and written again in the version it has."""
    record = record_in(item)
    return dict(sorted(legible(item_of(record, record.version)).items()))


def record_in(item: Item) -> Record:
    row = Row()
    row.deserialize(item)
    return row.to_domain()


def write_anew(story: Story) -> None:
    """The richest item of a kind tells most about it."""
    richest = {item["kind"]["S"]: item for item in sorted(story.items(), key=lambda each: len(text_of(each)))}
    items = richest | kept()
    write_lines(FILE, [as_today(items[kind]) for kind in sorted(SHAPES)])
