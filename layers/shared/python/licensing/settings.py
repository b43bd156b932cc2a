"""The environment, read once; a missing variable is named."""

import os
from collections.abc import Callable
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, get_args

from licensing.domain.licenses.types import DeviceCategory

if TYPE_CHECKING:
    from licensing.domain.planning.reminders import Thresholds


class MissingSetting(Exception):
    """A variable the function needs is not set."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the environment variable {name} is not set")


class Settings:
    """What differs between stages. Each is looked up when first needed: no function needs them all."""

    def __init__(self, read: Callable[[str], str | None] = os.environ.get) -> None:
        self._read = read

    def _required(self, name: str) -> str:
        if not (value := self._read(name)):
            raise MissingSetting(name)
        return value

    @cached_property
    def table_name(self) -> str:
        return self._required("TABLE_NAME")

    @cached_property
    def documents_bucket(self) -> str:
        return self._required("DOCUMENTS_BUCKET")

    @cached_property
    def kms_key_id(self) -> str:
        return self._required("KMS_KEY_ID")

    @cached_property
    def orders_topic_arn(self) -> str:
        return self._required("ORDERS_TOPIC_ARN")

    @cached_property
    def delivery_queue_url(self) -> str:
        return self._required("DELIVERY_QUEUE_URL")

    def queue_url(self, name: str) -> str:
        """Of the queue of that name."""
        return self._required(f"{name.upper()}_QUEUE_URL")

    @cached_property
    def mail_sender(self) -> str:
        return self._required("MAIL_SENDER")

    @cached_property
    def mail_configuration_set(self) -> str:
        return self._required("MAIL_CONFIGURATION_SET")

    @cached_property
    def retry_after(self) -> timedelta:
        """How long the queue waits before it tries a message again."""
        return timedelta(seconds=int(self._required("RETRY_SECONDS")))

    @cached_property
    def free_days(self) -> dict[DeviceCategory, int]:
        """The free period of each device category (D18), out of `*=90,camera=0`."""
        told = dict(part.split("=") for part in self._required("FREE_DAYS").split(","))
        return {category: int(told.get(category, told["*"])) for category in get_args(DeviceCategory)}

    @cached_property
    def reminder_days(self) -> "Thresholds":
        """How many days before it happens people are reminded (D34), out of `60,30,3`."""
        expires, starts = map(self._required, ("REMINDER_DAYS", "FORCED_ACTIVATION_REMINDER_DAYS"))
        return {"expires": _numbers(expires), "starts": _numbers(starts)}

    @cached_property
    def portal_url(self) -> str:
        return self._required("PORTAL_URL")

    @cached_property
    def user_pool_id(self) -> str:
        return self._required("USER_POOL_ID")

    @cached_property
    def user_pool_client_id(self) -> str:
        return self._required("USER_POOL_CLIENT_ID")

    @cached_property
    def operators_need_mfa(self) -> bool:
        # A parameter of the template, and these are text.
        return self._required("OPERATORS_NEED_MFA") == "true"

    @cached_property
    def jwt_issuer(self) -> str:
        return self._required("JWT_ISSUER")

    @cached_property
    def jwks_url(self) -> str:
        return self._required("JWKS_URL")


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(",")))
