// The live stream: what each entry says in one line, filters, and the counters behind the charts.

import { clock, el, tag } from "./dom.js";
import { Series } from "./charts.js";

const KEPT = 400;

const GROUPS = {
  requests: ["inference.intent", "inference.outcome"],
  denials: ["inference.denied", "access.refused", "access.refusals", "token.refused"],
  admin: ["session.opened", "session.ended", "token.issued", "admin.act", "model.changed", "key.used", "journal.read", "journal.exported", "process.started", "process.stopped"],
  alerts: ["alert.raised"],
};

const NAMES = { requests: "Requests", denials: "Denials", admin: "Admin", alerts: "Alerts" };

function groupOf(kind, event) {
  if (kind === "admin.act" && event.outcome === "denied") return "denials";
  return Object.keys(GROUPS).find((group) => GROUPS[group].includes(kind)) ?? "admin";
}

function describe(kind, e) {
  const who = e.actor?.principal ?? e.principal ?? e.source ?? "";
  switch (kind) {
    case "inference.intent":
      return ["request", "info", who, `asks ${e["gen_ai.request.model"]}@${e.model_version} (${e["gen_ai.operation.name"]})`];
    case "inference.outcome":
      return [e.status, e.status === "ok" ? "good" : "warn", who,
        `got ${e["gen_ai.usage.output_tokens"]} tokens from ${e["gen_ai.request.model"]} in ${Math.round(e.duration_us / 1000)} ms`];
    case "inference.denied":
      return ["denied", "bad", who, `${e.code} at ${e.step}: ${e.reason}`];
    case "access.refused":
      return ["refused", "bad", e.source, `${e["http.request.method"]} ${e["url.path"]}: ${e.reason}`];
    case "access.refusals": {
      const total = Object.values(e.count_by_reason).reduce((sum, value) => sum + value, 0);
      return ["refused", "bad", `${e.sources} sources`, `${total} more refusals, counted together`];
    }
    case "admin.act":
      return [e.outcome === "denied" ? "denied" : "admin", e.outcome === "denied" ? "bad" : e.outcome === "failed" ? "warn" : "",
        who, `${e.action} ${e.resource}${e.outcome === "allowed" ? "" : `: ${e.outcome}`}`];
    case "session.opened":
      return ["signed in", "", who, `with ${e.provider || e.method}, until ${clock(e.ends)}`];
    case "session.ended":
      return ["signed out", "", e.principal, e.reason.replaceAll("_", " ")];
    case "token.issued":
      return ["token", "", who, `got a token for ${e.audiences.join(", ")}${e.bound_to === "nothing" ? "" : `, bound to ${e.bound_to}`}, until ${clock(e.expires)}`];
    case "token.refused":
      return ["denied", "bad", who, `got no token: ${e.reason}`];
    case "model.changed":
      return ["model", e.change === "refused" ? "bad" : "info", who, `${e.change} ${e.model}${e.detail ? `: ${e.detail}` : ""}`];
    case "key.used":
      return ["key", "", who, `${e.act} ${e.key}#${e.version} (${e.purpose.toLowerCase()})`];
    case "vectors.used":
      return ["vectors", e.outcome === "failed" ? "warn" : "", who, `${e.act} ${e.store}${e.items.length ? `: ${e.items.length} items` : ""}`];
    case "journal.read":
      return ["read", "", who, `read the journal: ${e.query || "tail"}`];
    case "journal.exported":
      return ["export", "", e.exporter, e.act === "delivered" ? `sent #${e.from} to #${e.until - 1} to ${e.destination}` : `${e.act} at #${e.from}, to ${e.destination}`];
    case "alert.raised":
      return ["alert", "bad", e.principal, `${e.rule}: ${e.explanation}`];
    case "process.started":
      return ["process", "", e.component, `started, version ${e.version}`];
    case "process.stopped":
      return ["process", "", e.component, `stopped: ${e.reason}`];
    default:
      return [kind, "", who, ""];
  }
}

