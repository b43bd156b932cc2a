"""Organizations, MSPs, partners and people, as an operator sets them up."""

from typing import Any

from msgspec.structs import replace

from licensing.domain.core import actions
from licensing.domain.core.decisions import Change, Decision, Step, changed, decide
from licensing.domain.core.errors import Fault, Refusal, invalid, not_found
from licensing.domain.core.records import RecordSet, Ref, Value
from licensing.domain.people.access import Grant, Person
from licensing.domain.people.api_tokens import ActiveTokens
from licensing.domain.people.memberships import refs_of, regranted
from licensing.domain.people.sign_outs import SignOut
from licensing.domain.people.tenants import Msp, Org, Partner
from licensing.domain.people.token_issue import revoked_with
from licensing.domain.people.views import PersonView
from licensing.ports import Directory, Store
from licensing.use_cases.core.command import run_command
from licensing.use_cases.core.context import Context, Outcome
from licensing.use_cases.core.reading import Reading

PUT = {Org.kind: actions.ORG_PUT, Msp.kind: actions.MSP_PUT, Partner.kind: actions.PARTNER_PUT}


def put_tenant(store: Store, context: Context, tenant: Org | Msp | Partner) -> Outcome[Any]:
    """The organization, MSP or partner as it is now. Raises `invalid_request` for an MSP that does not exist."""
    msp = Msp.ref_of(tenant.msp_id) if isinstance(tenant, Org) and tenant.msp_id else None

    def decided(facts: RecordSet) -> Decision[Any]:
        if msp and facts[msp] is None:
            raise invalid(Fault("msp_id", "is no MSP we know; make it first"))
        known = facts[tenant.ref]
        same = known == tenant.model_copy(update={"version": known.version}) if known else False
        return decide(tenant, PUT[tenant.kind], f"{tenant.name} set up", [] if same else [Change(known, tenant)])

    return run_command(store, context, lambda reading: reading.get(tenant.ref, *([msp] if msp else [])), decided)


def put_person(store: Store, directory: Directory, context: Context, wanted: PersonView) -> Outcome[PersonView]:
    """The person with these grants and no others; the sign-in is made where it does not exist.

    The grants are bound to that sign-in. It is made after they are committed, so that what is refused invites nobody;
    until it is bound a person who is new can do nothing.
    """
    ref, grants = Person.ref_of(wanted.email), wanted.grants
    tenants = {grant: tenant for grant in grants if (tenant := _tenant(grant))}

    def decided(facts: RecordSet) -> Decision[PersonView]:
        missing = [n for n, grant in enumerate(grants) if grant in tenants and facts[tenants[grant]] is None]
        if missing:
            raise invalid(
                *(Fault(f"grants[{n}]", "is for a tenant that does not exist; make it first") for n in missing)
            )
        known = facts[ref]
        steps = regranted(known, person_of(known), facts) if known != person_of(known) else []
        summary = f"{wanted.email} granted {', '.join(grant.text for grant in grants) or 'nothing'}"
        return Decision(wanted, actions.PERSON_PUT, tuple(Step(changes, summary) for changes in steps))

    def person_of(known: Person | None) -> Person:
        return known.evolve(grants=grants) if known else Person(email=wanted.email, grants=grants)

    def load(reading: Reading) -> RecordSet:
        first = reading.get(ref, *tenants.values())
        return RecordSet([*first, *reading.get(*refs_of(first[ref], person_of(first[ref])))])

    outcome = run_command(store, context, load, decided)
    if not context.dry_run:
        # Each time, not for new people only: what broke off between the two commits is done by the repeated call.
        _bind(store, context, wanted.email, directory.create_user(wanted.email))
    return outcome


def _bind(store: Store, context: Context, email: str, subject: str) -> None:
    """From now on the grants are this sign-in's; those of an address whose sign-in was made anew are no longer the
    old one's."""
    ref = Person.ref_of(email)

    def decided(person: Person | None) -> Decision[Value]:
        stands = person is None or person.subject == subject
        changes = [changed(person, subject=subject)] if person and not stands else []
        return decide(Value(), actions.PERSON_BOUND, f"{email} bound to its sign-in", changes)

    # The plan was that of the grants, which are committed.
    run_command(store, replace(context, plan=None), lambda reading: reading.one(ref), decided)


def remove_person(store: Store, directory: Directory, context: Context, email: str) -> Outcome[PersonView]:
    """The person as it was; grants, API tokens and sessions are gone in one commit, the sign-in after it.

    Raises `not_found`; a sign-in that a removal left when it broke off is gone even then.
    """

    def load(reading: Reading) -> RecordSet:
        first = list(reading.get(Person.ref_of(email), ActiveTokens.ref_of(email)))
        more: list[Ref[Any]] = []
        for record in first:
            more += record.refs if isinstance(record, ActiveTokens) else []
            more += [SignOut.ref_of(record.subject)] if isinstance(record, Person) and record.subject else []
            more += refs_of(record) if isinstance(record, Person) else []
        return RecordSet([*first, *reading.get(*more)])

    try:
        outcome = run_command(store, context, load, lambda facts: _removal(facts, email, context))
    except Refusal as refusal:
        if refusal.code == "not_found" and not context.dry_run:
            directory.delete_user(email)
        raise
    # Last, so that a removal which is refused takes nobody's sign-in away.
    if not context.dry_run:
        directory.delete_user(email)
    return outcome


def _removal(facts: RecordSet, email: str, context: Context) -> Decision[PersonView]:
    person, active = facts[Person.ref_of(email)], facts[ActiveTokens.ref_of(email)]
    if person is None:
        raise not_found("person")
    beside = revoked_with(email, active, facts.present(active.refs if active else ()))
    # ID tokens need no look-up and live on without their sign-in: the authorizer refuses them by this record.
    if person.subject:
        over = SignOut.of(person.subject, context.now)
        beside.append(Change(facts[over.ref], over))
    *first, last = regranted(person, None, facts, len(beside))
    # Tokens go with the person: one made between two of the steps would be left over.
    steps = tuple(Step(changes, f"{email} removed") for changes in (*first, (*last, *beside)))
    return Decision(PersonView.of(person), actions.PERSON_REMOVED, steps)


def _tenant(grant: Grant) -> Ref[Any] | None:
    if grant.org_id:
        return Org.ref_of(grant.org_id)
    if grant.msp_id:
        return Msp.ref_of(grant.msp_id)
    return None
