// A second OpenID provider, certified and unlike the first: ES256, claims at UserInfo only, its own
// pages. Arguments: port, key, certificate, console. Says `ready` when it listens.

import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { exportJWK, generateKeyPair } from "jose";
import Provider from "oidc-provider";

const [port, key, certificate, console_] = process.argv.slice(2);
const issuer = `https://localhost:${port}`;
const { privateKey } = await generateKeyPair("ES256", { extractable: true });

const provider = new Provider(issuer, {
  jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: "ES256", use: "sig", kid: "second-provider" }] },
  cookies: { keys: ["only for this test run"] },
  clients: [
    {
      client_id: "console",
      client_secret: "test-secret-of-the-second-provider",
      redirect_uris: [`${console_}/login/oidc/callback`],
      post_logout_redirect_uris: [`${console_}/`],
      backchannel_logout_uri: `${console_}/login/oidc/backchannel-logout`,
      backchannel_logout_session_required: true,
      id_token_signed_response_alg: "ES256",
    },
    {
      client_id: "batch",
      client_secret: "test-secret-of-batch",
      grant_types: ["client_credentials"],
      redirect_uris: [],
      response_types: [],
      id_token_signed_response_alg: "ES256",
    },
  ],
  pkce: { required: () => true },
  claims: { openid: ["sub"], profile: ["roles"] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, roles: ["reader"] }) }),
  extraTokenClaims: () => ({ roles: ["worker"] }),
  features: {
    backchannelLogout: { enabled: true },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => undefined,
      getResourceServerInfo: () => ({ scope: "", audience: "atlas", accessTokenFormat: "jwt", jwt: { sign: { alg: "ES256" } } }),
    },
  },
  // Atlas is on loopback here, where this provider rightly calls nobody of its own accord; and a busy
  // machine may take longer than its usual patience.
  fetch: (url, options) => fetch(url, { ...options, dispatcher: undefined, signal: undefined }),
  ttl: { AccessToken: 300, ClientCredentials: 300, IdToken: 300, Session: 3600, Grant: 3600, Interaction: 600 },
});
provider.on("backchannel.error", (_, error) => process.stderr.write(`back-channel logout: ${error}\n`));
provider.on("server_error", (_, error) => process.stderr.write(`${error.stack}\n`));

createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, provider.callback())
  .listen(Number(port), "127.0.0.1", () => process.stdout.write("ready\n"));
