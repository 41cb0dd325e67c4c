// Checks an Atlas receipt with nothing but WebCrypto: no server, no dependency, no DOM.
//
//   const report = await verifyReceipt(text, vkey, { request, response });
//   report.verified, report.proved, report.reasons, report.statements
//
// A receipt says: these statements are what two entries of the journal are committed to, both are
// under a signed tree, and the log's key signed all of it. The format is in docs/reference/receipts.md.
// Works in browsers with Ed25519 in WebCrypto and in Node 20 or later.

const FIRST = "atlas-receipt/v1";
const STATEMENT = "atlas-receipt-statement/v1\n";
const PROOF = "c2sp.org/tlog-proof@v1";
const PARTS = ["intent", "outcome"];
const MOST_BYTES = 1 << 20;
const MOST_HASHES = 63;
const utf8 = new TextEncoder();

class Malformed extends Error {}

function require(holds, why) {
  if (!holds) throw new Malformed(why);
}

const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

function unhex(text) {
  require(typeof text === "string" && /^[0-9a-f]{64}$/.test(text), "a digest has 64 lower-case hex digits");
  return Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
}

function unbase64(text, what) {
  require(typeof text === "string" && /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0, `${what} is not base64`);
  const binary = atob(text);
  // One spelling only: bits that say nothing are zero.
  require(btoa(binary) === text, `${what} is not base64 in its one spelling`);
  return Uint8Array.from(binary, (c) => c.charCodeAt(0));
}

function concat(...parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", concat(...parts)));
const node = (left, right) => sha256(Uint8Array.of(1), left, right);
const same = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);

/** Reads `name+id+key` of an Ed25519 note key, and checks that the id is the key's. */
async function verifierKey(vkey) {
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(vkey.trim());
  require(match !== null, "a verifier key is `name+id+key`");
  const [, name, id, encoded] = match;
  const key = unbase64(encoded, "the key");
  require(key.length === 33 && key[0] === 1, "the verifier key is not an Ed25519 key");
  const hash = await sha256(utf8.encode(`${name}\n`), key);
  require(hex(hash.slice(0, 4)) === id, "the verifier key's id is not the one of its key");
  const imported = await crypto.subtle.importKey("raw", key.slice(1), { name: "Ed25519" }, false, ["verify"]);
  return { name, id: hash.slice(0, 4), imported };
}

/** The text of a signed note, once this key's signature over it holds. */
async function signedText(note, key) {
  require(typeof note === "string" && note.length <= MOST_BYTES, "a note has at most 1 MiB");
  require(!/[\u0000-\u0009\u000b-\u001f]/.test(note), "a note has no control characters");
  const split = note.lastIndexOf("\n\n");
  require(split >= 0 && note.endsWith("\n") && split + 2 < note.length, "the note has no signature lines");
  const text = note.slice(0, split + 1);
  let good = false;
  for (const line of note.slice(split + 2, -1).split("\n")) {
    const match = /^\u2014 ([^\s+]+) (\S+)$/.exec(line);
    require(match !== null, "a signature line is `\u2014 name base64`");
    const blob = unbase64(match[2], "the signature");
    require(blob.length >= 5, "a signature line is `\u2014 name base64`");
    if (match[1] !== key.name || !same(blob.slice(0, 4), key.id)) continue;
    const holds = blob.length === 68
      && await crypto.subtle.verify({ name: "Ed25519" }, key.imported, blob.slice(4), utf8.encode(text));
    require(holds, `the signature of \`${key.name}\` is not over this text`);
    good = true;
  }
  require(good, "the note is not signed by a known key");
  return text;
}

function number(text, what) {
  require(/^(0|[1-9][0-9]{0,18})$/.test(text), `${what} is not a number`);
  return BigInt(text);
}

async function checkpoint(note, key) {
  const lines = (await signedText(note, key)).split("\n");
  require(lines.length >= 4 && lines[0] === key.name, "the checkpoint is of another log");
  const root = unbase64(lines[2], "the root");
  require(root.length === 32, "a root has 32 bytes");
  return { size: number(lines[1], "the size"), root };
}

