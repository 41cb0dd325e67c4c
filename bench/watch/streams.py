#!/usr/bin/env python3
"""Makes labelled streams of gateway events to judge `atlas watch replay` by; standard library only.

usage: streams.py SEED OUT.csv.gz [--days 6] [--principals 60] [--kinds all|ten] [--rates CSV [--tokens CSV]]

Ordinary use comes from a model of its own, or with --rates from per-client arrival rates in the form of
ServeGen (client,bin_start_s,rate_rps,cv,...). Into it go things that look odd and are not, and attacks,
whose rows carry `label` 1 and a `scenario`. The same seed gives the same file.
"""
import argparse
import collections
import csv
import gzip
import math
import random

COLUMNS = ("ts_s principal country ip24 ua op model in_tok out_tok decision guard prompt_bucket label scenario").split()
COUNTRIES = "US GB DE FR IN BR SG JP CA AU NL ZA KR MX PL".split()
MODELS = "chat-s chat-m chat-l code-m reason-l vision-m embed-1".split()
DAY = 86400
TEN = "llmjacking denied_burst impossible_travel key_sharing injection_campaign token_spike volume_spike " \
      "off_hours embed_scrape extraction_slow".split()
FURTHER = "prompt_spike exfiltration enumeration extraction_jittered".split()


class Source:
    """Where one principal's ordinary requests come from."""

    def __init__(self, rnd, days, client=None):
        self.rnd = rnd
        self.days = days
        self.client = client
        self.per_day = math.exp(rnd.uniform(math.log(60), math.log(1100)))
        self.peak = rnd.uniform(0, 24)
        self.width = rnd.choice((3.0, 4.5, 7.0, 12.0, 1e9))
        self.night = rnd.choice((0.0, 0.0, 0.05, 0.2))
        self.lumps = rnd.choice((0.2, 0.5, 1.0))

    def bins(self):
        """Expected arrivals and variation of gaps, by ten minutes."""
        rnd = self.rnd
        out = []
        if self.client:
            total = sum(rate for rate, _ in self.client.values()) or 1
            length = max(self.client) + 600
            tiles = max(1, round(length / DAY)) * DAY
            shift = 0 if tiles == DAY else rnd.randrange(0, max(1, tiles - self.days * DAY + 1), 600)
            scale = self.per_day * (tiles / DAY) / total
            for i in range(self.days * 144):
                rate, cv = self.client.get((i * 600 + shift) % tiles, (0, 1))
                out.append((rate * scale * rnd.uniform(0.85, 1.15), cv))
            return out
        lump = 0.0
        for i in range(self.days * 144):
            hour = i / 6 % 24
            away = min(abs(hour - self.peak), 24 - abs(hour - self.peak))
            shape = math.exp(-0.5 * (away / self.width) ** 2)
            if shape < 0.04:
                shape = self.night * 0.3
            if rnd.random() < 0.15:
                lump = rnd.gauss(0, self.lumps)
            if rnd.random() < 0.004 and shape > 0.3:
                lump = rnd.uniform(0.8, 2.0)
            out.append((self.per_day / 70 * shape * math.exp(lump), rnd.choice((0.8, 1.0, 1.6, 2.5))))
        return out

    def times(self):
        rnd = self.rnd
        out = []
        for i, (mean, cv) in enumerate(self.bins()):
            if mean <= 0:
                continue
            cv = min(3.0, max(0.4, cv))
            shape = 1 / cv ** 2
            t = rnd.expovariate(1) * 600 / (mean + 1)
            while t < 600:
                out.append(i * 600 + t)
                t += max(0.05, rnd.gammavariate(shape, 600 / mean / shape))
        return out


