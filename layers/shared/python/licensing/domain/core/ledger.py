"""The ledger: who changed what, when, before and after; never rewritten (D33). Rewinding it shows the past (D31)."""

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any, ClassVar

from licensing.domain.core.decisions import Change
from licensing.domain.core.instants import Instant
from licensing.domain.core.records import Image, Record, Ref, Stored, Value

# Ciphertext, and what proves an API token, is no state anybody replays, and the fewer places hold it the better (D8).
# An address is erased where it lies, and a ledger is never rewritten (D44).
UNTOLD = frozenset({"ciphertext", "secret_hash", "email"})


def moment_of(at: datetime) -> str:
    """As the names of entries begin: they sort in the order of their commits."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Difference(Value):
    """One record's change as the ledger tells it: the facts that differ, as they were and as they became.

    Of a list that is named in `offsets`, only the entries that differ, from that place on: what comes before and after
    them stayed. `previous` is the entry that tells of the version before, if it is known and of the same ledger.
    `shape` is that of the record's class when it was told, left out while it is the first.
    """

    record: str
    version: int
    before: Image | None = None
    after: Image | None = None
    offsets: dict[str, int] | None = None
    previous: str | None = None
    shape: int | None = None

    @property
    def kind(self) -> str:
        """Of the record."""
        return self.record.partition("/")[0]

    @property
    def shape_number(self) -> int:
        return self.shape or 1

    def follows(self, facts: Image) -> bool:
        """Whether `facts` are what it says there was before."""
        return all(self._told_of(facts, name, told) == told for name, told in (self.before or {}).items())

    def applied(self, facts: Image | None) -> Image | None:
        """What became of `facts` by it."""
        return self._replaced(facts or {}, self.before or {}, self.after)

    def undone(self, facts: Image | None) -> Image | None:
        """What there was before, out of what it became."""
        return self._replaced(facts or {}, self.after or {}, self.before)

    def _replaced(self, facts: Image, old: Image, new: Image | None) -> Image | None:
        if new is None:
            return None
        lists = {
            name: facts[name][:at] + new[name] + facts[name][at + len(old[name]) :]
            for name, at in (self.offsets or {}).items()
        }
        # Without the old ones first: what was not there on the other side is not named by it.
        return _without(facts, old.keys()) | new | lists

    def _told_of(self, facts: Image, name: str, told: Any) -> Any:
        """What `facts` have where it tells `told`."""
        at = (self.offsets or {}).get(name)
        return facts.get(name) if at is None else facts.get(name, [])[at : at + len(told)]

    def lifted(self, of: type[Stored]) -> "Difference":
        """The same in today's shape of the record's class; a whole image has what it knows by default now."""
        # Where there is no other side, an image is whole: the record came, or went.
        whole = of.defaults() if self.before is None or self.after is None else {}
        before, after = (image and whole | of.lifted(image, self.shape_number) for image in (self.before, self.after))
        # A list may have another name by now; a lift shows it for an empty one too.
        offsets = {
            new: at
            for name, at in (self.offsets or {}).items()
            for new, entries in of.lifted({name: []}, self.shape_number).items()
            if entries == []
        }
        return self.model_copy(
            update={"before": before, "after": after, "offsets": offsets or None, "shape": of.shape()}
        )


class Entry(Record):
    """One ledger entry: everything one commit changed that belongs to `owner`.

    `beside`: the other owners whose ledgers tell of the same commit, under the same id.
    """

    kind: ClassVar[str] = "entry"
    ledger: str
    entry_id: str
    at: Instant
    actor: str
    action: str
    summary: str
    changes: tuple[Difference, ...]
    beside: tuple[str, ...] | None = None

    @property
    def ref(self) -> Ref["Entry"]:
        return Ref(Entry, (self.ledger, self.entry_id))


def difference(change: Change) -> Difference:
    """What the ledger keeps of a change: whole images of what appears or goes, else only the facts that differ."""
    before, after = image_of(change.before), image_of(change.after)
    offsets: dict[str, int] = {}
    # Only what differs: an entry is one item of 400 KB at most, and ledgers only grow.
    if before is not None and after is not None:
        same = {name for name in before.keys() & after.keys() if before[name] == after[name]}
        before, after = _without(before, same), _without(after, same)
        offsets = _shortened(before, after)
    shape = change.ref.of.shape()
    return Difference(
        record=str(change.ref),
        version=change.version + 1,
        before=before,
        after=after,
        offsets=offsets or None,
        previous=_previous(change),
        shape=shape if shape > 1 else None,
    )


def marked(change: Change, entry_id: str, previous: str | None = None) -> Change:
    """The change as this entry will tell of it; `previous` told of the record last, if not the one it was read with."""
    before, after = change.before, change.after
    if change.owner is None:
        return change
    if before and previous:
        before = before.model_copy(update={"told_in": previous})
    return Change(before, after and after.model_copy(update={"told_in": entry_id}))


def entries(
    changes: Iterable[Change], *, entry_id: str, at: Instant, actor: str, action: str, summary: str
) -> list[Entry]:
    """One entry for each owner the changes touch; bookkeeping records have none."""
    told: dict[str, list[Difference]] = {}
    for change in changes:
        if change.owner is not None:
            told.setdefault(change.owner, []).append(difference(change))
    return [
        Entry(
            ledger=owner,
            entry_id=entry_id,
            at=at,
            actor=actor,
            action=action,
            summary=summary,
            changes=tuple(diffs),
            beside=tuple(sorted(told.keys() - {owner})) or None,
        )
        for owner, diffs in told.items()
    ]


def rewind(current: Iterable[Record], newer: Iterable[Entry], wanted: Callable[[str], bool]) -> dict[str, Image]:
    """The records as they were before `newer` entries, given newest first, by reference.

    `current` are those there are now. `wanted` says which records are in question: where `current` lacks one that
    exists, a difference would not make a whole.
    """
    undone: dict[str, list[Difference]] = {}
    for entry in newer:
        for diff in reversed(entry.changes):
            if wanted(diff.record):
                undone.setdefault(diff.record, []).append(diff)
    now = {str(record.ref): record for record in current}
    then = {ref: _before(now.get(ref), undone.get(ref, [])) for ref in dict.fromkeys((*now, *undone))}
    return {ref: facts for ref, facts in then.items() if facts is not None}


def _before(record: Record | None, diffs: list[Difference]) -> Image | None:
    """One record without these changes, given newest first."""
    undone = list(undone_one_by_one(record, diffs))
    return undone[-1][1] if undone else _facts(record)


def _facts(record: Record | None) -> Image | None:
    return record.model_dump(mode="json", exclude_none=True) if record else None


def undone_one_by_one(
    record: Record | None, diffs: Iterable[Difference]
) -> Iterator[tuple[Difference, Image | None, Image | None]]:
    """These changes of one record, given newest first: each with the facts before and after it.

    By version, not in the order told: of two commits of different functions the later may be told first, by as much as
    their clocks differ. And what a change in `diffs` does not stand on stays: it was decided in time, though others
    that it stands on were decided a moment later.
    """
    left = list(diffs)
    after = _facts(record)
    version = record.version if record else 0
    while diff := next((each for each in left if _led_to(after, version, each)), None):
        left.remove(diff)
        version = diff.version - 1
        before = diff.undone(after)
        yield diff, before, after
        after = before


def _led_to(facts: Image | None, version: int, diff: Difference) -> bool:
    """Whether the record has its present facts by this change; one that is gone, by the last that removed it."""
    # What is gone has no version to go by, and what comes again begins at 1.
    if facts is None or diff.after is None:
        return facts is None and diff.after is None
    return diff.version == version


def image_of(record: Record | None) -> Image | None:
    """A record's facts as the ledger tells them."""
    return record.model_dump(mode="json", exclude_none=True, exclude=set(UNTOLD)) if record else None


def _previous(change: Change) -> str | None:
    # An id names an entry of one ledger only.
    return change.before.told_in if change.before and change.before.owner == change.owner else None


def _shortened(before: Image, after: Image) -> dict[str, int]:
    """Leaves of each list in both only the entries that differ; says where those began."""
    offsets = {}
    for name in before.keys() & after.keys():
        old, new = before[name], after[name]
        if isinstance(old, list) and isinstance(new, list):
            head = _shared(old, new)
            tail = _shared(old[head:][::-1], new[head:][::-1])
            if head or tail:
                before[name], after[name] = old[head : len(old) - tail], new[head : len(new) - tail]
                offsets[name] = head
    return offsets


def _shared(one: Sequence[Any], other: Sequence[Any]) -> int:
    """With how many equal entries both begin."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _without(told: Image, names: Set[str]) -> Image:
    return {name: value for name, value in told.items() if name not in names}
