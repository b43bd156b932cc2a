"""What DynamoDB's rules ask for: units for each partition key, of the table and of each index.

A transaction writes each started KB twice, into the table alone; global indexes follow by plain writes. One that holds
keys only is not written for a change that moves nothing in it; where the key changes, the old entry is deleted and the
new one put. Read strongly, each started 4 KB is a unit, eventually half of one: for each item of a batch, for each
query as a whole.
"""

import math
from collections import Counter
from collections.abc import Iterable
from typing import Any

from licensing.adapters.dynamodb.keys import KEYS_ONLY, WHOLE, key_of
from licensing.adapters.dynamodb.rows import item_of
from licensing.domain.core.decisions import Change
from licensing.domain.core.records import Record

Item = dict[str, Any]
# The index, empty for the table itself, and the partition key.
Collection = tuple[str, str]
Units = Counter[Collection]
WRITE_UNIT, READ_UNIT = 1024, 4096


def written(changes: Iterable[Change], checks: Iterable[Record] = ()) -> Units:
    """What a transaction takes."""
    units: Units = Counter()
    for change in changes:
        before = item_of(change.before, change.version) if change.before else {}
        after = item_of(change.after, change.version + 1) if change.after else {}
        units[_partition("", before or after)] += 2 * _started(max(size(before), size(after)), WRITE_UNIT)
        for index in (*WHOLE, *KEYS_ONLY):
            units.update(_moved(index, _entry(index, before), _entry(index, after)))
    for record in checks:
        # One that was never written is checked for not being there.
        found = size(item_of(record, record.version)) if record.version else 0
        units["", key_of(record.ref)[0]] += 2 * max(1, _started(found, WRITE_UNIT))
    return units


def batch_read(asked: int, items: Iterable[Item], *, strong: bool) -> float:
    """Units of a batch of gets; what is not there takes one as well."""
    found = [max(1, _started(size(item), READ_UNIT)) for item in items]
    return (sum(found) + asked - len(found)) * (1 if strong else 0.5)


def query_read(index: str, items: Iterable[Item], *, strong: bool) -> float:
    """Units of an answer to a query."""
    total = sum(size(_entry(index, item) if index else item) for item in items)
    return max(1, _started(total, READ_UNIT)) * (1 if strong else 0.5)


def size(item: Item) -> int:
    """Its bytes, names and values; numbers take no more than their digits."""
    contents = ((name, content) for name, value in item.items() for content in value.values())
    return sum(len(name) + _length(content) for name, content in contents)


def _moved(index: str, before: Item, after: Item) -> Units:
    if before == after:
        return Counter()
    if before and after and all(before[name] == after[name] for name in (f"{index}pk", f"{index}sk")):
        return Counter({_partition(index, after): _started(max(size(before), size(after)), WRITE_UNIT)})
    units: Units = Counter()
    for entry in filter(None, (before, after)):
        units[_partition(index, entry)] += _started(size(entry), WRITE_UNIT)
    return units


def _entry(index: str, item: Item) -> Item:
    """What an index holds of an item: nothing without its key."""
    if f"{index}pk" not in item:
        return {}
    keys = ("pk", "sk", f"{index}pk", f"{index}sk")
    return {name: item[name] for name in keys} if index in KEYS_ONLY else item


def _partition(index: str, item: Item) -> Collection:
    return index, item[f"{index}pk"]["S"]


def _length(content: str | bytes) -> int:
    return len(content.encode() if isinstance(content, str) else content)


def _started(total: int, unit: int) -> int:
    return math.ceil(total / unit)
