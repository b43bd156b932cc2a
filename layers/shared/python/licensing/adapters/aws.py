"""Clients of AWS services, each made once for a process; botocore alone starts faster than boto3 around it."""

from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config

# Shorter than any function's timeout, so that a hanging call is tried again and not just cut off.
CONFIG = Config(connect_timeout=2, read_timeout=8, retries={"mode": "standard", "max_attempts": 4})


@cache
def client(service: str) -> Any:
    return botocore.session.get_session().create_client(service, config=CONFIG)
