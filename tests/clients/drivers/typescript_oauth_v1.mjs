/** The TypeScript SDK v1 signs in with its own OAuth client: `http URL`. */

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { travel } from "./journey.mjs";
import { Person, signedIn } from "./person.mjs";

const url = new URL(process.argv[3]);
const authProvider = new Person("TypeScript 1");
let transport;
let version;

async function connect() {
  transport = new StreamableHTTPClientTransport(url, { authProvider });
  transport.setProtocolVersion = ((original) => (negotiated) => {
    version = negotiated;
    original?.call(transport, negotiated);
  })(transport.setProtocolVersion);
  const client = new Client({ name: "typescript-v1", version: "0" });
  await client.connect(transport);
  return client;
}

const client = await signedIn(connect, async () =>
  transport.finishAuth((await authProvider.cameBackWith()).get("code")),
);
await travel(client, version);
process.exit(0);
