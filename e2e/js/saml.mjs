// A person signs in to the console by SAML, signs out of it, signs in again and signs out at the
// provider: what the browser saw, one JSON object a line.
import { arrive, launch, say } from './browser.mjs';

const [atlas, atlasCa, provider, providerCa, user, password] = process.argv.slice(2);
const browser = await launch([
  { origin: atlas, ca: atlasCa },
  { origin: provider, ca: providerCa },
]);

// Our own page asks, as the console does.
const session = (page) =>
  page.evaluate(async () => {
    const response = await fetch('/login/session', { cache: 'no-store' });
    return { status: response.status, ...(await response.json()) };
  });

const home = (page) => arrive(page, (url) => url === `${atlas}/`);

async function signIn(page) {
  await page.goto(`${atlas}/`, { waitUntil: 'load' });
  const button = await page.waitForSelector('a.provider[data-provider="keycloak"]', { visible: true });
  await Promise.all([page.waitForNavigation({ waitUntil: 'load' }), button.click()]);
  const asked = (await page.$('#username')) !== null;
  if (asked) {
    await page.type('#username', user);
    await page.type('#password', password);
    await page.click('#kc-login');
  }
  await home(page);
  return asked;
}

try {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await page.goto(`${atlas}/`);
  say('stranger', { status: (await session(page)).status });

  say('asked', { password: await signIn(page) });
  const first = await session(page);
  say('signed-in', { status: first.status, principal: first.principal, roles: first.roles, method: first.session?.method });
  say('cookies', {
    ours: (await context.cookies())
      .filter((c) => c.name.startsWith('__Host-'))
      .map(({ name, secure, httpOnly, sameSite, path }) => ({ name, secure, httpOnly, sameSite, path })),
  });

  const out = await page.evaluate(async (token) => {
    const response = await fetch('/login/out', { method: 'POST', headers: { 'x-csrf-token': token } });
    return response.json();
  }, first.csrf_token);
  await page.goto(out.sign_out_at, { waitUntil: 'load' });
  await home(page);
  say('signed-out', { status: (await session(page)).status });

  // Signed out at the provider, too: it asks for the password again.
  say('asked', { password: await signIn(page) });
  say('signed-in', { status: (await session(page)).status });

  // The provider's own page this time, in another tab.
  const other = await context.newPage();
  await other.goto(`${provider}/realms/atlas/protocol/openid-connect/logout`, { waitUntil: 'load' });
  await other.click('#kc-logout');
  await arrive(other, (_, text) => text.includes('You are logged out'));
  say('signed-out-there', { status: (await session(page)).status });
} finally {
  await browser.close();
}
