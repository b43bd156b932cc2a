"""Mail handed to SES, raw (D7)."""

import re

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection

from licensing.adapters.aws import client
from licensing.ports import MailDelayed, MailInDoubt, MailRefused

# What SES will answer to the same mail however often it is sent …
_FINAL = {"MessageRejected", "InvalidParameterValue"}
# … unless the fault is ours: a sender that is not verified, a sandbox (in which SES names recipients as not verified
# either), a configuration set that is gone, a paused or suspended account. No recipient's address can mend that.
_OURS = re.compile(
    r"not verified|failed the check|authori[sz]|configuration set|account|sandbox|paus|suspend|quota|\bfrom\b|source",
    re.IGNORECASE,
)


class SesMailer:
    """`licensing.ports.Mailer` over the classic SES API."""

    def __init__(self, configuration_set: str, sender: str) -> None:
        self._configuration_set = configuration_set
        self._sender = sender

    def send(self, mail: bytes, recipient: str) -> str:
        """Raises ClientError for what may still be mended on our side: the mail is sent again, or rings the alarm."""
        # A fault of the line, or of the service itself, is over some time, whatever it is called.
        try:
            answer = client("ses").send_raw_email(
                Destinations=[recipient], RawMessage={"Data": mail}, ConfigurationSetName=self._configuration_set
            )
        except (NoConnection, HTTPClientError) as error:
            raise MailInDoubt(type(error).__name__) from error
        except ClientError as error:
            code, reason = error.response["Error"]["Code"], error.response["Error"]["Message"]
            # Too many mails a second, or today.
            if "Throttling" in code:
                raise MailDelayed(code) from error
            if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500:
                raise MailInDoubt(code) from error
            if code not in _FINAL or self._names_us(reason, recipient):
                raise
            raise MailRefused(reason) from error
        return str(answer["MessageId"])

    def _names_us(self, reason: str, recipient: str) -> bool:
        told = reason.replace(recipient, "")  # `account@…` is nobody's account
        return bool(_OURS.search(told)) or self._sender.lower() in told.lower()
