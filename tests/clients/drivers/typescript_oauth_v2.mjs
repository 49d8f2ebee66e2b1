/** The TypeScript SDK v2 signs in with its own OAuth client: `auto URL` or `legacy URL`. */

import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { travel } from "./journey.mjs";
import { Person, signedIn } from "./person.mjs";

const [how, url] = process.argv.slice(2);
const authProvider = new Person("TypeScript 2");
let transport;

async function connect() {
  transport = new StreamableHTTPClientTransport(new URL(url), { authProvider });
  const client = new Client(
    { name: "typescript-v2", version: "0" },
    { versionNegotiation: { mode: how === "auto" ? "auto" : "legacy" } },
  );
  await client.connect(transport);
  return client;
}

const client = await signedIn(connect, async () =>
  transport.finishAuth(await authProvider.cameBackWith()),
);
await travel(client, client.getNegotiatedProtocolVersion());
process.exit(0);
