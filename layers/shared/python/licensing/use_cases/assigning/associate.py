"""Associate licences with devices: chosen pairs, or a device and a duration (D26)."""

from collections.abc import Sequence

from licensing.domain.assigning.associations import associate, named_in
from licensing.domain.assigning.devices import Device
from licensing.domain.assigning.fitting import fits, types_of
from licensing.domain.assigning.requests import Pair
from licensing.domain.assigning.views import AssociationsView, AssociationView
from licensing.domain.core.decisions import Decision
from licensing.domain.core.errors import Refusal
from licensing.domain.core.instants import to_text
from licensing.domain.core.records import RecordSet
from licensing.domain.licenses.catalog import LicenseModel, catalog
from licensing.domain.licenses.licenses import Block, License
from licensing.domain.licenses.types import Type
from licensing.listings import FreeLicensesOf
from licensing.ports import Store
from licensing.use_cases.assigning.load_devices import required
from licensing.use_cases.core.command import run_command
from licensing.use_cases.core.context import Context, Outcome
from licensing.use_cases.core.reading import Reading


def associate_pairs(store: Store, context: Context, org_id: str, pairs: Sequence[Pair]) -> Outcome[AssociationsView]:
    """All of them or none, unless the call is cut off between two steps: the same call again makes the rest."""
    refs = named_in(org_id, pairs)

    def load(reading: Reading[AssociationView]) -> tuple[RecordSet, tuple[AssociationView, ...]]:
        return reading.get(*refs), reading.done

    def decide(loaded: tuple[RecordSet, tuple[AssociationView, ...]]) -> Decision[AssociationsView]:
        facts, done = loaded
        return associate(facts, org_id, pairs, done, context.now)

    return run_command(store, context, load, decide, (AssociationView,))


def associate_by_term(
    store: Store, context: Context, org_id: str, serial: str, term_days: int, license_type: Type | None = None
) -> Outcome[AssociationsView]:
    """The fitting licence of that term whose forced activation date is the earliest."""
    ref = Device.ref_of(org_id, serial)

    def load(reading: Reading) -> tuple[RecordSet, Pair]:
        device = required(reading.get(ref), [ref])[0]
        models = _models(device, term_days, license_type)
        # Those that burned to their end without a device are free too, and left out (D19).
        listing = FreeLicensesOf(org_id, tuple(model.sku for model in models), to_text(context.now))
        free = [(record, _first(record)) for record in reading.every(listing)] if models else []
        if not free:
            raise _none_left(device, term_days, license_type)
        # Ids sort by issue date, so the smallest is forced to start first (D26).
        record, license_ = min(free, key=lambda found: found[1].license_id)
        return RecordSet([device, record]), Pair(license_id=license_.license_id, serial=serial)

    def decide(loaded: tuple[RecordSet, Pair]) -> Decision[AssociationsView]:
        facts, pair = loaded
        return associate(facts, org_id, [pair], (), context.now)

    return run_command(store, context, load, decide)


def _models(device: Device, term_days: int, license_type: Type | None) -> list[LicenseModel]:
    # The first type a device takes is its Pro: what is meant unless another is named (D26).
    wanted = license_type or types_of(device)[0]
    return [
        model
        for model in catalog().values()
        if model.term_days == term_days and model.type == wanted and fits(model, device)
    ]


def _first(record: Block | License) -> License:
    """The licence itself, or a block's first."""
    return record if isinstance(record, License) else record.license(next(iter(record.free)))


def _none_left(device: Device, term_days: int, license_type: Type | None) -> Refusal:
    kind = f"{device.category} {license_type or types_of(device)[0]}"
    return Refusal(
        "not_enough_licenses",
        f"The organization has no free {kind} license of {term_days} days for device {device.serial}.",
        "Choose another term, or claim a key of such licenses first.",
    )
