// A person signs in to the console by SAML, signs out of it, signs in again and signs out at the
// provider: what the browser saw, one JSON object a line.
// Arguments: console and its CA, provider and its CA, user, password.

import { atKeycloak, browse, say } from "./browser.mjs";

const [console_, consoleCa, provider, providerCa, user, password] = process.argv.slice(2);

// Our own page asks, as the console does.
const session = (page) =>
  page.evaluate(async () => {
    const response = await fetch("/login/session", { cache: "no-store" });
    return { status: response.status, ...(await response.json()) };
  });

const home = (page) => page.waitForURL(`${console_}/`);

async function signIn(page) {
  await page.goto(`${console_}/`);
  await page.click('a.provider[data-provider="keycloak"]');
  // The provider asks, or leads straight back: only one of the two comes.
  const asked = await Promise.race([
    page.waitForSelector("#username").then(() => true),
    page.waitForSelector("#session:not([hidden])").then(() => false),
  ]);
  if (asked) await atKeycloak(page, user, password);
  await home(page);
  return asked;
}

await browse([{ origin: console_, ca: consoleCa }, { origin: provider, ca: providerCa }], async (page, context) => {
  await page.goto(`${console_}/`);
  say("stranger", { status: (await session(page)).status });

  say("asked", { password: await signIn(page) });
  const first = await session(page);
  say("signed-in", { status: first.status, principal: first.principal, roles: first.roles, method: first.session?.method });
  say("cookies", {
    ours: (await context.cookies(console_))
      .filter((cookie) => cookie.name.startsWith("__Host-"))
      .map(({ name, secure, httpOnly, sameSite, path }) => ({ name, secure, httpOnly, sameSite, path })),
  });

  const out = await page.evaluate(async (token) => {
    const response = await fetch("/login/out", { method: "POST", headers: { "x-csrf-token": token } });
    return response.json();
  }, first.csrf_token);
  await page.goto(new URL(out.sign_out_at, console_).href);
  await home(page);
  say("signed-out", { status: (await session(page)).status });

  // Signed out at the provider, too: it asks for the password again.
  say("asked", { password: await signIn(page) });
  say("signed-in", { status: (await session(page)).status });

  // The provider's own page this time, in another tab.
  const other = await context.newPage();
  await other.goto(`${provider}/realms/atlas/protocol/openid-connect/logout`);
  await other.click("#kc-logout");
  await other.waitForSelector("text=You are logged out");
  say("signed-out-there", { status: (await session(page)).status });
});
