"""Who may use a route: every route declares one of these rules, checked before the body is looked at or a tenant read.

What is another tenant's answers exactly like what is missing (docs/rules.md, Who is calling).
"""

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from licensing.domain.core.errors import Refusal, not_found
from licensing.domain.ordering.order_ids import partner_of
from licensing.domain.people.access import (
    Caller,
    Role,
    forbidden,
    require_operator,
    require_partner,
    require_person,
    wants_mfa,
)
from licensing.domain.people.tenants import Msp, Org
from licensing.ports import Store

Access = Literal["read", "write", "claim"]
StoreMaker = Callable[[], Store]


class Rule(Struct, frozen=True):
    """`tenant` is the path parameter whose owner is checked; None where the route has none."""

    name: str
    tenant: str | None
    check: Callable[[Caller, str, StoreMaker], None]

    def require(self, caller: Caller, tenant_id: str, store: StoreMaker) -> None:
        """Raises `forbidden` or `not_found` unless the caller passes."""
        try:
            self.check(caller, tenant_id, store)
        except Refusal:
            if caller.needs_mfa:  # without a second factor an operator is like anybody else, but should be told why
                raise wants_mfa() from None
            raise


def check_org(caller: Caller, org_id: str, access: Access, store: StoreMaker) -> None:
    """Raises `not_found` unless the caller may know of the org, `forbidden` unless it may do this there.

    Only an operator or an MSP's people, who hold no grant of the org itself, cost a read.
    """
    admin, viewer = caller.tenants("org_admin"), caller.tenants("org_viewer")
    if org_id in admin or (org_id in viewer and access == "read"):
        return
    if org_id not in viewer:
        _require_org_seen(caller, org_id, store)
        # A claim is for ever (D11): an operator must not be able to take a customer's key.
        if (caller.is_operator and access != "claim") or access == "read":
            return
    raise forbidden(_needs("an admin of the organization", access, caller))


def check_msp(caller: Caller, msp_id: str, access: Access, store: StoreMaker) -> None:
    """The same for an MSP portal."""
    admin, viewer = caller.tenants("msp_admin"), caller.tenants("msp_viewer")
    if msp_id in admin or (msp_id in viewer and access == "read"):
        return
    if msp_id not in viewer:
        if not caller.is_operator or store().one(Msp.ref_of(msp_id)) is None:
            raise not_found("MSP")
        if access != "claim":
            return
    raise forbidden(_needs("an admin of the MSP portal", access, caller))


def _require_org_seen(caller: Caller, org_id: str, store: StoreMaker) -> None:
    msps = caller.tenants("msp_admin", "msp_viewer")
    if not (caller.is_operator or msps):
        raise not_found("organization")
    org = store().one(Org.ref_of(org_id))
    if org is None or not (caller.is_operator or org.msp_id in msps):
        raise not_found("organization")


def _needs(who: str, access: Access, caller: Caller) -> str:
    if access == "claim" and caller.is_operator:
        return f"Only {who} may claim keys; an operator may not."
    return f"Only {who} may do this."


def _org(access: Access) -> Rule:
    return Rule(f"org {access}", "org_id", lambda caller, org_id, store: check_org(caller, org_id, access, store))


def _msp(access: Access) -> Rule:
    return Rule(f"msp {access}", "msp_id", lambda caller, msp_id, store: check_msp(caller, msp_id, access, store))


def _check_order(caller: Caller, order_id: str, _: StoreMaker) -> None:
    # The id tells whose order it is: nothing has to be read before somebody is turned away.
    require_partner(caller, partner_of(order_id), "order")


def _check_order_operator(caller: Caller, order_id: str, store: StoreMaker) -> None:
    # In this order: another partner's order is missing for a stranger, not forbidden.
    _check_order(caller, order_id, store)
    require_operator(caller)


def _check_orders(caller: Caller, _: str, __: StoreMaker) -> None:
    roles: tuple[Role, ...] = ("partner",)
    if not (caller.is_operator or caller.tenants(*roles)):
        raise forbidden("Only partners and operators see orders.")


def _check_operator(caller: Caller, _: str, __: StoreMaker) -> None:
    require_operator(caller)


def _check_person(caller: Caller, _: str, __: StoreMaker) -> None:
    require_person(caller)


def _check_operator_person(caller: Caller, _: str, __: StoreMaker) -> None:
    require_person(caller)
    require_operator(caller)


def _check_nothing(_: Caller, __: str, ___: StoreMaker) -> None:
    """Being signed in is enough."""


SIGNED_IN = Rule("signed in", None, _check_nothing)
PERSON = Rule("person", None, _check_person)
OPERATOR = Rule("operator", None, _check_operator)
# What gives and takes rights: a stolen API token must not be able to outlive itself.
OPERATOR_PERSON = Rule("operator, person", None, _check_operator_person)
ORDERS = Rule("orders", None, _check_orders)
ORDER = Rule("order", "order_id", _check_order)
ORDER_OPERATOR = Rule("order, operator", "order_id", _check_order_operator)
ORG_READ, ORG_WRITE, ORG_CLAIM = _org("read"), _org("write"), _org("claim")
MSP_READ, MSP_CLAIM = _msp("read"), _msp("claim")
