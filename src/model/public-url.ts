// An address at which browsers reach the control page from elsewhere: behind a proxy, over Tailscale, in the local network.

/** One of `gateway.publicUrls`. */
export interface PublicUrl {
  /** As browsers write it, with a slash at its end: `https://mac.example/coderclaw/`. */
  readonly href: string;
  /** `https://mac.example`. */
  readonly origin: string;
  /** With the port where it is not the scheme's own: what a browser sends as `Host`. */
  readonly host: string;
  /** `/` or `/coderclaw/`. */
  readonly path: string;
}

/** Reads such an address, or says why it is none. */
export function parsePublicUrl(text: string): PublicUrl | { readonly reason: string } {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    return { reason: "is not an address that begins with https:// or http://" };
  if (url.username !== "" || url.password !== "") return { reason: "contains a user name or a password" };
  if (url.search !== "" || url.hash !== "") return { reason: "contains a query or a fragment" };
  if (!/^[\w.~%/-]*$/.test(url.pathname))
    return { reason: "has a path with characters that are not allowed" };
  const path = url.pathname.endsWith("/") ? url.pathname : `${url.pathname}/`;
  return { href: `${url.origin}${path}`, origin: url.origin, host: url.host, path };
}
