// The fifth version of the tables: what owners are told only once.

/** One row for each thing that the owners were told of a conversation and are not told again. */
export const SCHEMA_5 = `
CREATE TABLE told_once (
  conversation_id INTEGER NOT NULL REFERENCES conversation (id),
  what TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (conversation_id, what)
) STRICT, WITHOUT ROWID;
`;
