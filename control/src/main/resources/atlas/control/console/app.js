// The console: sign in, then one board that keeps itself fresh.

import { providers, session, signIn } from "./api.js";
import { ActivityStream } from "./activity.js";
import { bars } from "./charts.js";
import { count, el, facts, tag } from "./dom.js";
import { receiptPanel } from "./receipts.js";
import { alertsPanel, journalPanel, keysPanel, modelsPanel, processesPanel, statusOf, vaultPanel } from "./views.js";

const $ = (id) => document.getElementById(id);

let stop = null;
let current = null;

function figure(name, unit, tone) {
  const value = el("span", { class: "figure-value num" }, "0");
  const holder = el("div");
  return {
    node: el("article", { class: "card figure" }, el("span", { class: "figure-name" }, name), value, holder),
    draw(series) {
      value.replaceChildren(count(series.lastMinute()), el("small", {}, ` ${unit}`));
      holder.replaceChildren(bars(series, tone, name));
    },
    say(text, note) {
      value.replaceChildren(text, el("small", {}, ` ${note}`));
    },
  };
}

function notices(status, api, refresh) {
  const region = $("notices");
  const shown = status.warnings.map((warning) => el("div", { class: "notice" }, el("span", {}, warning)));
  if (status.bootstrap.present && shown.length > 0) {
    const ends = status.bootstrap.expires ? new Date(status.bootstrap.expires) : null;
    const over = ends !== null && ends <= new Date();
    const until = ends === null ? "" : `, until ${ends.toLocaleString("en-GB")}`;
    const remove = el("button", { type: "button", class: "small" }, "Remove them now");
    remove.addEventListener("click", async () => {
      if (!window.confirm("Revoke all bootstrap credentials? You need a key of your own to come back.")) return;
      try {
        await api.remove("/api/v1/bootstrap");
      } catch (failure) {
        remove.replaceWith(el("span", {}, failure.status === 403 ? "A security admin may remove them." : failure.message));
        return;
      }
      refresh();
    });
    shown[0].replaceChildren(el("span", {}, over
      ? "The bootstrap credentials have ended; their file is still there."
      : `The bootstrap credentials still work${until}. Issue your own keys, then remove them.`), remove);
  }
  region.replaceChildren(...shown);
}

function board(api, who) {
  const alerts = alertsPanel(api);
  const models = modelsPanel(api);
  const journal = journalPanel(api);
  const vault = vaultPanel(api);
  const keys = keysPanel(api);
  const processes = processesPanel();
  const stream = new ActivityStream(() => alerts.refresh());
  const figures = {
    requests: figure("Requests", "in the last minute", ""),
    tokens: figure("Tokens", "in the last minute", "info"),
    denials: figure("Denials", "in the last minute", "bad"),
    entries: figure("Journal entries", "", ""),
  };
  const names = ["requests", "tokens", "denials"];
  $("board").replaceChildren(
    el("div", { class: "column" },
      el("div", { class: "figures" }, Object.values(figures).map((f) => f.node)),
      stream.panel()),
    el("div", { class: "column" }, [alerts, journal, models, keys, vault, processes, receiptPanel()].map((p) => p.node)));

  // What the stream last said, unless the last answer about the status was none.
  let line = "";
  let trouble = "";
  const tell = () => {
    $("link").className = `link ${trouble === "" ? line : "lost"}`;
    $("link").textContent = trouble || { live: "live", lost: "reconnecting…", denied: "no live activity for your role" }[line] || "";
  };
  const draw = () => names.forEach((name) => figures[name].draw(stream[name]));
  async function refresh() {
    try {
      const status = await statusOf(api);
      notices(status, api, refresh);
      processes.show(status);
      figures.entries.say(count(status.journal.size), status.journal.accepting ? "recorded" : "refusing");
      trouble = "";
    } catch (failure) {
      if (failure.status === 401) {
        leave("You are signed out.");
        return;
      }
      trouble = failure.status === undefined ? "unreachable" : failure.message;
    }
    tell();
    await Promise.all([alerts, models, journal, keys, vault].map((p) => p.refresh()));
  }
  draw();
  refresh();
  const ending = new AbortController();
  const ticks = [setInterval(draw, 1000), setInterval(refresh, 10000)];
  api.follow({
    event: (kind, data) => stream.take(kind, data),
    state: (state) => {
      if (state === "ended") {
        leave("You are signed out.");
        return;
      }
      line = state;
      tell();
      if (state === "denied") stream.placeholder.firstChild.textContent = `Live activity needs the role operator or auditor; you are ${who.roles.join(", ")}.`;
    },
  }, ending.signal);
  return () => {
    ending.abort();
    ticks.forEach(clearInterval);
  };
}

const SAID = {
  "#sign-in-failed": "Signing in did not work. Try again; the journal has the reason.",
  "#sign-in-away": "The sign-in provider cannot be reached now. Try again in a moment.",
};

function account(who) {
  const time = (iso) => new Date(iso).toLocaleString("en-GB");
  $("account").replaceChildren(facts([
    ["Principal", who.principal],
    ["Roles", who.roles.join(", ") || "none"],
    ["Tenant", who.tenant],
    ["Signed in", `${time(who.session.opened)}, ${who.session.provider || who.session.method}`],
    ["Ends", time(who.session.ends)],
    ["Session", who.session.id],
  ]));
}

function enter(api) {
  const { who } = api;
  $("who").replaceChildren(el("strong", {}, who.principal), ...who.roles.map((role) => tag(role.replaceAll("_", " "), "info")));
  account(who);
  $("session").hidden = false;
  $("enter").hidden = true;
  $("board").hidden = false;
  current = api;
  stop = board(api, who);
  $("main").focus();
}

function leave(why = "") {
  stop?.();
  stop = null;
  current = null;
  $("session").hidden = true;
  $("board").hidden = true;
  $("board").replaceChildren();
  $("notices").replaceChildren();
  $("enter").hidden = false;
  $("enter-error").textContent = why;
  $("key").focus();
}

async function offer() {
  try {
    const { providers: all } = await providers();
    $("providers").replaceChildren(...all.map((provider) => el("a", { class: "provider", href: provider.start, "data-provider": provider.name }, `Sign in with ${provider.label}`)));
  } catch (failure) {
    $("enter-error").textContent = `Cannot ask for the ways to sign in: ${failure.message}`;
  }
}

async function begin() {
  const said = SAID[window.location.hash];
  if (said !== undefined) window.history.replaceState(null, "", "/");
  try {
    enter(await session());
  } catch (failure) {
    leave(said ?? (failure.status === 401 ? "" : `Cannot sign in: ${failure.message}`));
    await offer();
  }
}

$("enter-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const field = $("key");
  const key = field.value.trim();
  field.value = "";
  $("enter-error").textContent = "";
  try {
    await signIn(key);
    enter(await session());
  } catch (failure) {
    leave(failure.status === 401 ? "That key was not accepted." : `Cannot sign in: ${failure.message}`);
  }
});

$("leave").addEventListener("click", async () => {
  try {
    const { sign_out_at: place } = await current.signOut();
    leave();
    // Where a provider vouched, its own session ends as well.
    if (place) window.location.assign(place);
    else await offer();
  } catch (failure) {
    leave(failure.status === 401 ? "" : `Signing out did not work: ${failure.message}. Close the browser.`);
  }
});

// Until this line the form could only have been sent as a form, which the page's policy forbids.
$("enter-button").disabled = false;
begin();
