#!/usr/bin/env node
// A small server around llama.cpp (through node-llama-cpp), for tests: it takes the arguments that a
// node gives `llama-server`, reads its weights from where they say, and speaks the same HTTP.
import { createServer } from "node:http";
import { getLlama } from "node-llama-cpp";

const argument = (name, otherwise) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const places = Number(argument("-np", "1"));
const context = Math.floor(Number(argument("-c", "1024")) / places);
const authorization = `Bearer ${process.env.LLAMA_API_KEY}`;

const llama = await getLlama({
  gpu: false, build: "never", skipDownload: true, progressLogs: false, logLevel: "disabled", maxThreads: Number(argument("-t", "1")),
});
const model = await llama.loadModel({ modelPath: argument("-m") });
// A context for each place, so that what one caller is told hangs on nothing another asks.
const free = [];
for (let i = 0; i < places; i++) {
  free.push((await model.createContext({ contextSize: context, threads: 1 })).getSequence());
}

const prompt = (asked) => asked.messages === undefined
  ? model.tokenize(asked.prompt)
  : [
      ...asked.messages.flatMap(({ role, content }) => [
        ...model.tokenize("<|im_start|>", true), ...model.tokenize(`${role}\n${content}`),
        ...model.tokenize("<|im_end|>", true), ...model.tokenize("\n")]),
      ...model.tokenize("<|im_start|>", true), ...model.tokenize("assistant\n")];

const refuse = (answer, status, type) => {
  answer.writeHead(status, { "content-type": "application/json" });
  answer.end(JSON.stringify({ error: { code: status, type, message: type } }));
};

/** How much of the text may leave: not what could be the beginning of a stop text. */
const safe = (text, stops) => {
  let end = text.length;
  for (const stop of stops) {
    const at = text.indexOf(stop);
    if (at >= 0) return { end: Math.min(end, at), stopped: true };
    for (let n = Math.min(stop.length - 1, text.length); n > 0; n--) {
      if (stop.startsWith(text.slice(-n))) { end = Math.min(end, text.length - n); break; }
    }
  }
  return { end, stopped: false };
};

const generate = async (asked, tokens, sequence, answer) => {
  const chat = asked.messages !== undefined;
  const piece = (text, why) => chat
    ? { index: 0, delta: text === "" ? {} : { content: text }, finish_reason: why }
    : { index: 0, text, finish_reason: why };
  const send = (event) => answer.write(`data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`);
  const stops = asked.stop ?? [];
  const said = [];
  let text = "", sent = 0, why = "stop";
  const options = { temperature: asked.temperature, topP: asked.top_p, topK: asked.top_k ?? 0, seed: asked.seed };
  answer.writeHead(200, { "content-type": "text/event-stream" });
  for await (const token of sequence.evaluate(tokens, options)) {
    if (answer.destroyed || model.isEogToken(token)) break;
    said.push(token);
    text = model.detokenize(said);
    const { end, stopped } = safe(text, stops);
    if (end > sent) { send({ choices: [piece(text.slice(sent, end), null)] }); sent = end; }
    if (stopped) { text = text.slice(0, end); break; }
    if (said.length === asked.max_tokens) { why = "length"; break; }
  }
  if (text.length > sent) send({ choices: [piece(text.slice(sent), null)] });
  send({ choices: [piece("", why)] });
  send({ choices: [], usage: { prompt_tokens: tokens.length, completion_tokens: said.length } });
  send("[DONE]");
  answer.end();
};

const serve = async (request, answer) => {
  if (request.url === "/health") return void answer.end("{}");
  if (request.headers.authorization !== authorization) return refuse(answer, 401, "authentication_error");
  const parts = [];
  for await (const part of request) parts.push(part);
  const asked = JSON.parse(Buffer.concat(parts));
  const tokens = prompt(asked);
  if (tokens.length >= context) return refuse(answer, 400, "exceed_context_size_error");
  const sequence = free.pop();
  if (sequence === undefined) return refuse(answer, 503, "unavailable_error");
  try {
    await generate(asked, tokens, sequence, answer);
  } finally {
    // Nothing of this answer is kept for the next.
    await sequence.clearHistory();
    free.push(sequence);
  }
};

createServer((request, answer) => serve(request, answer).catch(() => answer.destroy())).listen(argument("--host"));
