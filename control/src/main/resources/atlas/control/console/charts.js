// Small bar charts over the last five minutes, counted here from live activity.

import { svg } from "./dom.js";

const SLOTS = 60;
const SLOT_MS = 5000;

export class Series {
  constructor() {
    this.slots = new Array(SLOTS).fill(0);
    this.head = Math.floor(Date.now() / SLOT_MS);
  }

  roll(now = Date.now()) {
    const head = Math.floor(now / SLOT_MS);
    for (; this.head < head; this.head += 1) {
      this.slots.shift();
      this.slots.push(0);
    }
  }

  add(when, amount) {
    this.roll();
    const age = this.head - Math.floor(when / SLOT_MS);
    if (age >= 0 && age < SLOTS) this.slots[SLOTS - 1 - age] += amount;
  }

  lastMinute() {
    this.roll();
    return this.slots.slice(-60000 / SLOT_MS).reduce((sum, value) => sum + value, 0);
  }
}

export function bars(series, tone, label) {
  series.roll();
  const most = Math.max(1, ...series.slots);
  const root = svg("svg", {
    class: `chart ${tone}`, viewBox: "0 0 300 40", preserveAspectRatio: "none", role: "img",
    "aria-label": `${label}, last five minutes; most in five seconds: ${most}`,
  });
  root.append(svg("line", { x1: 0, y1: 39.5, x2: 300, y2: 39.5 }));
  series.slots.forEach((value, slot) => {
    if (value > 0) {
      const height = Math.max(1.5, (value / most) * 37);
      root.append(svg("rect", { x: slot * 5 + 0.5, y: 39 - height, width: 4, height, rx: 0.8 }));
    }
  });
  return root;
}
