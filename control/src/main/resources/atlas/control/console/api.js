// Speaks the public API with the session cookie, which no script can read. What changes something
// carries the session's token against forgery; what the page asks for by itself says so, so that it
// keeps no session awake whose person has left.

export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || `status ${status}`);
    this.status = status;
  }
}

async function problemOf(response) {
  try {
    return await response.json();
  } catch {
    return { title: `status ${response.status}` };
  }
}

async function ask(method, path, headers, body) {
  const response = await fetch(path, {
    method,
    cache: "no-store",
    credentials: "same-origin",
    redirect: "error",
    headers: body === undefined ? headers : { ...headers, "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!response.ok) throw new Refused(response.status, await problemOf(response));
  return response.json();
}

/** Which ways to sign in there are. */
export function providers() {
  return ask("GET", "/login/providers", {});
}

/** Exchanges a key for a session; the key is not kept. */
export function signIn(key) {
  return ask("POST", "/login/key", { authorization: `Bearer ${key}` });
}

/** The session of this browser: who it is, and how to speak for it; a Refused when there is none. */
export async function session() {
  const { csrf_token: token, ...who } = await ask("GET", "/login/session", {});
  const ours = { "x-csrf-token": token };
  let present = true;
  const noticed = () => { present = true; };
  for (const sign of ["pointerdown", "keydown", "wheel"]) {
    window.addEventListener(sign, noticed, { passive: true });
  }
  // The first call after a sign of life says that somebody is there.
  const quiet = () => {
    const headers = present ? {} : { "atlas-background": "1" };
    present = false;
    return headers;
  };
  return {
    who,
    get: (path) => ask("GET", path, quiet()),
    post: (path, body) => ask("POST", path, ours, body),
    remove: (path) => ask("DELETE", path, ours),
    signOut: () => ask("POST", "/login/out", ours),
    follow: (listener, signal) => follow({ "atlas-background": "1" }, listener, signal),
  };
}

// Follows live activity until the signal says stop; connects again when the line is lost.
async function follow(headers, listener, signal) {
  let wait = 1000;
  const seen = { last: "" };
  while (!signal.aborted) {
    try {
      const response = await fetch("/api/v1/events", {
        headers: seen.last === "" ? headers : { ...headers, "last-event-id": seen.last },
        signal, cache: "no-store", credentials: "same-origin", redirect: "error",
      });
      if (response.status === 401) {
        listener.state("ended");
        return;
      }
      if (response.status === 403) {
        listener.state("denied");
        return;
      }
      // An older journal was put back: what was seen is no place in this one.
      if (response.status === 400) seen.last = "";
      if (!response.ok) throw new Refused(response.status, await problemOf(response));
      listener.state("live");
      wait = 1000;
      await read(response.body.getReader(), listener, seen);
    } catch (failure) {
      if (signal.aborted) return;
      listener.failed?.(failure);
    }
    listener.state("lost");
    await new Promise((resolve) => { setTimeout(resolve, wait); });
    wait = Math.min(wait * 2, 30000);
  }
}

async function read(reader, listener, seen) {
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += decoder.decode(value, { stream: true });
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      deliver(text.slice(0, end), listener, seen);
      text = text.slice(end + 2);
    }
  }
}

function deliver(block, listener, seen) {
  let kind = "";
  let data = "";
  for (const line of block.split("\n")) {
    if (line.startsWith("event: ")) kind = line.slice(7);
    if (line.startsWith("id: ")) seen.last = line.slice(4);
    if (line.startsWith("data: ")) data += line.slice(6);
  }
  if (data !== "") listener.event(kind, JSON.parse(data));
}
