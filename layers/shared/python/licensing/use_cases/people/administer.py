"""Organizations, MSPs, partners and people, as an operator sets them up."""

from typing import Any

from licensing.domain.core.decisions import Change, Decision, decide
from licensing.domain.core.errors import Fault, invalid, not_found
from licensing.domain.core.records import Facts, Ref
from licensing.domain.people.access import Grant, Person
from licensing.domain.people.tenants import Msp, Org, Partner
from licensing.domain.people.views import PersonView
from licensing.ports import Directory, Store
from licensing.use_cases.core.command import run_command
from licensing.use_cases.core.context import Context, Outcome


def put_tenant(store: Store, context: Context, tenant: Org | Msp | Partner) -> Outcome[Any]:
    """The organization, MSP or partner as it is now. Raises `invalid_request` for an MSP that does not exist."""
    msp = Msp.named(tenant.msp_id) if isinstance(tenant, Org) and tenant.msp_id else None

    def decided(facts: Facts) -> Decision[Any]:
        if msp and facts[msp] is None:
            raise invalid(Fault("msp_id", "is no MSP we know; make it first"))
        known = facts[tenant.ref]
        same = known == tenant.model_copy(update={"version": known.version}) if known else False
        return decide(tenant, f"{tenant.kind}.put", f"{tenant.name} set up", [] if same else [Change(known, tenant)])

    return run_command(store, context, lambda reading: reading.get(tenant.ref, *([msp] if msp else [])), decided)


def put_person(store: Store, directory: Directory, context: Context, wanted: PersonView) -> Outcome[PersonView]:
    """The person with these grants and no others; the sign-in is made where it does not exist."""
    person, grants = Person(email=wanted.email, grants=wanted.grants), wanted.grants
    tenants = {grant: ref for grant in grants if (ref := _tenant(grant))}

    def decided(facts: Facts) -> Decision[PersonView]:
        missing = [n for n, grant in enumerate(grants) if grant in tenants and facts[tenants[grant]] is None]
        if missing:
            raise invalid(
                *(Fault(f"grants[{n}]", "is for a tenant that does not exist; make it first") for n in missing)
            )
        known = facts[person.ref]
        changes = [] if known and known.grants == grants else [Change(known, person)]
        summary = f"{wanted.email} granted {', '.join(grant.text for grant in grants) or 'nothing'}"
        return decide(wanted, "person.put", summary, changes)

    outcome = run_command(store, context, lambda reading: reading.get(person.ref, *tenants.values()), decided)
    if not context.dry_run:
        directory.admit(wanted.email)
    return outcome


def remove_person(store: Store, directory: Directory, context: Context, email: str) -> Outcome[PersonView]:
    """The person as it was; grants and sign-in are gone. Raises `not_found`."""
    ref = Person.named(email)

    def decided(person: Person | None) -> Decision[PersonView]:
        if person is None:
            raise not_found("person")
        return decide(PersonView.of(person), "person.removed", f"{email} removed", [Change(person, None)])

    outcome = run_command(store, context, lambda reading: reading.one(ref), decided)
    if not context.dry_run:
        directory.dismiss(email)
    return outcome


def _tenant(grant: Grant) -> Ref[Any] | None:
    if grant.org_id:
        return Org.named(grant.org_id)
    if grant.msp_id:
        return Msp.named(grant.msp_id)
    return None
