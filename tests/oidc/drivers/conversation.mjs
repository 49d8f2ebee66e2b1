/** How a driver talks with its test: one JSON value a line, and a person's browser on the other side. */

import { createInterface } from "node:readline";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

export const given = JSON.parse(process.argv[2]);

/** Have this address opened in a browser and return where the browser was sent in the end. */
export async function visited(url) {
  console.log(JSON.stringify({ open: String(url) }));
  return new URL(JSON.parse((await lines.next()).value).left);
}

export function report(found) {
  console.log(JSON.stringify({ report: found }));
  process.exit(0);
}

/** Return what an attempt throws: its error code of OAuth, or its name. */
export async function refusal(attempt) {
  try {
    await attempt();
    return "accepted";
  } catch (error) {
    return error.error ?? error.code ?? error.name;
  }
}
