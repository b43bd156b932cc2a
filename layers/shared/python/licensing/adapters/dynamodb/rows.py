"""The one pynamodb class: keys, index keys, a version, and the facts as JSON; `item_of` is the only way in, `to_domain`
the only way out.

Items are always written whole, under a condition on their version, and nothing filters on a fact, so facts need no
attributes of their own. One class means no row is dropped for a class this process hasn't imported.

Facts lie as text, or compressed where that is shorter: names and the facts of a key come again and again in a device, a
ledger entry tells much of it twice, and DynamoDB counts bytes.
"""

import zlib
from functools import cache
from typing import Any

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model

from licensing.adapters.dynamodb import keys
from licensing.domain.core.ledger import Entry
from licensing.domain.core.records import Record

Item = dict[str, dict[str, str | bytes]]

INDEXES = [f"{name}{part}" for name in (*keys.WHOLE, *keys.KEYS_ONLY) for part in ("pk", "sk")]


class Row(Model):
    """An item of the table; `row_class` makes the class for one table."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    kind = UnicodeAttribute()
    version = NumberAttribute()
    facts = UnicodeAttribute(null=True)
    packed = BinaryAttribute(null=True, legacy_encoding=False)
    told_in = UnicodeAttribute(null=True)
    shape = NumberAttribute(null=True)
    ttl = NumberAttribute(null=True)
    gsi1pk = UnicodeAttribute(null=True)
    gsi1sk = UnicodeAttribute(null=True)
    gsi2pk = UnicodeAttribute(null=True)
    gsi2sk = UnicodeAttribute(null=True)
    gsi3pk = UnicodeAttribute(null=True)
    gsi3sk = UnicodeAttribute(null=True)
    gsi4pk = UnicodeAttribute(null=True)
    gsi4sk = UnicodeAttribute(null=True)
    gsi5pk = UnicodeAttribute(null=True)
    gsi5sk = UnicodeAttribute(null=True)
    gsi6pk = UnicodeAttribute(null=True)
    gsi6sk = UnicodeAttribute(null=True)

    @property
    def text(self) -> str:
        """The facts as JSON."""
        return zlib.decompress(self.packed).decode() if self.packed else self.facts

    def to_domain(self) -> Record:
        """The record in the item, validated, whatever shape it was stored in."""
        record = keys.class_of(self.kind).restored(self.text, int(self.shape or 1))
        if isinstance(record, Entry):
            record = _lifted(record)
        return record.model_copy(update={"version": int(self.version), "told_in": self.told_in})

    def is_as_written_today(self, record: Record) -> bool:
        """Whether shape and index attributes are what today's code gives the record."""
        there = {name: value for name in INDEXES if (value := getattr(self, name)) is not None}
        return there == keys.indexes_of(record) and int(self.shape or 1) == record.shape()


def _lifted(entry: Entry) -> Entry:
    """A ledger entry whose images are all in today's shapes, so that rewinding works across releases."""
    # By number, which loads no class: most entries need no lifting, and would load every room they tell of.
    if all(each.shape_number == keys.number_of(each.kind) for each in entry.changes):
        return entry
    changes = tuple(each.lifted(keys.class_of(each.kind)) for each in entry.changes)
    return entry.model_copy(update={"changes": changes})


def item_of(record: Record, version: int) -> Item:
    """The item that holds `record` as its write number `version`, as DynamoDB takes it."""
    pk, sk = keys.key_of(record.ref)
    texts = {"pk": pk, "sk": sk, "kind": record.kind, "told_in": record.told_in} | keys.indexes_of(record)
    # The first shape goes without a number, as the first release wrote it: its items need no rewriting.
    shape = record.shape()
    numbers = {"version": version, "ttl": keys.expiry_of(record), "shape": shape if shape > 1 else None}
    return {
        **{name: {"S": text} for name, text in texts.items() if text is not None},
        **_facts_of(record),
        **{name: {"N": str(number)} for name, number in numbers.items() if number is not None},
    }


def _facts_of(record: Record) -> Item:
    text = record.model_dump_json(exclude_none=True)
    plain = text.encode()
    packed = zlib.compress(plain)
    return {"packed": {"B": packed}} if len(packed) < len(plain) else {"facts": {"S": text}}


def _index(name: str) -> GlobalSecondaryIndex[Any]:
    class Index(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]
        class Meta:
            index_name = name
            projection = KeysOnlyProjection() if name in keys.KEYS_ONLY else AllProjection()

        group = UnicodeAttribute(hash_key=True, attr_name=f"{name}pk")
        order = UnicodeAttribute(range_key=True, attr_name=f"{name}sk")

    return Index()


@cache
def row_class(table: str, endpoint: str | None = None) -> type[Row]:
    """The class whose items lie in `table`, at `endpoint` where it isn't the region's own."""

    class TableRow(Row):
        class Meta:
            table_name = table
            host = endpoint
            billing_mode = "PAY_PER_REQUEST"
            # As for the other clients (`adapters/aws.py`): shorter than any function's timeout.
            connect_timeout_seconds = 2
            read_timeout_seconds = 8
            max_pool_connections = 16

        by_gsi1 = _index("gsi1")
        by_gsi2 = _index("gsi2")
        by_gsi3 = _index("gsi3")
        by_gsi4 = _index("gsi4")
        by_gsi5 = _index("gsi5")
        by_gsi6 = _index("gsi6")

    return TableRow
