// A thrown error as an HTTP answer: `{"error":{code, message, hint}}` with a fitting status.
import { toGatewayError, type ErrorCode } from "../model/errors.ts";

/** Statuses that are not 500. */
const STATUSES: Partial<Record<ErrorCode, number>> = {
  "cli/usage": 400,
  "send/bad-target": 400,
  "send/not-allowed": 403,
  "media/missing": 400,
  "media/outside": 403,
  "media/not-a-file": 400,
  "media/too-large": 413,
  "media/failed": 400,
  "media/timeout": 504,
  "account/unknown": 404,
  "explain/unknown": 404,
  "outbox/unknown": 404,
  "gateway/refused": 403,
  "gateway/busy": 503,
  "gateway/no-such-path": 404,
  "config/invalid": 422,
  "config/unsupported": 422,
  "config/protected": 403,
  "config/changed-since": 409,
  "config/no-undo": 409,
  "pairing/unknown-code": 404,
  "pairing/unknown-handle": 404,
  "pairing/not-in-force": 409,
  "session/unknown": 404,
  "send/no-target": 409,
  "approval/unknown": 404,
  "conversation/unknown": 404,
  "page/not-signed-in": 401,
  "page/link-over": 403,
  "page/link-unknown": 403,
  "page/session-unknown": 404,
  "page/too-many-tries": 429,
  "page/not-built": 503,
  "imsg/busy": 503,
  "imsg/timeout": 504,
  "imsg/gone": 502,
  "imsg/refused": 502,
  "imsg/database": 502,
  "imsg/not-found": 502,
  "imsg/not-executable": 502,
  "imsg/not-started": 503,
  "imsg/no-rpc": 502,
  "imsg/payload": 502,
};

/** The answer; `status` outranks the error's own. */
export function failureResponse(thrown: unknown, status?: number): Response {
  const { code, message, hint } = toGatewayError(thrown);
  return Response.json({ error: { code, message, hint } }, { status: status ?? STATUSES[code] ?? 500 });
}
