"""One stored item of each kind of record, as DynamoDB keeps it, written down in `items.json`.

`make golden` writes them anew after a change that is meant: what the file held, read and written by the code as it is.
Kinds it lacks are taken from the story. A human looks at the difference, and decides whether old tables can bear it.
"""

from typing import Any

from licensing.adapters.dynamodb.keys import SHAPES
from licensing.adapters.dynamodb.rows import Row, item_of
from tests.golden.files import lines, write_lines
from tests.golden.story import Story

Item = dict[str, Any]
FILE = "items.json"


def kept() -> dict[str, Item]:
    """By kind."""
    return {item["kind"]["S"]: item for item in lines(FILE)}


def as_today(item: Item) -> Item:
    """What the code as it is makes of an item: read, and written again in the version it has."""
    row = Row()
    row.deserialize(item)
    record = row.to_domain()
    return dict(sorted(item_of(record, record.version).items()))


def write_anew(story: Story) -> None:
    """The richest item of a kind tells most about it."""
    richest = {item["kind"]["S"]: item for item in sorted(story.items(), key=lambda each: len(each["facts"]["S"]))}
    items = richest | kept()
    write_lines(FILE, [as_today(items[kind]) for kind in sorted(SHAPES)])
