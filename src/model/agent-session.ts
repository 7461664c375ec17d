// What an agent offers and remembers by on its own side: modes, models, commands, and the name of its session.

/** Something to choose, as the agent names it. */
export interface Choice {
  readonly id: string;
  readonly name: string;
}

/** A command of the agent's own, given to it as text: `/name …`. */
export interface OfferedCommand {
  /** Without the slash. */
  readonly name: string;
  readonly description: string;
}

/** What an agent offers in a session. Everything in it is the agent's text. */
export interface AgentOffers {
  /** Empty: it has no modes. */
  readonly modes: readonly Choice[];
  readonly mode: string | undefined;
  /** Empty: it lets none be chosen. */
  readonly models: readonly Choice[];
  readonly model: string | undefined;
  readonly commands: readonly OfferedCommand[];
}

/** A session on the agent's side. */
export interface AgentSession {
  /** The agent's own name of it. */
  readonly nativeId: string;
  /** As last heard of. */
  readonly offers: AgentOffers;
  /** What was in force before somebody chose in chat; it is again when the choice is given back. */
  readonly before?: Partial<SessionChoices>;
}

/** What a person chose for a session; undefined: what the agent does by itself. */
export interface SessionChoices {
  readonly mode: string | undefined;
  readonly model: string | undefined;
}
