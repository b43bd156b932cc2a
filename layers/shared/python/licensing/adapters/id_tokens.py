"""The ID tokens of our user pool (JWT), checked with the public keys it serves."""

import json
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import jwt
import msgspec

from licensing.domain.core.texts import canonical_address
from licensing.ports import NotSignedIn, Session

# How long the pool's public keys are believed; one not among them is looked up again, but not more often than this.
KEYS_LIVE, KEYS_REST = 3600, 30


class PoolTokens:
    """`licensing.ports.IdTokens` of one client of one pool."""

    def __init__(self, jwks_url: str, issuer: str, client_id: str) -> None:
        self._keys = PublicKeys(jwks_url)
        self._issuer, self._client_id = issuer, client_id

    def session(self, token: str) -> Session:
        with _read():
            key_id = str(jwt.get_unverified_header(token)["kid"])
        # Outside: a key set that can't be had says nothing about the token.
        key = self._keys.get(key_id)
        if key is None:
            raise NotSignedIn("unknown key")
        with _read():
            # The algorithm is ours to name: a token that chose its own could take our public key for a shared secret.
            told = jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                audience=self._client_id,
                issuer=self._issuer,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
            claims = msgspec.convert(told, _Claims)
            if not claims.email_verified:
                raise NotSignedIn("address not verified")
            return Session(claims.sub, canonical_address(claims.email), claims.auth_time)


class _Claims(msgspec.Struct):
    """What we rest on; of these very types, so that no text or number passes for true."""

    sub: str
    email: str
    email_verified: bool
    auth_time: int
    token_use: Literal["id"]


@contextmanager
def _read() -> Iterator[None]:
    """Whatever is wrong with a text somebody sent, it is no token: parsers also overflow, recurse and miss members."""
    try:
        yield
    except Exception as error:
        raise error if isinstance(error, NotSignedIn) else NotSignedIn(type(error).__name__) from None


class PublicKeys:
    """The pool's signing keys by id. While the pool can't be reached, those already known are believed on."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched = float("-inf")

    def get(self, key_id: str) -> jwt.PyJWK | None:
        """Raises what kept us from looking it up."""
        age = time.monotonic() - self._fetched
        if age > KEYS_LIVE or (key_id not in self._keys and age > KEYS_REST):
            self._look_up(key_id)
        return self._keys.get(key_id)

    def _look_up(self, key_id: str) -> None:
        try:
            with urllib.request.urlopen(self._url, timeout=3) as answer:
                found = jwt.PyJWKSet.from_dict(json.load(answer))
        except (OSError, ValueError, jwt.PyJWKSetError):
            if key_id in self._keys:
                return
            raise  # nobody knows whether the token is good: the gateway answers 500, and the caller tries again
        self._keys = {key.key_id: key for key in found.keys if key.key_id}
        self._fetched = time.monotonic()
