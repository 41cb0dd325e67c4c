// Verifies every case in a folder with the console's own verifier and says what came of each.
//   node receipts.mjs VERIFIER-MODULE FOLDER
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [module, folder] = process.argv.slice(2);
const { verifyReceipt } = await import(pathToFileURL(module));
for (const name of readdirSync(folder).sort()) {
  const { receipt, vkey, request, response } = JSON.parse(readFileSync(join(folder, name), "utf8"));
  const bytes = (text) => (text === undefined ? undefined : new TextEncoder().encode(text));
  const report = await verifyReceipt(receipt, vkey, { request: bytes(request), response: bytes(response) });
  console.log(JSON.stringify({ name, verified: report.verified, proved: report.proved, reasons: report.reasons }));
}
