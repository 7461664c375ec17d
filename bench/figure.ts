// One measured figure with its floor and its target, and the arithmetic of many rounds.

/** The least that the same thing could cost, measured in the same run. */
export interface Floor {
  readonly name: string;
  readonly value: number;
}

/** What a figure should be: of its value, or of its ratio to the floor. */
export interface Target {
  readonly of: "value" | "ratio";
  readonly is: "at most" | "at least";
  readonly bound: number;
}

/** A measured figure. */
export interface Figure {
  /** Which measurement it belongs to: the word that `--only` takes. */
  readonly measurement: string;
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly floor?: Floor;
  readonly target?: Target;
  /** How it came about, where the name does not say. */
  readonly note?: string;
}

/** The figure over its floor. */
export function ratioOf({ value, floor }: Figure): number | undefined {
  return floor === undefined || floor.value === 0 ? undefined : value / floor.value;
}

/** Undefined when there is nothing to meet. */
export function isMet(figure: Figure): boolean | undefined {
  const { target } = figure;
  if (target === undefined) return undefined;
  const actual = target.of === "value" ? figure.value : ratioOf(figure);
  if (actual === undefined) return undefined;
  return target.is === "at most" ? actual <= target.bound : actual >= target.bound;
}

/** Target of a value that must not be exceeded. */
export function atMost(bound: number): Target {
  return { of: "value", is: "at most", bound };
}

/** Target of a value that must be reached. */
export function atLeast(bound: number): Target {
  return { of: "value", is: "at least", bound };
}

/** Target as a multiple of the floor. */
export function timesFloor(bound: number): Target {
  return { of: "ratio", is: "at most", bound };
}

/** The value below which so many hundredths of the values lie. Contract: NaN for no values. */
export function percentile(values: readonly number[], hundredths: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  const at = Math.min(sorted.length - 1, Math.floor((sorted.length * hundredths) / 100));
  return sorted[at] ?? Number.NaN;
}

/** The middle value. */
export function median(values: readonly number[]): number {
  return percentile(values, 50);
}