export class ActivityStream {
  constructor(onAlert) {
    this.requests = new Series();
    this.denials = new Series();
    this.tokens = new Series();
    this.onAlert = onAlert;
    this.groups = new Set(Object.keys(GROUPS));
    this.words = "";
    this.paused = false;
    this.seen = -1;
    this.rows = [];
    this.list = el("ol", { class: "stream", tabindex: "0", role: "log", "aria-live": "off", "aria-label": "Live activity, newest first" });
    this.placeholder = el("li", {}, el("p", { class: "empty panel-body" }, "Nothing yet. Send a request and watch it arrive."));
    this.list.append(this.placeholder);
    this.counter = el("span", { class: "muted num", role: "status" });
  }

  take(kind, data) {
    if (kind === "dropped" || kind === "ended" || kind === "gap" || data.index <= this.seen) return;
    this.seen = data.index;
    this.tally(kind, data);
    this.placeholder.remove();
    const row = this.row(kind, data);
    this.rows.unshift(row);
    if (this.rows.length > KEPT) this.rows.pop().node.remove();
    if (!this.paused) this.list.prepend(row.node);
    this.show(row);
    this.tell();
  }

  tally(kind, { when, event }) {
    const at = Date.parse(when);
    const group = groupOf(kind, event);
    if (kind === "inference.intent") this.requests.add(at, 1);
    if (group === "denials") this.denials.add(at, kind === "access.refusals" ? Object.values(event.count_by_reason).reduce((a, b) => a + b, 0) : 1);
    if (kind === "inference.outcome") {
      this.tokens.add(at, event["gen_ai.usage.input_tokens"] + event["gen_ai.usage.output_tokens"]);
    }
    if (kind === "alert.raised") this.onAlert();
  }

  row(kind, { index, when, event }) {
    const [label, tone, who, what] = describe(kind, event);
    const details = el("details", {},
      el("summary", {},
        el("time", { class: "when", datetime: when }, clock(when)),
        tag(label, tone),
        el("span", { class: "what", title: `${who} ${what}` }, el("b", {}, who), ` ${what}`),
        el("span", { class: "index" }, `#${index}`)));
    details.addEventListener("toggle", () => {
      if (details.open && !details.querySelector("pre")) {
        details.append(el("pre", { tabindex: "0" }, JSON.stringify(event, null, 2)));
      }
    });
    return {
      node: el("li", { class: "fresh" }, details),
      group: groupOf(kind, event),
      text: `${label} ${who} ${what} ${event.request_id ?? ""}`.toLowerCase(),
    };
  }

  show(row) {
    row.node.hidden = !this.groups.has(row.group) || !row.text.includes(this.words);
  }

  refilter() {
    this.rows.forEach((row) => this.show(row));
    this.tell();
  }

  tell() {
    const shown = this.rows.filter((row) => !row.node.hidden).length;
    this.counter.textContent = this.paused
      ? `paused, ${this.rows.filter((row) => !row.node.isConnected).length} waiting`
      : `${shown} shown`;
  }

  pause(button) {
    this.paused = !this.paused;
    button.textContent = this.paused ? "Resume" : "Pause";
    button.setAttribute("aria-pressed", String(this.paused));
    if (!this.paused) this.list.replaceChildren(...this.rows.map((row) => row.node));
    this.tell();
  }

  panel() {
    const chips = Object.entries(NAMES).map(([group, name]) => {
      const chip = el("button", { type: "button", class: "chip", "aria-pressed": "true" }, name);
      chip.addEventListener("click", () => {
        const on = !this.groups.delete(group);
        if (on) this.groups.add(group);
        chip.setAttribute("aria-pressed", String(on));
        this.refilter();
      });
      return chip;
    });
    const search = el("input", { type: "search", placeholder: "Filter: principal, model, request id…", "aria-label": "Filter activity by words" });
    search.addEventListener("input", () => {
      this.words = search.value.trim().toLowerCase();
      this.refilter();
    });
    const pause = el("button", { type: "button", class: "small", "aria-pressed": "false" }, "Pause");
    pause.addEventListener("click", () => this.pause(pause));
    return el("section", { class: "card", "aria-labelledby": "activity-title" },
      el("div", { class: "panel-head" }, el("h2", { id: "activity-title" }, "Live activity"), el("span", {}, this.counter, " ", pause)),
      el("div", { class: "filters", role: "group", "aria-label": "Kinds shown" }, chips, search),
      this.list);
  }
}
