// 24 hours of messages as bars, with the same in words and as a table.
import type { HomeAnswer } from "../../src/server/api.ts";

type Strip = HomeAnswer["strip"];

/** The bars. */
export function DayStrip({ strip }: { readonly strip: Strip }) {
  const most = Math.max(1, ...strip.map(({ received }) => received));
  const total = (of: "received" | "answered" | "refused"): number =>
    strip.reduce((sum, hour) => sum + hour[of], 0);
  return (
    <figure class="stack">
      <div class="strip" aria-hidden="true">
        {strip.map((hour) => (
          <Bar key={hour.hourMs} hour={hour} most={most} />
        ))}
      </div>
      <figcaption>
        {total("received")} in, {total("answered")} answered, {total("refused")} refused
      </figcaption>
      <details>
        <summary>By the hour</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">From</th>
              <th scope="col">In</th>
              <th scope="col">Answered</th>
              <th scope="col">Refused</th>
            </tr>
          </thead>
          <tbody>
            {strip.map((hour) => (
              <tr key={hour.hourMs}>
                <td>{timeOf(hour.hourMs)}</td>
                <td>{hour.received}</td>
                <td>{hour.answered}</td>
                <td>{hour.refused}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}

function Bar({ hour, most }: { readonly hour: Strip[number]; readonly most: number }) {
  const { received, answered, refused } = hour;
  const height = (count: number): string => `${(count / most) * 100}%`;
  return (
    <span title={`${timeOf(hour.hourMs)}: ${received} in, ${answered} answered, ${refused} refused`}>
      {refused > 0 && <i class="refused" style={{ height: height(refused) }} />}
      {received > answered + refused && (
        <i class="other" style={{ height: height(received - answered - refused) }} />
      )}
      {answered > 0 && <i class="answered" style={{ height: height(answered) }} />}
    </span>
  );
}

function timeOf(atMs: number): string {
  return new Date(atMs).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}
