// A stand-in for a model: the streaming chat API that OpenAI-compatible providers speak, saying what a script says.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

/** What the agent asks the model. */
export interface Asked {
  /** What the person wrote last, as the agent put it. */
  readonly prompt: string;
  /** What the tools gave that the model used since then. */
  readonly results: readonly string[];
  /** All that people, model and tools said so far. */
  readonly conversation: string;
}

/** The way back to the agent. */
export interface Reply {
  /** Settles once the agent no longer listens: with true when it had the whole reply. */
  readonly gone: Promise<boolean>;
  /** A piece of text. */
  readonly say: (text: string) => void;
  /** Wants a tool used; the last thing of a reply. */
  readonly use: (tool: string, input: Readonly<Record<string, unknown>>) => void;
}

/** Some of the script: what is said where the prompt contains `when`. */
export interface Line {
  readonly when: string;
  readonly reply: (reply: Reply, asked: Asked) => Promise<void> | void;
}

interface ChatMessage {
  readonly role: string;
  readonly content: unknown;
}

interface ChatRequest {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly tools?: readonly unknown[];
}

/** A running stand-in. */
export class MockModel {
  /** What `baseURL` of a provider has to be. */
  readonly baseUrl: string;
  readonly #server: Server;
  readonly #script: readonly Line[];
  readonly #asked: Asked[] = [];
  readonly #left: Asked[] = [];
  readonly #faults: string[] = [];

  private constructor(server: Server, baseUrl: string, script: readonly Line[]) {
    this.#server = server;
    this.baseUrl = baseUrl;
    this.#script = script;
  }

  /** Listens on the loopback, on any port. */
  static async start(script: readonly Line[]): Promise<MockModel> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    const model = new MockModel(server, `http://127.0.0.1:${address.port}/v1`, script);
    server.on("request", (request, response) => {
      model.#serve(request, response).catch((cause: unknown) => {
        model.#faults.push(String(cause));
        response.destroy();
      });
    });
    return model;
  }

  /** What was asked of it so far where the prompt contains `when`. */
  asked(when: string): readonly Asked[] {
    return this.#asked.filter(({ prompt }) => prompt.includes(when));
  }

  /** Those of them that the agent hung up on before the end. */
  left(when: string): readonly Asked[] {
    return this.#left.filter(({ prompt }) => prompt.includes(when));
  }

  /** What went wrong in it: a question that no line of the script answers, for example. */
  get faults(): readonly string[] {
    return this.#faults;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== "POST" || request.url !== "/v1/chat/completions")
      throw new Error(`the model was asked for ${request.method} ${request.url}`);
    const { model, messages, tools = [] } = JSON.parse(await text(request)) as ChatRequest;
    const gone = new Promise<boolean>((resolve) => {
      response.once("close", () => resolve(response.writableFinished));
    });
    response.writeHead(200, { "content-type": "text/event-stream" });
    const send = (delta: object, finish_reason: string | null = null): void => {
      const chunk = { id: "reply", object: "chat.completion.chunk", created: 0, model };
      const choices = [{ index: 0, delta, finish_reason }];
      response.write(`data: ${JSON.stringify({ ...chunk, choices })}\n\n`);
    };
    let finish = "stop";
    const reply: Reply = {
      gone,
      say: (content) => send({ role: "assistant", content }),
      use: (name, input) => {
        const call = { name, arguments: JSON.stringify(input) };
        const id = `call_${this.#asked.length}`;
        send({ role: "assistant", tool_calls: [{ index: 0, id, type: "function", function: call }] });
        finish = "tool_calls";
      },
    };
    // Without tools it is one of the agent's own errands, such as a title for the session.
    if (tools.length === 0) reply.say("A title");
    else await this.#play(reply, understand(messages));
    send({}, finish);
    response.end("data: [DONE]\n\n");
  }

  async #play(reply: Reply, asked: Asked): Promise<void> {
    this.#asked.push(asked);
    const line = this.#script.find(({ when }) => asked.prompt.includes(when));
    if (line === undefined) throw new Error(`nothing in the script answers ${JSON.stringify(asked.prompt)}`);
    void reply.gone.then((isDone) => isDone || this.#left.push(asked));
    await line.reply(reply, asked);
  }

  /** Hangs up on whoever still listens. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function understand(messages: readonly ChatMessage[]): Asked {
  const spoken = messages.filter(({ role }) => role !== "system");
  const last = spoken.findLastIndex(({ role }) => role === "user");
  const results = spoken.slice(last).filter(({ role }) => role === "tool");
  return {
    prompt: textOf(spoken[last]),
    results: results.map(textOf),
    conversation: spoken.map(textOf).join("\n"),
  };
}

function textOf(message: ChatMessage | undefined): string {
  const content = message?.content;
  if (typeof content === "string") return content;
  const parts = Array.isArray(content) ? (content as readonly { readonly text?: unknown }[]) : [];
  return parts.map((part) => (typeof part.text === "string" ? part.text : "")).join("\n");
}
