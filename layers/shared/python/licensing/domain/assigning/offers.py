"""What an org has for a device, told by what is left of it: a year of which 5 days are left is 5 days (D26)."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from licensing.domain.assigning.coverage import coverage_of
from licensing.domain.assigning.devices import Association, Device
from licensing.domain.assigning.fitting import fits, types_of
from licensing.domain.assigning.views import AssociationView, OffersView, OfferView
from licensing.domain.core.instants import DAY
from licensing.domain.licenses.licenses import Block, License


def offers(device: Device, free: Iterable[Block | License], at: datetime) -> OffersView:
    """Of each model, by the whole days left, the licence whose forced activation date is the earliest."""
    alike: dict[tuple[str, int], list[tuple[License, int]]] = {}
    for one, count in _fitting(device, free, at):
        alike.setdefault((one.license_model, _days_left(one, at)), []).append((one, count))
    found = [_offer(device, those, at) for those in alike.values()]
    order = types_of(device)
    return OffersView(offers=tuple(sorted(found, key=lambda each: (order.index(each.type), each.days_left))))


def _fitting(device: Device, free: Iterable[Block | License], at: datetime) -> Iterator[tuple[License, int]]:
    """Those the device can take, and how many there are of each: all of a block are alike."""
    # What could not be associated is no offer.
    for each in () if device.is_full else free:
        if fits(each.model, device):
            one = each if isinstance(each, License) else each.license(next(iter(each.free)))
            if not one.is_over(at):
                yield one, 1 if isinstance(each, License) else len(each.free)


def _days_left(one: License, at: datetime) -> int:
    assert one.model.term is not None, "whatever a device takes has a term"
    return (one.model.term - one.burned_by(at)) // DAY


def _offer(device: Device, alike: list[tuple[License, int]], at: datetime) -> OfferView:
    # Ids sort by issue date, hence by forced activation date (D26).
    one = min((each for each, _ in alike), key=lambda each: each.license_id)
    association = Association.of(one, at, networked=device.network_id is not None)
    then = AssociationView.of(
        device.plus(association), one.license_id, at, before=coverage_of(device).end(association.chain)
    )
    return OfferView(
        license_id=one.license_id,
        license_model=one.license_model,
        type=one.model.type,
        term_days=one.model.term_days,
        days_left=_days_left(one, at),
        count=sum(count for _, count in alike),
        forced_activation_at=one.model.forced_activation_at(one.issued_at),
        starts_at=then.starts_at,
        ends_at=then.ends_at,
        device_end_before=then.device_end_before,
        device_end_after=then.device_end_after,
    )
