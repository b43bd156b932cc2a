"""The ledger: who changed what, when, before and after; never rewritten (D33). Rewinding it shows the past (D31)."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from licensing.domain.core.decisions import Change
from licensing.domain.core.instants import Instant
from licensing.domain.core.records import Record, Ref, Stored, Told, Value

# Ciphertext, and what proves an API token, is no state anybody replays, and the fewer places hold it the better (D8).
UNTOLD = frozenset({"ciphertext", "secret_hash"})


class Difference(Value):
    """One record's change as the ledger tells it: the facts that differ, as they were and as they became.

    `shape` is that of the record's class when it was told, left out while it is the first.
    """

    record: str
    version: int
    before: Told | None = None
    after: Told | None = None
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
    before, after = told(change.before), told(change.after)
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


def rewind(now: Mapping[str, Told | None], newer: Iterable[Entry]) -> dict[str, Told | None]:
    """The records as they were before `newer` entries, given newest first.

    `now` and the result map a record's reference to its facts, None where it does not exist.
    """
    undone: dict[str, list[Difference]] = {}
    for entry in newer:
        for diff in reversed(entry.changes):
            undone.setdefault(diff.record, []).append(diff)
    return {**now, **{record: _before(now.get(record), diffs) for record, diffs in undone.items()}}


def _before(facts: Told | None, diffs: list[Difference]) -> Told | None:
    """One record without these changes, given newest first.

    Of two commits on different machines the later may be told first, by as much as their clocks differ: so each time
    the next to undo is the one that led to what there is.
    """
    while diffs:
        diff = diffs.pop(next((n for n, each in enumerate(diffs) if _led_to(facts, each)), 0))
        if diff.before is None:
            facts = None
        elif facts is None or diff.after is None:
            facts = dict(diff.before)
        else:
            facts = _without(facts, set(diff.after)) | diff.before
    return facts


def _led_to(facts: Told | None, diff: Difference) -> bool:
    if facts is None or diff.after is None:
        return facts is None and diff.after is None
    touched = facts.keys() if diff.before is None else diff.before.keys() | diff.after.keys()
    return {name: facts[name] for name in touched & facts.keys()} == diff.after


def told(record: Record | None) -> Told | None:
    """A record's facts as the ledger tells them."""
    return record.model_dump(mode="json", exclude_none=True, exclude=set(UNTOLD)) if record else None


def _without(told: Told, names: set[str]) -> Told:
    return {name: value for name, value in told.items() if name not in names}
