// The tenth version of the tables: requests of agents as tickets, each shown in the chats of those who are asked.

/**
 * A request is what `permission` held, with what was offered, and whether the agent was told. Answers that were given once for all held for more
 * than was shown, so they are not taken over: they are asked again.
 */
export const SCHEMA_10 = `
CREATE TABLE approval (
  id INTEGER PRIMARY KEY,
  turn_id TEXT REFERENCES turn (id),
  account_id TEXT NOT NULL,
  conversation_id INTEGER REFERENCES conversation (id),
  agent_id TEXT NOT NULL,
  turn_kind TEXT NOT NULL,        -- owners, guests
  request TEXT NOT NULL,          -- JSON
  offer TEXT NOT NULL,            -- JSON
  asked_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL,
  state TEXT NOT NULL,            -- pending, allowed, denied
  option_id TEXT,
  decided_by TEXT,
  decider TEXT,
  decided_at_ms INTEGER,
  told_at_ms INTEGER              -- the agent was told, or nobody waits for it
) STRICT;
INSERT INTO approval
  SELECT id, turn_id, account_id, conversation_id, agent_id, 'guests', question, '{"options":[],"isWhole":true}',
    asked_at_ms, expires_at_ms, CASE state WHEN 'pending' THEN 'denied' ELSE state END, option_id,
    coalesce(decided_by, 'turn-over'), decider, coalesce(decided_at_ms, asked_at_ms), coalesce(decided_at_ms, asked_at_ms)
  FROM permission;
CREATE INDEX approval_turn ON approval (turn_id, id);
CREATE INDEX approval_conversation ON approval (conversation_id, asked_at_ms, id);
CREATE INDEX approval_pending ON approval (id) WHERE state = 'pending';

-- Who was asked, and where.
CREATE TABLE approval_asked (
  approval_id INTEGER NOT NULL REFERENCES approval (id),
  account_id TEXT NOT NULL,
  owner TEXT NOT NULL,
  group_id INTEGER NOT NULL,      -- of the parts that ask
  more_group_id INTEGER,          -- of the parts that show all of it
  first_number INTEGER NOT NULL,  -- of its options
  last_number INTEGER NOT NULL,
  is_turn_here INTEGER NOT NULL,  -- the turn runs in the conversation where it is asked
  reminded INTEGER NOT NULL DEFAULT 0,
  closed_at_ms INTEGER,           -- none: it is open
  PRIMARY KEY (approval_id, owner)
) STRICT, WITHOUT ROWID;
INSERT INTO approval_asked
  SELECT id, account_id, asked, group_id, NULL, 1, 1, 0, 0, coalesce(decided_at_ms, asked_at_ms)
  FROM permission WHERE asked IS NOT NULL AND group_id IS NOT NULL;
CREATE INDEX approval_asked_open ON approval_asked (account_id, owner) WHERE closed_at_ms IS NULL;
CREATE INDEX approval_asked_closed ON approval_asked (account_id, owner, closed_at_ms);
CREATE INDEX approval_asked_group ON approval_asked (group_id);
CREATE INDEX approval_asked_more ON approval_asked (more_group_id) WHERE more_group_id IS NOT NULL;

-- Answers that hold from now on.
CREATE TABLE standing_approval (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  agent_id TEXT NOT NULL,
  turn_kind TEXT NOT NULL,
  key TEXT NOT NULL,              -- exactly what it holds for
  what TEXT NOT NULL,             -- the same for people
  allowed INTEGER NOT NULL,
  granted_by TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  UNIQUE (agent_id, turn_kind, key)
) STRICT;

DROP TABLE permission;
DROP TABLE standing_permission;

-- The row that came back for the part: Messages' own date of it, and its chat.
ALTER TABLE part ADD COLUMN own_entry INTEGER REFERENCES inbox (id);
CREATE INDEX part_own_entry ON part (own_entry) WHERE own_entry IS NOT NULL;
`;
