// Enters a device's code at Keycloak and lets the device in, as a person would on another machine.
// Arguments: the page with the code, the provider's CA, user, password.

import { atKeycloak, browse, say } from "./browser.mjs";

const [place, ca, user, password] = process.argv.slice(2);

await browse([{ origin: new URL(place).origin, ca }], async (page) => {
  await page.goto(place);
  await page.waitForSelector("#username");
  await atKeycloak(page, user, password);
  await page.click("input[name=accept], button[name=accept]");
  await page.waitForURL(/device\/status/);
  say("let-in");
});
