"""Trains the encoder of the guard on rows that TokenRows wrote. One thread, one seed.

  encoder.py ROWS OUT [--epochs N]

Leaves each fold of sources out once, writes what it thinks of them to OUT/encoder-loso.tsv (row,
speaker, carried), then trains on everything that may be used and writes OUT/encoder.bin.
"""

import argparse
import math
import struct
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

SEED = 20261127
BLOCK = 32  # tokens in a block; a window is WINDOW blocks and moves on by one
WINDOW = 3
PAD = 3  # tokens of nothing between two texts, so that none sees the next
PIECES = 1 << 14
WIDTH = 32
CHANNELS = 64
WORD_ROWS = 6  # a word in fewer rows has no vector of its own
MAX_WORDS = 16000
BATCH = 8192
MOST = {0: 700, 1: 1200}  # rows of a source and label in one epoch
CROP = 384  # tokens of a harmless view looked at in one step


class Rows:
    """What TokenRows wrote, and the columns of rows.tsv beside it."""

    def __init__(self, folder):
        self.hash, self.piece, self.piece_at = self._tokens(np.fromfile(folder / "tokens.bin", ">i4"))
        lines = (folder / "rows.tsv").read_text("utf-8").splitlines()
        columns = [line.split("\t") for line in lines]
        self.label = np.array([int(c[0]) for c in columns])
        self.source = [c[1] for c in columns]
        self.category = [c[2] for c in columns]
        self.lang = [c[3] for c in columns]
        self.channel = [c[4] for c in columns]
        self.free = np.array([c[5] == "1" for c in columns])
        self.left = [{int(f) for f in c[6].split(",") if f} for c in columns]
        self.judged = np.array([int(c[7]) for c in columns])
        self.folds = int(self.judged.max()) + 1
        self.views = self._views(np.fromfile(folder / "rows.bin", ">i4").astype(np.int64))

    @staticmethod
    def _tokens(raw):
        raw = raw.astype(np.int64)
        hashes, pieces, at = [], [], [0]
        i = 1
        for _ in range(raw[0]):
            count = raw[i]
            hashes.append(raw[i + 1])
            pieces.append(raw[i + 2 : i + 2 + count])
            at.append(at[-1] + count)
            i += 2 + count
        return np.array(hashes), np.concatenate(pieces), np.array(at)

    @staticmethod
    def _views(raw):
        rows, i = [], 1
        for _ in range(raw[0]):
            count = raw[i]
            i += 1
            views = []
            for _ in range(count):
                size = raw[i]
                views.append(raw[i + 1 : i + 1 + size])
                i += 1 + size
            rows.append(views)
        return rows


def vocabulary(rows, chosen):
    """Token number to the row of its word's vector, 0 for none; and the hashes in row order."""
    seen = np.zeros(len(rows.hash), np.int64)
    for r in chosen:
        seen[np.unique(np.concatenate(rows.views[r]))] += 1
    often = np.where(seen >= WORD_ROWS)[0]
    often = often[np.argsort(-seen[often], kind="stable")][:MAX_WORDS]
    hashes = np.unique(rows.hash[often])
    word = np.searchsorted(hashes, rows.hash)
    found = hashes[np.minimum(word, len(hashes) - 1)] == rows.hash
    return np.where(found, word + 1, 0), hashes


