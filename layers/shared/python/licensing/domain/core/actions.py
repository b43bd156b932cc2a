"""Every action that a ledger tells of, in one list: its name, what it tells, and the event it will be told as.

A command's decision names one of these; the sentence beside it in the ledger is the decision's own.
"""

from msgspec import Struct


class Action(Struct, frozen=True):
    """`event` is the type under which owners are told, or None for what is nobody's news."""

    name: str
    tells: str
    event: str | None = None


ORDER_RECEIVED = Action("order.received", "A purchase order came in.", "order.received")
ORDER_COMPLETED = Action("order.completed", "An order was completed: its keys and mails are due.", "order.completed")
ORDER_FULFILLED = Action("order.fulfilled", "All keys are issued, all mails sent.", "order.fulfilled")
KEYS_ISSUED = Action("keys.issued", "Lines of an order got their keys.", "key.issued")
KEY_REISSUED = Action("key.reissued", "A line's key was withdrawn, and another is due.", "key.voided")
MAIL_QUEUED = Action("mail.queued", "The mail is to be sent again.")
MAIL_SENT = Action("mail.sent", "The mail service took a mail.")
MAIL_DELIVERED = Action("mail.delivered", "A mail arrived.")
MAIL_BOUNCED = Action("mail.bounced", "A mail did not arrive.", "order.delivery_failed")
MAIL_COMPLAINED = Action("mail.complained", "A recipient complained of a mail.", "order.delivery_failed")
PARTNER_TOLD = Action("mail.partner_told", "The partner was told of mail that did not arrive.")

KEYS_CLAIMED = Action("keys.claimed", "Keys were claimed in an organization.", "key.claimed")
PORTAL_EXTENDED = Action("portal.extended", "Keys were claimed in an MSP portal.", "msp.extended")
LICENSES_MOVED = Action("licenses.moved", "Licenses went to another organization.", "license.moved")
TOKENS_TRANSFERRED = Action("ai_tokens.transferred", "AI tokens went to another organization.", "tokens.transferred")

DEVICES_REGISTERED = Action("devices.registered", "Devices came into the inventory.", "device.registered")
NETWORK_ENTERED = Action("device.network_entered", "A device entered a network.", "device.network_changed")
NETWORK_LEFT = Action("device.network_left", "A device left its network.", "device.network_changed")
DEVICE_PARKED = Action("device.parked", "A device was de-registered, its licenses wait.", "device.parked")
DEVICES_MOVED = Action("devices.moved", "Devices went to another organization.", "device.moved")
DEVICE_REPLACED = Action("device.replaced", "Another unit took a device's place.", "device.replaced")
LICENSES_ASSOCIATED = Action("licenses.associated", "Licenses were associated with devices.", "license.associated")
ASSOCIATION_UNDONE = Action("association.undone", "A device's latest association was taken back.", "license.undone")
SEATS_SHARED = Action("license.shared", "Gateways share a license's seats.", "device.coverage_changed")
CO_TERMINATED = Action("devices.co_terminated", "Devices were given one end date.", "device.coverage_changed")

RENEWAL_DRAFTED = Action("renewal.drafted", "A renewal was planned.")
RENEWAL_DISCARDED = Action("renewal.discarded", "A renewal's draft was thrown away.")
RENEWAL_APPLIED = Action("renewal.applied", "Licenses were associated as a renewal planned it.", "license.associated")

POLICY_PUT = Action("policy.put", "An organization's standing auto-association was set.", "policy.changed")

ORG_PUT = Action("org.put", "An organization was set up or changed.")
MSP_PUT = Action("msp.put", "An MSP was set up or changed.")
PARTNER_PUT = Action("partner.put", "A partner was set up or changed.")
PERSON_PUT = Action("person.put", "A person was granted roles.")
PERSON_NAMED = Action("person.named", "A person that was named by its address got an id.")
PERSON_BOUND = Action("person.bound", "A person's grants were bound to the sign-in of the address.")
PERSON_REMOVED = Action("person.removed", "A person was removed.")
PERSON_ERASED = Action("person.erased", "A person was removed, and the address erased.")
TOKEN_MADE = Action("api_token.made", "An API token was made.", "token.made")
TOKEN_REVOKED = Action("api_token.revoked", "An API token was revoked.", "token.revoked")

# Out of the names above, so that a new action can't be left out of the list.
ACTIONS = {each.name: each for each in tuple(globals().values()) if isinstance(each, Action)}
