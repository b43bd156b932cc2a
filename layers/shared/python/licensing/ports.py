"""What use cases need from the outside world."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

from msgspec import Struct

from licensing.domain.core.decisions import Change
from licensing.domain.core.limits import CHUNK
from licensing.domain.core.records import Record, RecordSet, Ref
from licensing.domain.ordering.documents import KeyDocument

R = TypeVar("R", bound=Record)
R_co = TypeVar("R_co", bound=Record, covariant=True)
T_co = TypeVar("T_co", covariant=True)

Position = dict[str, str]


class Listing(Struct, Generic[R_co], frozen=True):
    """A question to the table that many records answer, in order. Subclasses stand in `listings.py`."""


class Page(Struct, Generic[T_co], frozen=True):
    """A stretch of a listing; `next` is where the following one starts, None at the end."""

    items: tuple[T_co, ...]
    next: Position | None = None


class Segment(Struct, frozen=True):
    """The `number`-th of `of` shares of the table, counted from 0, that together are all of it."""

    number: int
    of: int


class Scanned(Struct, frozen=True):
    """A record as it lies in the table. `is_current`: shape and index attributes are what today's code gives it."""

    record: Record
    is_current: bool


class Reader(Protocol):
    """Reads records, of the table or within a command; strongly consistent, except for listings that say otherwise."""

    def get(self, *refs: Ref[Any]) -> RecordSet:
        """The records that exist among `refs`: one round trip for each hundred."""
        ...

    def page(self, listing: Listing[R], limit: int, start: Position | None = None) -> Page[R]:
        """Up to `limit` records of a listing, from `start` on: one round trip for each megabyte."""
        ...

    def one(self, ref: Ref[R]) -> R | None:
        """One record, if it exists."""
        return self.get(ref)[ref]

    def every(self, listing: Listing[R], chunk: int = CHUNK) -> Iterator[R]:
        """All of a listing, read `chunk` by `chunk` as they are wanted."""
        position = None
        while True:
            page = self.page(listing, chunk, position)
            yield from page.items
            if (position := page.next) is None:
                return


class Store(Reader, Protocol):
    """The table."""

    def named(self, told: str) -> Ref[Any]:
        """The reference that ledgers write so (`device/org-north/SN-1`)."""
        ...

    def scan(self, limit: int, start: Position | None = None, segment: Segment | None = None) -> Page[Scanned]:
        """Up to `limit` records of the whole table or of a segment, in no particular order, from `start` on; no
        snapshot."""
        ...

    def rewrite(self, record: Record) -> None:
        """Writes a record's item as today's code does, its facts and version as they are.

        Raises LostRace when it no longer has the version that was read.
        """
        ...

    def commit(self, changes: Sequence[Change], checks: Sequence[Record] = ()) -> None:
        """All changes or none, in one transaction of at most 100 records.

        Raises LostRace when a record of `changes` or `checks` no longer has the version that was read.
        """


class Vault(Protocol):
    """Keeps licence keys unreadable at rest (D8). `context` binds a ciphertext to what it was made for."""

    def seal(self, text: str, context: str) -> str: ...

    def open(self, ciphertext: str, context: str) -> str: ...


class Documents(Protocol):
    """Where the printed keys are kept (D6), and what jobs are asked for and answer."""

    def put(self, name: str, content: bytes, content_type: str = "application/pdf") -> None: ...

    def delete(self, name: str) -> None:
        """Nothing to do where there is none."""

    def get(self, name: str) -> bytes:
        """Raises DocumentMissing."""

    def put_all(self, contents: Mapping[str, bytes]) -> None:
        """PDFs by name; after a fault some may be there."""

    def get_all(self, names: Sequence[str]) -> list[bytes]:
        """In the order asked for. Raises DocumentMissing if there is one that is not."""

    def names(self, prefix: str) -> frozenset[str]:
        """Those there are under it: a thousand at most."""

    def link(self, name: str, file_name: str) -> str:
        """A link of five minutes to the document."""


class DocumentMissing(Exception):
    """There is no such document: it was lost, or is not printed yet."""


class Printer(Protocol):
    """Prints a key document as PDF."""

    def __call__(self, document: KeyDocument) -> bytes: ...


class Mailer(Protocol):
    """Hands mail over for delivery."""

    def send(self, mail: bytes, recipient: str) -> str:
        """The mail's id, by which its delivery events are known. Raises MailRefused when trying again is no use, and
        MailDelayed while no mail is taken."""


class MailRefused(Exception):
    """No mail can be made of it, or the mail service will never take it; the text says why."""


class MailDelayed(Exception):
    """The mail service takes no mail just now: it is too much at a time, or the service is out of order."""


class MailInDoubt(MailDelayed):
    """Nobody knows whether it has taken this one."""


class Publisher(Protocol):
    """Starts the work that follows a commit. May be called again for the same work."""

    def order_completed(self, order_id: str) -> None: ...

    def mails_due(self, order_id: str) -> None: ...


class Queue(Protocol):
    """Where work waits for whoever does it; a message comes at least once."""

    def send(self, bodies: Sequence[str], delay: int = 0, group: str | None = None) -> None:
        """Each is a message, that comes after so many seconds, 900 at most; one of a group keeps only those of the same
        group waiting."""
        ...

    def load(self) -> "QueueLoad":
        """As the queue counts, which is not to the second."""
        ...


class QueueLoad(Struct, frozen=True):
    """How many messages of a queue `wait` to be received, and how many were and are not done: these are at work, or
    have failed and come again."""

    wait: int = 0
    at_work: int = 0


class SignIn(Struct, frozen=True):
    """One account of the directory: its `sub`, never used again for another, and whether it has a second factor."""

    subject: str
    has_mfa: bool


class Directory(Protocol):
    """Who can sign in. People are named by their address, or by their `sub`."""

    def create_user(self, email: str) -> str:
        """Makes the sign-in where there is none; its `sub`."""

    def find_user(self, name: str) -> SignIn | None: ...

    def sign_out(self, name: str) -> None:
        """Nothing the sign-in was given can be refreshed any more."""

    def delete_user(self, email: str) -> None:
        """Takes the sign-in away where there is one."""


class Session(Struct, frozen=True):
    """What an ID token says: whose it is, under which address, and when they signed in, in epoch seconds."""

    subject: str
    email: str
    since: int


class IdTokens(Protocol):
    """What people show to say who they are."""

    def session(self, token: str) -> Session:
        """Raises NotSignedIn, whatever the text, for what is no ID token of our pool, or no longer."""


class NotSignedIn(Exception):
    """The token identifies nobody; the text says why, for the log."""
