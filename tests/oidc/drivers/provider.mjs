/**
 * An OpenID provider that shares no code with ours, on a free port of 127.0.0.1.
 *
 * Its argument is JSON: { audience, clients, accounts, scopes, frugal }; without an audience tokens are opaque, and a frugal
 * one tells of people at its userinfo endpoint only. It prints one line, { issuer }, when it
 * listens, and ends when its input does. Anybody who is an account signs in with any password.
 */

import { createServer } from "node:http";
import { Provider, interactionPolicy } from "oidc-provider";

const { audience, clients, accounts, scopes, frugal } = JSON.parse(process.argv[2]);

let provider;
const server = createServer((request, response) => provider.callback()(request, response));
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const issuer = `http://127.0.0.1:${server.address().port}`;

provider = new Provider(issuer, {
  clients,
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  conformIdTokenClaims: frugal,
  cookies: { keys: ["not-a-secret-outside-of-this-process"] },
  extraTokenClaims: (_context, token) => accounts[token.accountId],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: true },
    introspection: { enabled: true },
    registration: { enabled: true },
    resourceIndicators: {
      enabled: Boolean(audience),
      defaultResource: () => audience,
      useGrantedResource: () => true,
      getResourceServerInfo: (_context, resource) => ({
        scope: scopes.join(" "),
        audience: resource,
        accessTokenFormat: "jwt",
        accessTokenTTL: 600,
        jwt: { sign: { alg: "ES256" } },
      }),
    },
    revocation: { enabled: true },
  },
  findAccount: (_context, id) =>
    id in accounts && { accountId: id, claims: () => ({ sub: id, ...accounts[id] }) },
  issueRefreshToken: () => true,
  rotateRefreshToken: true,
  interactions: { policy: interactionPolicy.base() },
  jwks: { keys: await keys() },
  pkce: { required: () => true },
  scopes: ["openid", "offline_access", ...scopes],
  ttl: { Session: 600, Grant: 600, Interaction: 600, AccessToken: 600, IdToken: 600 },
});

/** A key for identity tokens and one for access tokens. */
async function keys() {
  const { exportJWK, generateKeyPair } = await import("jose");
  const made = [];
  for (const alg of ["RS256", "ES256"]) {
    const { privateKey } = await generateKeyPair(alg, { extractable: true });
    made.push({ ...(await exportJWK(privateKey)), alg, use: "sig", kid: alg.toLowerCase() });
  }
  return made;
}

console.log(JSON.stringify({ issuer }));
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