class Encoder(torch.nn.Module):
    def __init__(self, words):
        super().__init__()
        self.word = torch.nn.Parameter(torch.randn(words + 1, WIDTH) * 0.1)
        self.piece = torch.nn.Parameter(torch.randn(PIECES, WIDTH) * 0.1)
        self.first = torch.nn.Linear(3 * WIDTH, CHANNELS)
        self.second = torch.nn.Linear(3 * CHANNELS, CHANNELS)
        self.head = torch.nn.Linear(2 * CHANNELS, 2)

    def forward(self, batch, rows, word, drop):
        tokens, real, windows, text = batch
        unique, place = torch.unique(tokens, return_inverse=True)
        u = unique.numpy()
        sizes = rows.piece_at[u + 1] - rows.piece_at[u]
        at = np.concatenate([[0], np.cumsum(sizes)])
        flat = np.repeat(rows.piece_at[u] - at[:-1], sizes) + np.arange(at[-1])
        pieces = F.embedding_bag(
            torch.from_numpy(rows.piece[flat]), self.piece, torch.from_numpy(at[:-1]), mode="mean"
        )
        own = self.word[torch.from_numpy(word[u])]
        own = own * torch.from_numpy((word[u] > 0).astype(np.float32))[:, None]
        if drop:
            own = own * (torch.rand(len(u), 1) > 0.2)
        x = (own + pieces)[place] * real[:, None]
        if drop:
            x = F.dropout(x, 0.1)
        h = F.relu(self.first(shifted(x, 1))) * real[:, None]
        h = (h + F.relu(self.second(shifted(h, 2)))) * real[:, None]
        blocks = h.view(-1, BLOCK, CHANNELS)
        top = blocks.amax(1)
        total = blocks.sum(1)
        count = real.view(-1, BLOCK).sum(1)
        a, b, c = windows.T
        top = torch.maximum(torch.maximum(top[a], top[b]), top[c])
        weight = torch.stack([torch.ones(len(a)), (b != a).float(), (c != b).float()])
        mean = weight[0, :, None] * total[a] + weight[1, :, None] * total[b] + weight[2, :, None] * total[c]
        many = weight[0] * count[a] + weight[1] * count[b] + weight[2] * count[c]
        pooled = torch.cat([top, mean / many.clamp(min=1)[:, None]], 1)
        if drop:
            pooled = F.dropout(pooled, 0.2)
        logits = self.head(pooled)
        texts = int(text[-1]) + 1
        out = torch.full((texts, 2), -1e9)
        return out.scatter_reduce(0, text[:, None].expand(-1, 2), logits, "amax", include_self=True)


def shifted(x, step):
    before = F.pad(x, (0, 0, step, 0))[: len(x)]
    after = F.pad(x, (0, 0, 0, step))[step:]
    return torch.cat([before, x, after], 1)


def pack(rows, chosen, random=None):
    """Lays texts out in blocks: tokens, which are real, windows of blocks, text of each window."""
    tokens, real, windows, text = [], [], [], []
    block = 0
    for n, r in enumerate(chosen):
        for view in rows.views[r]:
            if random is not None and rows.label[r] == 0 and len(view) > CROP:
                start = int(random.integers(0, len(view) - CROP))
                view = view[start : start + CROP]
            blocks = (len(view) + PAD + BLOCK - 1) // BLOCK
            room = np.zeros(blocks * BLOCK, np.int64)
            room[: len(view)] = view
            tokens.append(room)
            flags = np.zeros(blocks * BLOCK, np.float32)
            flags[: len(view)] = 1
            real.append(flags)
            for w in range(max(1, blocks - WINDOW + 1)):
                last = block + blocks - 1
                windows.append([min(block + w + k, last) for k in range(WINDOW)])
                text.append(n)
            block += blocks
    return (
        torch.from_numpy(np.concatenate(tokens)),
        torch.from_numpy(np.concatenate(real)),
        torch.tensor(windows),
        torch.tensor(text),
    )


def batches(rows, order):
    batch, size = [], 0
    for r in order:
        length = sum(min(len(v), 4 * CROP) + BLOCK for v in rows.views[r])
        if batch and size + length > BATCH:
            yield batch
            batch, size = [], 0
        batch.append(r)
        size += length
    if batch:
        yield batch


def importance(rows, r):
    """How much a row counts for each head; what the other head is for counts less."""
    document = rows.channel[r] in ("document", "tool")
    user = rows.channel[r] == "user"
    attack = rows.label[r] == 1
    speaker = (0.3 if attack else 0.7) if document else 1.0
    carried = (0.5 if attack else 0.3) if user else 1.0
    return (speaker * 1.5, carried * 1.5) if attack else (speaker, carried)


def sample(rows, chosen, random):
    groups = {}
    for r in random.permutation(chosen):
        groups.setdefault((rows.source[r].split(" < ")[0], rows.label[r]), []).append(r)
    order = [r for (_, label), group in groups.items() for r in group[: MOST[int(label)]]]
    return random.permutation(order)


