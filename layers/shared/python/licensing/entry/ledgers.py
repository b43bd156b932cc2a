"""The ledger as the API shows it (D33)."""

from licensing.domain.core.instants import Instant
from licensing.domain.core.ledger import Difference, Entry
from licensing.domain.core.records import Value
from licensing.domain.licenses.license_key import LicenseKey
from licensing.entry.paging import Items, ListQuery, listed
from licensing.listings import LedgerOf
from licensing.ports import Store


class EntryView(Value):
    """One entry; `changes` name each record and the facts that differ, as they were and as they became."""

    at: Instant
    actor: str
    action: str
    summary: str
    changes: tuple[Difference, ...]


def ledger_of(store: Store, owner: str, query: ListQuery) -> "Items[EntryView]":
    """One page of an owner's ledger, newest first."""
    return listed(store, LedgerOf(owner), query, _view)


def _view(entry: Entry) -> EntryView:
    shown = entry.model_dump(include={"at", "actor", "action", "summary"})
    return EntryView(**shown, changes=tuple(map(_without_hash, entry.changes)))


def _without_hash(change: Difference) -> Difference:
    """A license key's record is named by its hash, which is nobody's business (D8)."""
    is_key = change.record.startswith(f"{LicenseKey.kind}/")
    return change.model_copy(update={"record": LicenseKey.kind}) if is_key else change
