"""The ledger: who changed what, when, before and after; never rewritten (D33). Rewinding it shows the past (D31)."""

from collections.abc import Callable, Iterable
from typing import ClassVar

from licensing.domain.core.decisions import Change
from licensing.domain.core.instants import Instant
from licensing.domain.core.records import Image, Record, Ref, Stored, Value

# Ciphertext, and what proves an API token, is no state anybody replays, and the fewer places hold it the better (D8).
UNTOLD = frozenset({"ciphertext", "secret_hash"})


class Difference(Value):
    """One record's change as the ledger tells it: the facts that differ, as they were and as they became.

    `shape` is that of the record's class when it was told, left out while it is the first.
    """

    record: str
    version: int
    before: Image | None = None
    after: Image | None = None
    shape: int | None = None

    @property
    def kind(self) -> str:
        """Of the record."""
        return self.record.partition("/")[0]

    @property
    def shape_number(self) -> int:
        return self.shape or 1

    def lifted(self, of: type[Stored]) -> "Difference":
        """The same in today's shape of the record's class; a whole image has what it knows by default now."""
        # Where there is no other side, an image is whole: the record came, or went.
        whole = of.defaults() if self.before is None or self.after is None else {}
        before, after = (image and whole | of.lifted(image, self.shape_number) for image in (self.before, self.after))
        return self.model_copy(update={"before": before, "after": after, "shape": of.shape()})


class Entry(Record):
    """One ledger entry: everything one commit changed that belongs to `owner`."""

    kind: ClassVar[str] = "entry"
    ledger: str
    entry_id: str
    at: Instant
    actor: str
    action: str
    summary: str
    changes: tuple[Difference, ...]

    @property
    def ref(self) -> Ref["Entry"]:
        return Ref(Entry, (self.ledger, self.entry_id))


def difference(change: Change) -> Difference:
    """What the ledger keeps of a change: whole images of what appears or goes, else only the facts that differ."""
    before, after = image_of(change.before), image_of(change.after)
    # Only what differs: an entry is one item of 400 KB at most, and ledgers only grow.
    if before is not None and after is not None:
        same = {name for name in before.keys() & after.keys() if before[name] == after[name]}
        before, after = _without(before, same), _without(after, same)
    shape = change.ref.of.shape()
    return Difference(
        record=str(change.ref),
        version=change.version + 1,
        before=before,
        after=after,
        shape=shape if shape > 1 else None,
    )


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
    """One record without these changes, given newest first: undone from its present version down.

    By version, not in the order told: of two commits of different functions the later may be told first, by as much as
    their clocks differ. And what a change in `diffs` does not stand on stays: it was decided in time, though others
    that it stands on were decided a moment later.
    """
    facts = record.model_dump(mode="json", exclude_none=True) if record else None
    version = record.version if record else 0
    while diff := next((each for each in diffs if _led_to(facts, version, each)), None):
        diffs.remove(diff)
        version = diff.version - 1
        # Without what the change brought: `before` does not name facts that were not there, so merging would keep them.
        untouched = _without(facts or {}, set(diff.after or {}))
        facts = None if diff.before is None else untouched | diff.before
    return facts


def _led_to(facts: Image | None, version: int, diff: Difference) -> bool:
    """Whether the record has its present facts by this change; one that is gone, by the last that removed it."""
    # What is gone has no version to go by, and what comes again begins at 1.
    if facts is None or diff.after is None:
        return facts is None and diff.after is None
    return diff.version == version


def image_of(record: Record | None) -> Image | None:
    """A record's facts as the ledger tells them."""
    return record.model_dump(mode="json", exclude_none=True, exclude=set(UNTOLD)) if record else None


def _without(told: Image, names: set[str]) -> Image:
    return {name: value for name, value in told.items() if name not in names}
