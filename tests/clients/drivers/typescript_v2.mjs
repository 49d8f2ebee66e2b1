/** The TypeScript SDK v2: `auto URL`, `legacy URL` or `sse URL`. */

import {
  Client,
  SSEClientTransport,
  StreamableHTTPClientTransport,
} from "@modelcontextprotocol/client";
import { bearer, travel } from "./journey.mjs";

const [how, url] = process.argv.slice(2);
const requestInit = { headers: bearer };
const mode = how === "auto" ? "auto" : "legacy";
const Transport = how === "sse" ? SSEClientTransport : StreamableHTTPClientTransport;

const client = new Client(
  { name: "typescript-v2", version: "0" },
  { versionNegotiation: { mode } },
);
await client.connect(new Transport(new URL(url), { requestInit }));
await travel(client, client.getNegotiatedProtocolVersion());
