// Whether this browser is signed in, and how it comes to be: by the code in the link's fragment, which is used and then forgotten.
import { signal } from "@preact/signals";
import { api, ApiError } from "./api.ts";

/** `asking` until the gateway has said. */
export const signedIn = signal<"asking" | "yes" | "no" | "unreachable">("asking");

/** Why the last attempt failed. */
export const signInError = signal<ApiError | undefined>(undefined);

/** The code of a link that came through Messages: it is used when the person says so, as previews open links too. */
export const offeredCode = signal<string | undefined>(undefined);

const CODE = /^#sign-in(-here)?=([\w-]{1,100})$/;
const RETRY_MS = 2000;

/** Signs in by the link, or finds out whether this browser is signed in. */
export async function begin(): Promise<void> {
  const [, asks, code] = CODE.exec(location.hash) ?? [];
  // Before anything is waited for: a code must not stay in the address bar or the history.
  if (code !== undefined) history.replaceState(null, "", "./");
  if (code !== undefined && asks === undefined) return enter(code);
  offeredCode.value = code;
  await resume();
}

/** Uses a code up. */
export async function enter(code: string): Promise<void> {
  try {
    await api.signIn(code);
    signedIn.value = "yes";
  } catch (cause) {
    if (!(cause instanceof ApiError)) throw cause;
    // Someone who is signed in already and opens an old link wants the page, not a lesson.
    await resume();
    if (signedIn.peek() !== "yes") signInError.value = cause;
  }
}

async function resume(): Promise<void> {
  try {
    await api.session();
    signedIn.value = "yes";
  } catch (cause) {
    if (!(cause instanceof ApiError)) throw cause;
    signedIn.value = cause.code === "page/not-signed-in" ? "no" : "unreachable";
    if (signedIn.value === "unreachable") setTimeout(() => void resume(), RETRY_MS);
  }
}

/** Ends this browser's session. */
export async function leave(): Promise<void> {
  await api.signOut();
  signedIn.value = "no";
}
