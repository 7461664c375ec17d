// `/metrics` for Prometheus, behind a token of its own: whoever may read figures may do nothing else.
import { loadOnce } from "../../lib/load-once.ts";
import { GatewayError } from "../../model/errors.ts";
import { bearerOf, isSame } from "../caller.ts";
import { failureResponse } from "../failure.ts";
import type { Metrics } from "../metrics.ts";
import type { App, Serving } from "../serving.ts";

/** Adds the route; the answer ends the counting. Nothing is loaded or counted where no token is set. */
export function addMetricsRoute(app: App, { running, now }: Serving): () => void {
  let counting: Metrics | undefined;
  const start = loadOnce(async () => {
    const { startMetrics } = await import("../metrics.ts");
    counting = startMetrics(running);
    return counting;
  });
  const tokenInForce = (): string | undefined => running.settings().gateway.metricsToken;
  // Counted from the gateway's start on, and not from the first look.
  if (tokenInForce() !== undefined) start().catch(() => {});

  app.get("/metrics", async ({ req }) => {
    const token = tokenInForce();
    if (token === undefined) return failureResponse(switchedOff(), 404);
    if (!isSame(bearerOf(req.raw) ?? "", token)) return failureResponse(refused(), 401);
    const metrics = await start();
    return new Response(await metrics.render(now()), { headers: { "Content-Type": metrics.contentType } });
  });
  return () => counting?.close();
}

function switchedOff(): GatewayError {
  return new GatewayError("gateway/no-such-path", "Metrics are off.", {
    hint: "Set gateway.metricsToken on the gateway's machine.",
  });
}

function refused(): GatewayError {
  return new GatewayError("gateway/refused", "The token is missing or wrong.", {
    hint: "Send `Authorization: Bearer TOKEN`, with the token of gateway.metricsToken.",
  });
}
