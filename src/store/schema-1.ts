// The first version of the tables. Every table but `session` and `child` grows for ever: each verb finds its rows by an index.

/**
 * Partial indexes hold only the rows in a passing state, so that their size is that of the work at hand. A query uses one only when
 * it repeats the index's condition word for word.
 */
export const SCHEMA_1 = `
CREATE TABLE account (
  id TEXT PRIMARY KEY,
  cursor INTEGER NOT NULL,
  started_at_ms INTEGER NOT NULL,
  anchor TEXT,                    -- JSON
  begun_after INTEGER NOT NULL,   -- newest entry when the account (re)began: entries up to it may be of another database
  last_received_at_ms INTEGER,
  last_sent_at_ms INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE conversation (
  id INTEGER PRIMARY KEY,
  account_id TEXT NOT NULL,
  guid_key TEXT NOT NULL,
  chat_id INTEGER NOT NULL,
  chat_guid TEXT NOT NULL,
  chat_identifier TEXT NOT NULL,
  is_group INTEGER NOT NULL,
  peer TEXT,                      -- the one other person of a direct chat
  mirror_streak INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX conversation_key ON conversation (account_id, guid_key);
CREATE INDEX conversation_chat ON conversation (account_id, chat_id);
CREATE INDEX conversation_identifier ON conversation (account_id, chat_identifier);
CREATE INDEX conversation_peer ON conversation (account_id, peer) WHERE peer IS NOT NULL;

CREATE TABLE inbox (
  id INTEGER PRIMARY KEY,
  account_id TEXT NOT NULL,
  guid TEXT NOT NULL,
  row_id INTEGER NOT NULL,
  conversation_id INTEGER REFERENCES conversation (id),
  state TEXT NOT NULL,            -- undecided, held, waiting, taken, done
  handle TEXT,
  agent_id TEXT,
  session_key TEXT,
  turn_id TEXT,
  received_at_ms INTEGER NOT NULL,
  missed INTEGER NOT NULL,
  healthy_at_ms INTEGER NOT NULL,
  message TEXT NOT NULL           -- JSON
) STRICT;
CREATE UNIQUE INDEX inbox_guid ON inbox (guid, account_id);
CREATE INDEX inbox_row ON inbox (row_id);
CREATE INDEX inbox_undecided ON inbox (account_id, id) WHERE state = 'undecided' AND conversation_id IS NOT NULL;
CREATE INDEX inbox_unjoined ON inbox (account_id, id) WHERE state = 'undecided' AND conversation_id IS NULL;
CREATE INDEX inbox_waiting ON inbox (account_id, conversation_id, id) WHERE state = 'waiting';
CREATE INDEX inbox_held ON inbox (account_id, handle, id) WHERE state = 'held';
CREATE INDEX inbox_turn ON inbox (turn_id) WHERE turn_id IS NOT NULL;

CREATE TABLE decision (
  id INTEGER PRIMARY KEY,
  entry_id INTEGER NOT NULL REFERENCES inbox (id),
  account_id TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  code TEXT NOT NULL,             -- of the outcome; 'turn' for a turn
  decision TEXT NOT NULL          -- JSON
) STRICT;
CREATE INDEX decision_entry ON decision (entry_id);
CREATE INDEX decision_time ON decision (account_id, at_ms, code);
CREATE INDEX decision_turned_away ON decision (at_ms) WHERE code = 'pairing.full';

CREATE TABLE session (
  key TEXT PRIMARY KEY,
  session_id TEXT NOT NULL,
  agent_id TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  last_turn_at_ms INTEGER,
  turns INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE turn (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  conversation_id INTEGER NOT NULL REFERENCES conversation (id),
  agent_id TEXT NOT NULL,
  session_key TEXT NOT NULL,
  session_id TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  state TEXT NOT NULL,            -- running, answered, failed, stopped
  instance TEXT,                  -- the open store whose process runs it; none after an orderly stop
  began_at_ms INTEGER NOT NULL,
  finished_at_ms INTEGER,
  answer TEXT,
  reason TEXT,
  ref TEXT
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX turn_running ON turn (conversation_id) WHERE state = 'running';
CREATE INDEX turn_running_account ON turn (account_id, id) WHERE state = 'running';
CREATE INDEX turn_began ON turn (conversation_id, began_at_ms);
CREATE INDEX turn_session ON turn (session_id, began_at_ms);

CREATE TABLE part (
  id INTEGER PRIMARY KEY,
  group_id INTEGER NOT NULL,      -- id of the group's first part
  lane TEXT NOT NULL,             -- parts of one lane go out one after another
  account_id TEXT NOT NULL,
  conversation_id INTEGER REFERENCES conversation (id),
  turn_id TEXT,
  entry_id INTEGER REFERENCES inbox (id),   -- the message whose decision caused it
  origin TEXT NOT NULL,
  target TEXT NOT NULL,           -- JSON
  text TEXT NOT NULL,
  state TEXT NOT NULL,            -- queued, sending, sent, unknown, parked, dropped
  reason TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  attempt_id TEXT,
  anchor_row INTEGER,
  claimed_at_ms INTEGER,
  not_before_ms INTEGER NOT NULL, -- of an unknown part: when to look for it
  created_at_ms INTEGER NOT NULL,
  sent_guid TEXT,
  sent_row INTEGER,
  sent_at_ms INTEGER,
  echoed INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX part_state ON part (state, id);
CREATE INDEX part_group ON part (group_id);
CREATE INDEX part_lane ON part (lane, id) WHERE state IN ('queued', 'sending', 'unknown', 'parked');
CREATE INDEX part_said ON part (conversation_id, sent_at_ms, id) WHERE state IN ('sending', 'unknown', 'sent');
CREATE INDEX part_guid ON part (sent_guid, account_id) WHERE sent_guid IS NOT NULL;
CREATE INDEX part_turn ON part (turn_id) WHERE turn_id IS NOT NULL;
CREATE INDEX part_entry ON part (entry_id) WHERE entry_id IS NOT NULL;

-- The part of each lane that goes next; a lane that is held back has no row.
CREATE TABLE lane (
  key TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  part_id INTEGER NOT NULL REFERENCES part (id),
  due_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX lane_due ON lane (account_id, due_ms, part_id);

CREATE TABLE attempt (
  id TEXT PRIMARY KEY COLLATE NOCASE,   -- becomes the guid of the message where imsg can track sends
  part_id INTEGER NOT NULL REFERENCES part (id)
) STRICT, WITHOUT ROWID;

CREATE TABLE pairing_request (
  id INTEGER PRIMARY KEY,
  account_id TEXT NOT NULL,
  handle TEXT NOT NULL,
  code TEXT NOT NULL COLLATE NOCASE,
  entry_id INTEGER NOT NULL REFERENCES inbox (id),
  conversation_id INTEGER NOT NULL REFERENCES conversation (id),
  state TEXT NOT NULL,            -- pending, approved, denied, expired
  created_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL,
  closed_at_ms INTEGER
) STRICT;
CREATE UNIQUE INDEX pairing_pending ON pairing_request (account_id, handle) WHERE state = 'pending';
CREATE UNIQUE INDEX pairing_code ON pairing_request (code, account_id) WHERE state = 'pending';
CREATE INDEX pairing_open ON pairing_request (expires_at_ms) WHERE state = 'pending';
CREATE INDEX pairing_handle ON pairing_request (account_id, handle, id);

CREATE TABLE pairing_grant (
  account_id TEXT NOT NULL,
  handle TEXT NOT NULL,
  approved_at_ms INTEGER NOT NULL,
  PRIMARY KEY (account_id, handle)
) STRICT, WITHOUT ROWID;

CREATE TABLE child (
  account_id TEXT NOT NULL,
  pid INTEGER NOT NULL,
  started TEXT NOT NULL,
  PRIMARY KEY (account_id, pid, started)
) STRICT, WITHOUT ROWID;
`;
