"""The ledger as the API shows it (D33)."""

from licensing.domain.core.instants import Instant
from licensing.domain.core.ledger import Difference, Entry
from licensing.domain.core.records import Image, Value
from licensing.domain.licenses.license_key import LicenseKey
from licensing.entry.paging import Items, ListQuery, listed
from licensing.listings import LedgerOf
from licensing.ports import Store


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
    def of(cls, entry: Entry) -> "EntryView":
        shown = entry.model_dump(include={"at", "actor", "action", "summary"})
        return cls(**shown, changes=tuple(map(ChangeView.of, entry.changes)))


def ledger_of(store: Store, owner: str, query: ListQuery) -> "Items[EntryView]":
    """One page of an owner's ledger, newest first."""
    return listed(store, LedgerOf(owner), query, EntryView.of)
