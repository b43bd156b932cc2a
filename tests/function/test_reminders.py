"""The daily reminders as Lambda runs them (D34)."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from licensing.domain.core.decisions import created
from licensing.domain.licenses.licenses import Block
from licensing.domain.people.access import Grant
from licensing.domain.people.tenants import Org
from licensing.entry import wiring
from tests.worlds.assigning import key_of
from tests.worlds.examples import NOON, later
from tests.worlds.gateway import sample
from tests.worlds.moto_cloud import Cloud
from tests.worlds.people import admit as admit_person

ADA, BEN = "ada@north.example", "ben@south.example"


def admit(cloud: Cloud, org_id: str, email: str, number: int) -> None:
    """An org with an admin and 20 licences that start by themselves on day 90."""
    admit_person(cloud.store, email, Grant(role="org_admin", org_id=org_id))
    block = Block.of(key_of("AP-1YR-LIC", 20, NOON, number), org_id, NOON)
    cloud.store.commit([created(Org(org_id=org_id, name=org_id)), created(block)])


def reminded(cloud: Cloud) -> int:
    """How many mails a round sends."""
    before = len(cloud.mails)
    cloud.function("dispatcher")(sample("schedule_reminders.json"), None)
    cloud.work()
    return len(cloud.mails) - before


def test_admins_are_mailed_once_a_threshold(cloud: Cloud) -> None:
    admit(cloud, "org-a", ADA, 1)
    assert reminded(cloud) == 0
    cloud.now = later(days=60)
    assert reminded(cloud) == 1
    assert reminded(cloud) == 0
    ((recipient, mail),) = cloud.mails
    assert (recipient, mail["Subject"]) == (ADA, "org-a: 20 licenses start by themselves soon")


def test_one_org_that_fails_keeps_no_other_from_its_reminder_and_is_tried_again(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    admit(cloud, "org-a", ADA, 1)
    admit(cloud, "org-b", BEN, 2)
    mailer = wiring.mailer()
    original = mailer.send

    def unlucky(message: Any, recipient: str) -> str:
        if recipient == ADA:
            raise ClientError({"Error": {"Code": "Throttling", "Message": "slow down"}}, "SendRawEmail")
        return original(message, recipient)

    cloud.now = later(days=60)
    with monkeypatch.context() as trouble:
        trouble.setattr(mailer, "send", unlucky)
        assert reminded(cloud) == 1
    cloud.now = later(days=61)
    assert reminded(cloud) == 1
    assert sorted(recipient for recipient, _ in cloud.mails) == [ADA, BEN]


def test_what_became_of_a_reminder_is_nobodys_business(cloud: Cloud) -> None:
    admit(cloud, "org-a", ADA, 1)
    cloud.now = later(days=60)
    reminded(cloud)
    ((_, mail),) = cloud.mails
    headers = [{"name": name, "value": str(value)} for name, value in mail.items()]
    bounce = {"eventType": "Bounce", "bounce": {}, "mail": {"messageId": "m", "headers": headers}}
    assert cloud.send("mail_events", bounce) == []
