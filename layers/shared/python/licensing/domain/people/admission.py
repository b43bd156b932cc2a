"""Who is granted what, and how that ends: a person is removed, or erased, address and all (D44)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct

from licensing.domain.core import actions
from licensing.domain.core.actions import Action
from licensing.domain.core.decisions import Change, Decision, Step, changed, created, decide
from licensing.domain.core.errors import Fault, invalid, not_found
from licensing.domain.core.records import RecordSet, Ref, Value
from licensing.domain.people.access import Grant, Person, forbidden
from licensing.domain.people.addresses import AddressHolder, PersonAddress
from licensing.domain.people.api_tokens import ActiveTokens
from licensing.domain.people.memberships import regranted
from licensing.domain.people.sign_outs import SignOut
from licensing.domain.people.tenants import Msp, Org
from licensing.domain.people.token_issue import revoked_with
from licensing.domain.people.views import PersonView

Grants = tuple[Grant, ...]


class Known(Struct, frozen=True):
    """What is known of the holder of `email`; `facts` are its memberships and tokens, and the tenants in question.

    An address that nobody holds yet goes with a fresh `person_id`.
    """

    email: str
    person_id: str
    facts: RecordSet

    @property
    def holder(self) -> AddressHolder | None:
        return self.facts[AddressHolder.ref_of(self.email)]

    @property
    def person(self) -> Person | None:
        return self.facts[Person.ref_of(self.person_id)]

    @property
    def address(self) -> PersonAddress | None:
        return self.facts[PersonAddress.ref_of(self.person_id)]

    def with_grants(self, grants: Grants) -> Person:
        """The person, holding these."""
        person = self.person or Person(person_id=self.person_id, grants=grants)
        return person.evolve(grants=grants)


def granted(known: Known, grants: Grants) -> Decision[PersonView]:
    """The person with these grants and no others. Raises `invalid_request` for tenants that don't exist."""
    missing = [n for n, grant in enumerate(grants) if (tenant := tenant_of(grant)) and known.facts[tenant] is None]
    if missing:
        raise invalid(*(Fault(f"grants[{n}]", "is for a tenant that does not exist; make it first") for n in missing))
    person, summary = known.with_grants(grants), f"Granted {', '.join(grant.text for grant in grants) or 'nothing'}"
    answer = PersonView.of(person, known.email)
    if person == known.person:
        return Decision(answer)
    named = list(_named(known))
    first, *more = regranted(known.person, person, known.facts, len(named))
    steps = tuple(Step(changes, summary) for changes in ((*first, *named), *more))
    return Decision(answer, actions.PERSON_PUT, steps, chance="" if known.holder else known.person_id)


def bound(person: Person | None, subject: str) -> Decision[Value]:
    """From now on the grants are this sign-in's; those of an address whose sign-in was made anew are no longer the
    old one's."""
    stands = person is None or person.subject == subject
    changes = [changed(person, subject=subject)] if person and not stands else []
    return decide(Value(), actions.PERSON_BOUND, "Bound to the sign-in of the address", changes)


def removed(known: Known, now: datetime) -> Decision[PersonView]:
    """Grants, API tokens and sessions are gone; the address keeps its id, by which the ledger names it.

    Raises `not_found`.
    """
    if known.person is None or known.address is None:
        raise not_found("person")
    return _gone(known, now, actions.PERSON_REMOVED, [changed(known.address, listed=False)])


def erased(known: Known, me: Person | None, now: datetime) -> Decision[PersonView]:
    """The same, and of the address nothing is left, also if the person was removed before (D44).

    `me` is who erases. Raises `not_found`; `forbidden` for oneself, so that there always is an operator left.
    """
    if known.holder is None or known.address is None:
        raise not_found("person")
    if me is None or not any(grant.is_operator for grant in me.grants):
        raise forbidden("Only an operator may do this, and you no longer are one.")
    if me.person_id == known.person_id:
        raise forbidden("Nobody erases themselves: another operator does.")
    tombstone = known.address.evolve(email=None, listed=False, erased_at=now)
    named = [Change(known.address, tombstone), Change(known.holder, None)]
    return _gone(known, now, actions.PERSON_ERASED, named, checks=(me,))


def tenant_of(grant: Grant) -> Ref[Any] | None:
    """The record that has to be there for a grant of it. (Orders may come before their partner is set up.)"""
    if grant.org_id:
        return Org.ref_of(grant.org_id)
    return Msp.ref_of(grant.msp_id) if grant.msp_id else None


def _named(known: Known) -> Iterator[Change]:
    """What a person's address takes, so that it is found by it and shown with it."""
    if known.holder is None:
        yield created(AddressHolder.of(known.email, known.person_id))
    if known.address is None:
        yield created(PersonAddress(person_id=known.person_id, email=known.email))
    elif not known.address.listed:
        yield changed(known.address, listed=True)


def _gone(known: Known, now: datetime, action: Action, named: list[Change], **more: Any) -> Decision[PersonView]:
    """The person as it was, and what takes it away."""
    answer = PersonView(email=known.email, grants=known.person.grants if known.person else ())
    if known.person is None:
        return decide(answer, action, action.tells, named, **more)
    facts, active = known.facts, known.facts[ActiveTokens.ref_of(known.person_id)]
    beside = [*named, *revoked_with(known.person_id, active, facts.present(active.refs if active else ()))]
    # ID tokens need no look-up and live on without their sign-in: the authorizer refuses them by this record.
    if known.person.subject:
        over = SignOut.of(known.person.subject, now)
        beside.append(Change(facts[over.ref], over))
    *first, last = regranted(known.person, None, facts, len(beside))
    # Tokens go with the person: one made between two of the steps would be left over.
    steps = tuple(Step(changes, action.tells) for changes in (*first, (*last, *beside)))
    return Decision(answer, action, steps, **more)
