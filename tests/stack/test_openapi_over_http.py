"""The deployed API keeps to docs/openapi.json, whatever it is sent over HTTP: gateway, authorizer, roles and all.

The requests are the same in each run. They are made by people, and go to tenants, of this test's own.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from requests import Session
from schemathesis import GenerationMode
from schemathesis.core.transport import Response

from tests.faults.conforming import OPERATIONS, Known, require_conformance, rule_of
from tests.stack.orders import eventually, keys_in, purchase_order
from tools.local.client import Client
from tools.local.demo import sign_in
from tools.local.mailbox import wait_for_mails
from tools.local.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.slow]

REQUESTS = 4
ORG, OTHER, MSP, PARTNER = "org-odd", "org-even", "msp-odd", "odd"
GUEST, BUYER = "guest@odd.example.com", "buyer@odd.example.com"
GRANTS: dict[str, list[dict[str, str]]] = {
    "operator@odd.example.com": [{"role": "operator"}],
    "admin@odd.example.com": [
        {"role": "org_admin", "org_id": ORG},
        {"role": "org_admin", "org_id": OTHER},
        {"role": "msp_admin", "msp_id": MSP},
    ],
}


@dataclass
class Outside:
    """The API as schemathesis sees it."""

    api_url: str
    operator: str
    admin: str
    known: Known
    session: Session
    statuses: Counter[int] = field(default_factory=Counter)

    def answer_to(self, case: Any) -> Response:
        token = self.admin if rule_of(case).startswith(("org", "msp")) else self.operator
        case.headers = {"Authorization": f"Bearer {token}"} | dict(case.headers or {})
        call = case.call(base_url=self.api_url, session=self.session, allow_redirects=False, timeout=60)
        response = cast(Response, call)
        self.statuses[response.status_code] += 1
        return response


@pytest.fixture(scope="module")
def outside(stack: Stack, record_testsuite_property: Callable[[str, object], None]) -> Iterator[Outside]:
    demo = stack.client("operator")
    demo.must("PUT", f"/partners/{PARTNER}", {"name": "Odd"})
    demo.must("PUT", f"/msps/{MSP}", {"name": "Odd"})
    for org_id in (ORG, OTHER):
        demo.must("PUT", f"/orgs/{org_id}", {"name": "Odd", "msp_id": MSP})
    for email, grants in (GRANTS | {GUEST: []}).items():
        demo.must("PUT", f"/people/{email}", {"grants": grants})
    operator, admin = (sign_in(stack.aws, stack.outputs, email) for email in GRANTS)
    known = furnished(stack, Client(stack.api_url, operator), Client(stack.api_url, admin))
    with Session() as session:
        session.trust_env = False  # straight to this machine, whatever proxy the person uses for the world
        outside = Outside(stack.api_url, operator, admin, known, session)
        yield outside
    record_testsuite_property("requests over HTTP by status", dict(outside.statuses))


def furnished(stack: Stack, operator: Client, admin: Client) -> Known:
    """An order with its keys, one of them claimed, and devices; the names of all that."""
    lines = [{"license_model": sku, "quantity": 9} for sku in ("GW-1YR-LIC", "SPC-1YR-200-LIC", "CO-TERM-LIC")]
    wanted = purchase_order(partner_id=PARTNER, lines=lines, delivery_emails=[BUYER])
    order_id = operator.must("POST", "/orders", wanted)["order_id"]
    operator.must("POST", f"/orders/{order_id}/completion")
    (mail,) = wait_for_mails(stack.mail_dir, lambda mail: mail["To"] == BUYER, 1)
    eventually(lambda: operator.must("GET", f"/orders/{order_id}"), lambda order: order["status"] == "fulfilled")
    first, *others = keys_in(mail)
    claimed = admin.must("POST", f"/orgs/{ORG}/claims", {"license_keys": [first]})["claims"][0]
    serials = ["ODD1", "ODD2"]
    devices = [
        {"serial": serial, "mac": f"88:DC:96:0D:0D:0{n}", "model": "ESG610", "category": "gateway"}
        for n, serial in enumerate(serials)
    ]
    admin.must("POST", f"/orgs/{ORG}/devices", {"devices": devices})
    return {
        "org_id": ORG,
        "to_org_id": OTHER,
        "msp_id": MSP,
        "partner_id": PARTNER,
        "order_id": order_id,
        "n": "1",
        "license_model": claimed["license_model"],
        "license_id": claimed["license_ids"]["first"],
        "license_ids": [claimed["license_ids"]["last"]],
        "license_key": others[0],
        "license_keys": others,
        "key_fingerprint": claimed["key_fingerprint"],
        "serial": serials[0],
        "serials": serials,
        "email": GUEST,
        "delivery_emails": [BUYER],
        "recipients": [BUYER],
    }


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize("name", OPERATIONS)
def test_every_answer_over_http_is_one_that_the_document_tells_of(
    outside: Outside, name: str, mode: GenerationMode
) -> None:
    require_conformance(name, mode, REQUESTS, outside.known, outside.answer_to)
