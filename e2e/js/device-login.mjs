// Enters a device's code at Keycloak and lets the device in, as a person would on another machine.
// Arguments: keys trusted, the page with the code, user, password.

import { atKeycloak, browse, say } from "./person.mjs";

const [keys, place, user, password] = process.argv.slice(2);

await browse(keys, async (page) => {
  await page.goto(place);
  await page.waitForSelector("#username");
  await atKeycloak(page, user, password);
  await page.click("input[name=accept], button[name=accept]");
  await page.waitForURL(/device\/status/);
  say("let-in");
});
