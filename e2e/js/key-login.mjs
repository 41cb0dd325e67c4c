// Signs in at the console with an API key and signs out again.
// Arguments: console and its CA, API key.

import { browse, say, signedIn, signedOut } from "./browser.mjs";

const [console_, consoleCa, key] = process.argv.slice(2);

await browse([{ origin: console_, ca: consoleCa }], async (page, context, complaints) => {
  const sent = [];
  page.on("request", (request) => {
    if (request.headers().authorization !== undefined) sent.push(`${request.method()} ${new URL(request.url()).pathname}`);
  });
  await page.goto(`${console_}/`);
  await page.fill("#key", "atlas_not_a_key");
  await page.click("#enter-button");
  await page.waitForFunction(() => document.getElementById("enter-error").textContent !== "");
  say("refused", { why: await page.textContent("#enter-error") });
  sent.length = 0;
  complaints.length = 0;
  await page.fill("#key", key);
  await page.click("#enter-button");
  const who = await signedIn(page);
  await page.reload();
  await signedIn(page);
  say("signed-in", {
    who,
    sent,
    field: await page.inputValue("#key"),
    stored: await page.evaluate(() => window.localStorage.length + window.sessionStorage.length),
    complaints,
  });
  await page.click("#leave");
  await signedOut(page);
  say("signed-out", { cookies: (await context.cookies(console_)).map((cookie) => cookie.name) });
});
