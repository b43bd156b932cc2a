"""Who is calling: a person, by a token of our user pool, or a machine, by an API token; and what each may do.

API Gateway keeps the answer for at most 60 s, so a grant taken away stops working within that time.
"""

import json
import time
import urllib.request
from collections.abc import Mapping
from functools import cache
from typing import Any

import jwt

from licensing.domain.access import Caller, Person
from licensing.domain.api_tokens import ApiToken, Minted
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
    text = event["authorizationToken"].partition(" ")[2].strip()
    minted = Minted.from_text(text)
    caller = _machine(minted) if minted else _somebody(_claims(text))
    return {
        "principalId": caller.subject,
        "policyDocument": _allow(event["methodArn"]),
        "context": _vouched(caller),
    }


def _somebody(claims: Mapping[str, Any]) -> Caller:
    email = str(claims["email"]).lower()
    person = _person(email)
    return Caller(subject=claims["sub"], email=email, grants=person.grants if person else ())


def _machine(minted: Minted) -> Caller:
    """Whoever holds the API token. Its maker is looked up too: what that person lost, the token has lost."""
    ref = ApiToken.named(minted.token_id)
    token = wiring.store().get([ref])[ref]
    if token is None or not token.opens(minted.secret, wiring.now()):
        logger.info("token refused", extra={"reason": "ApiToken"})
        raise Unauthorized
    return token.caller(_person(token.made_by))


def _person(email: str) -> Person | None:
    return wiring.store().get([Person.named(email)])[Person.named(email)]


def _vouched(caller: Caller) -> dict[str, str]:
    """What the functions are told; the gateway passes on text only."""
    grants = [grant.model_dump() for grant in caller.grants]
    told = {"subject": caller.subject, "email": caller.email or "", "grants": json.dumps(grants)}
    if caller.token and caller.allowance:
        told |= {"token": caller.token, "allowance": caller.allowance.model_dump_json()}
    return told


def _claims(token: str) -> dict[str, Any]:
    """What the token says; raises Unauthorized for one that is not a valid ID token of our pool and client."""
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