class Caller:
    def __init__(self, rnd, name, days, client, sizes):
        self.rnd = rnd
        self.name = name
        self.country = rnd.choice(COUNTRIES)
        self.nets = [net(rnd) for _ in range(rnd.choice((1, 1, 2, 3)))]
        self.ua = "ua%02d" % rnd.randrange(32)
        self.models = rnd.sample(MODELS, rnd.choice((1, 1, 2, 2, 3)))
        self.sizes = sizes or (math.exp(rnd.uniform(0, 7)), math.exp(rnd.uniform(0, 7.5)), rnd.uniform(0.25, 0.8))
        self.source = Source(rnd, days, client)
        # Some jobs ask by the clock for as much as they get, from their first day on.
        self.clockwork = not client and rnd.random() < 0.08

    def size(self, middle, factor=1.0):
        return max(1, round(middle * factor * math.exp(self.rnd.gauss(0, self.sizes[2]))))

    def model(self):
        return self.models[0] if len(self.models) == 1 or self.rnd.random() < 0.75 else self.rnd.choice(self.models[1:])

    def event(self, t, scenario="", **changed):
        rnd = self.rnd
        row = {
            "ts_s": t, "principal": self.name, "country": self.country, "ip24": rnd.choice(self.nets), "ua": self.ua,
            "op": "chat", "model": self.model(), "in_tok": self.size(self.sizes[0]), "out_tok": self.size(self.sizes[1]),
            "decision": "deny" if rnd.random() < 0.0015 else "allow",
            "guard": "injection" if rnd.random() < 0.002 else "clean", "prompt_bucket": "%06x" % rnd.randrange(1 << 24),
            "label": 1 if scenario else 0, "scenario": scenario}
        row.update(changed)
        return row


def net(rnd):
    return "%d.%d.%d" % (rnd.randrange(11, 200), rnd.randrange(256), rnd.randrange(256))


def poisson(rnd, start, length, gap):
    t = start + rnd.expovariate(1 / gap)
    while t < start + length:
        yield t
        t += rnd.expovariate(1 / gap)


def clock(rnd, start, length, gap, jitter):
    t = start
    while t < start + length:
        yield t + rnd.uniform(-jitter, jitter) * gap
        t += gap


def ordinary(rnd, callers, days):
    """Benign rows by principal, and what befell it that only looks odd."""
    rows = {}
    busy = collections.defaultdict(list)
    for c in callers:
        times = c.source.times()
        own = [c.event(t) for t in times]
        oddity = rnd.choice(("", "", "", "travel", "burst", "burst", "model", "laptop", "larger", "late"))
        if c.clockwork and oddity == "travel":
            oddity = ""  # A job that goes on at home would make it impossible.
        at = rnd.uniform(2.2, days - 2) * DAY
        if oddity == "travel":
            away, there = rnd.choice([x for x in COUNTRIES if x != c.country]), net(rnd)
            own = [r for r in own if not at < r["ts_s"] < at + 12 * 3600]
            for r in own:
                if at + 12 * 3600 <= r["ts_s"] < at + 36 * 3600:
                    r["country"], r["ip24"] = away, there
            # Home again by a known network, twelve hours later.
            own = [r for r in own if not at + 36 * 3600 <= r["ts_s"] < at + 48 * 3600]
            busy[c.name].append((at - 3600, at + 48 * 3600))
        elif oddity == "burst":
            factor, length = rnd.uniform(2, 3.5), rnd.uniform(1, 3) * 3600
            extra = [r["ts_s"] for r in own if at <= r["ts_s"] < at + length]
            for t in extra:
                for _ in range(int(factor - 1 + rnd.random())):
                    own.append(c.event(min(at + length, t + rnd.expovariate(1 / 60))))
        elif oddity == "model":
            fresh = rnd.choice(MODELS)
            for r in own:
                if r["ts_s"] > at and rnd.random() < 0.3:
                    r["model"] = fresh
        elif oddity == "laptop":
            ua, there = "ua%02d" % rnd.randrange(32), net(rnd)
            for r in own:
                if r["ts_s"] > at:
                    r["ua"], r["ip24"] = ua, there
        elif oddity == "larger":
            for r in own:
                if r["ts_s"] > at:
                    r["out_tok"] *= 2
        elif oddity == "late":
            own = [r for r in own if r["ts_s"] > 1.4 * DAY]
        if c.clockwork:
            gap = rnd.choice((60, 120, 300))
            own += [c.event(t, out_tok=64, in_tok=50) for t in clock(rnd, 30, days * DAY - 60, gap, 0.02)]
        rows[c.name] = own
    return rows, busy


