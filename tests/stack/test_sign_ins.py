"""Who somebody is, on the deployed stack: sessions that were signed out, addresses that were changed or given on."""

from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tools.local.client import Client
from tools.local.demo import OPERATOR, PASSWORD
from tools.local.stack import Stack

pytestmark = pytest.mark.stack
NUMBERS = count(1)
GRANTS = [{"role": "partner", "partner_id": "acme"}]


def invited(stack: Stack) -> str:
    """Somebody new, granted what a partner is."""
    email = f"sign-in-{next(NUMBERS)}@acme.example.com"
    stack.client("operator").must("PUT", f"/people/{email}", {"grants": GRANTS})
    return email


def sign_in(stack: Stack, name: str) -> dict[str, Any]:
    """What Cognito gives: an ID token, an access token, a refresh token."""
    stack.aws.cognito_idp.admin_set_user_password(
        UserPoolId=stack.outputs["UserPoolId"], Username=name, Password=PASSWORD, Permanent=True
    )
    return initiated(stack, "USER_PASSWORD_AUTH", USERNAME=name, PASSWORD=PASSWORD)


def initiated(stack: Stack, flow: str, **parameters: str) -> dict[str, Any]:
    answer = stack.aws.cognito_idp.initiate_auth(
        ClientId=stack.outputs["ClientId"], AuthFlow=flow, AuthParameters=parameters
    )
    session: dict[str, Any] = answer["AuthenticationResult"]
    return session


def me(stack: Stack, session: dict[str, Any]) -> Any:
    return Client(stack.api_url, session["IdToken"]).must("GET", "/me")


def status(stack: Stack, session: dict[str, Any]) -> int:
    return Client(stack.api_url, session["IdToken"]).call("GET", "/me").status


def test_signing_out_ends_the_sessions_on_all_devices_and_nothing_refreshes_them(stack: Stack) -> None:
    email = invited(stack)
    # The gateway knows a token it has seen for up to 60 s: the other device's is used only after the sign-out.
    other, mine = sign_in(stack, email), sign_in(stack, email)
    assert me(stack, mine)["grants"] == GRANTS
    Client(stack.api_url, mine["IdToken"]).must("POST", "/me/sign-out", {})
    assert status(stack, other) == 401
    for session in (other, mine):
        with pytest.raises(ClientError, match="NotAuthorizedException"):
            initiated(stack, "REFRESH_TOKEN_AUTH", REFRESH_TOKEN=session["RefreshToken"])


def test_who_takes_the_operators_address_is_no_operator(stack: Stack) -> None:
    """AWS lets nobody write the address; MiniStack does, and takes it for verified."""
    email = invited(stack)
    session = sign_in(stack, email)
    subject = me(stack, session)["subject"]
    stack.aws.cognito_idp.update_user_attributes(
        AccessToken=session["AccessToken"], UserAttributes=[{"Name": "email", "Value": OPERATOR}]
    )
    taken = me(stack, sign_in(stack, subject))
    stack.aws.cognito_idp.admin_delete_user(UserPoolId=stack.outputs["UserPoolId"], Username=subject)
    assert (taken["email"], taken["grants"]) == (OPERATOR, [])
    assert stack.client("operator").must("GET", "/me")["grants"] == [{"role": "operator"}]


def test_a_removed_persons_token_is_dead_when_the_address_is_given_to_somebody_else(stack: Stack) -> None:
    email = invited(stack)
    session = sign_in(stack, email)
    operator = stack.client("operator")
    operator.must("DELETE", f"/people/{email}")
    operator.must("PUT", f"/people/{email}", {"grants": GRANTS})
    assert status(stack, session) == 401
    assert me(stack, sign_in(stack, email))["grants"] == GRANTS
