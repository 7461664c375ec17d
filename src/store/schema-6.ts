// The sixth version of the tables: signing in to the control page.

/** Neither table grows: expired rows go when the next one is made. */
export const SCHEMA_6 = `
-- One-time codes of links to the page; a used one is kept until it would have expired, so that it can be told from a wrong one.
CREATE TABLE page_code (
  hash TEXT PRIMARY KEY,
  link_from TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL,
  used_at_ms INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE page_session (
  id INTEGER PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,      -- of the cookie's token
  device TEXT NOT NULL,
  link_from TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  last_used_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL
) STRICT;
`;
