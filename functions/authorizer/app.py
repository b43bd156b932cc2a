"""Who is calling: checks the token's signature, issuer, audience and expiry, and looks up the person's grants.

API Gateway keeps the answer for at most 60 s, so a grant taken away stops working within that time.
"""

import json
import time
import urllib.request
from collections.abc import Mapping
from functools import cache
from typing import Any

import jwt

from licensing.domain.access import Person
from licensing.entry import wiring
from licensing.entry.observability import logger

# How long the pool's public keys are believed; one not among them is looked up again, but not more often than this.
KEYS_LIVE, KEYS_REST = 3600, 30


class Unauthorized(Exception):
    """API Gateway answers 401 when the text is this very word."""

    def __init__(self) -> None:
        super().__init__("Unauthorized")


class PublicKeys:
    """The user pool's signing keys by id."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched = float("-inf")

    def __getitem__(self, key_id: str) -> jwt.PyJWK:
        age = time.monotonic() - self._fetched
        if age > KEYS_LIVE or (key_id not in self._keys and age > KEYS_REST):
            self._fetch()
        return self._keys[key_id]

    def _fetch(self) -> None:
        with urllib.request.urlopen(self._url, timeout=3) as answer:
            found = jwt.PyJWKSet.from_dict(json.load(answer))
        self._keys = {key.key_id: key for key in found.keys if key.key_id}
        self._fetched = time.monotonic()


@cache
def public_keys() -> PublicKeys:
    return PublicKeys(wiring.SETTINGS.jwks_url)


def handler(event: Mapping[str, Any], _: object) -> dict[str, Any]:
    claims = _claims(event["authorizationToken"])
    email = str(claims["email"]).lower()
    person = wiring.store().get([Person.named(email)])[Person.named(email)]
    grants = [grant.model_dump(exclude_none=True) for grant in person.grants] if person else []
    return {
        "principalId": claims["sub"],
        "policyDocument": _allow(event["methodArn"]),
        "context": {"subject": claims["sub"], "email": email, "grants": json.dumps(grants)},
    }


def _claims(header: str) -> dict[str, Any]:
    """What the token says; raises Unauthorized for one that is not a valid ID token of our pool and client."""
    token = header.partition(" ")[2].strip()
    try:
        key = public_keys()[jwt.get_unverified_header(token)["kid"]]
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            audience=wiring.SETTINGS.user_pool_client_id,
            issuer=wiring.SETTINGS.jwt_issuer,
            options={"require": ["exp", "iss", "aud", "sub", "email"]},
        )
    except (jwt.PyJWTError, KeyError) as error:
        logger.info("token refused", extra={"reason": type(error).__name__})
        raise Unauthorized from None
    if claims.get("token_use") != "id" or str(claims.get("email_verified", True)).lower() == "false":
        raise Unauthorized
    return claims


def _allow(method_arn: str) -> dict[str, Any]:
    """All calls of this API and stage: what a caller may do there depends on grants, and the answer is cached."""
    api, stage = method_arn.split("/")[:2]
    statement = {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": f"{api}/{stage}/*"}
    return {"Version": "2012-10-17", "Statement": [statement]}
