// The fourth version of the tables: agents with sessions of their own, their questions, answers sent while they are written.

/** Partial indexes hold only the rows in a passing state, as in the first version. */
export const SCHEMA_4 = `
-- Sessions as the agents know them.
CREATE TABLE agent_session (
  agent_id TEXT NOT NULL,
  session_id TEXT NOT NULL,
  session TEXT NOT NULL,          -- JSON
  PRIMARY KEY (agent_id, session_id)
) STRICT, WITHOUT ROWID;

ALTER TABLE session ADD COLUMN mode TEXT;                          -- chosen in chat
ALTER TABLE session ADD COLUMN model TEXT;

ALTER TABLE turn ADD COLUMN streamed TEXT NOT NULL DEFAULT '';     -- what of the answer is sent already
ALTER TABLE turn ADD COLUMN said_long INTEGER NOT NULL DEFAULT 0;
CREATE INDEX turn_session_answered ON turn (session_id, began_at_ms) WHERE state = 'answered';
CREATE INDEX turn_session_key ON turn (session_key, began_at_ms);

CREATE TABLE permission (
  id INTEGER PRIMARY KEY,
  turn_id TEXT NOT NULL REFERENCES turn (id),
  account_id TEXT NOT NULL,
  conversation_id INTEGER NOT NULL REFERENCES conversation (id),
  agent_id TEXT NOT NULL,
  question TEXT NOT NULL,         -- JSON
  asked TEXT,                     -- the owner's handle; none: nobody was asked
  asked_in INTEGER REFERENCES conversation (id),
  group_id INTEGER,               -- of the parts that ask it
  asked_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL,
  state TEXT NOT NULL,            -- pending, allowed, denied
  option_id TEXT,
  decided_by TEXT,
  decider TEXT,
  decided_at_ms INTEGER
) STRICT;
CREATE INDEX permission_pending ON permission (account_id, id) WHERE state = 'pending';
CREATE INDEX permission_turn ON permission (turn_id, id);

-- Answers that hold for the same tool of the same agent from now on.
CREATE TABLE standing_permission (
  agent_id TEXT NOT NULL,
  tool TEXT NOT NULL,
  allowed INTEGER NOT NULL,
  granted_by TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (agent_id, tool)
) STRICT, WITHOUT ROWID;
`;
