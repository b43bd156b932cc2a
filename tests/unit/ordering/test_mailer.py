"""What SES says no to: the recipient's fault ends the mail, ours is tried again and rings the alarm (D7)."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from licensing.adapters import mailer
from licensing.adapters.mailer import SesMailer
from licensing.ports import MailDelayed, MailRefused

SENDER, RECIPIENT = "licenses@example.com", "it@north.example"


def answer_of(monkeypatch: pytest.MonkeyPatch, code: str, reason: str, recipient: str = RECIPIENT) -> None:
    """Sends a mail to which SES answers this."""

    class Ses:
        def send_raw_email(self, **_: Any) -> None:
            raise ClientError({"Error": {"Code": code, "Message": reason}}, "SendRawEmail")

    monkeypatch.setattr(mailer, "client", lambda _: Ses())
    SesMailer("set", SENDER).send(b"From: us", recipient)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("InvalidParameterValue", "Domain contains illegal character"),
        ("InvalidParameterValue", "Local address contains control or whitespace"),
        ("InvalidParameterValue", "Missing final '@domain'"),
        ("MessageRejected", "Address blacklisted."),
        ("MessageRejected", "Message rejected: the content has a virus"),
    ],
)
def test_what_no_attempt_can_change_is_final(monkeypatch: pytest.MonkeyPatch, code: str, reason: str) -> None:
    with pytest.raises(MailRefused, match=reason[:20]):
        answer_of(monkeypatch, code, reason)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (
            "MessageRejected",
            "Email address is not verified. The following identities failed the check in region EU-CENTRAL-1: "
            "licenses@example.com",
        ),
        (  # the sandbox names the recipient, who can do nothing about it
            "MessageRejected",
            "Email address is not verified. The following identities failed the check in region EU-CENTRAL-1: "
            "it@north.example",
        ),
        ("MessageRejected", "Did not have authority to send from email licenses@example.com"),
        ("MessageRejected", "Sending suspended for this account. For more information, please check your inbox."),
        ("MessageRejected", "Sending paused for this account."),
        ("MessageRejected", "licenses@example.com may send no more today"),
        ("InvalidParameterValue", "Unsafe From header found: LICENSES@example.com"),
        ("InvalidParameterValue", "Configuration set <set> does not exist"),
        ("ConfigurationSetDoesNotExist", "Configuration set <set> does not exist."),
        ("ConfigurationSetSendingPausedException", "Sending is paused for configuration set <set>"),
        ("AccountSendingPausedException", "Email sending is disabled for this account"),
        ("MailFromDomainNotVerifiedException", "The MAIL FROM domain is not verified"),
        ("ServiceUnavailable", "Try later"),
        ("AccessDenied", "User is not authorized to perform ses:SendRawEmail"),
    ],
)
def test_what_is_our_own_fault_is_no_recipients_bounce(monkeypatch: pytest.MonkeyPatch, code: str, reason: str) -> None:
    with pytest.raises(ClientError):
        answer_of(monkeypatch, code, reason)


def test_a_recipient_by_the_name_of_account_is_no_fault_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MailRefused):
        answer_of(
            monkeypatch, "InvalidParameterValue", "Illegal address <account@north.example>", "account@north.example"
        )


@pytest.mark.parametrize("reason", ["Maximum sending rate exceeded.", "Daily message quota exceeded."])
def test_what_is_too_much_at_a_time_waits(monkeypatch: pytest.MonkeyPatch, reason: str) -> None:
    with pytest.raises(MailDelayed):
        answer_of(monkeypatch, "Throttling", reason)
