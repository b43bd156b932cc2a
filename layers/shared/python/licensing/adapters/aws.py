"""Clients of AWS services, each made once for a process; botocore alone starts faster than boto3 around it."""

from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config

# Shorter than any function's timeout, so that a hanging call is tried again and not just cut off.
CONFIG = Config(connect_timeout=2, read_timeout=8, retries={"mode": "standard", "max_attempts": 4})
# What S3 seals with KMS it gives to signatures of version 4 only, and these hold for the host they name: the region's
# own redirects nobody. Left to itself botocore signs with version 2, or for the global host, in some regions.
_S3 = Config(signature_version="s3v4", s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"})


@cache
def client(service: str) -> Any:
    config = CONFIG.merge(_S3) if service == "s3" else CONFIG
    return botocore.session.get_session().create_client(service, config=config)
