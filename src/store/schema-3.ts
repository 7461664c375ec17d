// The third version of the tables: files on their way out.

/** A part is a text or a file. */
export const SCHEMA_3 = `
ALTER TABLE part ADD COLUMN file TEXT;                    -- JSON; its text is empty then
`;
