// One headless Chromium that believes exactly the servers whose certificates a given CA vouches for.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:tls';
import puppeteer from 'puppeteer-core';

// The hash of a server's public key, once its chain has been verified against its CA.
function pin(origin, ca) {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port, servername: hostname, ca: readFileSync(ca) }, () => {
      const key = socket.getPeerX509Certificate().publicKey.export({ type: 'spki', format: 'der' });
      socket.end();
      resolve(createHash('sha256').update(key).digest('base64'));
    });
    socket.on('error', reject);
  });
}

export async function launch(servers) {
  const pins = await Promise.all(servers.map(({ origin, ca }) => pin(origin, ca)));
  return puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    // Root has no sandbox to offer; the pages are our own.
    args: ['--no-sandbox', '--disable-gpu', `--ignore-certificate-errors-spki-list=${pins.join(',')}`],
  });
}

export function say(event, more = {}) {
  process.stdout.write(JSON.stringify({ event, ...more }) + '\n');
}

// Waits until the page is where it should be. Looks when it navigates; no script runs in the page to
// wait there, because our pages' policy would not let it.
export async function arrive(page, there, patience = 60_000) {
  const look = () => page.$eval('body', (body) => body.innerText).catch(() => '');
  const until = Date.now() + patience;
  while (!there(page.url(), await look())) {
    const left = until - Date.now();
    if (left <= 0) throw new Error(`never arrived; at ${page.url()}: ${(await look()).slice(0, 500)}`);
    await Promise.race([
      page.waitForNavigation({ timeout: left }).catch(() => undefined),
      new Promise((resolve) => setTimeout(resolve, 250)),
    ]);
  }
}
