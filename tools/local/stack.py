"""The whole stack on this machine, for `make run` and for the tests alike."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tools.local.aws import Aws
from tools.local.client import Client
from tools.local.cloud import Say, local_cloud, ready, silent
from tools.local.demo import make_world, portal_people
from tools.local.deploy import STACK, Outputs, deploy, outputs_of
from tools.operations.carry_over import carry_over

DOMAIN = "example.com"
SENDER = f"licenses@{DOMAIN}"
# Six times the slowest function's timeout is a long wait for somebody who watches.
PATIENCE = {"RetrySeconds": "20", "RetryCount": "3", "TokenHours": "24"}


@dataclass(frozen=True)
class Stack:
    """A running stack. Most fields are those of `.local/stack.json` (docs/rules.md, The local stack)."""

    api_url: str
    portal_url: str
    aws_endpoint_url: str
    table_name: str
    orders_topic_arn: str
    mail_dir: Path
    tokens: dict[str, str]
    outputs: Outputs
    aws: Aws

    def client(self, role: str) -> Client:
        """The API as one of the demo people: `operator`, `partner`, `org_admin`, `org_viewer`, `msp_admin`."""
        return Client(self.api_url, self.tokens[role])

    def as_json(self) -> str:
        values: dict[str, Any] = {
            "api_url": self.api_url,
            "portal_url": self.portal_url,
            "aws_endpoint_url": self.aws_endpoint_url,
            "region": self.aws.region,
            "stack_name": STACK,
            "table_name": self.table_name,
            "orders_topic_arn": self.orders_topic_arn,
            "documents_bucket": self.outputs["DocumentsBucket"],
            "mail_dir": str(self.mail_dir),
            "tokens": self.tokens,
            "environment": self.aws.environment,
        }
        return json.dumps(values, indent=2)


@contextmanager
def running_stack(
    state_dir: Path,
    port: int = 0,
    *,
    build_dir: Path | None = None,
    parameters: Mapping[str, str] | None = None,
    enforce_policies: bool = False,
    say: Say = silent,
) -> Iterator[Stack]:
    """Bring template.yaml up with its state in this folder, and stop all of it on leaving.

    `parameters` go to the template. With `enforce_policies` each function may do only what its role allows, and
    callers need `tools.local.aws`'s credentials. `stack.json` lies in the folder for as long as the stack is up.
    """
    state_dir = state_dir.resolve()
    with local_cloud(state_dir, port, enforce_policies=enforce_policies, say=say) as cloud:
        stack = bring_up(cloud.endpoint, state_dir, build_dir or state_dir / "build", parameters or {}, say)
        ready(state_dir, stack.as_json())
        yield stack


def bring_up(
    endpoint: str, state_dir: Path, build_dir: Path, parameters: Mapping[str, str], say: Say = silent
) -> Stack:
    """Deploy to a local cloud, and make the demo world."""
    aws = Aws(endpoint)
    say("deploying template.yaml …")
    outputs = deployed(aws, build_dir, PATIENCE | dict(parameters), say)
    tell_of_mail(aws, outputs)
    api_url = api_url_of(aws, outputs)
    say("making the demo organizations and people …")
    return Stack(
        api_url=api_url,
        portal_url=f"{api_url}/portal",
        aws_endpoint_url=endpoint,
        table_name=outputs["TableName"],
        orders_topic_arn=outputs["OrdersTopicArn"],
        mail_dir=state_dir / "mail",
        tokens=make_world(aws, outputs, api_url),
        outputs=outputs,
        aws=aws,
    )


def deployed(aws: Aws, build: Path, parameters: Mapping[str, str], say: Say = silent) -> Outputs:
    """Deploy; and once more when the API, and so the portal's address, did not exist before."""
    fixed = {
        "SenderAddress": SENDER,
        "SenderDomain": DOMAIN,
        "TokenKeysEndpoint": aws.endpoint,
        "DemoPeople": portal_people(),
        "OperatorsNeedMfa": "false",
        **parameters,
    }
    before = outputs_of(aws) or deploy(aws, build, fixed)
    after = deploy(aws, build, {**fixed, "PortalUrl": f"{api_url_of(aws, before)}/portal"})
    bring_along(aws, after["TableName"], say)
    return after


def bring_along(aws: Aws, table: str, say: Say) -> None:
    """What release 1 left in a table of its own, which has local indexes; gone as soon as all is here."""
    for old in aws.dynamodb.list_tables()["TableNames"]:
        if aws.dynamodb.describe_table(TableName=old)["Table"].get("LocalSecondaryIndexes"):
            say(f"bringing along what an earlier release kept in {old} …")
            carry_over(aws.dynamodb, old, table, datetime.now(UTC))
            aws.dynamodb.delete_table(TableName=old)


def api_url_of(aws: Aws, outputs: Outputs) -> str:
    """Names under .localhost don't resolve in every client: this form needs no name."""
    return f"{aws.endpoint}/_aws/execute-api/{outputs['ApiId']}/v1"


def tell_of_mail(aws: Aws, outputs: Outputs) -> None:
    """MiniStack tells what became of a mail by its sender's identity, not by configuration set."""
    # The domain for invitations, of which the mail events shall hear nothing: nobody keeps a record of them.
    aws.ses.verify_domain_identity(Domain=DOMAIN)
    aws.ses.verify_email_identity(EmailAddress=SENDER)
    for kind in ("Delivery", "Bounce", "Complaint"):
        aws.ses.set_identity_notification_topic(
            Identity=SENDER, NotificationType=kind, SnsTopic=outputs["MailEventsTopicArn"]
        )
