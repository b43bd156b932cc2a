// Signing in with Amazon Cognito, without its SDK: a few calls are all it takes.
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
  CodeMismatchException: ["That code is not the right one.", "Take the one the app shows now."],
  EnableSoftwareTokenMFAException: ["That code is not the right one.", "Take the one the app shows now."],
  ExpiredCodeException: ["That code is too old.", "Take the one the app shows now."],
  TooManyRequestsException: ["There were too many attempts.", "Wait a minute and try again."],
  LimitExceededException: ["There were too many attempts.", "Wait a minute and try again."],
};
const UNKNOWN = ["Signing in did not work.", "Try again in a moment."];

/** `{token, access}`, or `{challenge}` when a first password must be replaced or the second factor is asked for. */
export async function authenticate(email, password) {
  const answer = await ask("InitiateAuth", {
    ...client(),
    AuthFlow: "USER_PASSWORD_AUTH",
    AuthParameters: { USERNAME: email.trim(), PASSWORD: password },
  });
  return answered(answer, email);
}

// What is asked for, and the name under which Cognito takes the answer.
const ANSWERS = { NEW_PASSWORD_REQUIRED: "NEW_PASSWORD", SOFTWARE_TOKEN_MFA: "SOFTWARE_TOKEN_MFA_CODE" };

/** Answers a challenge with a new password, or with the code that the person's app shows. */
export async function respond({ name, session, email }, text) {
  const answer = await ask("RespondToAuthChallenge", {
    ...client(),
    ChallengeName: name,
    Session: session,
    ChallengeResponses: { USERNAME: email, [ANSWERS[name]]: text },
  });
  return answered(answer, email);
}

/** The secret that an authenticator app is given. */
export const newFactor = async (access) => (await ask("AssociateSoftwareToken", { AccessToken: access })).SecretCode;

/** From now on signing in takes the app's code too, once one of them was right. */
export async function confirmFactor(access, code) {
  await ask("VerifySoftwareToken", { AccessToken: access, UserCode: code });
  await ask("SetUserMFAPreference", {
    AccessToken: access,
    SoftwareTokenMfaSettings: { Enabled: true, PreferredMfa: true },
  });
}

const client = () => ({ ClientId: config().client_id });

function answered({ AuthenticationResult: result, ChallengeName: name, Session: session }, email) {
  if (result) return { token: result.IdToken, access: result.AccessToken };
  if (name in ANSWERS) return { challenge: { name, session, email } };
  throw refusal(UNKNOWN);
}

async function ask(operation, body) {
  const response = await fetch(config().cognito_url, {
    method: "POST",
    headers: {
      "Content-Type": "application/x-amz-json-1.1",
      "X-Amz-Target": `AWSCognitoIdentityProviderService.${operation}`,
    },
    body: JSON.stringify(body),
  }).catch(() => {
    throw refusal(["The sign-in service can’t be reached.", "Check your connection and try again."]);
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw refusal(MEANING[(answer.__type ?? "").split("#").pop()] ?? UNKNOWN);
  return answer;
}

const refusal = ([detail, remedy]) => Object.assign(new Error(detail), { detail, remedy, errors: [] });
