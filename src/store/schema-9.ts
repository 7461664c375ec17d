// The ninth version of the tables: what first kept a message from being sent, and when a turn was run again.

/** Both are written once and never changed: a later reason does not hide the first. */
export const SCHEMA_9 = `
ALTER TABLE part ADD COLUMN first_reason TEXT;   -- since it was queued, by an agent or by hand

CREATE TABLE turn_resumed (
  id INTEGER PRIMARY KEY,
  turn_id TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  was_killed INTEGER NOT NULL   -- 0: the gateway was stopped in order while it ran
) STRICT;
CREATE INDEX turn_resumed_turn ON turn_resumed (turn_id, id);
`;
