// The panels beside the stream. Each knows how to fetch itself and what to say when it may not.

import { ago, bytes, clock, count, day, el, facts, tag } from "./dom.js";

function panel(title, ...tools) {
  const body = el("div", { class: "panel-body" });
  const id = `panel-${title.toLowerCase().replace(/\W+/g, "-")}`;
  const node = el("section", { class: "card", "aria-labelledby": id },
    el("div", { class: "panel-head" }, el("h2", { id }, title), ...tools), body);
  return { node, body };
}

function empty(text) {
  return el("p", { class: "empty" }, text);
}

function refusal(failure) {
  return empty(failure.status === 403 ? "Your role does not see this." : `Not available: ${failure.message}`);
}

async function fill(body, load) {
  try {
    body.replaceChildren(...[await load()].flat());
  } catch (failure) {
    body.replaceChildren(refusal(failure));
  }
}

export function alertsPanel(api) {
  const { node, body } = panel("Alerts");
  async function refresh() {
    await fill(body, async () => {
      const { alerts } = await api.get("/api/v1/alerts");
      const open = alerts.filter((alert) => !alert.acknowledged_by);
      if (alerts.length === 0) return empty("None. The detectors are watching.");
      return [...open, ...alerts.filter((alert) => alert.acknowledged_by).slice(0, 3)].slice(0, 8).map(item);
    });
  }
  function item(alert) {
    const ack = el("button", { type: "button", class: "small", "aria-label": `Acknowledge alert ${alert.rule} about ${alert.principal}` }, "Acknowledge");
    ack.addEventListener("click", async () => {
      ack.disabled = true;
      try {
        await api.post(`/api/v1/alerts/${encodeURIComponent(alert.id)}/ack`, {});
      } catch (failure) {
        ack.replaceWith(el("span", { class: "error" }, failure.status === 403 ? "not allowed" : failure.message));
        return;
      }
      await refresh();
    });
    return el("article", { class: "item" },
      el("div", { class: "item-head" },
        el("strong", {}, alert.rule.replaceAll("_", " ")),
        alert.acknowledged_by ? tag(`seen by ${alert.acknowledged_by}`) : tag(alert.severity, alert.severity === "high" ? "bad" : "warn")),
      el("p", {}, alert.explanation),
      el("div", { class: "item-head" }, el("span", { class: "muted fine" }, `${clock(alert.raised)} · entries ${alert.evidence.slice(0, 4).join(", ")}${alert.evidence.length > 4 ? "…" : ""}`),
        alert.acknowledged_by ? null : ack));
  }
  return { node, refresh };
}

const STATES = { deployed: "good", approved: "info", pushed: "warn", retired: "" };

export function modelsPanel(api) {
  const { node, body } = panel("Models");
  async function refresh() {
    await fill(body, async () => {
      const { models } = await api.get("/api/v1/models");
      if (models.length === 0) return el("p", { class: "empty" }, "None yet. Push one with ", el("code", {}, "atlas model push"), ".");
      return models.flatMap((model) => model.versions.slice().reverse().slice(0, 4)).map((version) =>
        el("article", { class: "item" },
          el("div", { class: "item-head" }, el("strong", {}, version.model), tag(version.state, STATES[version.state] ?? "")),
          facts([["signed by", version.signer], ["size", bytes(version.bytes)], ["approved by", version.approved_by]]),
          el("span", { class: "digest", title: "OMS root digest" }, `sha256:${version.root_digest}`)));
    });
  }
  return { node, refresh };
}