/** RFC 9162 section 2.1.3.2: whether the hashes lead from the leaf to the root. */
async function leads(index, size, leaf, hashes, root) {
  if (index >= size) return false;
  let fn = index;
  let sn = size - 1n;
  let r = leaf;
  for (const p of hashes) {
    if (sn === 0n) return false;
    if ((fn & 1n) === 1n || fn === sn) {
      r = await node(p, r);
      while ((fn & 1n) === 0n && fn !== 0n) {
        fn >>= 1n;
        sn >>= 1n;
      }
    } else {
      r = await node(r, p);
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  return sn === 0n && same(r, root);
}

async function proved(proof, index, leaf, key) {
  require(typeof proof === "string" && proof.length <= MOST_BYTES, "the proof has at most 1 MiB");
  const split = proof.indexOf("\n\n");
  require(split >= 0, "the proof has no checkpoint");
  const lines = proof.slice(0, split).split("\n");
  require(lines.shift() === PROOF, "not a proof of a known kind");
  if (lines[0]?.startsWith("extra ")) unbase64(lines.shift().slice(6), "the extra data");
  const said = lines.shift() ?? "";
  require(said.startsWith("index "), "the proof names no index");
  const at = number(said.slice(6), "the index");
  require(at === BigInt(index), `the proof is of entry ${at}`);
  require(lines.length <= MOST_HASHES, "the proof has too many hashes");
  const hashes = lines.map((line) => unbase64(line, "a hash of the proof"));
  require(hashes.every((hash) => hash.length === 32), "a hash has 32 bytes");
  const tree = await checkpoint(proof.slice(split + 2), key);
  require(await leads(at, tree.size, leaf, hashes, tree.root), "the hashes do not lead from this entry to the signed root");
}

/** The commitment in an entry's header. */
function commitment(entry) {
  const view = new DataView(entry.buffer, entry.byteOffset, entry.length);
  require(entry.length > 86, "the entry ends too early");
  require(entry[0] === 2 && (entry[1] & ~3) === 0 && (entry[1] & 2) !== 0, "the entry makes no commitment");
  const at = 83 + entry[82];
  require(entry.length >= at + 36, "the entry ends too early");
  const sealed = (entry[1] & 1) !== 0 ? 32 : view.getUint32(at + 32);
  require(entry.length === at + 36 + sealed, "the entry has not the length it says");
  return entry.slice(at, at + 32);
}

async function checkPart(name, part, receipt, key) {
  require(Number.isSafeInteger(part.index) && part.index >= 0, "an index is a number");
  const leaf = unhex(part.leaf_hash);
  const entry = unbase64(part.entry, "the entry");
  require(same(await sha256(Uint8Array.of(0), entry), leaf), "the leaf hash is not the entry's");
  const salt = unbase64(part.salt, "the salt");
  require(typeof part.statement === "string", "there is no statement");
  const statement = utf8.encode(part.statement);
  require(salt.length === 32 && same(await sha256(utf8.encode(STATEMENT), salt, statement), commitment(entry)),
    "the entry is not committed to this statement");
  if (part.proof !== undefined) await proved(part.proof, part.index, leaf, key);
  const said = JSON.parse(part.statement);
  require(said.kind === `inference.${name}`, "the statement is of another kind");
  require(said.request_id === receipt.request_id, "the statement is about another request");
  return { said, line: `${name} ${part.index} ${part.leaf_hash} ${hex(await sha256(statement))}\n` };
}

async function checkBody(what, body, part, said) {
  const name = `${what}_sha256`;
  const stated = said?.[name];
  if (part?.[name] !== undefined) require(part[name] === stated, `${name} is not what the statement says`);
  if (body === undefined || body === null) return;
  require(stated !== undefined, `no digest of the ${what} was recorded`);
  require(hex(await sha256(new Uint8Array(body))) === stated, `the ${what} is not the one recorded`);
}

/**
 * Checks a receipt.
 *
 * @param text the receipt, as the gateway gave it
 * @param vkey the journal's verifier key, from somebody you trust for it
 * @param bodies the exact bytes of `request` and `response`, where you have them
 * @returns `verified`: everything holds, the proofs too; `proved`: every entry has a proof; `reasons`:
 *     what does not hold; `statements`: what the entries are committed to
 */
export async function verifyReceipt(text, vkey, bodies = {}) {
  const reasons = [];
  const statements = {};
  const lines = [];
  let receipt = {};
  let key = null;
  const attempt = async (where, step) => {
    try {
      await step();
    } catch (failure) {
      reasons.push(`${where}${failure.message}`);
    }
  };
  await attempt("", async () => {
    receipt = JSON.parse(text);
    require(receipt !== null && receipt.object === "atlas.receipt" && typeof receipt.request_id === "string", "not an Atlas receipt");
    key = await verifierKey(vkey);
  });
  const parts = PARTS.filter((name) => receipt?.[name] !== undefined && receipt[name] !== null);
  if (reasons.length === 0 && parts.length === 0) reasons.push("the receipt holds no entry to check");
  if (reasons.length > 0) return { verified: false, proved: false, reasons, statements };
  for (const name of parts) {
    await attempt(`${name}: `, async () => {
      const checked = await checkPart(name, receipt[name], receipt, key);
      statements[name] = checked.said;
      lines.push(checked.line);
    });
  }
  await attempt("", async () => {
    const signed = await signedText(receipt.signed, key);
    require(signed === `${FIRST}\n${key.name}\n${receipt.request_id}\n${lines.join("")}`, "what is signed is not this receipt");
  });
  if (statements.intent && statements.outcome && statements.outcome.intent !== receipt.intent.index) {
    reasons.push("outcome: the statement names another intent");
  }
  await attempt("", () => checkBody("request", bodies.request, receipt.intent, statements.intent));
  await attempt("", () => checkBody("response", bodies.response, receipt.outcome, statements.outcome));
  const all = parts.every((name) => receipt[name].proof !== undefined);
  if (!all) reasons.push("there is no inclusion proof yet; ask for the receipt again");
  return { verified: reasons.length === 0, proved: all, reasons, statements };
}
