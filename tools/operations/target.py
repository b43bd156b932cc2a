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
from tools.paths import RUNNING


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
    name = stack or _the_one_that_runs_here()
    try:
        found: dict[str, Any] = client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    except (BotoCoreError, ClientError) as error:
        sys.exit(f"There is no stack {name} to be seen: {error}")
    return Target(name, {each["OutputKey"]: each["OutputValue"] for each in found["Outputs"]})


def _the_one_that_runs_here() -> str:
    """Its name; how to reach it goes into the environment."""
    try:
        running = json.loads(RUNNING.read_text())
    except FileNotFoundError:
        sys.exit("No local stack runs: start it with `make run`, or name a deployed one with STACK=…")
    os.environ |= running["environment"]
    name: str = running["stack_name"]
    return name