def train(rows, chosen, epochs, seed):
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    word, hashes = vocabulary(rows, chosen)
    model = Encoder(len(hashes))
    fast = torch.optim.Adam(model.parameters(), lr=4e-3, betas=(0.9, 0.98))
    total = None
    step = 0
    for epoch in range(epochs):
        started, loss_sum = time.process_time(), 0.0
        plan = list(batches(rows, sample(rows, chosen, random)))
        plan = [plan[i] for i in random.permutation(len(plan))]
        total = total or len(plan) * epochs
        for batch in plan:
            rate = 0.5 * (1 + math.cos(math.pi * min(1, step / total)))
            for group in fast.param_groups:
                group["lr"] = 4e-3 * max(0.02, rate) * min(1, (step + 1) / 100)
            logits = model(pack(rows, batch, random), rows, word, True)
            label = torch.tensor(rows.label[batch], dtype=torch.float32)[:, None].expand(-1, 2)
            weight = torch.tensor([importance(rows, r) for r in batch])
            target = label * 0.96 + 0.02
            loss = (F.binary_cross_entropy_with_logits(logits, target, reduction="none") * weight).sum()
            loss = loss / weight.sum()
            fast.zero_grad()
            loss.backward()
            fast.step()
            loss_sum += float(loss.detach())
            step += 1
        print(
            f"  epoch {epoch}: loss {loss_sum / len(plan):.4f}, {len(plan)} steps,"
            f" {time.process_time() - started:.0f} s",
            file=sys.stderr,
            flush=True,
        )
    return model, word, hashes


@torch.no_grad()
def judge(model, rows, word, chosen):
    out = np.zeros((len(chosen), 2), np.float32)
    at = 0
    for batch in batches(rows, chosen):
        out[at : at + len(batch)] = model(pack(rows, batch), rows, word, False).numpy()
        at += len(batch)
    return out


def small(matrix):
    """A table of vectors in eight bits: its scale, then its bytes. The largest few are cut."""
    flat = np.abs(matrix).ravel()
    scale = float(np.quantile(flat, 0.9995)) / 127
    return struct.pack(">f", scale) + np.clip(np.round(matrix / scale), -127, 127).astype(np.int8).tobytes()


def export(model, hashes, path):
    part = {name: value.detach().numpy().astype(np.float64) for name, value in model.named_parameters()}
    # The tokens of the rows are hashes with a sign, sorted as such.
    with open(path, "wb") as out:
        out.write(struct.pack(">iii", WIDTH, CHANNELS, len(hashes)))
        out.write(hashes.astype(">i4").tobytes())
        out.write(small(part["word"][1:]))
        out.write(small(part["piece"]))
        for name in ("first", "second"):
            out.write(part[name + ".weight"].T.astype(">f4").tobytes())
            out.write(part[name + ".bias"].astype(">f4").tobytes())
        out.write(part["head.weight"].astype(">f4").tobytes())
        out.write(part["head.bias"].astype(">f4").tobytes())


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("rows", type=Path)
    options.add_argument("out", type=Path)
    options.add_argument("--epochs", type=int, default=3)
    options = options.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    rows = Rows(options.rows)
    with open(options.out / "encoder-loso.tsv", "w", encoding="utf-8") as out:
        for fold in range(rows.folds):
            print(f"without fold {fold}", file=sys.stderr, flush=True)
            seen = [r for r in range(len(rows.label)) if rows.free[r] and fold not in rows.left[r]]
            model, word, _ = train(rows, seen, options.epochs, SEED + fold)
            asked = [r for r in range(len(rows.label)) if rows.judged[r] == fold]
            for r, (speaker, carried) in zip(asked, judge(model, rows, word, asked)):
                out.write(f"{r}\t{speaker:.5f}\t{carried:.5f}\n")
            out.flush()
    print("on everything", file=sys.stderr, flush=True)
    model, _, hashes = train(rows, np.where(rows.free)[0], options.epochs + 1, SEED)
    export(model, hashes, options.out / "encoder.bin")


if __name__ == "__main__":
    main()
