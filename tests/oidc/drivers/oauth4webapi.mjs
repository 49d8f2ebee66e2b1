/** The certified low-level `oauth4webapi`: the same way, and our access token as a resource server sees it. */

import * as oauth from "oauth4webapi";
import { given, refusal, report, visited } from "./conversation.mjs";

const { issuer, client: known, metadata, scope, resource, algorithm = "oidc" } = given;
const insecure = { [oauth.allowInsecureRequests]: true };
const url = new URL(issuer);

const discovered = await oauth.discoveryRequest(url, { algorithm, ...insecure });
const server = await oauth.processDiscoveryResponse(url, discovered);

async function registered() {
  const answer = await oauth.dynamicClientRegistrationRequest(server, metadata, insecure);
  return oauth.processDynamicClientRegistrationResponse(answer);
}

const document = known ? undefined : await registered();
const client = { client_id: known?.id ?? document.client_id };
const secret = known?.secret ?? document?.client_secret;
const method = known?.method ?? document.token_endpoint_auth_method;
const authentication = {
  none: () => oauth.None(),
  client_secret_basic: () => oauth.ClientSecretBasic(secret),
  client_secret_post: () => oauth.ClientSecretPost(secret),
}[method]();

const redirect = known?.redirect_uri ?? metadata.redirect_uris[0];
const verifier = oauth.generateRandomCodeVerifier();
const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
const asked = new URL(server.authorization_endpoint);
for (const [name, value] of Object.entries({
  client_id: client.client_id,
  redirect_uri: redirect,
  response_type: "code",
  scope,
  state,
  nonce,
  ...(resource && { resource }),
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
}))
  asked.searchParams.set(name, value);

const arrived = oauth.validateAuthResponse(server, client, await visited(asked), state);
const answered = await oauth.authorizationCodeGrantRequest(
  server,
  client,
  authentication,
  arrived,
  redirect,
  verifier,
  insecure,
);
const tokens = await oauth.processAuthorizationCodeResponse(server, client, answered, {
  expectedNonce: nonce,
  requireIdToken: true,
});
const signed = await refusal(() =>
  oauth.validateApplicationLevelSignature(server, answered, insecure),
);
const claims = oauth.getValidatedIdTokenClaims(tokens);
const userinfo = await oauth.userInfoRequest(server, client, tokens.access_token, insecure);
const person = await oauth.processUserInfoResponse(server, client, claims.sub, userinfo);

const headers = { authorization: `Bearer ${tokens.access_token}` };
const call = new Request(resource ?? `${issuer}/mcp`, { headers });
let access_claims;
const access = await refusal(async () => {
  access_claims = await oauth.validateJwtAccessToken(server, call, resource, insecure);
});

const again = await oauth.refreshTokenGrantRequest(
  server,
  client,
  authentication,
  tokens.refresh_token,
  insecure,
);
const refreshed = await oauth.processRefreshTokenResponse(server, client, again);

report({
  issuer: server.issuer,
  claims,
  person,
  scope: tokens.scope,
  signature: signed,
  access,
  access_claims,
  rotated: refreshed.refresh_token !== tokens.refresh_token,
  refreshed: refreshed.access_token !== tokens.access_token,
});
