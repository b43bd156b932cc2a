"""Carry renewals out: by request, and whenever their keys are claimed (D40)."""

from collections.abc import Sequence

from msgspec import Struct

from licensing.domain.assigning.devices import Device
from licensing.domain.assigning.views import AssociationView
from licensing.domain.core.decisions import Decision
from licensing.domain.core.errors import Refusal, not_found
from licensing.domain.core.instants import to_text
from licensing.domain.core.records import RecordSet
from licensing.domain.licenses.licenses import Block, License
from licensing.domain.ordering.quotes import Quote
from licensing.domain.planning.application import apply_renewal, is_done
from licensing.domain.planning.renewals import Renewal, RenewalPart, number_of
from licensing.domain.planning.views import RenewalView
from licensing.listings import FreeLicensesOf
from licensing.ports import Store
from licensing.use_cases.core.command import run_command
from licensing.use_cases.core.context import Context, Outcome
from licensing.use_cases.core.reading import Reading
from licensing.use_cases.planning.renew import quote_of


class Loaded(Struct, frozen=True):
    renewal: Renewal
    quote: Quote
    parts: Sequence[RenewalPart]
    devices: RecordSet
    free: Sequence[Block | License]


def carry_out(store: Store, context: Context, org_id: str, renewal_id: str) -> Outcome[RenewalView]:
    """Binds what stock and claimed keys allow. Cut off, it is finished by being asked for again: each device is done
    with its note in one transaction."""
    ref = Renewal.ref_of(org_id, number_of(org_id, renewal_id))

    def load(reading: Reading[AssociationView]) -> Loaded:
        renewal = reading.one(ref)
        if renewal is None:
            raise not_found("renewal")
        facts = reading.get(renewal.quote_ref, *renewal.part_refs)
        parts = facts.present(renewal.part_refs)
        waiting = [Device.ref_of(org_id, plan.serial) for part in parts for plan in part.devices if not is_done(plan)]
        devices = reading.get(*waiting) if waiting else RecordSet()
        free = list(reading.every(FreeLicensesOf(org_id, after=to_text(context.now)))) if waiting else []
        return Loaded(renewal, quote_of(renewal, facts), parts, devices, free)

    def decide(loaded: Loaded) -> Decision[RenewalView]:
        return apply_renewal(loaded.renewal, loaded.quote, loaded.parts, loaded.devices, loaded.free, context.now)

    return run_command(store, context, load, decide, (AssociationView,))


def carry_out_claimed(store: Store, context: Context, org_id: str) -> None:
    """All renewals of which the org has claimed keys that are not bound yet.

    What stands in their way now keeps nobody from the claim that was made: each can be asked for by itself.
    """
    free = store.every(FreeLicensesOf(org_id, after=to_text(context.now)))
    for renewal_id in sorted({each.renewal_id for each in free if isinstance(each, Block) and each.renewal_id}):
        try:
            carry_out(store, context, org_id, renewal_id)
        except Refusal as refusal:
            if refusal.code == "unfinished":
                raise
