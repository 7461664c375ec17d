// The eighth version of the tables: messages that come again under another guid, sends that may still appear.

/** Partial indexes hold only the rows in a passing state, as in the first version. */
export const SCHEMA_8 = `
-- What makes a message the same one under another guid: when it was written by Messages' own date, and a hash of what it says.
ALTER TABLE inbox ADD COLUMN written_at_ms INTEGER;
ALTER TABLE inbox ADD COLUMN words TEXT;
ALTER TABLE inbox ADD COLUMN paired INTEGER NOT NULL DEFAULT 0;    -- 1: of a note to self, the other of its two rows is known
CREATE INDEX inbox_words ON inbox (conversation_id, written_at_ms, words) WHERE words IS NOT NULL;

-- A guid is known in any case; from now on it is kept in upper case.
UPDATE OR IGNORE inbox SET guid = upper(guid) WHERE guid <> upper(guid);
UPDATE part SET sent_guid = upper(sent_guid) WHERE sent_guid <> upper(sent_guid);

ALTER TABLE part ADD COLUMN unknown_since_ms INTEGER;              -- when an attempt came to an unknown end, the last such one
ALTER TABLE part ADD COLUMN handed_over INTEGER NOT NULL DEFAULT 0; -- 1: imsg gave that attempt to Messages for certain
ALTER TABLE part ADD COLUMN returned INTEGER NOT NULL DEFAULT 0;   -- 1: its own row was seen, with all it says
UPDATE part SET returned = 1 WHERE state = 'sent';
UPDATE part SET unknown_since_ms = claimed_at_ms WHERE state IN ('unknown', 'parked') AND attempts > 0;
CREATE INDEX part_may_appear ON part (conversation_id, unknown_since_ms)
  WHERE unknown_since_ms IS NOT NULL AND state IN ('queued', 'parked', 'dropped');
CREATE INDEX part_unreturned ON part (conversation_id, id) WHERE state = 'sent' AND returned = 0;
`;
