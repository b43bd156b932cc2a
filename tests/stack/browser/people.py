"""A world of its own for each test, since all of them share one stack."""

from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import quote

from tools.local.client import Client
from tools.local.demo import sign_in
from tools.local.stack import Stack

NUMBERS = count(1)


@dataclass(frozen=True)
class World:
    """`org` is empty and named `org_name`; so is `msp`, which looks after it."""

    stack: Stack
    number: int

    @classmethod
    def made(cls, stack: Stack) -> "World":
        world = cls(stack, next(NUMBERS))
        operator = stack.client("operator")
        operator.must("PUT", f"/msps/{world.msp}", {"name": f"Managed {world.number}"})
        operator.must("PUT", f"/orgs/{world.org}", {"name": world.org_name, "msp_id": world.msp})
        operator.must("PUT", f"/orgs/{world.other_org}", {"name": f"Branch {world.number}"})
        return world

    @property
    def org(self) -> str:
        return f"web-{self.number}"

    @property
    def other_org(self) -> str:
        return f"web-{self.number}-branch"

    @property
    def org_name(self) -> str:
        return f"Harbor School {self.number}"

    @property
    def msp(self) -> str:
        return f"web-msp-{self.number}"

    def admin(self) -> str:
        orgs = (self.org, self.other_org)
        return self.token_of("admin", *({"role": "org_admin", "org_id": org} for org in orgs))

    def viewer(self) -> str:
        return self.token_of("viewer", {"role": "org_viewer", "org_id": self.org})

    def msp_admin(self) -> str:
        return self.token_of("msp", {"role": "msp_admin", "msp_id": self.msp})

    def email_of(self, name: str) -> str:
        return f"{name}-{self.number}@web.example.com"

    def token_of(self, name: str, *grants: dict[str, str]) -> str:
        email = self.email_of(name)
        self.stack.client("operator").must("PUT", f"/people/{quote(email)}", {"grants": grants})
        return sign_in(self.stack.aws, self.stack.outputs, email)

    def client(self, token: str) -> Client:
        return Client(self.stack.api_url, token)

    def register(self, token: str, *serials: str, category: str = "ap", model: str = "ECW230S") -> None:
        """Devices in the org, all of them in a network."""
        devices: list[dict[str, Any]] = [
            {"serial": self.serial(name), "mac": f"88:DC:96:{self.number:02X}:00:{at:02X}", "model": model}
            for at, name in enumerate(serials, 1)
        ]
        client, path = self.client(token), f"/orgs/{self.org}/devices"
        client.must("POST", path, {"devices": [device | {"category": category} for device in devices]})
        for device in devices:
            client.must("PUT", f"{path}/{device['serial']}/network", {"network_id": "main"})

    def serial(self, name: str) -> str:
        """Serial numbers are unique in the world: `W3-LOBBY`."""
        return f"W{self.number}-{name}"
