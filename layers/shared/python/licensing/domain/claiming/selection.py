"""Lots: which unassociated licences are chosen, by their ids or the oldest of a model, as they lie in the table."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from msgspec import Struct

from licensing.domain.core.errors import Refusal, not_found
from licensing.domain.core.intervals import Intervals
from licensing.domain.core.records import RecordSet, Ref
from licensing.domain.licenses.licenses import Block, License, license_id_of, split_id

Numbers = Mapping[str, Intervals]


class Lot(Struct, frozen=True):
    """What goes over of one record: a licence, or these numbers of a block."""

    record: Block | License
    numbers: Intervals

    @classmethod
    def whole(cls, record: Block | License) -> "Lot":
        return cls(record, record.free if isinstance(record, Block) else Intervals.of([record.number]))

    @property
    def sample(self) -> License:
        """One of its licences: they are all alike."""
        record = self.record
        return record.license(next(iter(self.numbers))) if isinstance(record, Block) else record


def numbers_of(license_ids: Iterable[str]) -> dict[str, Intervals]:
    """The licences of each key, by number."""
    numbers: dict[str, list[int]] = {}
    for key_id, number in map(split_id, license_ids):
        numbers.setdefault(key_id, []).append(number)
    return {key_id: Intervals.of(found) for key_id, found in numbers.items()}


def without(numbers: Numbers, gone: Numbers) -> dict[str, Intervals]:
    return {key_id: found - gone.get(key_id, Intervals()) for key_id, found in numbers.items()}


def movable(pool: Iterable[Block | License], quantity: int, at: datetime) -> Iterator[Lot]:
    """What gives `quantity` licences with some of their term left, or as many as there are.

    `pool` is sorted, the oldest issued first.
    """
    for record in pool:
        if quantity <= 0:
            return
        lot = Lot.whole(record)
        if lot.numbers and not lot.sample.is_over(at):
            lot = Lot(record, lot.numbers.first(quantity))
            quantity -= len(lot.numbers)
            yield lot


def records_of(blocks: RecordSet, org_id: str, numbers: Numbers) -> list[Ref[License]]:
    """Those of the numbered licences that lie in no block of the org."""
    refs: list[Ref[License]] = []
    for key_id, wanted in numbers.items():
        block = blocks[Block.ref_of(org_id, key_id)]
        loose = wanted - block.free if block else wanted
        refs += [License.ref_of(org_id, license_id_of(key_id, number)) for number in loose]
    return refs


def named(facts: RecordSet, org_id: str, numbers: Numbers) -> Iterator[Lot]:
    """These very licences. Raises `not_found` for one that the org has not."""
    for key_id, wanted in sorted(numbers.items()):
        block = facts[Block.ref_of(org_id, key_id)]
        if block and (inside := wanted & block.free):
            yield Lot(block, inside)
    for ref in records_of(facts, org_id, numbers):
        if (one := facts[ref]) is None:
            raise not_found("license")
        yield Lot.whole(one)


def require_enough(lots: Iterable[Lot], quantity: int) -> None:
    """Raises `not_enough_licenses`, saying how many there are."""
    if (available := sum(len(lot.numbers) for lot in lots)) < quantity:
        raise Refusal(
            "not_enough_licenses",
            f"{quantity} licenses are to be moved, and there are {available} that can be.",
            "Ask for no more than there are; licenses on devices and expired ones are not among them.",
            available=available,
        )
