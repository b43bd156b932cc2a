"""Organizations, MSPs and partners, as an operator sets them up."""

from typing import Any

from licensing.domain.core import actions
from licensing.domain.core.decisions import Change, Decision, decide
from licensing.domain.core.errors import Fault, invalid
from licensing.domain.core.ledger import image_of
from licensing.domain.core.records import RecordSet
from licensing.domain.people.tenants import Msp, Org, Partner
from licensing.ports import Store
from licensing.use_cases.core.command import run_command
from licensing.use_cases.core.context import Context, Outcome

PUT = {Org.kind: actions.ORG_PUT, Msp.kind: actions.MSP_PUT, Partner.kind: actions.PARTNER_PUT}


def put_tenant(store: Store, context: Context, tenant: Org | Msp | Partner) -> Outcome[Any]:
    """The organization, MSP or partner as it is now. Raises `invalid_request` for an MSP that does not exist."""
    msp = Msp.ref_of(tenant.msp_id) if isinstance(tenant, Org) and tenant.msp_id else None

    def decided(facts: RecordSet) -> Decision[Any]:
        if msp and facts[msp] is None:
            raise invalid(Fault("msp_id", "is no MSP we know; make it first"))
        known = facts[tenant.ref]
        same = image_of(known) == image_of(tenant)
        return decide(tenant, PUT[tenant.kind], f"{tenant.name} set up", [] if same else [Change(known, tenant)])

    return run_command(store, context, lambda reading: reading.get(tenant.ref, *([msp] if msp else [])), decided)
