// The same rule for addresses as the service's, so that a slip shows while it is typed.
const SHAPE = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$/;

/** What is wrong with an address; null when it is fine. */
export const emailFault = (text) =>
  SHAPE.test(text) && !text.includes("..") && text.length <= 254 ? null : "Not an e-mail address; write name@example.com.";

/** The addresses of a list as people type or paste them. */
export const emailsIn = (text) => [...new Set(text.split(/[\s,;]+/).map((part) => part.replace(/^<|>$/g, "")).filter(Boolean))];
