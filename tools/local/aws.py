"""Clients of the local cloud."""

from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config

from tools.local.ministack import ACCOUNT, REGION, SECRET


class Aws:
    """One client per service, made when it is first asked for: `aws.s3`, `aws.cognito_idp`, `aws.lambda_`, …"""

    region = REGION

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.made: dict[str, Any] = {}

    @property
    def environment(self) -> dict[str, str]:
        """What a program sets to work on this cloud instead of the real one."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_DEFAULT_REGION": REGION,
            "NO_PROXY": "127.0.0.1",
        }

    @cached_property
    def session(self) -> Any:
        return boto3.Session(aws_access_key_id=ACCOUNT, aws_secret_access_key=SECRET, region_name=REGION)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name not in self.made:
            # Nothing here may reach the real cloud, whatever the person's own configuration says.
            config = Config(proxies={}, retries={"max_attempts": 1}, ignore_configured_endpoint_urls=True)
            service = name.strip("_").replace("_", "-")
            self.made[name] = self.session.client(service, endpoint_url=self.endpoint, config=config)
        return self.made[name]
