"""The adapters a function uses, each built once and only when needed."""

from datetime import UTC, datetime
from functools import cache

from licensing.ports import Directory, Documents, Mailer, Publisher, Store, Vault
from licensing.settings import Settings

SETTINGS = Settings()


@cache
def store() -> Store:
    from licensing.adapters.dynamodb.store import DynamoStore

    return DynamoStore(SETTINGS.table_name)


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

    return SesMailer(SETTINGS.mail_configuration_set)


@cache
def publisher() -> Publisher:
    from licensing.adapters.events import AwsPublisher

    return AwsPublisher(SETTINGS.orders_topic_arn, SETTINGS.delivery_queue_url)


@cache
def directory() -> Directory:
    from licensing.adapters.directory import CognitoDirectory

    return CognitoDirectory(SETTINGS.user_pool_id)


def now() -> datetime:
    return datetime.now(UTC)


def forget() -> None:
    """Drops what was built, and the settings: for tests that change the environment."""
    global SETTINGS
    SETTINGS = Settings()
    for made in (store, vault, documents, mailer, publisher, directory):
        made.cache_clear()
