"""The ledger as the API shows it (D33)."""

from collections.abc import Iterable, Sequence

from licensing.domain.core.instants import Instant
from licensing.domain.core.ledger import Difference, Entry
from licensing.domain.core.records import Image, RecordSet, Value
from licensing.domain.licenses.license_key import LicenseKey
from licensing.domain.people.addresses import shown
from licensing.entry.paging import Items, ListQuery, listed_together
from licensing.listings import LedgerOf
from licensing.ports import Store
from licensing.use_cases.people.find_people import addresses_for


class ChangeView(Value):
    """One record's change: the facts that differ, as they were and as they became.

    Of a list that `offsets` names, only the entries that differ, from that one on (0 is the first).
    """

    record: str
    version: int
    before: Image | None
    after: Image | None
    offsets: dict[str, int] | None

    @classmethod
    def of(cls, change: Difference) -> "ChangeView":
        """A license key's record is named by its hash, which is nobody's business (D8)."""
        record = LicenseKey.kind if change.kind == LicenseKey.kind else change.record
        told = change.model_dump(include={"version", "before", "after", "offsets"})
        return cls(record=record, **told)


class EntryView(Value):
    """One entry; `changes` name each record and the facts that differ, as they were and as they became."""

    at: Instant
    actor: str
    action: str
    summary: str
    changes: tuple[ChangeView, ...]

    @classmethod
    def of(cls, entry: Entry, people: RecordSet) -> "EntryView":
        """`people` are the addresses of those who did it."""
        told = entry.model_dump(include={"at", "action", "summary"})
        return cls(**told, actor=shown(entry.actor, people), changes=tuple(map(ChangeView.of, entry.changes)))


def ledger_of(store: Store, owner: str, query: ListQuery) -> "Items[EntryView]":
    """One page of an owner's ledger, newest first."""

    def views(entries: Sequence[Entry]) -> Iterable[EntryView]:
        people = addresses_for(store, (entry.actor for entry in entries))
        return (EntryView.of(entry, people) for entry in entries)

    return listed_together(store, LedgerOf(owner), query, views)
