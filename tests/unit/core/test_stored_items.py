"""What lies in the table is written down: neither a name, nor a key, nor the way a fact is spelled changes by accident.

After a change that is meant, `make golden` writes the file anew; `docs/upgrading.md` tells what old tables need then.
"""

import base64

import pytest

from licensing.adapters.dynamodb.keys import SHAPES
from licensing.adapters.dynamodb.rows import item_of
from licensing.domain.people.tenants import Partner
from tests.golden.stored import as_today, kept, record_in


def test_an_item_of_every_kind_is_written_down() -> None:
    assert kept().keys() == SHAPES.keys()


@pytest.mark.parametrize("kind", SHAPES)
def test_an_item_is_read_and_written_as_it_lies_in_the_table(kind: str) -> None:
    item = kept()[kind]
    assert as_today(item) == item


def test_facts_are_compressed_where_that_is_shorter_and_read_back_either_way() -> None:
    record = Partner(partner_id="acme", name="Acme " * 9)
    packed, plain = item_of(record, 1), item_of(record.evolve(name="Acme"), 1)
    # As text that was written down: what one release packs, all later ones unpack.
    text = "eJyrVipILCrJSy2Kz0xRslJKTM5NVdJRyksEUlZKjkCeArGEUi0Au3UYTg=="
    assert ("facts" in packed, packed["packed"]["B"]) == (False, base64.b64decode(text))
    assert record_in(packed) == record.evolve(version=1)
    assert ("packed" in plain, plain["facts"]["S"]) == (False, '{"partner_id":"acme","name":"Acme"}')
