"""All that an org has, now or as it was (D31)."""

from datetime import datetime

from msgspec import Struct

from licensing.domain.assigning.devices import Device
from licensing.domain.core.records import Record
from licensing.domain.licenses.ai_tokens import TokenPool
from licensing.domain.licenses.licenses import Block, License
from licensing.domain.licenses.sorting import Place
from licensing.listings import DevicesOf, LicensesOf
from licensing.ports import Store
from licensing.use_cases.core.history import as_it_was


class Stock(Struct, frozen=True):
    """Blocks and licences in the order of lists, devices by serial, and the pool of AI tokens."""

    records: list[Block | License]
    devices: dict[str, Device]
    pool: TokenPool | None


def stock_at(store: Store, org_id: str, at: datetime, now: datetime) -> Stock:
    """What there is, or was at the end of the second `at`; what comes after `now` is a matter of the clock alone.

    A read unit for each 4 KB, hence for some seven records.
    """
    return past(store, org_id, at) if at < now else stock_now(store, org_id)


def stock_now(store: Store, org_id: str) -> Stock:
    return _stock(_all(store, org_id))


def past(store: Store, org_id: str, at: datetime) -> Stock:
    """What there was at the end of the second `at`; costs the org's ledger since then on top."""
    return _stock(as_it_was(store, f"org/{org_id}", _all(store, org_id), at, Block, License, Device, TokenPool))


def _all(store: Store, org_id: str) -> list[Record]:
    pool = TokenPool.ref_of(org_id)
    return [*store.every(LicensesOf(org_id)), *store.every(DevicesOf(org_id)), *store.get(pool)]


def _stock(found: list[Record]) -> Stock:
    return Stock(
        records=sorted((each for each in found if isinstance(each, Block | License)), key=Place.of),
        devices={each.serial: each for each in found if isinstance(each, Device)},
        pool=next((each for each in found if isinstance(each, TokenPool)), None),
    )
