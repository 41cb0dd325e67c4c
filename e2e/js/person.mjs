// A real browser for the tests: Debian's Chromium without a window. It trusts the keys of the
// servers it is told, and no others.

import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

/** Says one observation to the test, as one line of JSON. */
export function say(event, facts = {}) {
  process.stdout.write(`${JSON.stringify({ event, ...facts })}\n`);
}

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** Waits until the test says a word. */
export async function told() {
  return (await lines.next()).value;
}

/** Runs `journey(page, context)` and ends the browser, whatever comes of it. */
export async function browse(keys, journey) {
  const browser = await chromium.launch({
    executablePath: process.env.ATLAS_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", `--ignore-certificate-errors-spki-list=${keys}`],
  });
  try {
    const context = await browser.newContext();
    context.setDefaultTimeout(60_000);
    const page = await context.newPage();
    const complaints = [];
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(`${message.text()} (${message.location().url})`);
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    await journey(page, context, complaints);
  } finally {
    await browser.close();
  }
}

/** Signs in at Keycloak's own page. */
export async function atKeycloak(page, user, password) {
  await page.fill("#username", user);
  await page.fill("#password", password);
  await page.click("#kc-login");
}

/** Who the console says is signed in, once it does. */
export async function signedIn(page) {
  await page.waitForSelector("#session:not([hidden])");
  return (await page.textContent("#who")).trim();
}

/** Waits until the console asks to sign in. */
export async function signedOut(page) {
  await page.waitForSelector("#enter:not([hidden])");
}
