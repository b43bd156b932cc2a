"""Sign-ins in Cognito's user pool."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError

from licensing.adapters.aws import client
from licensing.ports import SignIn


class CognitoDirectory:
    """`licensing.ports.Directory`; Cognito mails a new person the first password."""

    invitation: Mapping[str, Any] = {"DesiredDeliveryMediums": ["EMAIL"]}

    def __init__(self, user_pool_id: str) -> None:
        self._pool = user_pool_id

    @property
    def cognito(self) -> Any:
        return client("cognito-idp")

    def create_user(self, email: str) -> str:
        # Verified at once: the authorizer takes no sign-in by an address that the pool does not call verified.
        attributes = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
        # Made first and looked for second: the other way round, somebody else may make it in between.
        with _unless("UsernameExistsException"):
            made = self.cognito.admin_create_user(
                UserPoolId=self._pool, Username=email, UserAttributes=attributes, **self.invitation
            )
            return _sub(made["User"]["Attributes"])
        known = self.find_user(email)
        assert known, "somebody removed the sign-in in this very moment: the caller tries again"
        return known.subject

    def find_user(self, name: str) -> SignIn | None:
        with _unless("UserNotFoundException"):
            found = self.cognito.admin_get_user(UserPoolId=self._pool, Username=name)
            return SignIn(_sub(found["UserAttributes"]), has_mfa=bool(found.get("UserMFASettingList")))
        return None

    def sign_out(self, name: str) -> None:
        with _unless("UserNotFoundException"):
            self.cognito.admin_user_global_sign_out(UserPoolId=self._pool, Username=name)

    def delete_user(self, email: str) -> None:
        with _unless("UserNotFoundException"):
            self.cognito.admin_delete_user(UserPoolId=self._pool, Username=email)


def _sub(attributes: Sequence[Mapping[str, str]]) -> str:
    return next(each["Value"] for each in attributes if each["Name"] == "sub")


@contextmanager
def _unless(expected: str) -> Iterator[None]:
    """Goes on after an error that says what is the case anyway."""
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] != expected:
            raise
