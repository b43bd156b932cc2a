"""Release 1 named people by their addresses, in keys, records and ledgers: how that becomes ids (D44).

A ledger is never rewritten; here it is written once into another table, and says the same of the same people.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct, field

from licensing.domain.core import actions
from licensing.domain.core.decisions import created
from licensing.domain.core.ledger import entries
from licensing.domain.core.records import Image, Record
from licensing.domain.core.texts import address_in
from licensing.domain.people.access import Person
from licensing.domain.people.addresses import AddressHolder, PersonAddress, mention
from licensing.domain.people.memberships import Membership, memberships_of

# The fact that names a person in the records of a kind.
NAMED_IN = {"person": "email", "api_token": "made_by", "living_tokens": "made_by", "reminded": "recipient"}


class Names(Struct):
    """The ids of all addresses met so far, which `fresh_id` makes; `ids` are those that an earlier run has made.

    People are to be met before all else that names them.
    """

    fresh_id: Callable[[str], str]
    ids: dict[str, str] = field(default_factory=dict)
    people: list[Person] = field(default_factory=list)
    fresh: list[str] = field(default_factory=list)

    def id_of(self, email: str) -> str:
        if email not in self.ids:
            self.ids[email] = self.fresh_id(email)
            self.fresh.append(email)
        return self.ids[email]

    def carried(self, kind: str, facts: Image) -> Image:
        """A record's facts as release 1 stored them, with ids in the place of people's addresses."""
        if kind == "entry":
            return self._entry(facts)
        carried = self._named(kind, facts)
        if kind == Person.kind:
            self.people.append(Person.model_validate(carried))
        return carried

    def addresses(self, now: datetime) -> Iterator[tuple[Record, ...]]:
        """Those met since it was asked for: where each lies, how it is found, and the ledger's word of it.

        To be written in one transaction: who finds the first later knows that all are there.
        """
        listed = {person.person_id for person in self.people}
        for email in self.fresh:
            person_id = self.ids[email]
            address = PersonAddress(person_id=person_id, email=email, listed=person_id in listed)
            yield address, AddressHolder.of(email, person_id), *_told(address, now)
        self.fresh.clear()

    def memberships(self) -> Iterator[Membership]:
        """Of the people met since it was asked for."""
        for person in self.people:
            yield from memberships_of(person)
        self.people.clear()

    def _named(self, kind: str, facts: Image) -> Image:
        name = NAMED_IN.get(kind, "")
        if name not in facts:
            return facts
        others = {fact: value for fact, value in facts.items() if fact != name}
        return others | {"person_id" if kind == Person.kind else name: self.id_of(facts[name])}

    def _entry(self, facts: Image) -> Image:
        """Who did it; and in the ledger of a person all that is told."""
        told = facts | {"actor": self._mentioned(facts["actor"])}
        if not facts["ledger"].startswith("person/"):
            return told
        changes = [self._difference(change) for change in facts["changes"]]
        names = {name: self._mentioned(facts[name].removeprefix("person/")) for name in ("ledger", "summary")}
        return told | names | {"changes": changes}

    def _difference(self, told: Image) -> Image:
        kind, _, rest = told["record"].partition("/")
        record = mention(self.id_of(rest)) if kind == Person.kind else told["record"]
        images = {side: self._named(kind, told[side]) for side in ("before", "after") if told.get(side)}
        return told | images | {"record": record}

    def _mentioned(self, text: str) -> str:
        """With mentions in the place of addresses: `token:erp-acme (person/4f3a…)`."""
        while email := address_in(text):
            text = text.replace(email, mention(self.id_of(email)))
        return text


def _told(address: PersonAddress, now: datetime) -> Iterator[Record]:
    moment = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    told: dict[str, Any] = {"entry_id": f"{moment}.0000.{address.person_id[:8]}", "at": now, "actor": "carry-over"}
    yield from entries([created(address)], **told, action=actions.PERSON_NAMED.name, summary="Named by an id")
