// Signs in at the console with the second provider, then signs out at the provider itself.
// Arguments: console and its CA, provider and its CA, provider's name, user.

import { browse, say, signedIn, signedOut } from "./browser.mjs";

const [console_, consoleCa, place, placeCa, provider, user] = process.argv.slice(2);

await browse([{ origin: console_, ca: consoleCa }, { origin: place, ca: placeCa }], async (page, context) => {
  await page.goto(`${console_}/`);
  await page.click(`a[data-provider="${provider}"]`);
  await page.fill("input[name=login]", user);
  await page.fill("input[name=password]", "any");
  await page.click("button[type=submit]");
  await page.waitForSelector("button[type=submit]:has-text('Continue')");
  await page.click("button[type=submit]");
  say("signed-in", { who: await signedIn(page) });
  const other = await context.newPage();
  await other.goto(`${place}/session/end`);
  await other.click("button[value=yes]");
  await signedOut(page);
  say("ended", { why: await page.textContent("#enter-error") });
});
