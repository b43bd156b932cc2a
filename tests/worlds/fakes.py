"""Fakes of ten lines or so: a table in memory that keeps the store's promises, and what else use cases talk to."""

import email
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from typing import Any, TypeVar, cast
from zlib import crc32

from licensing.adapters.dynamodb import keys
from licensing.adapters.dynamodb.queries import Query, going_on, queries_of
from licensing.domain.core.decisions import Change
from licensing.domain.core.errors import LostRace
from licensing.domain.core.ledger import Entry
from licensing.domain.core.records import Record, RecordSet, Ref
from licensing.ports import DocumentMissing, Listing, Page, Position, Scanned, Segment, SignIn, Store

R = TypeVar("R", bound=Record)


def key_of(ref: Ref[Any]) -> tuple[str, str]:
    """The key, if DynamoDB would take it: text in UTF-8, neither empty nor too long."""
    pk, sk = keys.key_of(ref)
    assert 0 < len(pk.encode()) <= 2_048, "DynamoDB's bound for partition keys"
    assert 0 < len(sk.encode()) <= 1_024, "DynamoDB's bound for sort keys"
    return pk, sk


class MemoryStore(Store):
    """`licensing.ports.Store` in memory; records go through JSON as they do in DynamoDB."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], Record] = {}
        self._places: dict[tuple[str, str], tuple[Record, dict[str, str]]] = {}
        self.commits = 0
        self._lock = threading.Lock()

    def get(self, *refs: Ref[Any]) -> RecordSet:
        with self._lock:
            return RecordSet(record for ref in refs if (record := self.items.get(key_of(ref))) is not None)

    def page(self, listing: Listing[R], limit: int, start: Position | None = None) -> Page[R]:
        with self._lock:
            series = going_on(queries_of(listing, self._last_year), start)
        assert all(len(query.pk.encode()) <= 2_048 for query in series), "DynamoDB's bound for partition keys"
        assert all(len(value.encode()) <= 1_024 for value in (start or {}).values()), "DynamoDB's bound for sort keys"
        found = [(query.pk, place, key) for query in series for place, key in self.found(query)]
        items = tuple(cast(R, self.items[key]) for _, _, key in found[:limit])
        more = len(found) > limit > 0
        return Page(items, {"pk": found[limit - 1][0], "sk": found[limit - 1][1]} if more else None)

    def found(self, query: Query) -> list[tuple[str, tuple[str, str]]]:
        """Places and keys, in order."""
        group, order = query.attributes
        with self._lock:
            places = [(key, self._place(key, record)) for key, record in self.items.items()]
        inside = ((place[order], key) for key, place in places if place.get(group) == query.pk)
        return sorted(((place, key) for place, key in inside if query.holds(place)), reverse=query.backwards)

    def named(self, told: str) -> Ref[Any]:
        return keys.named(told)

    def scan(self, limit: int, start: Position | None = None, segment: Segment | None = None) -> Page[Scanned]:
        with self._lock:
            inside = [key for key in self.items if not segment or crc32(key[0].encode()) % segment.of == segment.number]
            keys_ = sorted(key for key in inside if not start or key > (start["pk"], start["sk"]))[:limit]
            items = tuple(Scanned(self.items[key], is_current=True) for key in keys_)
        return Page(items, dict(zip(("pk", "sk"), keys_[-1], strict=True)) if len(items) == limit else None)

    def rewrite(self, record: Record) -> None:
        """Nothing is kept here but the facts."""

    def commit(self, changes: Sequence[Change], checks: Sequence[Record] = ()) -> None:
        assert len(changes) + len(checks) <= 100, "DynamoDB takes 100 records in a transaction"
        refs = [change.ref for change in changes] + [record.ref for record in checks]
        assert len(set(refs)) == len(refs), "DynamoDB takes each record once in a transaction"
        with self._lock:
            expected = [(change.ref, change.version) for change in changes]
            expected += [(record.ref, record.version) for record in checks]
            for ref, version in expected:
                current = self.items.get(key_of(ref))
                if (current.version if current else 0) != version:
                    raise LostRace
            for change in changes:
                self._write(change)
            self.commits += 1

    def _write(self, change: Change) -> None:
        key = key_of(change.ref)
        if change.after is None:
            del self.items[key]
        else:
            stored = type(change.after).model_validate_json(change.after.model_dump_json(exclude_none=True))
            self.items[key] = stored.model_copy(update={"version": change.version + 1, "told_in": change.after.told_in})

    def _place(self, key: tuple[str, str], record: Record) -> dict[str, str]:
        """Its attributes by which lists find it; worked out once for each record."""
        known, place = self._places.get(key, (None, {}))
        if known is not record:
            place = dict(zip(("pk", "sk"), keys.key_of(record.ref), strict=True)) | keys.indexes_of(record)
            self._places[key] = record, place
        return place

    @property
    def _last_year(self) -> datetime:
        """Of ledgers it shows all there is."""
        years = (record.entry_id[:4] for record in self.items.values() if isinstance(record, Entry))
        return datetime(int(max(years, default="2026")), 1, 1, tzinfo=UTC)


class Raced(MemoryStore):
    """Somebody else commits between this call's read and its write."""

    between: Callable[[], object] | None = None

    def commit(self, changes: Any, checks: Any = ()) -> None:
        if self.between:
            meanwhile, self.between = self.between, None
            meanwhile()
        super().commit(changes, checks)


