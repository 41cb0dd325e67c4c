// A real browser for the tests: Debian's Chromium without a window. It believes exactly the servers
// whose certificates a given CA vouches for.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { connect } from "node:tls";
import { chromium } from "playwright-core";

// The hash of a server's public key, once its chain has been verified against its CA.
function pin({ origin, ca }) {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port, servername: hostname, ca: readFileSync(ca) }, () => {
      const key = socket.getPeerX509Certificate().publicKey.export({ type: "spki", format: "der" });
      socket.end();
      resolve(createHash("sha256").update(key).digest("base64"));
    });
    socket.on("error", reject);
  });
}

/** Says one observation to the test, as one line of JSON. */
export function say(event, facts = {}) {
  process.stdout.write(`${JSON.stringify({ event, ...facts })}\n`);
}

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** Waits until the test says a word. */
export async function told() {
  return (await lines.next()).value;
}

/** Runs `journey(page, context, complaints)` and ends the browser, whatever comes of it. */
export async function browse(servers, journey) {
  const pins = await Promise.all(servers.map(pin));
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    // Root has no sandbox to offer; the pages are our own.
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", `--ignore-certificate-errors-spki-list=${pins.join(",")}`],
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
    try {
      await journey(page, context, complaints);
    } catch (failure) {
      for (const open of context.pages()) {
        const text = await open.evaluate(() => document.body.innerText).catch(String);
        process.stderr.write(`on ${open.url()}: ${text.slice(0, 2000)}\n`);
      }
      process.stderr.write(`complaints: ${complaints.join(" | ")}\n`);
      throw failure;
    }
  } finally {
    await browser.close();
    process.stdin.destroy();
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
