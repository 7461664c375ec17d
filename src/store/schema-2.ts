// The second version of the tables: groups, commands in chat, formatted text, the send budget.

/** Partial indexes hold only the rows in a passing state, as in the first version. */
export const SCHEMA_2 = `
ALTER TABLE conversation ADD COLUMN group_name TEXT;      -- names it in the session keys of groups; kept for ever
ALTER TABLE conversation ADD COLUMN pinned_agent TEXT;
CREATE UNIQUE INDEX conversation_group_name ON conversation (group_name) WHERE group_name IS NOT NULL;

-- The states of an entry are now: undecided, held, waiting, command (is carried out at once), taken, done.
ALTER TABLE inbox ADD COLUMN command TEXT;                -- JSON
ALTER TABLE inbox ADD COLUMN begun_at_ms INTEGER;         -- when a command that is not to be carried out twice was begun
ALTER TABLE inbox ADD COLUMN begun_by TEXT;               -- the open store whose process began it
ALTER TABLE inbox ADD COLUMN said TEXT;                   -- what the agent is given instead of the message's text
ALTER TABLE inbox ADD COLUMN context INTEGER NOT NULL DEFAULT 0;   -- 1: the next turn may be shown it
ALTER TABLE inbox ADD COLUMN context_turn TEXT;           -- the turn that was shown it
CREATE INDEX inbox_command ON inbox (account_id, id) WHERE state = 'command';
CREATE INDEX inbox_context ON inbox (conversation_id, id) WHERE context = 1;
CREATE INDEX inbox_context_turn ON inbox (context_turn, id) WHERE context_turn IS NOT NULL;

CREATE INDEX decision_unconfigured ON decision (account_id, at_ms) WHERE code = 'groupish.unconfigured';

ALTER TABLE turn ADD COLUMN earlier INTEGER NOT NULL DEFAULT 0;    -- how many earlier turns it is shown
CREATE INDEX turn_answered ON turn (session_id, conversation_id, began_at_ms) WHERE state = 'answered';

ALTER TABLE part ADD COLUMN formatting TEXT;              -- JSON

-- Attempts to send of the last hour, by ten seconds.
CREATE TABLE send_count (
  account_id TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (account_id, bucket)
) STRICT, WITHOUT ROWID;
`;
