"""Two of every tenant with something of their own, and everybody who might want it: for the tests of isolation."""

from dataclasses import dataclass
from typing import Any

from licensing.domain.core.instants import to_text
from licensing.domain.core.quotas import DailyQuota
from licensing.domain.core.records import Record
from licensing.domain.people.access import Caller, Grant
from tests.worlds.claiming import BLUE, NORTH, SOUTH, issue, mint
from tests.worlds.examples import later, purchase_order
from tests.worlds.gateway import ACME, GLOBEX, NOBODY, OPERATOR, person
from tests.worlds.moto_cloud import Cloud

RED, NOWHERE = "msp-red", "nowhere"


def member(role: Any, org_id: str) -> Caller:
    return person(f"{role}@{org_id}.example", Grant(role=role, org_id=org_id))


def provider(role: Any, msp_id: str) -> Caller:
    return person(f"{role}@{msp_id}.example", Grant(role=role, msp_id=msp_id))


def token_of(maker: Caller) -> Caller:
    """An API client with all that its maker holds."""
    return Caller(
        subject=f"token/{maker.subject}",
        grants=maker.grants,
        person_id=maker.person_id,
        token=f"token:erp (person/{maker.person_id})",
        maker=maker.subject,
        quota=DailyQuota(token_id=maker.subject, licenses_per_day=1_000),
    )


NORTH_ADMIN, SOUTH_ADMIN = member("org_admin", NORTH), member("org_admin", SOUTH)
BLUE_ADMIN, RED_ADMIN = provider("msp_admin", BLUE), provider("msp_admin", RED)

# org-north is looked after by msp-blue; the order walked is acme's.
CALLERS = {
    "operator": OPERATOR,
    "acme": ACME,
    "globex": GLOBEX,
    "north admin": NORTH_ADMIN,
    "north viewer": member("org_viewer", NORTH),
    "south admin": SOUTH_ADMIN,
    "south viewer": member("org_viewer", SOUTH),
    "blue admin": BLUE_ADMIN,
    "blue viewer": provider("msp_viewer", BLUE),
    "red admin": RED_ADMIN,
    "red viewer": provider("msp_viewer", RED),
    "nobody": NOBODY,
    # API tokens of people who may do all that is to be done there.
    "operator's token": token_of(OPERATOR),
    "acme's token": token_of(ACME),
    "north admin's token": token_of(NORTH_ADMIN),
}


@dataclass(frozen=True, slots=True)
class Ours:
    """What one org has: a license's id, the fingerprint of its key, the serials of a gateway and an access point."""

    license_id: str
    fingerprint: str
    gateway: str
    point: str


@dataclass(frozen=True, slots=True)
class Tenants:
    """The world as it was made; ids are those of its records."""

    cloud: Cloud
    acme_order: str
    north: Ours
    south: Ours

    @property
    def own_ids(self) -> dict[str, str]:
        """For the parameters of paths: what org-north, msp-blue and acme have."""
        return {
            "org_id": NORTH,
            "msp_id": BLUE,
            "order_id": self.acme_order,
            "partner_id": "acme",
            "serial": self.north.gateway,
            "email": "ada@north.example",
            "token_id": "0123456789abcdef",
            "job_id": "0123456789abcdef0123456789abcdef",
            "n": "1",
            "renewal_id": f"{NORTH}.1",
        }

    def call(self, method: str, path: str, body: Any = None, **how: Any) -> Any:
        return self.cloud.call(method, path, body, **how)

    def records(self) -> dict[str, tuple[int, Record]]:
        """Everything in the table, with its versions."""
        return {str(one.record.ref): (one.record.version, one.record) for one in self.cloud.store.scan(1_000).items}


def settled(cloud: Cloud) -> Tenants:
    for path, body in [
        ("/partners/acme", {"name": "Acme"}),
        ("/partners/globex", {"name": "Globex"}),
        (f"/msps/{BLUE}", {"name": "Blue"}),
        (f"/msps/{RED}", {"name": "Red"}),
        (f"/orgs/{NORTH}", {"name": "North", "msp_id": BLUE}),
        (f"/orgs/{SOUTH}", {"name": "South", "msp_id": RED}),
        ("/people/ada@north.example", {"grants": [{"role": "org_admin", "org_id": NORTH}]}),
    ]:
        done(cloud, "PUT", path, body)
    ordered(cloud, GLOBEX)
    north, south = furnished(cloud, NORTH_ADMIN, NORTH, 1), furnished(cloud, SOUTH_ADMIN, SOUTH, 20)
    return Tenants(cloud, ordered(cloud, ACME), north, south)


def ordered(cloud: Cloud, partner: Caller) -> str:
    (partner_id,) = partner.tenants("partner")
    order = done(cloud, "POST", "/orders", purchase_order(partner_id=partner_id), who=partner)
    return str(order["order_id"])


def furnished(cloud: Cloud, admin: Caller, org_id: str, number: int) -> Ours:
    """The org claims two keys and registers two devices."""
    for key, model, quantity in ((number, "AP-1YR-LIC", 6), (number + 1, "CO-TERM-LIC", 5_000)):
        issue(cloud.store, key, model, quantity)
    body = {"license_keys": [mint(number), mint(number + 1)]}
    claimed = done(cloud, "POST", f"/orgs/{org_id}/claims", body, who=admin)["claims"][0]
    gateway, point = f"GW{number}", f"AP{number}"
    devices = [
        {"serial": gateway, "mac": f"88:DC:96:00:01:{number:02}", "model": "ESG610", "category": "gateway"},
        {"serial": point, "mac": f"88:DC:96:00:02:{number:02}", "model": "ECW230S", "category": "ap"},
    ]
    done(cloud, "POST", f"/orgs/{org_id}/devices", {"devices": devices}, who=admin)
    done(cloud, "POST", f"/orgs/{org_id}/renewals", {"until": to_text(later(days=400))}, who=admin)
    return Ours(claimed["license_ids"]["first"], claimed["key_fingerprint"], gateway, point)


def done(cloud: Cloud, method: str, path: str, body: Any, **how: Any) -> Any:
    answer = cloud.call(method, path, body, **how)
    assert answer.status < 300, answer.body
    return answer.body
