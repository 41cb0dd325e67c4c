// Checks a receipt in this browser: no byte of it leaves the page.

import { el, facts, tag } from "./dom.js";
import { verifyReceipt } from "./receipt-verifier.js";

function chosen(label, accept) {
  const input = el("input", { type: "file", accept });
  return { input, row: el("label", { class: "file-row" }, el("span", {}, label), input) };
}

export function receiptPanel() {
  const receipt = chosen("Receipt", ".json,application/json");
  const request = chosen("Request body, if you have it", "");
  const response = chosen("Answer body, if you have it", "");
  const key = el("input", { type: "text", spellcheck: "false", autocomplete: "off", placeholder: "name+id+key", "aria-label": "Verifier key" });
  const check = el("button", { type: "submit", class: "small" }, "Check");
  const verdict = el("div", { role: "status", hidden: true });
  const details = el("div");
  const form = el("form", { class: "receipt-form" },
    receipt.row, el("label", { class: "file-row" }, el("span", {}, "Verifier key, from somebody you trust for it"), key),
    request.row, response.row, check);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    details.replaceChildren();
    verdict.hidden = false;
    verdict.className = "verdict warn";
    const file = receipt.input.files[0];
    if (file === undefined || key.value.trim() === "") {
      verdict.textContent = "Choose a receipt and give the verifier key.";
      return;
    }
    const bytes = async (choice) => choice.input.files[0]?.arrayBuffer();
    const report = await verifyReceipt(await file.text(), key.value, { request: await bytes(request), response: await bytes(response) });
    verdict.className = `verdict ${report.verified ? "good" : "bad"}`;
    verdict.textContent = report.verified ? "Holds: both entries are in the signed log and say this." : `Does not hold: ${report.reasons.join("; ")}`;
    const { intent, outcome } = report.statements;
    if (report.verified) {
      details.replaceChildren(facts([
        ["request", intent?.request_id ?? outcome?.request_id],
        ["principal", intent?.principal],
        ["model", intent && `${intent["gen_ai.request.model"]} v${intent.model_version}`],
        ["signed by", intent?.model_signer],
        ["policy", intent?.policy],
        ["prompt guard", intent && tag(intent.prompt_guard.coverage, intent.prompt_guard.coverage === "scanned" ? "good" : "warn")],
        ["outcome", outcome?.status],
      ]));
    }
  });
  const node = el("section", { class: "card", "aria-labelledby": "panel-receipt" },
    el("div", { class: "panel-head" }, el("h2", { id: "panel-receipt" }, "Check a receipt")),
    el("div", { class: "panel-body" }, form, verdict, details));
  return { node };
}
