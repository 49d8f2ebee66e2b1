/** The certified relying party `openid-client`: discover, register, sign in, userinfo, refresh, revoke. */

import * as oidc from "openid-client";
import { given, refusal, report, visited } from "./conversation.mjs";

const { issuer, metadata, client, scope, resource, algorithm = "oidc" } = given;
const options = { execute: [oidc.allowInsecureRequests], algorithm };
const authentication = {
  none: () => oidc.None(),
  client_secret_basic: (secret) => oidc.ClientSecretBasic(secret),
  client_secret_post: (secret) => oidc.ClientSecretPost(secret),
};

const config = client
  ? await oidc.discovery(
      new URL(issuer),
      client.id,
      client.secret,
      authentication[client.method](client.secret),
      options,
    )
  : await oidc.dynamicClientRegistration(
      new URL(issuer),
      metadata,
      authentication[metadata.token_endpoint_auth_method](),
      options,
    );
oidc.enableNonRepudiationChecks(config);

const redirect_uri = (client ?? { redirect_uri: metadata.redirect_uris[0] }).redirect_uri;
const verifier = oidc.randomPKCECodeVerifier();
const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
const asked = {
  redirect_uri,
  scope,
  state,
  nonce,
  ...(resource && { resource }),
  code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
  max_age: "600",
};
const checks = {
  pkceCodeVerifier: verifier,
  expectedState: state,
  expectedNonce: nonce,
  idTokenExpected: true,
  maxAge: 600,
};
const arrived = await visited(oidc.buildAuthorizationUrl(config, asked));
const tokens = await oidc.authorizationCodeGrant(config, arrived, checks);
const claims = tokens.claims();
const person = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token);
await oidc.tokenRevocation(config, refreshed.refresh_token);
const afterwards = await refusal(() => oidc.refreshTokenGrant(config, refreshed.refresh_token));

report({
  issuer: config.serverMetadata().issuer,
  claims,
  person,
  scope: tokens.scope,
  rotated: refreshed.refresh_token !== tokens.refresh_token,
  refreshed: refreshed.access_token !== tokens.access_token,
  afterwards,
});
