/** The TypeScript SDK v1: `http URL`, `sse URL` or `stdio COMMAND ...`. */

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { bearer, travel } from "./journey.mjs";

const [how, target, ...args] = process.argv.slice(2);
const requestInit = { headers: bearer };

function transport() {
  if (how === "http") return new StreamableHTTPClientTransport(new URL(target), { requestInit });
  if (how === "sse") return new SSEClientTransport(new URL(target), { requestInit });
  return new StdioClientTransport({ command: target, args, env: process.env });
}

const client = new Client({ name: "typescript-v1", version: "0" });
const chosen = transport();
let version;
chosen.setProtocolVersion = ((original) => (negotiated) => {
  version = negotiated;
  original?.call(chosen, negotiated);
})(chosen.setProtocolVersion);
await client.connect(chosen);
await travel(client, version);
