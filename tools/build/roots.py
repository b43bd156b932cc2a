"""The root certificates that the functions trust when they call AWS: Amazon's own, out of those botocore brings.

botocore reads its roots for each new connection: all 126 took 14 ms of CPU, these take one. Services of AWS stand on
Amazon's roots, and on Starfield's, which are Amazon's too (https://www.amazontrust.com/repository/); those in China may
not. `AWS_CA_BUNDLE` is botocore's variable: whatever else is called (Cognito's public keys, webhooks) is checked
against the whole store of the machine.
"""

import re
import ssl
from pathlib import Path
from typing import Any

BUNDLE = "botocore/cacert.pem"
OWNERS = ("Amazon", "Starfield Technologies, Inc.")
CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----\n", re.DOTALL)


def keep_amazons_roots(site: Path) -> None:
    """Write botocore's bundle anew, with Amazon's certificates only."""
    bundle = site / BUNDLE
    if not bundle.exists():
        return
    kept = [each for each in CERTIFICATE.findall(bundle.read_text()) if owner_of(each) in OWNERS]
    if not kept:
        raise ValueError(f"{bundle} holds no root of Amazon's")
    bundle.write_text("".join(kept))


def owner_of(certificate: str) -> str:
    """The organization that a root says it is of."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=certificate)
    # A name is tuples within tuples there, of which the type of `get_ca_certs` knows nothing.
    subject: Any = context.get_ca_certs()[0]["subject"]
    return str(dict(part[0] for part in subject).get("organizationName", ""))
