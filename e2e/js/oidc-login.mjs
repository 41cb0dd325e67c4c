// Signs in at the console with OpenID Connect and signs out: here, or told by the provider.
// Arguments: console and its CA, provider and its CA, provider's name, user, password, how it ends
// (`here` or `there`).

import { atKeycloak, browse, say, signedIn, signedOut, told } from "./browser.mjs";

const [console_, consoleCa, place, placeCa, provider, user, password, end] = process.argv.slice(2);

await browse([{ origin: console_, ca: consoleCa }, { origin: place, ca: placeCa }], async (page, context, complaints) => {
  await page.goto(`${console_}/`);
  const button = `a[data-provider="${provider}"]`;
  await page.waitForSelector(button);
  const before = complaints.filter((text) => !text.includes("/login/session"));
  say("page", { complaints: before, label: await page.textContent(button) });
  complaints.length = 0;
  await page.click(button);
  await page.waitForSelector("#kc-login");
  say("provider", { url: page.url() });
  complaints.length = 0;
  await atKeycloak(page, user, password);
  const who = await signedIn(page);
  say("signed-in", {
    who,
    url: page.url(),
    cookies: (await context.cookies(console_)).map(({ name, httpOnly, secure, sameSite, path, expires }) => ({ name, httpOnly, secure, sameSite, path, expires })),
    readable: await page.evaluate(() => document.cookie),
    stored: await page.evaluate(() => window.localStorage.length + window.sessionStorage.length),
    complaints: complaints.filter((text) => text.includes(console_)),
  });
  await page.reload();
  say("reloaded", { who: await signedIn(page) });
  if (end === "here") {
    await page.click("#leave");
    await page.waitForURL(`${console_}/`);
    await signedOut(page);
    await page.waitForSelector(button);
    await page.click(button);
    await page.waitForSelector("#kc-login");
    say("asked-again", { url: page.url() });
  } else {
    await told();
    await signedOut(page);
    say("ended", { why: await page.textContent("#enter-error") });
  }
});
