// LF-only framing: bytes in, lines out. Nothing but LF ends a line: imsg writes U+2028 and U+2029 raw inside strings
// (so `readline` is wrong here), and a multi-byte character may be cut by a chunk's edge.

const LF = 0x0a;
const CR = 0x0d;

/** Told about each whole line, without its LF (and without one CR before it). */
export type LineSink = (line: string) => void;

/** Cuts a byte stream into lines. */
export interface LineSplitter {
  /** Takes the next chunk; calls the sink once for each line it completes. */
  push(chunk: Uint8Array): void;
  /** The stream ended: a last line without LF is handed over too. */
  end(): void;
}

/**
 * Makes a splitter. A line longer than `maxBytes` is thrown away and `onOversize` told of its size so far, once a line.
 *
 * Contract: never throws for any input; the concatenation of pushed chunks alone decides the lines, not their edges.
 */
export function createLineSplitter(
  onLine: LineSink,
  maxBytes = 64 * 1024 * 1024,
  onOversize: (bytes: number) => void = () => {},
): LineSplitter {
  const held: Uint8Array[] = [];
  let heldBytes = 0;
  let skipping = false;

  const release = (tail: Uint8Array): void => {
    const whole = held.length === 0 ? tail : Buffer.concat([...held, tail]);
    held.length = 0;
    heldBytes = 0;
    const end = whole.length > 0 && whole[whole.length - 1] === CR ? whole.length - 1 : whole.length;
    onLine(Buffer.from(whole.buffer, whole.byteOffset, end).toString("utf8"));
  };

  return {
    push(chunk) {
      let from = 0;
      for (;;) {
        const at = chunk.indexOf(LF, from);
        if (at === -1) break;
        if (skipping) skipping = false;
        else release(chunk.subarray(from, at));
        from = at + 1;
      }
      if (skipping || from === chunk.length) return;
      const rest = chunk.subarray(from);
      heldBytes += rest.length;
      if (heldBytes > maxBytes) {
        onOversize(heldBytes);
        held.length = 0;
        heldBytes = 0;
        skipping = true;
        return;
      }
      held.push(Uint8Array.prototype.slice.call(rest));
    },
    end() {
      if (!skipping && heldBytes > 0) release(new Uint8Array());
      skipping = false;
    },
  };
}
