"""Who is let in: ID tokens of our pool and client, and no others (docs/rules.md, Who is calling)."""

import io
import json
import time
import urllib.error
import urllib.request
from typing import Any

import jwt
import pytest

from functions.authorizer import app
from licensing.domain.people.access import Grant
from licensing.entry import wiring
from tests.worlds.gateway import id_for, sample
from tests.worlds.id_tokens import FOREIGN, OURS, PUBLIC, Pool, asked, claims, token
from tests.worlds.moto_cloud import Cloud
from tests.worlds.people import admit


def confused() -> str:
    """Signed with HMAC, the public key taken for the secret: pyjwt itself refuses to make such a token."""
    head, body = (json.dumps(part).encode() for part in ({"alg": "HS256", "kid": "key-1", "typ": "JWT"}, claims()))
    signed = b".".join(map(jwt.utils.base64url_encode, (head, body)))
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(signed, PUBLIC)
    return b".".join((signed, jwt.utils.base64url_encode(signature))).decode()


def test_a_good_token_is_allowed_with_the_persons_grants(cloud: Cloud, pool: Pool) -> None:
    grants = (Grant(role="org_admin", org_id="org-north"),)
    admit(cloud.store, "admin@north.example", *grants, subject="5c8a6a3e")
    answer = asked(token())
    assert answer == {
        "principalId": "5c8a6a3e",
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Action": "execute-api:Invoke",
                    "Effect": "Allow",
                    "Resource": "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/v1/*",
                }
            ],
        },
        "context": {
            "subject": "5c8a6a3e",
            "person_id": id_for("admin@north.example"),
            "email": "admin@north.example",
            "grants": "org_admin=org-north",
        },
    }
    assert pool.fetched == 1


def test_a_person_without_grants_is_let_in_with_none(pool: Pool) -> None:  # noqa: ARG001
    assert asked(token())["context"]["grants"] == ""


BAD = {
    "expired": lambda: token(exp=int(time.time()) - 1),
    "without expiry": lambda: token(exp=None),
    "of another issuer": lambda: token(iss="https://issuer.example/other"),
    "for another client": lambda: token(aud="client-2"),
    "without audience": lambda: token(aud=None),
    "unsigned": lambda: token(key=None, algorithm="none"),
    "signed with the public key as secret": confused,
    "signed with a foreign key": lambda: token(key=FOREIGN),
    "an access token": lambda: token(token_use="access"),
    "without an address": lambda: token(email=None),
    "with an address nobody verified": lambda: token(email_verified=False),
    "silent about its address being verified": lambda: token(email_verified=None),
    "verified by a text": lambda: token(email_verified="true"),
    "verified by a number": lambda: token(email_verified=1),
    "verified by an empty list": lambda: token(email_verified=[]),
    "with a Kelvin sign in its address": lambda: token(email="mar\N{KELVIN SIGN}@north.example"),
    "with an encoded word for an address": lambda: token(email="=?utf-8?q?admin=40north.example?=@evil.example"),
    "with a list for an address": lambda: token(email=["admin@north.example"]),
    "with an address too long": lambda: token(email=f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.ee"),
    "silent about its sign-in": lambda: token(auth_time=None),
    "vague about its sign-in": lambda: token(auth_time="now"),
    "of a nobody": lambda: token(sub=None),
    "without a kind": lambda: token(token_use=None),
    "without a key's id": lambda: jwt.encode(claims(), OURS, algorithm="RS256"),
    "of an unknown key": lambda: token(kid="key-9"),
    "with a damaged signature": lambda: token()[:-8] + "AAAAAAAA",
    "no token at all": lambda: "e30.e30.e30",
    "empty": lambda: "",
    "the sample's": lambda: sample("authorizer_token.json")["authorizationToken"].split()[1],
}


@pytest.mark.parametrize("made", BAD.values(), ids=BAD.keys())
def test_a_bad_token_is_unauthorized(pool: Pool, made: Any) -> None:  # noqa: ARG001
    with pytest.raises(app.Unauthorized) as caught:
        asked(made())
    assert str(caught.value) == "Unauthorized", "the very word for which API Gateway answers 401"


def test_an_unknown_key_is_looked_up_again_but_not_at_every_call(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: clock)
    asked(token())
    pool.keys["key-2"] = FOREIGN  # the pool rotates its keys
    for clock in (1001.0, 1029.0):  # noqa: B007 - read by the lambda
        with pytest.raises(app.Unauthorized):
            asked(token(key=FOREIGN, kid="key-2"))
    assert pool.fetched == 1
    clock = 1031.0
    assert asked(token(key=FOREIGN, kid="key-2"))
    assert pool.fetched == 2


def test_known_keys_are_believed_for_an_hour(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: clock)
    asked(token())
    pool.keys = {"key-2": FOREIGN}  # the first key was withdrawn
    assert asked(token())
    clock += 3601
    with pytest.raises(app.Unauthorized):
        asked(token())


def test_known_keys_are_believed_on_while_the_pool_cannot_be_reached(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: clock)
    asked(token())
    monkeypatch.setattr(urllib.request, "urlopen", unreachable)
    clock += 3601
    assert asked(token())
    with pytest.raises(urllib.error.URLError):  # not 401: a caller would sign in anew for nothing
        asked(token(kid="key-9"))
    monkeypatch.setattr(urllib.request, "urlopen", pool.open)
    pool.keys = {"key-2": FOREIGN}
    with pytest.raises(app.Unauthorized):
        asked(token())


def test_a_key_set_that_is_no_json_is_like_one_that_can_not_be_reached(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for text in (b"<html>", b"[]", b'{"keys": []}', b'{"keys": [{}]}'):
        monkeypatch.setattr(urllib.request, "urlopen", lambda *_, said=text, **__: io.BytesIO(said))
        wiring.id_tokens.cache_clear()
        with pytest.raises(Exception) as caught:  # noqa: PT011 - whatever it is
            asked(token())
        assert not isinstance(caught.value, app.Unauthorized), text
    assert pool.fetched == 0


def unreachable(*_: object, **__: object) -> io.BytesIO:
    raise urllib.error.URLError("no route")
