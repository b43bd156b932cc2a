"""Where a person's address lies: in one record, which erasing empties. Everything else names people by an id (D44).

A ledger says `person/4f3a…` of who did something; whoever shows it looks the address up. An id is chance, no digest of
the address: what names somebody for ever must not tell who it was to anybody who can guess addresses.
"""

import hashlib
import re
import secrets
from collections.abc import Iterable
from typing import ClassVar

from licensing.domain.core.instants import Instant
from licensing.domain.core.records import Record, RecordSet, Ref

# What stands in the place of an address that was erased.
ERASED = "erased person"

_MENTION = re.compile(r"person/([0-9a-f]{16})")


class PersonAddress(Record):
    """Of the person there is, was, or is no longer known: an address keeps its id until it is erased.

    `listed` while there is a person. No ledger holds the address (`UNTOLD` of `domain/core/ledger.py`).
    """

    kind: ClassVar[str] = "person_address"
    person_id: str
    email: str | None = None
    listed: bool = True
    erased_at: Instant | None = None

    @property
    def ref(self) -> Ref["PersonAddress"]:
        return PersonAddress.ref_of(self.person_id)

    @staticmethod
    def ref_of(person_id: str) -> Ref["PersonAddress"]:
        return Ref(PersonAddress, (person_id,))

    @property
    def owner(self) -> str:
        return mention(self.person_id)

    @property
    def shown(self) -> str:
        return self.email or ERASED


class AddressHolder(Record):
    """Whose an address is. No ledger tells of it, and erasing removes it, so that a digest will do for a key."""

    kind: ClassVar[str] = "address_holder"
    digest: str
    person_id: str

    @property
    def ref(self) -> Ref["AddressHolder"]:
        return Ref(AddressHolder, (self.digest,))

    @classmethod
    def of(cls, email: str, person_id: str) -> "AddressHolder":
        return cls(digest=_digest(email), person_id=person_id)

    @staticmethod
    def ref_of(email: str) -> Ref["AddressHolder"]:
        return Ref(AddressHolder, (_digest(email),))

    def is_of(self, email: str) -> bool:
        return self.digest == _digest(email)


def fresh_id() -> str:
    """For somebody new, from the operating system's CSPRNG."""
    return secrets.token_hex(8)


def mention(person_id: str) -> str:
    """How ledgers name a person."""
    return f"person/{person_id}"


def mentioned(texts: Iterable[str]) -> list[Ref[PersonAddress]]:
    """The addresses it takes to show these texts."""
    found = (person_id for text in texts for person_id in _MENTION.findall(text))
    return [PersonAddress.ref_of(person_id) for person_id in dict.fromkeys(found)]


def shown(text: str, known: RecordSet) -> str:
    """The text with addresses in the place of mentions: `token:erp-acme (ada@acme.example)`."""

    def address(found: re.Match[str]) -> str:
        person = known[PersonAddress.ref_of(found[1])]
        return person.shown if person else found[0]

    return _MENTION.sub(address, text)


def _digest(email: str) -> str:
    return hashlib.sha256(email.encode()).hexdigest()
