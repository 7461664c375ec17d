// The seventh version of the tables: the journal as people read it, conversation by conversation, and the record of activity.

/** Every list that people page through has an index in its order. */
export const SCHEMA_7 = `
ALTER TABLE conversation ADD COLUMN name TEXT NOT NULL DEFAULT '';   -- as the newest row calls the chat
ALTER TABLE conversation ADD COLUMN last_entry INTEGER;              -- its newest row in the journal
ALTER TABLE conversation ADD COLUMN muted_at_ms INTEGER;             -- since when nothing is answered there

CREATE INDEX inbox_conversation ON inbox (conversation_id, received_at_ms, id) WHERE conversation_id IS NOT NULL;
CREATE INDEX inbox_account ON inbox (account_id, id);
CREATE INDEX part_conversation ON part (conversation_id, created_at_ms, id) WHERE conversation_id IS NOT NULL;
CREATE INDEX permission_conversation ON permission (conversation_id, asked_at_ms, id);
CREATE INDEX session_agent ON session (agent_id, coalesce(last_turn_at_ms, created_at_ms), key);
UPDATE conversation SET last_entry = (SELECT max(id) FROM inbox WHERE conversation_id = conversation.id);
CREATE INDEX conversation_last ON conversation (last_entry) WHERE last_entry IS NOT NULL;

CREATE TABLE activity (
  id INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  kind TEXT NOT NULL,
  actor TEXT NOT NULL,
  account_id TEXT,
  conversation_id INTEGER,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX activity_kind ON activity (kind, id);
`;
