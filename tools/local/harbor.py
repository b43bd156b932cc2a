"""The demo organization that has lived: `org-harbor` on a fresh stack, with licences that run, end, wait and burn.

Nobody who calls the API can act in the past, so these visits go through the same use cases, with the deployed
functions' settings, each at an instant of its own.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from licensing.domain.assigning.requests import AutomaticRequest, DeviceRequest, RegistrationRequest
from licensing.domain.claiming.requests import ClaimRequest
from licensing.domain.core.instants import DAY, whole_second
from licensing.domain.licenses import key_codec
from licensing.domain.ordering.requests import LineRequest, OrderRequest
from licensing.entry import wiring
from licensing.use_cases.assigning.associate_automatically import associate_automatically
from licensing.use_cases.assigning.co_terminate import Chosen, co_terminate_devices
from licensing.use_cases.assigning.keep_inventory import enter_network, register_devices
from licensing.use_cases.claiming.claim_keys import claim_keys
from licensing.use_cases.core.context import Context
from licensing.use_cases.inventory.keep_digest import keep_digest
from licensing.use_cases.ordering.complete_order import take_completed_order
from licensing.use_cases.ordering.generate_keys import KeyGenerationDeps, generate_keys
from tools.local.aws import Aws
from tools.local.demo import HARBOR, HARBOR_PARTNER, OPERATOR, PEOPLE, credentials
from tools.local.invoke import deployed_environment

ADMIN = PEOPLE["org_admin"][0]
MAILBOX = "it@harbor.example.com"
# As they are registered; a lite series differs by its licences only.
MODELS: Mapping[str, Mapping[str, Any]] = {
    "AP": {"category": "ap", "model": "ECW230S"},
    "APL": {"category": "ap", "model": "ECW215", "series": "lite"},
    "SW": {"category": "switch", "model": "ECS2528FP"},
    "GW": {"category": "gateway", "model": "ESG620"},
    "PDU": {"category": "pdu", "model": "ECP214"},
    "EXT": {"category": "switch_extender", "model": "EXT1106"},
    "CAM": {"category": "camera", "model": "ECC500"},
}


@dataclass(frozen=True)
class Visit:
    """What was bought, renewed and installed on one day, in this order.

    `renewed`: how many devices get one of these licences, the earliest end first. What is installed in a network is
    covered at once; without one it waits. `co_term_days`: for how long from today power units are co-terminated.
    """

    days_ago: int
    installed: Mapping[str, int]
    network: str | None = None
    bought: Mapping[str, int] = field(default_factory=dict)
    renewed: Mapping[str, int] = field(default_factory=dict)
    co_term_days: int = 0


# Free for 90 days, then a year of licence: what came 480 days ago has ended by now, what came 440 days ago soon will.
VISITS = (
    Visit(
        480,
        {"AP": 4, "SW": 1, "CAM": 2},
        "warehouse",
        {"AP-1YR-LIC": 7, "APL-1YR-LIC": 1, "SW-1YR-LIC": 2, "CAM-1YR-LIC": 2, "AI-TOKEN-1K-LIC": 2},
    ),
    Visit(440, {"AP": 3, "APL": 1, "SW": 1}, "offices"),
    # More than was needed: what is left was activated by force on day 90, and burns.
    Visit(
        100,
        {"AP": 3, "SW": 1, "PDU": 2, "GW": 2, "CAM": 2},
        "terminal",
        {"AP-3YR-LIC": 8, "SW-3YR-LIC": 2, "GW-3YR-LIC": 2, "CAM-3YR-LIC": 3, "AI-UNL-1YR-LIC": 1}
        | {"SPC-1YR-LIC": 1, "CO-TERM-LIC": 600},
        co_term_days=120,
    ),
    # Stock that has most of its 90 days before it, and cameras, which have no free period, that nothing covers.
    Visit(
        20,
        {"AP": 4, "SW": 2, "EXT": 1, "CAM": 2},
        bought={"AP-5YR-LIC": 4, "CAM-1YR-LIC": 3},
        renewed={"AP-3YR-LIC": 2, "CAM-3YR-LIC": 1},
    ),
)


def fill_harbor(aws: Aws) -> list[str]:
    """Live through the visits: the ids of their orders, whose mails are on their way."""
    now, numbers = whole_second(datetime.now(UTC)), count(1)
    with credentials(aws):
        os.environ |= deployed_environment(aws, "Inventory") | deployed_environment(aws, "KeyGeneration")
        orders = [order_id for visit in VISITS for order_id in live(visit, now, numbers)]
        # Its visits are dated back, and whoever keeps the counts looks at the ledger's last minutes only.
        keep_digest(wiring.store(), HARBOR, whole_second(datetime.now(UTC)), anew=True)
        return orders


def live(visit: Visit, now: datetime, numbers: Iterator[int]) -> Iterator[str]:
    """One visit as the operator and the organization's admin would have made it: the id of its order, if any."""
    then = now - visit.days_ago * DAY
    admin = Context(ADMIN, then)
    if visit.bought:
        order_id, keys = buy(Context(OPERATOR, then), visit)
        claim_keys(wiring.store(), admin, HARBOR, ADMIN, ClaimRequest(license_keys=tuple(keys)))
        yield order_id
    for sku, number in visit.renewed.items():
        request = AutomaticRequest(license_model=sku, max=number)
        associate_automatically(wiring.store(), admin, HARBOR, request)
    devices = tuple(device(kind, next(numbers)) for kind, number in visit.installed.items() for _ in range(number))
    register_devices(wiring.store(), admin, HARBOR, RegistrationRequest(devices=devices), wiring.SETTINGS.free_days)
    if visit.network:
        install(admin, [each.serial for each in devices], visit.network)
    if visit.co_term_days:
        pdus = [each.serial for each in devices if each.category == "pdu"]
        co_terminate_devices(wiring.store(), admin, HARBOR, now + visit.co_term_days * DAY, Chosen(pdus))


def buy(context: Context, visit: Visit) -> tuple[str, list[str]]:
    """An order completed on that day (D5), and its keys, which otherwise only its mail and its documents tell."""
    keys: list[str] = []

    def mint() -> str:
        keys.append(key_codec.mint())
        return keys[-1]

    order = OrderRequest(
        partner_id=HARBOR_PARTNER,
        po_number=f"HARBOR-{visit.days_ago}",
        customer="Harbor Logistics",
        lines=tuple(LineRequest(license_model=sku, quantity=number) for sku, number in visit.bought.items()),
        delivery_emails=(MAILBOX,),
    )
    order_id = take_completed_order(wiring.store(), context, order, None)
    generate_keys(wiring.store(), generation(mint), context, order_id)
    return order_id, keys


def generation(mint: Callable[[], str]) -> KeyGenerationDeps:
    return KeyGenerationDeps(
        vault=wiring.vault(),
        printer=wiring.print_document,
        documents=wiring.documents(),
        publisher=wiring.publisher(),
        portal_url=wiring.SETTINGS.portal_url,
        mint=mint,
    )


def device(kind: str, number: int) -> DeviceRequest:
    return DeviceRequest(
        serial=f"HARBOR-{kind}-{number:03}",
        mac=f"88:DC:97:00:00:{number:02X}",
        name=f"{kind} {number}",
        **MODELS[kind],
    )


def install(context: Context, serials: list[str], network: str) -> None:
    """Into a network, and each device one licence of each kind that it takes, as far as there are any."""
    for serial in serials:
        enter_network(wiring.store(), context, HARBOR, serial, network)
    associate_automatically(wiring.store(), context, HARBOR, AutomaticRequest(serials=tuple(serials)))
