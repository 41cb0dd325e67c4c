#!/usr/bin/env python3
"""Scores alerts of `atlas watch replay` against labelled streams; standard library only.

usage: score.py EVENTS.csv.gz:ALERTS.jsonl ... [--each] [--list]

An attack is found when an alert that was decided between its first event and an hour after its last names one of
its principals; the delay counts from its first event to the alert's `last`. Every other alert is false.
Intervals are 95 % (Wilson for shares, exact Poisson for false alerts, order statistics for the median delay).
"""
import argparse
import collections
import csv
import gzip
import json
import math

GRACE = 3600


def attacks(path):
    found, principals, end = {}, set(), 0.0
    with gzip.open(path, "rt") as f:
        for r in csv.DictReader(f):
            end = float(r["ts_s"])
            principals.add(r["principal"])
            if r["scenario"]:
                a = found.setdefault(r["scenario"], {"who": set(), "first": end, "last": end})
                a["who"].add(r["principal"])
                a["last"] = end
    return found, len(principals) * end / 86400


def wilson(hits, n):
    if not n:
        return 0.0, 1.0
    z, p = 1.96, hits / n
    mid = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, mid - half), min(1.0, mid + half)


def poisson(count):
    """Exact 95 % interval of the mean of a Poisson count, by bisection."""

    def below(mean, k):
        return sum(math.exp(-mean + i * math.log(mean) - math.lgamma(i + 1)) for i in range(k + 1)) if mean > 0 else 1.0

    def solve(f):
        low, high = 1e-9, 10.0 + 4 * count
        for _ in range(80):
            mid = (low + high) / 2
            low, high = (mid, high) if f(mid) else (low, mid)
        return low

    lower = 0.0 if count == 0 else solve(lambda m: 1 - below(m, count - 1) < 0.025)
    return lower, solve(lambda m: below(m, count) > 0.025)


def middle(values):
    values = sorted(values)
    if not values:
        return 0.0, 0.0, 0.0
    n = len(values)
    half = 1.96 * math.sqrt(n) / 2
    return values[n // 2], values[max(0, int(n / 2 - half))], values[min(n - 1, math.ceil(n / 2 + half))]


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("pairs", nargs="+")
    p.add_argument("--each", action="store_true", help="one line for each stream")
    p.add_argument("--list", action="store_true", help="each false alert and each attack that was not found")
    a = p.parse_args()
    kinds = collections.defaultdict(lambda: [0, 0, []])
    false, days, falsely = 0, 0.0, collections.Counter()
    for pair in a.pairs:
        events, alerts = pair.rsplit(":", 1)
        known, principal_days = attacks(events)
        days += principal_days
        with open(alerts) as f:
            raised = [json.loads(line) for line in f]
        delays, wrong = {}, []
        for x in raised:
            of = [n for n, k in known.items() if x["principal"] in k["who"] and k["first"] <= x["last"] <= k["last"] + GRACE]
            for n in of:
                delays[n] = min(delays.get(n, math.inf), (x["last"] - known[n]["first"]) / 60)
            if not of:
                wrong.append(x)
        for n in known:
            kind = kinds[n.rsplit("-", 1)[0]]
            kind[1] += 1
            if n in delays:
                kind[0] += 1
                kind[2].append(delays[n])
        false += len(wrong)
        falsely.update(x["kind"] for x in wrong)
        if a.each:
            print("%s: %d of %d found, %d false (%.4f a principal-day), median delay %.1f min" % (
                events, len(delays), len(known), len(wrong), len(wrong) / principal_days, middle(delays.values())[0]))
        if a.list:
            for x in wrong:
                print("  false  %s %s at %.2fh: %s" % (x["principal"], x["kind"], x["last"] / 3600, x["explanation"]))
            for n in sorted(set(known) - set(delays)):
                print("  missed %s" % n)
    print("| kind | found | of | share | 95 % | median delay |")
    print("|---|---|---|---|---|---|")
    hits = n = 0
    delays = []
    for name, (found, of, took) in sorted(kinds.items()):
        low, high = wilson(found, of)
        print("| `%s` | %d | %d | %.2f | %.2f to %.2f | %.1f min |" % (name, found, of, found / of, low, high, middle(took)[0]))
        hits, n, delays = hits + found, n + of, delays + took
    low, high = wilson(hits, n)
    mid, least, most = middle(delays)
    print("| all | %d | %d | %.3f | %.3f to %.3f | %.1f min (%.1f to %.1f) |" % (hits, n, hits / n, low, high, mid, least, most))
    low, high = poisson(false)
    print("\nfalse alerts: %d in %.0f principal-days = %.4f a principal-day (%.4f to %.4f) %s" % (
        false, days, false / days, low / days, high / days, dict(falsely.most_common())))


if __name__ == "__main__":
    main()
