"""Cold starts over a bare boto3 client, each function: import and the table's client, and with a first request.

python -m tests.benchmarks.bench_cold
"""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore import xform_name

from licensing.adapters.dynamodb.store import DynamoStore
from licensing.domain.people.access import Grant
from tests.benchmarks.harness import AWS, Shipped, fresh_output, functions, in_turns, say, table
from tests.worlds.gateway import ACME, api_event, person
from tools.local.ministack import ministack

ROUNDS = 11
TABLE = "cold"
SETTINGS = {
    "DELIVERY_QUEUE_URL": "https://sqs.example/q", "DOCUMENTS_BUCKET": "b", "JWKS_URL": "https://x.example",
    "JWT_ISSUER": "https://x.example", "KMS_KEY_ID": "k", "MAIL_CONFIGURATION_SET": "c", "MAIL_SENDER": "a@x.example",
    "ORDERS_TOPIC_ARN": "t", "PORTAL_URL": "https://x.example", "RETRY_SECONDS": "360", "TABLE_NAME": TABLE,
    "USER_POOL_CLIENT_ID": "c", "USER_POOL_ID": "p",
}  # fmt: skip
START = "import app\nfrom licensing.entry import wiring\nclient = wiring.store()._connection.client"
BARE = "import boto3\nclient = boto3.client('dynamodb')"
NORTH = person("admin@north.example", Grant(role="org_admin", org_id="org-north"))
BLUE = person("admin@blue.example", Grant(role="msp_admin", msp_id="msp-blue"))
# A first request that reads an empty table; the other functions' needs queues, keys or tokens that nobody has here.
FIRST: Mapping[str, dict[str, Any]] = {
    "Administration": api_event("GET", "/me", who=NORTH),
    "Binding": api_event(
        "POST", "/orgs/org-north/associations/automatic", {"license_model": "AP-1YR-LIC"}, who=NORTH, dry_run="true"
    ),
    "Claim": api_event("GET", "/orgs/org-north/licenses", who=NORTH),
    "Inventory": api_event("GET", "/orgs/org-north/devices", who=NORTH),
    "MspExtension": api_event("GET", "/msps/msp-blue/ledger", who=BLUE),
    "OrderIntake": api_event("GET", "/orders", who=ACME),
    "Planning": api_event("GET", "/orgs/org-north/forecast", who=NORTH),
    "Sweeper": {},
}
# What it asked the table for, so that a bare client asks the same.
NOTED = """
import json
made = []
def note(params, model, **_): made.append([model.name, params])
client.meta.events.register("provide-client-params.dynamodb", note)
answer = app.handler(event, None)
assert answer.get("statusCode", 200) < 300, answer
print(json.dumps(made))
"""


def imports(shipped: Shipped) -> list[tuple[str, str]]:
    """As a new Lambda environment has to; the page of the portal needs no table."""
    scripts = {"bare": (BARE, shipped.bare_path)}
    scripts |= {name: (START, shipped.python_path(name)) for name in functions() if name != "Portal"}
    times = in_turns(scripts, SETTINGS, ROUNDS)
    return ratios({name: (took, times["bare"]) for name, took in times.items() if name != "bare"})


def first_requests(shipped: Shipped, endpoint: str) -> list[tuple[str, str]]:
    environment = SETTINGS | {"AWS_ENDPOINT_URL": endpoint}
    scripts = {}
    for name, event in FIRST.items():
        given, path = f"event = {event!r}\n", shipped.python_path(name)
        made = json.loads(fresh_output(f"{START}\n{given}{NOTED}", path, environment).splitlines()[-1])
        again = "\n".join(f"client.{xform_name(call)}(**{params!r})" for call, params in made)
        scripts[name] = (f"{START}\n{given}app.handler(event, None)", path)
        scripts[f"bare {name}"] = (f"{BARE}\n{again}", shipped.bare_path)
    times = in_turns(scripts, environment, ROUNDS)
    return ratios({name: (times[name], times[f"bare {name}"]) for name in FIRST})


def ratios(times: Mapping[str, tuple[float, float]]) -> list[tuple[str, str]]:
    return [(name, f"{ours:.0f} ms / {bare:.0f} ms = {ours / bare:.2f}") for name, (ours, bare) in times.items()]


def main() -> None:
    os.environ |= AWS
    with tempfile.TemporaryDirectory(prefix="licensing-bench-") as folder, ministack("dynamodb") as endpoint:
        say("building what is shipped …")
        shipped = Shipped.into(Path(folder))
        DynamoStore(TABLE, endpoint).rows.create_table(wait=True)
        table("Import and the table's client over a bare boto3 client, CPU", imports(shipped))
        table("The same with a first request, over a bare client with its calls", first_requests(shipped, endpoint))


if __name__ == "__main__":
    main()
