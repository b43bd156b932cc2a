"""What lies in the table is written down: neither a name, nor a key, nor the way a fact is spelled changes by accident.

After a change that is meant, `make golden` writes the file anew; `docs/upgrading.md` tells what old tables need then.
"""

import pytest

from licensing.adapters.dynamodb.keys import SHAPES
from tests.golden.stored import as_today, kept


def test_an_item_of_every_kind_is_written_down() -> None:
    assert kept().keys() == SHAPES.keys()


@pytest.mark.parametrize("kind", SHAPES)
def test_an_item_is_read_and_written_as_it_lies_in_the_table(kind: str) -> None:
    item = kept()[kind]
    assert as_today(item) == item
