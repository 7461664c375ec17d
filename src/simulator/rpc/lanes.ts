// Runs requests in lanes: first in, first out, and as many at a time as the lane is wide.

/** Changes, reads, and what neither waits for. */
export type Lane = "mutation" | "read" | "control";

/** A request to run. Contract: never rejects. */
export type Job = () => Promise<void>;

/** How many requests of each lane run at a time. */
export type LaneWidths = Readonly<Record<Lane, number>>;

/** imsg up to 0.13: everything goes through one lane of width one. */
export const SERIAL: LaneWidths = { mutation: 1, read: 1, control: 1 };
/** imsg from 0.14. */
export const PARALLEL: LaneWidths = { mutation: 1, read: 4, control: 1 };

/** Waiting and running requests. */
export class Lanes {
  readonly #widths: LaneWidths;
  readonly #waiting: Record<Lane, Job[]> = { mutation: [], read: [], control: [] };
  readonly #running: Record<Lane, number> = { mutation: 0, read: 0, control: 0 };
  #outstanding = 0;
  #onIdle: (() => void)[] = [];

  constructor(widths: LaneWidths) {
    this.#widths = widths;
  }

  /** Requests that wait or run. */
  get outstanding(): number {
    return this.#outstanding;
  }

  /** Adds a request behind those of its lane. */
  add(lane: Lane, job: Job): void {
    this.#outstanding += 1;
    this.#waiting[lane].push(job);
    this.#next(lane);
  }

  /** Settles when nothing waits or runs. */
  idle(): Promise<void> {
    if (this.#outstanding === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  #next(lane: Lane): void {
    while (this.#running[lane] < this.#widths[lane]) {
      const job = this.#waiting[lane].shift();
      if (job === undefined) return;
      this.#running[lane] += 1;
      void job().then(() => this.#done(lane));
    }
  }

  #done(lane: Lane): void {
    this.#running[lane] -= 1;
    this.#outstanding -= 1;
    this.#next(lane);
    if (this.#outstanding > 0) return;
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }
}
