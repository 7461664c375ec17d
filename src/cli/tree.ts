// The commands there are: name and summary here, the rest in one file each, loaded when it is asked for.
import type { Register } from "./cli.ts";

/** A command of the first level. */
export interface Branch {
  readonly name: string;
  readonly summary: string;
  load(): Promise<{ register: Register }>;
}

/** In the order of the help. */
export const BRANCHES: readonly Branch[] = [
  { name: "gateway", summary: "run the gateway", load: async () => import("./gateway.ts") },
  {
    name: "channels",
    summary: "accounts, their health and what is wrong with them",
    load: async () => import("./channels.ts"),
  },
  {
    name: "demo",
    summary: "try everything without a Mac, in a throw-away folder",
    load: async () => import("./demo.ts"),
  },
];
