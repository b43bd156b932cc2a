"""ID tokens as our user pool signs them, and the authorizer asked about one."""

import io
import json
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import RSAAlgorithm

from functions.authorizer import app
from tests.worlds.examples import NOON
from tests.worlds.gateway import sample

OURS, FOREIGN = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
PUBLIC = OURS.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


class Pool:
    """The user pool's JWKS, as served now."""

    def __init__(self) -> None:
        self.keys = {"key-1": OURS}
        self.fetched = 0

    def open(self, *_: object, **__: object) -> io.BytesIO:
        self.fetched += 1
        keys = [json.loads(RSAAlgorithm.to_jwk(key.public_key())) | {"kid": kid} for kid, key in self.keys.items()]
        return io.BytesIO(json.dumps({"keys": keys}).encode())


def claims(**other: Any) -> dict[str, Any]:
    usual = {
        "sub": "5c8a6a3e",
        "email": "Admin@North.example",
        "email_verified": True,
        "aud": "client-1",
        "iss": "https://issuer.example/pool",
        "token_use": "id",
        "auth_time": int(NOON.timestamp()),
        "exp": int(time.time()) + 600,
    }
    return {name: value for name, value in (usual | other).items() if value is not None}


def token(key: Any = OURS, algorithm: str = "RS256", kid: str = "key-1", **other: Any) -> str:
    return jwt.encode(claims(**other), key, algorithm=algorithm, headers={"kid": kid})


def asked(value: str) -> dict[str, Any]:
    return app.handler(sample("authorizer_token.json") | {"authorizationToken": f"Bearer {value}"}, None)
