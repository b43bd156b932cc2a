"""Promises about units: a key is owned once, its licenses are conserved, tokens add up (D11, D12, D14)."""

from collections.abc import Collection, Iterator, Mapping

from msgspec import Struct, field

from licensing.domain.assigning.devices import Device
from licensing.domain.core.intervals import Intervals
from licensing.domain.core.records import Record, Ref
from licensing.domain.licenses.ai_tokens import TokenPool
from licensing.domain.licenses.license_key import LicenseKey
from licensing.domain.licenses.licenses import Block, License, license_id_of, split_id
from licensing.domain.licenses.msp_portals import MspPortal
from licensing.domain.reconciliation.violations import TableSnapshot, Violation


class Holdings(Struct):
    """Who has what of one key."""

    parts: list[tuple[Ref[Record], Intervals]] = field(default_factory=list)
    portals: list[str] = field(default_factory=list)
    co_term_units: int = 0


def unit_findings(census: TableSnapshot, lost: Collection[str]) -> Iterator[Violation]:
    """`lost` are the licences that went with a device parked for too long, as the ledger tells (D27)."""
    holdings = _holdings(census)
    keys = {key.key_id: key for key in census.all(LicenseKey)}
    for key_id, held in holdings.items():
        if key_id not in keys:
            for item in [*(str(ref) for ref, _ in held.parts), *held.portals]:
                yield Violation(
                    item, "a key is owned once", f"It holds licenses of the key {key_id}, which is unknown."
                )
    for key_id, key in keys.items():
        held = holdings.get(key_id, Holdings())
        yield from _owner_findings(key, held)
        if key.claimed_by and key.claimed_by.startswith("org/"):
            yield from _conservation_findings(key, held, lost)
    yield from _token_findings(census)


def _holdings(census: TableSnapshot) -> Mapping[str, Holdings]:
    found: dict[str, Holdings] = {}
    for block in census.all(Block):
        found.setdefault(block.key_id, Holdings()).parts.append((block.ref, block.free))
    for each in census.all(License):
        found.setdefault(each.key_id, Holdings()).parts.append((each.ref, Intervals.of([each.number])))
    for portal in census.all(MspPortal):
        for extension in portal.extensions:
            found.setdefault(extension.key_id, Holdings()).portals.append(str(portal.ref))
    for device in census.all(Device):
        for association in device.associations:
            if association.units:
                key_id = split_id(association.license_id)[0]
                found.setdefault(key_id, Holdings()).co_term_units += association.units
    return found


def _owner_findings(key: LicenseKey, held: Holdings) -> Iterator[Violation]:
    """An organization's key lies in blocks, an MSP's in its portal once, and an unclaimed one nowhere."""
    owner = key.claimed_by or ""
    msp_id = owner.removeprefix("msp/") if owner.startswith("msp/") else None
    portals = [str(MspPortal.ref_of(msp_id))] if msp_id else []
    if held.portals != portals:
        detail = f"The key {key.fingerprint} extends {len(held.portals)} portals; it should extend {len(portals)}."
        yield Violation(str(key.ref), "a key is owned once", detail)
    if bool(held.parts) != owner.startswith("org/"):
        detail = f"The key {key.fingerprint} is {'not ' if not held.parts else ''}unzipped: {owner or 'unclaimed'}."
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


def _token_findings(census: TableSnapshot) -> Iterator[Violation]:
    claimed = [key for key in census.all(LicenseKey) if key.claimed_by and key.model.tokens]
    # Over all pools together: a transfer leaves none of them with what its own org claimed (D14).
    bought = sum((key.model.tokens or 0) * key.quantity for key in claimed)
    pools = list(census.all(TokenPool))
    if (there := sum(pool.balance for pool in pools)) != bought:
        item = str(pools[0].ref) if len(pools) == 1 else TokenPool.kind
        yield Violation(item, "tokens add up", f"The pools hold {there} shared AI tokens; {bought} were claimed.")
    for pool in pools:
        if pool.balance < 0:
            yield Violation(str(pool.ref), "tokens add up", f"Its balance is {pool.balance}.")
