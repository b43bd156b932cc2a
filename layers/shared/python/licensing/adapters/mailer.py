"""Mail handed to SES, raw (D7)."""

from email.message import EmailMessage
from email.policy import SMTP

from botocore.exceptions import ClientError

from licensing.adapters.aws import client
from licensing.ports import MailRefused

# What SES will answer to the same mail however often it is sent.
FINAL = {"MessageRejected", "InvalidParameterValue"}


class SesMailer:
    """`licensing.ports.Mailer` over the classic SES API."""

    def __init__(self, configuration_set: str) -> None:
        self._configuration_set = configuration_set

    def send(self, message: EmailMessage, recipient: str) -> str:
        try:
            answer = client("ses").send_raw_email(
                Destinations=[recipient],
                RawMessage={"Data": message.as_bytes(policy=SMTP)},
                ConfigurationSetName=self._configuration_set,
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in FINAL:
                raise MailRefused(error.response["Error"]["Message"]) from error
            raise
        return str(answer["MessageId"])