def attack(rnd, kind, c, t, tag, callers):
    """Rows of one attack that begins at t."""
    home_gap = DAY / c.source.per_day
    if kind in ("llmjacking", "enumeration"):
        who = dict(ua="ua99", ip24=net(rnd)) if kind == "llmjacking" else {}
        tried = 8 if kind == "enumeration" else rnd.randrange(9, 18)
        for i, at in enumerate(poisson(rnd, t, 1200, 1200 / tried)):
            yield c.event(at, tag, model="hidden-%d" % rnd.randrange(40), in_tok=rnd.randrange(3, 13), out_tok=1,
                          decision=rnd.choice(("deny", "deny", "allow")), **who)
        if kind == "llmjacking":
            for at in poisson(rnd, t + 1200, 3000, rnd.uniform(25, 45)):
                yield c.event(at, tag, model="reason-l", out_tok=rnd.randrange(2000, 6000), **who)
    elif kind == "denied_burst":
        for at in poisson(rnd, t, 600, rnd.uniform(8, 20)):
            yield c.event(at, tag, decision="deny")
    elif kind == "impossible_travel":
        away = rnd.choice([x for x in COUNTRIES if x != c.country])
        for at in poisson(rnd, t, 1800, 220):
            yield c.event(at, tag, country=away, ip24=net(rnd))
    elif kind == "key_sharing":
        users = [(rnd.choice(COUNTRIES), net(rnd), "ua%02d" % rnd.randrange(32, 60)) for _ in range(rnd.randrange(5, 10))]
        for at in poisson(rnd, t, 6 * 3600, rnd.uniform(220, 420)):
            country, ip, ua = rnd.choice(users)
            yield c.event(at, tag, country=country, ip24=ip, ua=ua)
    elif kind == "injection_campaign":
        prompt = "%06x" % rnd.randrange(1 << 24)
        for at in poisson(rnd, t, 7200, 290):
            yield rnd.choice(callers).event(at, tag, prompt_bucket=prompt,
                                            guard="injection" if rnd.random() < 0.78 else "clean")
    elif kind == "token_spike":
        for at in poisson(rnd, t, 5400, rnd.uniform(120, 200)):
            yield c.event(at, tag, out_tok=c.size(c.sizes[1], rnd.uniform(12, 30)))
    elif kind == "prompt_spike":
        for at in poisson(rnd, t, 5400, rnd.uniform(120, 200)):
            yield c.event(at, tag, in_tok=c.size(c.sizes[0], rnd.uniform(12, 30)))
    elif kind == "exfiltration":
        for at in poisson(rnd, t, 3 * 3600, max(5, home_gap / 6)):
            yield c.event(at, tag, out_tok=c.size(c.sizes[1], 6))
    elif kind == "volume_spike":
        for at in poisson(rnd, t, 5400, max(3, home_gap / rnd.uniform(10, 20))):
            yield c.event(at, tag)
    elif kind == "off_hours":
        for at in poisson(rnd, t, 3600, rnd.uniform(80, 140)):
            yield c.event(at, tag)
    elif kind == "embed_scrape":
        for at in clock(rnd, t, rnd.uniform(2400, 5400), 4, 0.2):
            yield c.event(at, tag, op="embeddings", model="embed-1", in_tok=rnd.randrange(500, 516), out_tok=0)
    elif kind == "extraction_slow":
        for at in clock(rnd, t, DAY, rnd.uniform(65, 220), 0.03):
            yield c.event(at, tag, in_tok=rnd.randrange(205, 236), out_tok=256)
    elif kind == "extraction_jittered":
        size = rnd.choice((128, 200, 512, 1024))
        for at in clock(rnd, t, DAY, rnd.uniform(40, 200), 0.07):
            yield c.event(at, tag, out_tok=size)


