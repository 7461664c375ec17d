// What imsg of one release does differently from another release of its generation.

/** The generation of imsg that is played: up to 0.13, or 0.14 and later. */
export type Dialect = "legacy" | "v1";

/** A release as the stand-in plays it. */
export interface Release {
  readonly dialect: Dialect;
  /** The version it reports, unless `IMSG_VERSION` says otherwise. */
  readonly version: string;
  /** A sent text is recognised in the database although Messages decomposed its accents (from 0.15.10). */
  readonly recognisesAccents: boolean;
  /** A sent file is looked for in the database (from 0.15.10). */
  readonly confirmsFiles: boolean;
  /** A time before 1709 or after 2293 is compared; earlier releases trap on it (from 0.15.5). */
  readonly takesFarDates: boolean;
  /**
   * `attributedBody` is read by its lengths, a row in two chats comes once, a backlog is read on at once, what is put on a
   * message without being a tapback (a sticker) is a message too, and commands print their errors on stderr (from 0.15.1).
   */
  readonly readsWhole: boolean;
  /** A chat whose name is the empty text is listed by its identifier (from 0.15.0). */
  readonly namesUnnamed: boolean;
}

/** The release each generation plays when none is asked for. */
const DEFAULTS: Readonly<Record<Dialect, string>> = { legacy: "0.9.0", v1: "0.15.10" };

/** The releases of a generation: legacy was recorded at one release, v1 is played from 0.14.0 on. */
const KNOWN: Readonly<Record<Dialect, RegExp>> = {
  legacy: /^0\.9\.0$/u,
  v1: /^0\.1[45]\.\d{1,3}$/u,
};

/** The release of that version; undefined when the stand-in does not play it. */
export function releaseOf(dialect: Dialect, version: string = DEFAULTS[dialect]): Release | undefined {
  if (!KNOWN[dialect].test(version)) return undefined;
  const isFrom = (wanted: string): boolean => dialect === "v1" && compare(version, wanted) >= 0;
  return {
    dialect,
    version,
    recognisesAccents: isFrom("0.15.10"),
    confirmsFiles: isFrom("0.15.10"),
    takesFarDates: isFrom("0.15.5"),
    readsWhole: isFrom("0.15.1"),
    namesUnnamed: isFrom("0.15.0"),
  };
}

function compare(left: string, right: string): number {
  return left.localeCompare(right, "en", { numeric: true });
}
