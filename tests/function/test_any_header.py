"""Whatever the Authorization header says: the authorizer lets in, or answers 401, and never breaks."""

import json
from typing import Any

import jwt
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from functions.authorizer import app
from tests.worlds.gateway import sample
from tests.worlds.id_tokens import Pool, claims, token

PIECES = st.sampled_from(
    ["Bearer ", "bearer", "eng.", "eng", ".", " ", "\t", "=", "e30", "0123456789abcdef", "9" * 4_400]
)
HEADS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def encoded(text: str) -> str:
    return jwt.utils.base64url_encode(text.encode(errors="surrogatepass")).decode()


def segments(head: Any) -> str:
    """A token that looks like one, with this for its header."""
    return ".".join((encoded(json.dumps(head)), encoded(json.dumps(claims())), "AAAA"))


HEADERS = (
    st.text()
    | st.lists(PIECES | st.text(max_size=5), max_size=12).map("".join)
    | st.builds(
        lambda text: f"Bearer eng.{text}.a", st.text(max_size=40) | st.integers(0, 3_000).map(lambda n: "7" * n)
    )
    | st.builds(lambda secret: f"Bearer eng.0123456789abcdef.{secret}", st.text(max_size=60))
    | st.builds(lambda *three: "Bearer " + ".".join(three), *[st.text(max_size=20).map(encoded)] * 3)
    | HEADS.map(lambda head: f"Bearer {segments(head)}")
    | st.builds(
        lambda kid, alg, more: f"Bearer {segments({'kid': kid, 'alg': alg} | more)}",
        HEADS | st.just("key-1"),
        HEADS | st.sampled_from(["RS256", "HS256", "none", "ES256"]),
        st.dictionaries(st.sampled_from(["crit", "b64", "jwk", "jku", "x5c", "typ", "zip"]), HEADS, max_size=3),
    )
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(HEADERS)
@example(f"Bearer eng.{'7' * 2_044}.a")
@example(f"Bearer eng.{'7' * 2_044}.{'a' * 43}")
@example(f"Bearer eng..{'a' * 43}")
@example(f"Bearer eng.0123456789abcdef.{'a' * 9_000}")
@example(f"Bearer {encoded('[' * 7_000)}.e30.AAAA")
@example(f"Bearer {encoded('9' * 7_000)}.e30.AAAA")
@example(f"Bearer {encoded('{' + chr(34) + 'kid' + chr(34) + ':' + '1' * 5_000 + '}')}.e30.AAAA")
@example("Bearer eng.0123456789abcdef.\ud800")
@example("Bearer \ud800.\ud800.\ud800")
@example("Bearer ..")
@example("Bearer")
@example("")
def test_no_text_makes_the_authorizer_fail(pool: Pool, header: str) -> None:  # noqa: ARG001
    with pytest.raises(app.Unauthorized):
        app.handler(sample("authorizer_token.json") | {"authorizationToken": header}, None)


@pytest.mark.parametrize("form", ["{}", "Basic {}", "Bearer{}", "Token {}", "Bearer x {}"])
def test_only_a_bearer_is_let_in(pool: Pool, form: str) -> None:  # noqa: ARG001
    with pytest.raises(app.Unauthorized):
        app.handler(sample("authorizer_token.json") | {"authorizationToken": form.format(token())}, None)
    for good in ("Bearer {}", "bearer {}", "Bearer   {} "):
        assert app.handler(sample("authorizer_token.json") | {"authorizationToken": good.format(token())}, None)