export function journalPanel(api) {
  const verify = el("button", { type: "button", class: "small" }, "Verify");
  const { node, body } = panel("Journal", verify);
  const state = el("div");
  const verdict = el("div", { role: "status", hidden: true });
  body.append(state, verdict);
  verify.addEventListener("click", async () => {
    verify.disabled = true;
    verdict.hidden = false;
    verdict.className = "verdict warn";
    verdict.textContent = "Checking every entry, tile and signature…";
    try {
      const result = await api.post("/api/v1/journal/verify", {});
      verdict.className = `verdict ${result.verdict === "holds" ? "good" : "bad"}`;
      verdict.textContent = result.verdict === "holds"
        ? `Holds: all ${count(result.size)} entries are what was signed.`
        : `${result.verdict}${result.index === undefined ? "" : ` at entry ${result.index}`}: ${result.what}`;
    } catch (failure) {
      verdict.className = "verdict warn";
      verdict.textContent = failure.status === 403 ? "Your role may not verify; an auditor may." : failure.message;
    }
    verify.disabled = false;
  });
  async function refresh() {
    await fill(state, async () => {
      const health = await api.get("/api/v1/journal/health");
      return facts([
        ["state", tag(health.state, health.accepting ? "good" : "bad")],
        ["entries", count(health.size)],
        ["signed", `${count(health.checkpointed)} under the last checkpoint`],
        ["free space", bytes(health.free_bytes)],
        ["why", health.detail],
      ]);
    });
  }
  return { node, refresh };
}

export function vaultPanel(api) {
  const { node, body } = panel("Vault");
  async function refresh() {
    await fill(body, async () => {
      const vault = await api.get("/api/v1/vault");
      const keys = vault.tenants.flatMap((tenant) => tenant.purposes.map((purpose) => {
        const current = purpose.keys.at(-1);
        return [purpose.purpose.replaceAll("_", " "), `version ${current.version}, ${ago(current.age_seconds)} old`];
      }));
      return [
        facts([
          ["key encryption key", tag(vault.kek.available ? "available" : "away", vault.kek.available ? "good" : "bad")],
          ["kept in", el("span", { class: "mono", title: vault.kek.uri }, vault.kek.uri.replace(/^(file:).*\/([^/]+\/[^/]+)$/, "$1…/$2"))],
          ["note", vault.kek.note],
        ]),
        facts(keys),
      ];
    });
  }
  return { node, refresh };
}

const STANDINGS = { active: "good", due: "warn", overdue: "bad", expired: "", revoked: "" };
const URGENCY = ["overdue", "due", "active", "expired", "revoked"];

export function keysPanel(api) {
  const { node, body } = panel("API keys");
  async function refresh() {
    await fill(body, async () => {
      const { keys } = await api.get("/api/v1/keys");
      const working = keys.filter((key) => key.state === "active" || key.state === "due");
      const shown = keys.filter((key) => key.state !== "revoked" && key.state !== "expired")
        .sort((a, b) => URGENCY.indexOf(a.state) - URGENCY.indexOf(b.state) || a.ends.localeCompare(b.ends));
      if (shown.length === 0) return empty("None works. Issue one with atlas key issue.");
      return [
        facts([["work now", count(working.length)], ["to be rotated", count(keys.filter((key) => key.state === "due").length)],
          ["not rotated in time", count(keys.filter((key) => key.state === "overdue").length)]]),
        ...shown.slice(0, 8).map(item),
      ];
    });
  }
  function item(key) {
    const late = key.state === "due" || key.state === "overdue";
    return el("article", { class: "item" },
      el("div", { class: "item-head" }, el("strong", {}, key.principal), tag(key.state, STANDINGS[key.state] ?? "")),
      facts([["roles", key.roles.join(", ").replaceAll("_", " ")], ["ends", day(key.ends)],
        ["last used", key.last_used ? day(key.last_used) : "never"], ["from", key.sources.join(", ")],
        ["tokens", key.tokens], ["requests", key.requests]]),
      late ? el("code", { class: "fine" }, `atlas key rotate ${key.id}`) : el("span", { class: "digest", title: "key id" }, key.id));
  }
  return { node, refresh };
}

export function statusOf(api) {
  return api.get("/api/v1/status");
}

export function processesPanel() {
  const { node, body } = panel("Processes");
  return {
    node,
    show(status) {
      body.replaceChildren(facts(Object.entries(status.processes).map(([name, process]) =>
        [name, tag(process.state, process.state === "ready" ? "good" : "bad")])
        .concat([["up for", ago(status.uptime_seconds)]])));
    },
  };
}
