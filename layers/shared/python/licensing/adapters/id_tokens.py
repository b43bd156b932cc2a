"""The ID tokens of our user pool (JWT), checked with the public keys it serves."""

import json
import time
import urllib.request
from collections.abc import Mapping
from typing import Any

import jwt

from licensing.ports import NotSignedIn

# How long the pool's public keys are believed; one not among them is looked up again, but not more often than this.
KEYS_LIVE, KEYS_REST = 3600, 30


class PoolTokens:
    """`licensing.ports.IdTokens` of one client of one pool."""

    def __init__(self, jwks_url: str, issuer: str, client_id: str) -> None:
        self._keys = PublicKeys(jwks_url)
        self._issuer, self._client_id = issuer, client_id

    def claims(self, token: str) -> Mapping[str, Any]:
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._keys[jwt.get_unverified_header(token)["kid"]],
                algorithms=["RS256"],
                audience=self._client_id,
                issuer=self._issuer,
                options={"require": ["exp", "iss", "aud", "sub", "email"]},
            )
        except (jwt.PyJWTError, KeyError) as error:
            raise NotSignedIn(type(error).__name__) from None
        if claims.get("token_use") != "id":
            raise NotSignedIn("no ID token")
        if str(claims.get("email_verified", True)).lower() == "false":
            raise NotSignedIn("address not verified")
        return claims


class PublicKeys:
    """The pool's signing keys by id. While the pool can't be reached, those already known are believed on."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched = float("-inf")

    def __getitem__(self, key_id: str) -> jwt.PyJWK:
        age = time.monotonic() - self._fetched
        if age > KEYS_LIVE or (key_id not in self._keys and age > KEYS_REST):
            self._look_up(key_id)
        return self._keys[key_id]

    def _look_up(self, key_id: str) -> None:
        try:
            with urllib.request.urlopen(self._url, timeout=3) as answer:
                found = jwt.PyJWKSet.from_dict(json.load(answer))
        except OSError:
            if key_id in self._keys:
                return
            raise  # nobody knows whether the token is good: the gateway answers 500, and the caller tries again
        self._keys = {key.key_id: key for key in found.keys if key.key_id}
        self._fetched = time.monotonic()
