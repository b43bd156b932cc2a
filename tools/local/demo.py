"""The demo world of the local stack: made through the API by its first operator, as a real one would be."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from licensing.adapters.directory import CognitoDirectory
from licensing.adapters.dynamodb.store import DynamoStore
from licensing.domain.people.access import Grant
from licensing.domain.people.addresses import fresh_id
from licensing.domain.people.views import PersonView
from licensing.use_cases.core.context import Context
from licensing.use_cases.people.keep_people import put_person
from tools.local.aws import Aws
from tools.local.client import Client
from tools.local.deploy import Outputs
from tools.paths import ROOT

PASSWORD = "Only-on-this-machine-1"  # these people exist nowhere else
OPERATOR = "operator@example.com"
HARBOR, HARBOR_PARTNER = "org-harbor", "tide"
TENANTS = {
    "/partners/acme": {"name": "Acme Distribution", "contact_email": "orders@acme.example.com"},
    f"/partners/{HARBOR_PARTNER}": {"name": "Tide Distribution", "contact_email": "orders@tide.example.com"},
    "/msps/msp-blue": {"name": "Blue Managed Services", "contact_email": "noc@blue.example.com"},
    "/orgs/org-north": {"name": "North Harbor Schools", "time_zone": "Europe/Warsaw", "msp_id": "msp-blue"},
    "/orgs/org-south": {"name": "South Harbor Hotels", "time_zone": "Asia/Tokyo"},
    f"/orgs/{HARBOR}": {"name": "Harbor Logistics", "time_zone": "Europe/Lisbon", "msp_id": "msp-blue"},
}
LABELS = {
    "operator": "Operator",
    "partner": "Partner",
    "org_admin": "Organization admin",
    "org_viewer": "Organization viewer",
    "msp_admin": "MSP admin",
}
PEOPLE = {
    "partner": ("partner@acme.example.com", [{"role": "partner", "partner_id": "acme"}]),
    "org_admin": (
        "admin@north.example.com",
        [{"role": "org_admin", "org_id": org_id} for org_id in ("org-north", "org-south", HARBOR)],
    ),
    "org_viewer": ("viewer@north.example.com", [{"role": "org_viewer", "org_id": "org-north"}]),
    "msp_admin": ("admin@blue.example.com", [{"role": "msp_admin", "msp_id": "msp-blue"}]),
}


def portal_people() -> str:
    """Whom the portal offers to sign in with one click, as it reads them."""
    roles = {"operator": OPERATOR} | {role: email for role, (email, _) in PEOPLE.items()}
    return json.dumps([{"label": LABELS[role], "email": email, "password": PASSWORD} for role, email in roles.items()])


def make_world(aws: Aws, outputs: Outputs, api_url: str) -> dict[str, str]:
    """Make what is missing of the demo world, and sign everybody in: their tokens by role."""
    make_operator(aws, outputs, OPERATOR)
    operator = sign_in(aws, outputs, OPERATOR)
    api = Client(api_url, operator)
    # One by one: each call at the same time as another would start, and keep, one more worker.
    for path, tenant in TENANTS.items():
        api.must("PUT", path, tenant)
    for email, grants in PEOPLE.values():
        api.must("PUT", f"/people/{quote(email)}", {"grants": grants})
    return {"operator": operator} | {role: sign_in(aws, outputs, email) for role, (email, _) in PEOPLE.items()}


def make_operator(aws: Aws, outputs: Outputs, email: str) -> None:
    """The first operator can't be made by another one. (On AWS: `make admin`.)"""
    with credentials(aws):
        store = DynamoStore(outputs["TableName"], aws.endpoint)
        wanted = PersonView(email=email, grants=(Grant(role="operator"),))
        directory, context = SignIns(aws, outputs["UserPoolId"]), Context("make run", datetime.now(UTC))
        put_person(store, directory, context, wanted, fresh_id())


class SignIns(CognitoDirectory):
    """Without the mail that tells a new person the first password."""

    invitation: Mapping[str, Any] = {"MessageAction": "SUPPRESS"}

    def __init__(self, aws: Aws, pool: str) -> None:
        super().__init__(pool)
        self.aws = aws

    @property
    def cognito(self) -> Any:
        return self.aws.cognito_idp


def sign_in(aws: Aws, outputs: Outputs, email: str) -> str:
    """An ID token, as the portal gets it."""
    aws.cognito_idp.admin_set_user_password(
        UserPoolId=outputs["UserPoolId"], Username=email, Password=PASSWORD, Permanent=True
    )
    session = aws.cognito_idp.initiate_auth(
        ClientId=outputs["ClientId"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": email, "PASSWORD": PASSWORD},
    )
    token: str = session["AuthenticationResult"]["IdToken"]
    return token


def place_sample(api: Client) -> dict[str, Any] | None:
    """Place and complete the sample purchase order, unless the stack has seen orders before."""
    if api.must("GET", "/orders?limit=1")["items"]:
        return None
    sample = json.loads((ROOT / "events/purchase_order.json").read_text())
    order = api.must("POST", "/orders", sample)
    completed: dict[str, Any] = api.must("POST", f"/orders/{order['order_id']}/completion", {})
    return completed


@contextmanager
def credentials(aws: Aws) -> Iterator[None]:
    """For the service's own adapters, which take them from the environment as on Lambda."""
    before = dict(os.environ)
    os.environ |= aws.environment
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
