"""Grant, remove and erase people, each found by an address and named by an id (D44)."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from licensing.domain.core.decisions import Decision
from licensing.domain.core.errors import Refusal
from licensing.domain.core.records import RecordSet, Ref
from licensing.domain.people.access import Caller, Person
from licensing.domain.people.addresses import AddressHolder, PersonAddress
from licensing.domain.people.admission import Known, bound, erased, granted, removed, tenant_of
from licensing.domain.people.api_tokens import ActiveTokens
from licensing.domain.people.memberships import refs_of
from licensing.domain.people.sign_outs import SignOut
from licensing.domain.people.views import PersonView
from licensing.ports import Directory, Store
from licensing.use_cases.core.command import run_command
from licensing.use_cases.core.context import Context, Outcome
from licensing.use_cases.core.reading import Reading
from licensing.use_cases.people.find_people import person_at


def put_person(
    store: Store, directory: Directory, context: Context, wanted: PersonView, fresh_id: str
) -> Outcome[PersonView]:
    """The person with these grants and no others; the sign-in is made where it does not exist.

    The grants are bound to that sign-in. It is made after they are committed, so that what is refused invites nobody;
    until it is bound a person who is new can do nothing. `fresh_id` is for an address that nobody holds.
    """

    def load(reading: Reading) -> Known:
        known = _known(reading, wanted.email, fresh_id)
        tenants = [tenant for grant in wanted.grants if (tenant := tenant_of(grant))]
        return _with(reading, known, *tenants, *refs_of(known.person, known.with_grants(wanted.grants)))

    outcome = run_command(store, context, load, lambda known: granted(known, wanted.grants))
    if not context.dry_run:
        # Each time, not for new people only: what broke off between the two commits is done by the repeated call.
        _bind(store, context, wanted.email, directory.create_user(wanted.email))
    return outcome


def _bind(store: Store, context: Context, email: str, subject: str) -> None:
    # The plan was that of the grants, which are committed.
    alone = replace(context, plan=None)
    run_command(store, alone, lambda reading: person_at(reading, email), lambda person: bound(person, subject))


def remove_person(store: Store, directory: Directory, context: Context, email: str) -> Outcome[PersonView]:
    """The person as it was; grants, API tokens and sessions are gone in one commit, the sign-in after it.

    Raises `not_found`; a sign-in that a removal left when it broke off is gone even then.
    """
    return _end(
        directory, context, email,
        lambda: run_command(store, context, lambda reading: _all(reading, email), lambda it: removed(it, context.now)),
    )  # fmt: skip


def erase_person(
    store: Store, directory: Directory, context: Context, caller: Caller, email: str
) -> Outcome[PersonView]:
    """The same, and the address is nowhere any more: not in the table, not in the directory (D44)."""
    me = Person.ref_of(caller.person_id or "")

    def load(reading: Reading) -> Known:
        return _with(reading, _all(reading, email), me)

    def decided(known: Known) -> Decision[PersonView]:
        return erased(known, known.facts[me], context.now)

    return _end(directory, context, email, lambda: run_command(store, context, load, decided))


def _end(
    directory: Directory, context: Context, email: str, command: Callable[[], Outcome[PersonView]]
) -> Outcome[PersonView]:
    """Does it, and takes the sign-in away."""
    try:
        outcome = command()
    except Refusal as refusal:
        if refusal.code == "not_found" and not context.dry_run:
            directory.delete_user(email)
        raise
    # Last, so that a removal which is refused takes nobody's sign-in away.
    if not context.dry_run:
        directory.delete_user(email)
    return outcome


def _known(reading: Reading, email: str, fresh_id: str) -> Known:
    ref = AddressHolder.ref_of(email)
    holder = reading.one(ref)
    person_id = holder.person_id if holder else fresh_id
    known = Known(email, person_id, RecordSet([holder] if holder else []))
    # Nobody has a fresh id yet.
    return _with(reading, known, *([Person.ref_of(person_id), PersonAddress.ref_of(person_id)] if holder else []))


def _all(reading: Reading, email: str) -> Known:
    """With all that goes when the person goes."""
    known = _known(reading, email, "")
    known = _with(reading, known, *([ActiveTokens.ref_of(known.person_id)] if known.person else []))
    active, more = known.facts[ActiveTokens.ref_of(known.person_id)], list[Ref[Any]](refs_of(known.person))
    more += active.refs if active else []
    more += [SignOut.ref_of(known.person.subject)] if known.person and known.person.subject else []
    return _with(reading, known, *more)


def _with(reading: Reading, known: Known, *refs: Ref[Any]) -> Known:
    """What is known, and these."""
    return replace(known, facts=RecordSet([*known.facts, *(reading.get(*refs) if refs else ())]))
