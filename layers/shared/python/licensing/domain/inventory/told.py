"""What ledger entries say of an org's counts: for each record they tell of, what it gave after less what it gave before
(D33)."""

from collections.abc import Iterable, Iterator, Sequence

from licensing.domain.assigning.devices import Device
from licensing.domain.core.ledger import Difference, Entry, rewind, undone_one_by_one
from licensing.domain.core.records import Image, Record, RecordSet, Ref
from licensing.domain.inventory.contributions import contribution
from licensing.domain.inventory.counts import Counts
from licensing.domain.licenses.licenses import Block, License

COUNTED: dict[str, type[Record]] = {of.kind: of for of in (Block, License, Device)}


class NotTold(Exception):
    """The entries don't lead to what is there: some are missing, and counts can't be worked out from them."""


def counted_refs(entries: Iterable[Entry]) -> list[Ref[Record]]:
    """The records the entries tell of, as far as they count."""
    names = dict.fromkeys(diff.record for entry in entries for diff in entry.changes if diff.kind in COUNTED)
    return [_ref(name) for name in names]


def more_by(entries: Sequence[Entry], known: Sequence[Entry], current: RecordSet) -> Counts:
    """What `entries` add to the counts. `known` are these and all others around and since them, newest first;
    `current` are the records that `entries` tell of, as they are by now. Raises NotTold."""
    names = {entry.entry_id for entry in entries}
    wanted = set(map(str, counted_refs(entries)))
    told: dict[str, list[tuple[Difference, bool]]] = {ref: [] for ref in wanted}
    for entry in known:
        for diff in reversed(entry.changes):
            if diff.record in wanted:
                told[diff.record].append((diff, entry.entry_id in names))
    counts = Counts()
    for ref, diffs in told.items():
        for before, after in _changes(current[_ref(ref)], diffs):
            counts.merge(_of(ref, after))
            counts.merge(_of(ref, before), -1)
    return counts


def as_before(records: Sequence[Record], newer: Sequence[Entry]) -> Iterator[Record]:
    """The records without what `newer` entries, given newest first, made of them."""
    touched = set(map(str, counted_refs(newer)))
    changed = [record for record in records if str(record.ref) in touched]
    yield from (record for record in records if str(record.ref) not in touched)
    for ref, image in rewind(changed, newer, touched.__contains__).items():
        yield COUNTED[ref.partition("/")[0]].model_validate(image)


def _changes(
    record: Record | None, told: Sequence[tuple[Difference, bool]]
) -> Iterator[tuple[Image | None, Image | None]]:
    """The facts before and after each change that is to be counted."""
    left = {id(diff) for diff, counts in told if counts}
    for diff, before, after in undone_one_by_one(record, [diff for diff, _ in told]):
        if id(diff) in left:
            left.discard(id(diff))
            yield before, after
        if not left:
            return
    raise NotTold(str(record.ref) if record else told[0][0].record)


def _of(ref: str, image: Image | None) -> Counts:
    return contribution(COUNTED[ref.partition("/")[0]].model_validate(image)) if image is not None else Counts()


def _ref(name: str) -> Ref[Record]:
    kind, *ids = name.split("/")
    return Ref(COUNTED[kind], tuple(ids))
