"""Reading one record that has to be there."""

from typing import TypeVar

from licensing.domain.core.errors import not_found
from licensing.domain.core.records import Record, Ref
from licensing.ports import Store

R = TypeVar("R", bound=Record)


def existing(store: Store, ref: Ref[R], what: str) -> R:
    """The record; raises `not_found`."""
    if (record := store.one(ref)) is None:
        raise not_found(what)
    return record