class MemoryDocuments:
    """`licensing.ports.Documents` in memory."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}

    def put(self, name: str, content: bytes, content_type: str = "application/pdf") -> None:  # noqa: ARG002 - S3's
        self.contents[name] = content

    def delete(self, name: str) -> None:
        self.contents.pop(name, None)

    def get(self, name: str) -> bytes:
        if name not in self.contents:
            raise DocumentMissing(name)
        return self.contents[name]

    def put_all(self, contents: Mapping[str, bytes]) -> None:
        self.contents |= contents

    def get_all(self, names: Sequence[str]) -> list[bytes]:
        return [self.get(name) for name in names]

    def names(self, prefix: str) -> frozenset[str]:
        return frozenset(name for name in self.contents if name.startswith(prefix))

    def link(self, name: str, file_name: str) -> str:
        return f"https://documents.example/{name}?as={file_name}"


class MemoryVault:
    """`licensing.ports.Vault` without a secret; a ciphertext opens only with the context it was sealed with."""

    def seal(self, text: str, context: str) -> str:
        return f"{context}|{text[::-1]}"

    def open(self, ciphertext: str, context: str) -> str:
        bound, _, reversed_text = ciphertext.rpartition("|")
        assert bound == context, "sealed for something else"
        return reversed_text[::-1]


def read(mail: bytes) -> EmailMessage:
    """The mail as the other side reads it off the wire."""
    message = email.message_from_bytes(mail, policy=default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


class MemoryDirectory:
    """`licensing.ports.Directory` in memory; a sign-in that is made anew has another `sub`. Numbers start at 1."""

    def __init__(self) -> None:
        self.users: dict[str, SignIn] = {}
        self.made = 0
        self.signed_out: list[str] = []

    def create_user(self, email: str) -> str:
        if email not in self.users:
            self.made += 1
            self.users[email] = SignIn(f"sub-{self.made}", has_mfa=False)
        return self.users[email].subject

    def find_user(self, name: str) -> SignIn | None:
        return next((user for email, user in self.users.items() if name in (email, user.subject)), None)

    def sign_out(self, name: str) -> None:
        self.signed_out.append(name)

    def delete_user(self, email: str) -> None:
        self.users.pop(email, None)


class Outbox:
    """`licensing.ports.Mailer` that keeps what it was given."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, EmailMessage]] = []

    def send(self, mail: bytes, recipient: str) -> str:
        self.sent.append((recipient, read(mail)))
        return f"mail-{len(self.sent)}"


class Notes:
    """`licensing.ports.Publisher` that notes what it was asked to start."""

    def __init__(self) -> None:
        self.completed: list[str] = []
        self.deliveries: list[str] = []

    def order_completed(self, order_id: str) -> None:
        self.completed.append(order_id)

    def mails_due(self, order_id: str) -> None:
        self.deliveries.append(order_id)

    def take_completed(self) -> list[str]:
        """The orders noted since the last time."""
        taken, self.completed = self.completed, []
        return taken

    def take_deliveries(self) -> list[str]:
        """The orders whose mails were noted as due since the last time."""
        taken, self.deliveries = self.deliveries, []
        return taken
