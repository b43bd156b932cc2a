"""Organizations, MSPs and partners: who owns what."""

from typing import ClassVar

from licensing.domain.core.records import Record, Ref


class Org(Record):
    """An organization. `msp_id` is the MSP that looks after it, and so may see it."""

    kind: ClassVar[str] = "org"
    org_id: str
    name: str
    time_zone: str = "UTC"
    msp_id: str | None = None

    @property
    def ref(self) -> Ref["Org"]:
        return Org.ref_of(self.org_id)

    @staticmethod
    def ref_of(org_id: str) -> Ref["Org"]:
        return Ref(Org, (org_id,))

    @property
    def owner(self) -> str:
        return f"org/{self.org_id}"


class Msp(Record):
    """A managed service provider."""

    kind: ClassVar[str] = "msp"
    msp_id: str
    name: str
    contact_email: str | None = None

    @property
    def ref(self) -> Ref["Msp"]:
        return Msp.ref_of(self.msp_id)

    @staticmethod
    def ref_of(msp_id: str) -> Ref["Msp"]:
        return Ref(Msp, (msp_id,))

    @property
    def owner(self) -> str:
        return f"msp/{self.msp_id}"


class Partner(Record):
    """Who places orders; `contact_email` is told of mail that bounced."""

    kind: ClassVar[str] = "partner"
    partner_id: str
    name: str
    contact_email: str | None = None

    @property
    def ref(self) -> Ref["Partner"]:
        return Partner.ref_of(self.partner_id)

    @staticmethod
    def ref_of(partner_id: str) -> Ref["Partner"]:
        return Ref(Partner, (partner_id,))

    @property
    def owner(self) -> str:
        return f"partner/{self.partner_id}"
