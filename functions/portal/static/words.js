// What codes of the API are called on the page.
export const CATEGORY = {
  ap: "Access point", switch: "Switch", gateway: "Gateway", pdu: "PDU", switch_extender: "Switch extender",
  camera: "Camera", epc: "EPC", ai: "Cloud AI", msp: "MSP",
};
export const TYPE = {
  pro: "Pro", pro_lite: "Pro Lite", unlimited_ai: "Unlimited AI", secupoint: "SecuPoint VPN",
  shared_ai: "Shared AI tokens", co_term: "Co-term", msp: "MSP",
};
export const TABS = { pro: "PRO", secupoint: "SecuPoint VPN", ai: "Cloud AI", co_term: "Co-term" };

/** State → [label, tone]. */
export const LICENSE_STATE = {
  inactive: ["Inactive", ""], active: ["Active", "good"], merging: ["Merging", "info"], merged: ["Merged", "info"],
  expired: ["Expired", "bad"],
};
export const DEVICE_STATE = {
  ...LICENSE_STATE, free: ["Free period", "info"], none: ["Not licensed", "warn"], unlicensed: ["Not licensed", "warn"],
};
export const ORDER_STATUS = {
  received: ["Received", ""], completed: ["In progress", "info"], fulfilled: ["Fulfilled", "good"],
};
export const KEY_STATE = {
  pending: ["Not issued", ""], issued: ["Issued", "info"], claimed: ["Claimed", "good"],
};
export const DELIVERY_STATUS = {
  queued: ["Queued", ""], sent: ["Sent", "info"], delivered: ["Delivered", "good"], bounced: ["Bounced", "bad"],
  complained: ["Complained", "warn"],
};
/** Outcomes that stand beside a row instead of a problem document. */
export const OUTCOME = {
  registered: "Registered", already_yours: "Already yours", claimed: "Claimed", not_claimed: "Not claimed",
  device_elsewhere: "In another organization", device_exists: "Exists already", malformed_key: "Mistyped",
  unknown_key: "Unknown key", already_claimed: "Claimed elsewhere already", wrong_portal: "Belongs in the other portal",
  key_voided: "Replaced by a new key", license_expired: "Expired", invalid_request: "Not valid",
};
export const say = (words, code) => words[code] ?? code;
