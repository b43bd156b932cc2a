"""Which stack a command at the terminal works on: the local one that runs, or a deployed one by name."""

import json
import os
import sys
from argparse import ArgumentParser, Namespace
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from licensing.adapters.aws import client
from licensing.adapters.dynamodb.store import DynamoStore
from local import deploy
from local.ministack import ACCOUNT, REGION, ROOT, SECRET


@dataclass(frozen=True, slots=True)
class Target:
    """A stack's name and outputs."""

    name: str
    outputs: dict[str, str]

    @property
    def store(self) -> DynamoStore:
        return DynamoStore(self.outputs["TableName"], os.environ.get("AWS_ENDPOINT_URL"))


def arguments(about: str | None, *names: str) -> Namespace:
    """What was typed: these options, and `--stack`."""
    parser = ArgumentParser(description=about)
    parser.add_argument("--stack", default="", help="a deployed stack; left out: the one `make run` has up")
    for name in names:
        parser.add_argument(f"--{name}", required=True)
    return parser.parse_args()


def target(stack: str) -> Target:
    """The stack, its credentials and region those of the environment; for the local one all is set here."""
    if not stack:
        _look_at_this_machine()
    name = stack or deploy.STACK
    try:
        found: dict[str, Any] = client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    except (BotoCoreError, ClientError) as error:
        sys.exit(f"There is no stack {name} to be seen: {error}")
    return Target(name, {each["OutputKey"]: each["OutputValue"] for each in found["Outputs"]})


def _look_at_this_machine() -> None:
    try:
        endpoint = json.loads((ROOT / ".local/stack.json").read_text())["aws_endpoint_url"]
    except FileNotFoundError:
        sys.exit("No local stack runs: start it with `make run`, or name a deployed one with STACK=…")
    os.environ |= {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": REGION,
        "NO_PROXY": "127.0.0.1",
    }