def clients(rates, tokens):
    found = collections.defaultdict(dict)
    with gzip.open(rates, "rt") if rates.endswith(".gz") else open(rates) as f:
        for r in csv.DictReader(f):
            found[r["client"]][int(float(r["bin_start_s"])) // 600 * 600] = (float(r["rate_rps"]), float(r["cv"]))
    sizes = {}
    if tokens:
        with gzip.open(tokens, "rt") if tokens.endswith(".gz") else open(tokens) as f:
            for r in csv.DictReader(f):
                middle = max(1.0, float(r["in_p50"])), max(1.0, float(r["out_p50"]))
                spread = math.log(max(1.5, (float(r["out_p95"]) + 1) / (middle[1] + 1))) / 1.645
                sizes[r["client"]] = (*middle, min(1.0, max(0.2, spread)))
    return [(bins, sizes.get(name)) for name, bins in sorted(found.items()) if len(bins) > 20]


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("seed", type=int)
    p.add_argument("out")
    p.add_argument("--days", type=int, default=6)
    p.add_argument("--principals", type=int, default=60)
    p.add_argument("--kinds", choices=("all", "ten"), default="all")
    p.add_argument("--rates", action="append", default=[])
    p.add_argument("--tokens", action="append", default=[])
    a = p.parse_args()
    rnd = random.Random(a.seed)
    pool = [c for i, rates in enumerate(a.rates) for c in clients(rates, a.tokens[i] if i < len(a.tokens) else "")]
    picked = [rnd.choice(pool) if pool else (None, None) for _ in range(a.principals)]
    callers = [Caller(rnd, "p%03d" % i, a.days, *picked[i]) for i in range(a.principals)]
    rows, busy = ordinary(rnd, callers, a.days)
    attacks = [(k, i) for k in TEN for i in range(3)]
    if a.kinds == "all":
        attacks += [(k, i) for k in FURTHER for i in range(2)]
    out = [r for own in rows.values() for r in own]
    for kind, i in attacks:
        length = DAY if kind.startswith("extraction") else 6 * 3600
        for _ in range(200):
            c = rnd.choice(callers)
            t = rnd.uniform(2.2 * DAY, a.days * DAY - length)
            if kind == "off_hours":
                # At a time of day at which it never is; where there is none, somebody else.
                hours = collections.Counter(int(r["ts_s"] / 1800) % 48 for r in rows[c.name])
                free = [h for h in range(48) if all(hours[(h + d) % 48] == 0 for d in (-1, 0, 1, 2))]
                if not free:
                    continue
                t = (rnd.randrange(2, a.days - 1) + 0.5) * DAY // DAY * DAY + rnd.choice(free) * 1800
            if len(rows[c.name]) > 150 and not any(f < t + length and t < u for f, u in busy[c.name]):
                break
        else:
            continue
        busy[c.name].append((t - 2 * 3600, t + length + 2 * 3600))
        group = rnd.sample(callers, 6)
        out += [r for r in attack(rnd, kind, c, t, "%s-%d" % (kind, i), group) if 0 <= r["ts_s"] < a.days * DAY]
    out.sort(key=lambda r: r["ts_s"])
    with gzip.GzipFile(a.out, "wb", mtime=0) as raw:
        raw.write((",".join(COLUMNS) + "\n").encode())
        for r in out:
            r["ts_s"] = "%.1f" % r["ts_s"]
            raw.write((",".join(str(r[c]) for c in COLUMNS) + "\n").encode())


if __name__ == "__main__":
    main()
