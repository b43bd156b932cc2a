"""Sign-ins in Cognito's user pool."""

from botocore.exceptions import ClientError

from licensing.adapters.aws import client


class CognitoDirectory:
    """`licensing.ports.Directory`; Cognito mails a new person the first password."""

    def __init__(self, user_pool_id: str) -> None:
        self._pool = user_pool_id

    def admit(self, email: str) -> None:
        attributes = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
        try:
            client("cognito-idp").admin_create_user(
                UserPoolId=self._pool, Username=email, UserAttributes=attributes, DesiredDeliveryMediums=["EMAIL"]
            )
        except ClientError as error:
            _unless(error, "UsernameExistsException")

    def dismiss(self, email: str) -> None:
        try:
            client("cognito-idp").admin_delete_user(UserPoolId=self._pool, Username=email)
        except ClientError as error:
            _unless(error, "UserNotFoundException")


def _unless(error: ClientError, expected: str) -> None:
    if error.response["Error"]["Code"] != expected:
        raise error
