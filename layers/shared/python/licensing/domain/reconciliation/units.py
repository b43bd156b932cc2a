"""Promises about units: a key is owned once, its licenses are conserved, tokens add up (D11, D12, D14).

Proven key by key, by the proof of whoever claimed it: what it has itself of the key, and what others have, of whom
`traces` tells.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from msgspec import Struct, field

from licensing.domain.assigning.devices import Device
from licensing.domain.core.intervals import Intervals
from licensing.domain.core.records import Record, Ref
from licensing.domain.licenses.license_key import LicenseKey
from licensing.domain.licenses.licenses import Block, License, license_id_of, split_id
from licensing.domain.licenses.msp_portals import Extension, MspPortal
from licensing.domain.reconciliation.violations import TableSnapshot, Violation


class Holdings(Struct):
    """Who has what of one key."""

    parts: list[tuple[Ref[Record], Intervals]] = field(default_factory=list)
    portals: list[str] = field(default_factory=list)
    co_term_units: int = 0

    def add(self, more: "Holdings") -> None:
        self.parts += more.parts
        self.portals += more.portals
        self.co_term_units += more.co_term_units

    @property
    def items(self) -> list[str]:
        return [*(str(ref) for ref, _ in self.parts), *self.portals]


def unit_findings(
    owner: str, keys: Iterable[LicenseKey], holdings: Mapping[str, Holdings], lost: Collection[str]
) -> Iterator[Violation]:
    """Of the `keys` that were claimed by `owner`, as its ledger tells; `holdings` are everybody's of them.

    `lost` are the licences that went with a device parked for too long, as the ledgers tell (D27).
    """
    for key in keys:
        held = holdings.get(key.key_id, Holdings())
        yield from _owner_findings(owner, key, held)
        if owner.startswith("org/"):
            yield from _conservation_findings(key, held, lost)


def of_unknown_key(key_id: str, held: Holdings) -> Iterator[Violation]:
    for item in held.items:
        detail = f"It holds licenses of the key {key_id}, which nobody has claimed."
        yield Violation(item, "a key is owned once", detail)


def holdings_of(census: TableSnapshot) -> dict[str, Holdings]:
    """By key."""
    found: dict[str, Holdings] = {}
    for record in census:
        for key_id, held in held_by(record):
            found.setdefault(key_id, Holdings()).add(held)
    return found


def held_by(record: Record) -> Iterator[tuple[str, Holdings]]:
    """What one record holds of keys."""
    match record:
        case Block():
            yield record.key_id, Holdings([(record.ref, record.free)])
        case License():
            yield record.key_id, Holdings([(record.ref, Intervals.of([record.number]))])
        case MspPortal():
            for paid in record.extensions:
                yield paid.key_id, Holdings(portals=[str(record.ref)])
        case Extension():
            yield record.key_id, Holdings(portals=[str(MspPortal.ref_of(record.msp_id))])
        case Device():
            for each in record.associations:
                if each.units:
                    yield split_id(each.license_id)[0], Holdings(co_term_units=each.units)


def _owner_findings(owner: str, key: LicenseKey, held: Holdings) -> Iterator[Violation]:
    """An organization's key lies in blocks, an MSP's in its portal once, and an unclaimed one nowhere."""
    claimer = key.claimed_by or ""
    if claimer != owner:
        detail = f"The key {key.fingerprint} was claimed by {owner}, and says: {claimer or 'unclaimed'}."
        yield Violation(str(key.ref), "a key is owned once", detail)
    msp_id = claimer.removeprefix("msp/") if claimer.startswith("msp/") else None
    portals = [str(MspPortal.ref_of(msp_id))] if msp_id else []
    if held.portals != portals:
        detail = f"The key {key.fingerprint} extends {len(held.portals)} portals; it should extend {len(portals)}."
        yield Violation(str(key.ref), "a key is owned once", detail)
    if bool(held.parts) != claimer.startswith("org/"):
        detail = f"The key {key.fingerprint} is {'not ' if not held.parts else ''}unzipped: {claimer or 'unclaimed'}."
        yield Violation(str(key.ref), "a key is owned once", detail)
    if key.claimed_by and key.voided_at:
        yield Violation(str(key.ref), "a key is owned once", f"The key {key.fingerprint} is void, and yet claimed.")


def _conservation_findings(key: LicenseKey, held: Holdings, lost: Collection[str]) -> Iterator[Violation]:
    """All parts together are 1 to quantity, each number once; but for units used up, and licences that were lost."""
    seen = Intervals()
    for ref, numbers in held.parts:
        if twice := seen & numbers:
            yield Violation(
                str(ref), "units are conserved", f"Licenses {twice} of {key.fingerprint} exist elsewhere too."
            )
        seen |= numbers
    if more := seen - Intervals.up_to(key.quantity):
        detail = f"Licenses {more} of {key.fingerprint} were never sold."
        yield Violation(str(key.ref), "units are conserved", detail)
    missing = Intervals.up_to(key.quantity) - seen
    if key.model.type == "co_term":
        # More is a fault, fewer none: devices that were parked for too long took theirs along (D27).
        if held.co_term_units > len(missing):
            detail = f"{held.co_term_units} units are on devices, and {len(missing)} left the blocks."
            yield Violation(str(key.ref), "units are conserved", detail)
    elif missing := Intervals.of(n for n in missing if license_id_of(key.key_id, n) not in lost):
        yield Violation(str(key.ref), "units are conserved", f"Licenses {missing} of {key.fingerprint} are nowhere.")
