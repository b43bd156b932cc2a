"""Who is calling: a person, by a token of our user pool, or a machine, by an API token; and what each may do.

API Gateway keeps the answer for at most 60 s, so a grant taken away stops working within that time.
"""

import json
from collections.abc import Mapping
from typing import Any

from licensing.domain.people.access import Caller, Person
from licensing.domain.people.api_tokens import ApiToken, Minted
from licensing.entry import wiring
from licensing.entry.observability import logger
from licensing.ports import NotSignedIn


class Unauthorized(Exception):
    """API Gateway answers 401 when the text is this very word."""

    def __init__(self) -> None:
        super().__init__("Unauthorized")


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
    token = wiring.store().one(ref)
    if token is None or not token.opens(minted.secret, wiring.now()):
        logger.info("token refused", extra={"reason": "ApiToken"})
        raise Unauthorized
    return token.caller(_person(token.made_by))


def _person(email: str) -> Person | None:
    return wiring.store().one(Person.named(email))


def _vouched(caller: Caller) -> dict[str, str]:
    """What the functions are told; the gateway passes on text only."""
    grants = [grant.model_dump() for grant in caller.grants]
    told = {"subject": caller.subject, "email": caller.email or "", "grants": json.dumps(grants)}
    if caller.token and caller.allowance:
        told |= {"token": caller.token, "allowance": caller.allowance.model_dump_json()}
    return told


def _claims(token: str) -> Mapping[str, Any]:
    try:
        return wiring.id_tokens().claims(token)
    except NotSignedIn as reason:
        logger.info("token refused", extra={"reason": str(reason)})
        raise Unauthorized from None


def _allow(method_arn: str) -> dict[str, Any]:
    """All calls of this API and stage: what a caller may do there depends on grants, and the answer is cached."""
    api, stage = method_arn.split("/")[:2]
    statement = {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": f"{api}/{stage}/*"}
    return {"Version": "2012-10-17", "Statement": [statement]}
