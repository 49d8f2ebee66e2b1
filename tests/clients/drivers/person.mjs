/** What every TypeScript client that signs in needs: a person with a browser, and a place for tokens. */

import { createInterface } from "node:readline";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

export class Person {
  redirectUrl = "http://127.0.0.1:8917/callback"; // nobody listens: the person reads where it was sent
  #kept = {};
  #opened;

  constructor(name) {
    this.clientMetadata = { client_name: name, redirect_uris: [this.redirectUrl] };
  }

  state = () => (this.#kept.state ??= crypto.randomUUID());
  clientInformation = () => this.#kept.client;
  saveClientInformation = (client) => void (this.#kept.client = client);
  tokens = () => this.#kept.tokens;
  saveTokens = (tokens) => void (this.#kept.tokens = tokens);
  codeVerifier = () => this.#kept.verifier;
  saveCodeVerifier = (verifier) => void (this.#kept.verifier = verifier);
  redirectToAuthorization = (url) => void (this.#opened = url);

  /** Have the last address opened by the test and return the query of where it led. */
  async cameBackWith() {
    console.log(JSON.stringify({ open: String(this.#opened) }));
    const found = new URL(JSON.parse((await lines.next()).value).left).searchParams;
    if (found.get("state") !== this.state()) throw new Error("another state");
    return found;
  }
}

/** Connect; when the server wants a person, sign in and connect again. */
export async function signedIn(connect, finish) {
  try {
    return await connect();
  } catch (error) {
    if (error.constructor.name !== "UnauthorizedError") throw error;
    await finish();
    return connect();
  }
}
