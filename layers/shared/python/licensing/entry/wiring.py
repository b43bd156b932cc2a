"""The adapters a function uses, each loaded and built when first needed, and once."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from licensing.domain.core.limits import FIRST_WAIT, LONGEST_WAIT
from licensing.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from licensing.adapters.mail import ComposedMail
    from licensing.domain.ordering.bounce_notifications import BounceNotification
    from licensing.domain.ordering.documents import KeyDocument, KeyMail
    from licensing.domain.planning.reminders import Reminder
    from licensing.ports import Directory, Documents, IdTokens, Mailer, Publisher, Queue, Store, Vault

SETTINGS = Settings()


@cache
def store() -> Store:
    from licensing.adapters.dynamodb.store import DynamoStore

    return DynamoStore(SETTINGS.table_name, now=lambda: now())


@cache
def vault() -> Vault:
    from licensing.adapters.vault import KmsVault

    return KmsVault(SETTINGS.kms_key_id)


@cache
def documents() -> Documents:
    from licensing.adapters.documents import S3Documents

    return S3Documents(SETTINGS.documents_bucket)


@cache
def mailer() -> Mailer:
    from licensing.adapters.mailer import SesMailer

    return SesMailer(SETTINGS.mail_configuration_set, SETTINGS.mail_sender)


@cache
def publisher() -> Publisher:
    from licensing.adapters.events import AwsPublisher

    return AwsPublisher(SETTINGS.orders_topic_arn, SETTINGS.delivery_queue_url)


@cache
def queue(name: str) -> Queue:
    from licensing.adapters.queues import SqsQueue

    return SqsQueue(SETTINGS.queue_url(name))


@cache
def directory() -> Directory:
    from licensing.adapters.directory import CognitoDirectory

    return CognitoDirectory(SETTINGS.user_pool_id)


@cache
def id_tokens() -> IdTokens:
    from licensing.adapters.id_tokens import PoolTokens

    return PoolTokens(SETTINGS.jwks_url, SETTINGS.jwt_issuer, SETTINGS.user_pool_client_id)


def print_document(document: KeyDocument) -> bytes:
    from licensing.adapters.printing import print_document

    return print_document(document)


def compose_mail(mail: KeyMail) -> ComposedMail:
    from licensing.adapters.mail import compose

    return compose(mail)


def compose_bounce_notification(notice: BounceNotification) -> Sequence[bytes]:
    from licensing.adapters.bounce_notification import compose_bounce_notification

    return compose_bounce_notification(notice)


def compose_reminder(reminder: Reminder) -> Sequence[bytes]:
    from licensing.adapters.reminder import compose_reminder

    return compose_reminder(reminder)


def now() -> datetime:
    return datetime.now(UTC)


def delay_after(waited: int) -> int:
    """For how many seconds what has waited so often waits again; of many no two come at once."""
    longest = min(FIRST_WAIT * 2 ** min(waited, 10), LONGEST_WAIT)
    return random.randint(longest // 2, longest)  # noqa: S311 - nobody guesses anything by it


def reset() -> None:
    """Drops what was built, and the settings: for tests that change the environment."""
    global SETTINGS
    SETTINGS = Settings()
    for made in (store, vault, documents, mailer, publisher, queue, directory, id_tokens):
        made.cache_clear()
