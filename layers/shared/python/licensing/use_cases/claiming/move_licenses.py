"""Move unassociated licences to another org (D16)."""

from msgspec import Struct

from licensing.domain.claiming.moves import MovedLicenses, move, moved_before
from licensing.domain.claiming.requests import MoveRequest
from licensing.domain.claiming.selection import Lot, movable, named, numbers_of, records_of, require_enough, without
from licensing.domain.claiming.views import LicensesMovedView
from licensing.domain.core.decisions import Decision
from licensing.domain.core.errors import Fault, invalid
from licensing.domain.core.instants import to_text
from licensing.domain.core.records import RecordSet
from licensing.domain.licenses.catalog import model_of
from licensing.domain.licenses.licenses import Block
from licensing.domain.licenses.sorting import Place
from licensing.listings import FreeLicensesOf
from licensing.ports import Store
from licensing.use_cases.core.command import run_command
from licensing.use_cases.core.context import Context, Outcome
from licensing.use_cases.core.reading import Reading


class Loaded(Struct, frozen=True):
    """What goes, what the other org has of it, and what earlier steps of the call have moved."""

    lots: tuple[Lot, ...]
    facts: RecordSet
    done: tuple[MovedLicenses, ...]


def move_licenses(store: Store, context: Context, org_id: str, request: MoveRequest) -> Outcome[LicensesMovedView]:
    """Three calls for any quantity: what there is, what the other org has of the same keys, one transaction.

    By id, what the orgs have comes first, and licences with a history of their own second, if any are named.
    """
    if request.to_org_id == org_id:
        raise invalid(Fault("to_org_id", "is the organization that has the licenses; name another one"))
    if request.license_ids is not None:
        return _move_named(store, context, org_id, request.to_org_id, request.license_ids)
    return _move_oldest(store, context, org_id, request.to_org_id, request.license_model or "", request.quantity or 0)


def _move_named(
    store: Store, context: Context, org_id: str, to_org_id: str, license_ids: tuple[str, ...]
) -> Outcome[LicensesMovedView]:
    asked = numbers_of(license_ids)

    def load(reading: Reading[MovedLicenses]) -> Loaded:
        facts = reading.get(*(Block.ref_of(owner, key_id) for key_id in asked for owner in (org_id, to_org_id)))
        # What earlier steps moved is the other org's by now: looked for here, it would be `not_found`.
        left = without(asked, moved_before(reading.done))
        records = reading.get(*records_of(facts, org_id, left))
        return Loaded(tuple(named(RecordSet([*facts, *records]), org_id, left)), facts, reading.done)

    def decide(loaded: Loaded) -> Decision[LicensesMovedView]:
        return move(org_id, to_org_id, loaded.lots, loaded.facts, loaded.done)

    return run_command(store, context, load, decide, (MovedLicenses,))


def _move_oldest(
    store: Store, context: Context, org_id: str, to_org_id: str, license_model: str, quantity: int
) -> Outcome[LicensesMovedView]:
    listing = FreeLicensesOf(org_id, (model_of(license_model).sku,), to_text(context.now))

    def load(reading: Reading[MovedLicenses]) -> Loaded:
        # By the store itself: the bookkeeping comes along with the get below, at no call of its own. Until then nobody
        # knows what earlier steps moved, so the whole quantity is looked for, and `decide` takes what is left of it.
        lots = tuple(movable(sorted(store.every(listing), key=Place.of), quantity, context.now))
        facts = reading.get(*(Block.ref_of(to_org_id, lot.record.key_id) for lot in lots))
        return Loaded(lots, facts, reading.done)

    def decide(loaded: Loaded) -> Decision[LicensesMovedView]:
        left = quantity - sum(map(len, moved_before(loaded.done).values()))
        lots = tuple(movable((lot.record for lot in loaded.lots), left, context.now))
        require_enough(lots, left)
        return move(org_id, to_org_id, lots, loaded.facts, loaded.done)

    return run_command(store, context, load, decide, (MovedLicenses,))
