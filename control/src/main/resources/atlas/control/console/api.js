// Speaks the public API with a key that lives in this closure and nowhere else.

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

export function open(key) {
  const headers = { authorization: `Bearer ${key}` };

  async function call(method, path, body) {
    const response = await fetch(path, {
      method,
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      headers: body === undefined ? headers : { ...headers, "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!response.ok) throw new Refused(response.status, await problemOf(response));
    return response.json();
  }

  return {
    get: (path) => call("GET", path),
    post: (path, body) => call("POST", path, body),
    remove: (path) => call("DELETE", path),
    follow: (listener, signal) => follow(headers, listener, signal),
  };
}

// Follows live activity until the signal says stop; connects again when the line is lost.
async function follow(headers, listener, signal) {
  let wait = 1000;
  while (!signal.aborted) {
    try {
      const response = await fetch("/api/v1/events", {
        headers, signal, cache: "no-store", credentials: "omit", redirect: "error",
      });
      if (response.status === 401 || response.status === 403) {
        listener.state("denied");
        return;
      }
      if (!response.ok) throw new Refused(response.status, await problemOf(response));
      listener.state("live");
      wait = 1000;
      await read(response.body.getReader(), listener);
    } catch (failure) {
      if (signal.aborted) return;
      listener.failed?.(failure);
    }
    listener.state("lost");
    await new Promise((resolve) => { setTimeout(resolve, wait); });
    wait = Math.min(wait * 2, 30000);
  }
}

async function read(reader, listener) {
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += decoder.decode(value, { stream: true });
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      deliver(text.slice(0, end), listener);
      text = text.slice(end + 2);
    }
  }
}

function deliver(block, listener) {
  let kind = "";
  let data = "";
  for (const line of block.split("\n")) {
    if (line.startsWith("event: ")) kind = line.slice(7);
    if (line.startsWith("data: ")) data += line.slice(6);
  }
  if (data !== "") listener.event(kind, JSON.parse(data));
}
