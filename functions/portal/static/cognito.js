// Signing in with Amazon Cognito, without its SDK: two calls are all it takes.
import { config } from "./config.js";

// What Cognito's refusals mean to the person; whether an address is known is not told apart from a wrong password.
const MEANING = {
  NotAuthorizedException: ["The e-mail address or the password is wrong.", "Check both and try again."],
  UserNotFoundException: ["The e-mail address or the password is wrong.", "Check both and try again."],
  PasswordResetRequiredException: ["This password must be reset.", "Ask an operator to have a new one sent."],
  UserNotConfirmedException: ["This sign-in is not confirmed yet.", "Follow the link in the invitation first."],
  InvalidPasswordException: [
    "That password is too easy to guess.",
    "Take at least 12 characters, with upper and lower case letters and a digit.",
  ],
  TooManyRequestsException: ["There were too many attempts.", "Wait a minute and try again."],
  LimitExceededException: ["There were too many attempts.", "Wait a minute and try again."],
};
const UNKNOWN = ["Signing in did not work.", "Try again in a moment."];

/** `{token}`, or `{challenge}` for somebody whose first password must be replaced. */
export async function authenticate(email, password) {
  const answer = await ask("InitiateAuth", {
    AuthFlow: "USER_PASSWORD_AUTH",
    AuthParameters: { USERNAME: email.trim(), PASSWORD: password },
  });
  return answered(answer, email);
}

export async function setFirstPassword({ session, email }, password) {
  const answer = await ask("RespondToAuthChallenge", {
    ChallengeName: "NEW_PASSWORD_REQUIRED",
    Session: session,
    ChallengeResponses: { USERNAME: email, NEW_PASSWORD: password },
  });
  return answered(answer, email);
}

function answered(answer, email) {
  if (answer.AuthenticationResult) return { token: answer.AuthenticationResult.IdToken };
  if (answer.ChallengeName === "NEW_PASSWORD_REQUIRED") return { challenge: { session: answer.Session, email } };
  throw refusal(UNKNOWN);
}

async function ask(operation, body) {
  const response = await fetch(config().cognito_url, {
    method: "POST",
    headers: {
      "Content-Type": "application/x-amz-json-1.1",
      "X-Amz-Target": `AWSCognitoIdentityProviderService.${operation}`,
    },
    body: JSON.stringify({ ClientId: config().client_id, ...body }),
  }).catch(() => {
    throw refusal(["The sign-in service can’t be reached.", "Check your connection and try again."]);
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw refusal(MEANING[(answer.__type ?? "").split("#").pop()] ?? UNKNOWN);
  return answer;
}

const refusal = ([detail, remedy]) => Object.assign(new Error(detail), { detail, remedy, errors: [] });
