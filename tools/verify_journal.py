#!/usr/bin/env python3
"""Checks a journal directory of Atlas, or any C2SP tlog-tiles log, without a line of Atlas.

    tools/verify_journal.py [--key VKEY] [--checkpoint FILE]... DIRECTORY...
    tools/verify_journal.py --any-log --key VKEY DIRECTORY...

Exit status 0: everything is what was signed. 1: something is not; the entry and the file are named.
2: wrong usage. 3: it could not be told, because something could not be read.

Python's standard library only. Hashing and proofs are written from RFC 9162, Ed25519 from RFC 8032,
the rest from the C2SP specifications (signed-note, tlog-checkpoint, tlog-tiles, tlog-cosignature)
and docs/reference/journal-format.md. ML-DSA signatures are passed over by name: the standard
library cannot check them.
"""

import argparse
import base64
import functools
import hashlib
import json
import os
import re
import struct
import sys

HOLDS, BROKEN, USAGE, UNREADABLE = 0, 1, 2, 3
WIDTH = 256
HASH = 32
MOST_NOTE_BYTES = 1 << 20
MOST_SIGNATURES = 100
KEPT_PER_FILE = 64
NO_HASH = bytes(HASH)


class Broken(Exception):
    """Something is not what was signed; `entry` is the first one concerned, or None."""

    def __init__(self, what, where, entry=None):
        super().__init__(what)
        self.what, self.where, self.entry = what, where, entry


class Malformed(Exception):
    """Not the format it should be."""


# --- Ed25519, RFC 8032 section 5.1 -------------------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
NEUTRAL = (0, 1, 1, 0)


def add_points(a, b):
    """The sum in extended homogeneous coordinates, section 5.1.4."""
    u = (a[1] - a[0]) * (b[1] - b[0]) % P
    v = (a[1] + a[0]) * (b[1] + b[0]) % P
    c = 2 * a[3] * b[3] * D % P
    d = 2 * a[2] * b[2] % P
    e, f, g, h = v - u, d - c, d + c, v + u
    return e * f % P, g * h % P, f * g % P, e * h % P


def double_point(a):
    x, y, z = a[0], a[1], a[2]
    p, q, r = x * x % P, y * y % P, 2 * z * z % P
    h = p + q
    e = h - (x + y) * (x + y) % P
    g = p - q
    f = r + g
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(scalar, point):
    table = [NEUTRAL, point]
    for _ in range(14):
        table.append(add_points(table[-1], point))
    result = NEUTRAL
    for shift in range(252, -4, -4):
        for _ in range(4):
            result = double_point(result)
        result = add_points(result, table[scalar >> shift & 15])
    return result


def point_of(encoded):
    """Decodes a point, section 5.1.3; None when there is none."""
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * ROOT_OF_MINUS_ONE % P
    if x * x % P != square or (x == 0 and sign == 1):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def encode_point(point):
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def ed25519_verifies(public, message, signature):
    """Section 5.1.7, without the cofactor: one signature for one message and nonce."""
    if len(public) != 32 or len(signature) != 64:
        return False
    a = point_of(public)
    s = int.from_bytes(signature[32:], "little")
    if a is None or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    minus_a = (P - a[0], a[1], a[2], P - a[3])
    return encode_point(add_points(times(s, BASE), times(k, minus_a))) == signature[:32]


# --- Notes, keys and checkpoints ----------------------------------------------------------------


def strict_base64(text, what):
    """Standard base64 in the one spelling that encoding gives."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raise Malformed(f"{what} is not base64") from None
    if base64.b64encode(raw).decode() != text:
        raise Malformed(f"{what} is not canonical base64")
    return raw


def strict_decimal(text, what):
    if not re.fullmatch(r"0|[1-9][0-9]{0,18}", text) or int(text) >= 1 << 63:
        raise Malformed(f"{what} is not a decimal number")
    return int(text)


def strict_hash(text, what):
    raw = strict_base64(text, what)
    if len(raw) != HASH:
        raise Malformed(f"{what} has not 32 bytes")
    return raw


def is_name(name):
    return bool(name) and not any(c == "+" or c.isspace() or c < " " or c == "\x7f" for c in name)


class Key:
    """A verifier key, `name+id+base64`: Ed25519 notes (1) and timestamped cosignatures (4)."""

    def __init__(self, text):
        parts = text.split("+", 2)
        if len(parts) != 3 or not is_name(parts[0]):
            raise Malformed("a verifier key is `name+id+key`")
        self.name = parts[0]
        typed = strict_base64(parts[2], "the verifier key")
        self.type, self.public = typed[:1], typed[1:]
        if self.type not in (b"\x01", b"\x04") or len(self.public) != 32:
            raise Malformed("the verifier key is not an Ed25519 key")
        if point_of(self.public) is None:
            raise Malformed("the verifier key is not a point on Ed25519")
        self.id = hashlib.sha256(self.name.encode() + b"\n" + typed).digest()[:4]
        if self.id.hex() != parts[1]:
            raise Malformed("the verifier key's id does not belong to its key")

    def verifies(self, text, signature):
        if self.type == b"\x01":
            return ed25519_verifies(self.public, text.encode(), signature)
        if len(signature) != 72 or signature[0] >= 0x80:
            return False
        time = int.from_bytes(signature[:8], "big")
        return ed25519_verifies(
            self.public, f"cosignature/v1\ntime {time}\n{text}".encode(), signature[8:]
        )


def verified_note(note, key):
    """The text of a signed note and its signature lines; one by `key` must be there and hold."""
    if len(note) > MOST_NOTE_BYTES:
        raise Malformed("the note is too long")
    try:
        whole = note.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("the note is not UTF-8") from None
    if any(c < " " and c != "\n" for c in whole):
        raise Malformed("the note holds a control character")
    split = whole.rfind("\n\n")
    if split < 0 or not whole.endswith("\n") or split + 2 == len(whole):
        raise Malformed("the note has no signature lines")
    text, lines = whole[: split + 1], whole[split + 2 : -1].split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise Malformed("the note has too many signatures")
    found, signatures = False, []
    for line in lines:
        parts = line.split(" ", 2)
        if len(parts) != 3 or parts[0] != "\u2014" or not is_name(parts[1]):
            raise Malformed("a signature line is `\u2014 name base64`")
        signature = strict_base64(parts[2], "the signature")
        if len(signature) < 5:
            raise Malformed("a signature line is `\u2014 name base64`")
        signatures.append((parts[1], signature))
        if parts[1] == key.name and signature[:4] == key.id and not found:
            if not key.verifies(text, signature[4:]):
                raise Malformed(f"the signature of `{key.name}` is not over this text")
            found = True
    if not found:
        raise Malformed("the note is not signed by the key")
    return text, signatures


class Checkpoint:
    """Origin, size and root of a signed checkpoint."""

    def __init__(self, note, key, own_log=True):
        text, self.signatures = verified_note(note, key)
        lines = text[:-1].split("\n")
        if len(lines) < 3 or not lines[0] or "" in lines[3:]:
            raise Malformed("a checkpoint has origin, size and root")
        self.origin = lines[0]
        self.size = strict_decimal(lines[1], "the checkpoint's size")
        self.root = strict_hash(lines[2], "the checkpoint's root")
        if own_log and self.origin != key.name:
            raise Malformed(f"the checkpoint is of `{self.origin}`, the key of `{key.name}`")


# --- The tree, RFC 9162 section 2.1 --------------------------------------------------------------


def leaf_hash(entry):
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def perfect_root(hashes):
    """The root over a power of two of hashes lying end to end."""
    while len(hashes) > HASH:
        hashes = b"".join(
            hashlib.sha256(b"\x01" + hashes[at : at + 2 * HASH]).digest()
            for at in range(0, len(hashes), 2 * HASH)
        )
    return hashes


def largest_power_below(n):
    return 1 << (n - 1).bit_length() - 1


class Tree:
    """Roots and consistency proofs over perfect subtrees that `node(level, index)` names."""

    def __init__(self, node):
        self.node = node

    def range(self, low, high):
        """MTH(D[low:high]), section 2.1.1."""
        n = high - low
        if n & n - 1 == 0:
            level = n.bit_length() - 1
            return self.node(level, low >> level)
        split = low + largest_power_below(n)
        return node_hash(self.range(low, split), self.range(split, high))

    def root(self, size):
        return self.range(0, size) if size else hashlib.sha256().digest()

    def consistency(self, first, second):
        """PROOF(first, D[second]), section 2.1.4.1."""
        low, high, complete, proof = 0, second, True, []
        while first < high:
            split = low + largest_power_below(high - low)
            if first <= split:
                proof.insert(0, self.range(split, high))
                high = split
            else:
                proof.insert(0, self.range(low, split))
                low, complete = split, False
        if not complete:
            proof.insert(0, self.range(low, high))
        return proof


def consistent(first, second, proof, first_root, second_root):
    """Section 2.1.4.2. A tree without leaves begins every tree."""
    if first == 0:
        return not proof and first_root == hashlib.sha256().digest()
    if first == second:
        return not proof and first_root == second_root
    if first > second or not proof:
        return False
    if first & first - 1 == 0:
        proof = [first_root] + proof
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = proof[0]
    for c in proof[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == first_root and sr == second_root


# --- Files ---------------------------------------------------------------------------------------


def spelled(number):
    """1234067 is x001/x234/067."""
    groups = [f"{number % 1000:03d}"]
    while number >= 1000:
        number //= 1000
        groups.insert(0, f"x{number % 1000:03d}")
    return "/".join(groups)


class Directory:
    """The files of a log: tiles and bundles in whichever width is there."""

    def __init__(self, root, size):
        self.root, self.size = root, size

    def read(self, name):
        with open(os.path.join(self.root, name), "rb") as file:
            return file.read()

    def width(self, level, index):
        return max(0, min(WIDTH, (self.size >> 8 * level) - index * WIDTH))

    def partial_widths(self, name):
        try:
            names = os.listdir(os.path.join(self.root, name + ".p"))
        except FileNotFoundError:
            return []
        return sorted(int(n) for n in names if re.fullmatch(r"[1-9][0-9]{0,2}", n))

    def narrowest(self, name, width):
        """Path, width and bytes of the narrowest form of at least this width, or None."""
        wider = [w for w in self.partial_widths(name) if width <= w < WIDTH]
        for at in wider[:1] + [WIDTH] if width < WIDTH else [WIDTH]:
            path = name if at == WIDTH else f"{name}.p/{at}"
            try:
                return path, at, self.read(path)
            except FileNotFoundError:
                continue
        return None

    def tile_path(self, level, index):
        name = f"tile/{level}/{spelled(index)}"
        found = self.narrowest(name, self.width(level, index))
        return found[0] if found else name

    @functools.lru_cache(maxsize=64)
    def tile(self, level, index):
        """The hashes of a tile, as many as this tree has in it."""
        name = f"tile/{level}/{spelled(index)}"
        width = self.width(level, index)
        found = self.narrowest(name, width)
        first = index * WIDTH << 8 * level
        if found is None:
            raise Broken("the tile is missing", name, first)
        path, there, content = found
        if len(content) != there * HASH:
            raise Broken(f"the tile has not its {there} hashes", path, first)
        return content[: width * HASH]

    def node(self, level, index):
        """The root of a perfect subtree, from the tiles."""
        within = level % 8
        first = index << within
        tile = self.tile(level // 8, first // WIDTH)
        at = first % WIDTH * HASH
        return perfect_root(tile[at : at + (HASH << within)])


class TileCheck:
    """Compares the tiles, level by level, with the tree computed from what lies below them."""

    def __init__(self, directory):
        self.directory = directory
        self.levels = []
        self.tiles = 0

    def level(self, level):
        while len(self.levels) <= level:
            self.levels.append([0, b""])
        return self.levels[level]

    def add_leaves(self, hashes):
        if len(hashes) == WIDTH * HASH:
            self.add(1, perfect_root(hashes))
        else:
            self.level(0)[1] = hashes
        self.tiles += 1

    def add(self, level, node):
        state = self.level(level)
        state[1] += node
        if len(state[1]) == WIDTH * HASH:
            self.compare(level, state[0], state[1])
            self.add(level + 1, perfect_root(state[1]))
            state[0], state[1] = state[0] + 1, b""

    def compare(self, level, index, expected):
        self.tiles += 1
        path = self.directory.tile_path(level, index)
        self.blame(level, index, self.directory.tile(level, index), expected, path)
        self.superseded(level, index, expected)

    def superseded(self, level, index, expected):
        """Partial forms that earlier checkpoints needed are beginnings of the same tile."""
        name = f"tile/{level}/{spelled(index)}"
        for width in self.directory.partial_widths(name):
            if width * HASH <= len(expected):
                path = f"{name}.p/{width}"
                content = self.directory.read(path)
                self.blame(level, index, content, expected[: width * HASH], path)

    def blame(self, level, index, content, expected, path):
        if content == expected:
            return
        if len(content) != len(expected):
            raise Broken("the tile has not its hashes", path, index * WIDTH << 8 * level)
        slot = next(i for i in range(0, len(expected), HASH) if content[i : i + HASH] != expected[i : i + HASH])
        first = index * WIDTH + slot // HASH << 8 * level
        if level == 0:
            raise Broken("the tile's hash of this entry was altered", path, first)
        last = min(self.directory.size, first + (1 << 8 * level)) - 1
        raise Broken(f"the hash over entries {first} to {last} was altered", path, first)

    def root(self):
        """Compares the partial tiles above the bundles and folds the edge into the root."""
        root = None
        for level, (index, hashes) in enumerate(self.levels):
            if level > 0 and hashes:
                self.compare(level, index, hashes)
            count, end = len(hashes) // HASH, len(hashes)
            while count:
                piece = (count & -count) * HASH
                subtree = perfect_root(hashes[end - piece : end])
                root = subtree if root is None else node_hash(subtree, root)
                end -= piece
                count &= count - 1
        return hashlib.sha256().digest() if root is None else root


# --- What Atlas puts into and beside a log --------------------------------------------------------


class Emitters:
    """Each emitter's numbers have no gap, and each of its entries names the one before."""

    def __init__(self):
        self.last = {}

    def next(self, index, entry, leaf, where):
        """Follows an entry; gives the SHA-256 and length of a payload kept apart, or None."""
        # Version 2 may have a commitment beside a payload kept apart.
        if len(entry) < 83 or entry[0] not in (1, 2) or entry[1] > (1 if entry[0] == 1 else 3):
            raise Broken("not an entry of the known format", where, index)
        emitter, previous = entry[18:34], entry[42:74]
        sequence = int.from_bytes(entry[34:42], "big")
        at = 83 + entry[82] + (HASH if entry[1] & 2 else 0)
        length = int.from_bytes(entry[at : at + 4], "big")
        apart = bool(entry[1] & 1)
        if len(entry) != at + 4 + (HASH if apart else length):
            raise Broken("not an entry of the known format", where, index)
        want = self.last.get(emitter, (-1, NO_HASH))
        if (sequence, previous) != (want[0] + 1, want[1]):
            raise Broken(
                f"emitter {emitter.hex()} goes from entry number {want[0]} to {sequence}",
                where,
                index,
            )
        self.last[emitter] = (sequence, leaf)
        return (entry[at + 4 :], length) if apart else None


CRC_TABLE = []
for _byte in range(256):
    for _ in range(8):
        _byte = _byte >> 1 ^ (0x82F63B78 if _byte & 1 else 0)
    CRC_TABLE.append(_byte)


def crc32c(*parts):
    crc = 0xFFFFFFFF
    for part in parts:
        for byte in part:
            crc = crc >> 8 ^ CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


class Retention:
    """What the log signed that it may forget: entries before `first`, whose hashes stay."""

    def __init__(self, note, key):
        text, _ = verified_note(note, key)
        lines = text[:-1].split("\n")
        if len(lines) < 4 or lines[0] != "atlas retention v1" or lines[1] != key.name:
            raise Malformed("not a record of retention of this log")
        self.first = strict_decimal(lines[2], "the first entry that stays")
        size, _, root = lines[3].partition(" ")
        self.size = strict_decimal(size, "the size at the act")
        self.root = strict_hash(root, "the root at the act")
        if not 0 < self.first <= self.size or self.first % WIDTH:
            raise Malformed("the record of retention names no beginning")
        self.emitters = {}
        for line in lines[4:]:
            parts = line.split(" ")
            if len(parts) != 3 or not re.fullmatch("[0-9a-f]{32}", parts[0]):
                raise Malformed("an emitter has id, number and leaf")
            sequence = strict_decimal(parts[1], "an emitter's number")
            self.emitters[bytes.fromhex(parts[0])] = (sequence, strict_hash(parts[2], "a leaf"))


class WriteAheadLog:
    """Entries recorded after the checkpoint: whole, linked, without a gap."""

    BLOCK, SECTOR, HEADER, TRAILER = 4096, 512, 76, 36

    def __init__(self, check):
        self.check = check
        self.batch, self.index, self.previous = None, None, NO_HASH
        self.leaves, self.ended = [], False

    def broken(self, what):
        return Broken(what, self.where, self.index)

    def segment(self, where, content):
        self.where, self.content = where, content
        if not content.strip(b"\0"):
            return
        self.header()
        at, end = self.BLOCK, len(content.rstrip(b"\0"))
        while at < end:
            length = self.frame_length(at)
            if length is None:
                self.interrupted(at)
                return
            if self.ended:
                raise self.broken("a batch follows one that was not finished")
            self.frame(at, length)
            following = at + -(-length // self.BLOCK) * self.BLOCK
            if content[at + length : following].strip(b"\0"):
                raise self.broken(f"the padding after batch {self.batch} was altered")
            at = following

    def header(self):
        head = self.content[: self.BLOCK].ljust(self.BLOCK, b"\0")
        number, size = struct.unpack(">QQ", head[8:24])
        if not (
            head[:8] == b"AWS1\0\0\0\1"
            and self.where == f"wal/{number:016d}.wal"
            and size >= len(self.content)
            and head[24:56] == hashlib.sha256(self.check.checkpoint.origin.encode()).digest()
            and head[56:60] == struct.pack(">I", crc32c(head[:56]))
            and not head[60:].strip(b"\0")
        ):
            raise self.broken("not a write-ahead segment of this log")

    def header_holds(self, at):
        head = self.content[at : at + self.HEADER]
        return (
            len(head) == self.HEADER
            and head[:4] == b"AWL1"
            and head[72:] == struct.pack(">I", crc32c(head[:8], head[12:72]))
        )

    def frame_length(self, at):
        if not self.header_holds(at):
            return None
        length, crc = struct.unpack(">II", self.content[at + 4 : at + 12])
        if length < self.HEADER + self.TRAILER or at + length > len(self.content):
            return None
        return length if crc == crc32c(self.content[at + 12 : at + length]) else None

    def frame(self, at, length):
        frame = self.content[at : at + length]
        count, batch, first = struct.unpack(">IQQ", frame[12:32])
        follows = self.batch is None or (
            batch == self.batch + 1 and first == self.index and frame[40:72] == self.previous
        )
        size = self.check.checkpoint.size
        if not follows or first > max(size, self.index or 0):
            missing = size if self.batch is None else self.index
            raise Broken("entries from here on are missing", self.where, missing)
        digest = hashlib.sha256(frame[12:72])
        offset = self.HEADER
        for index in range(first, first + count):
            entry_end = offset + 4 + int.from_bytes(frame[offset : offset + 4], "big")
            if entry_end > length - self.TRAILER:
                raise Broken("the batch ends within this entry", self.where, index)
            digest.update(self.entry(index, frame[offset + 4 : entry_end]))
            offset = entry_end
        if frame[offset:] != digest.digest() + b"ZZZZ":
            raise self.broken(f"the batch from entry {first} on does not have its hash")
        self.batch, self.index, self.previous = batch, first + count, digest.digest()

    def entry(self, index, entry):
        leaf = leaf_hash(entry)
        if index >= self.check.checkpoint.size:
            self.leaves.append(leaf)
            self.check.entry(index, entry, leaf, self.where)
        elif leaf != self.check.directory.node(0, index):
            raise Broken("the write-ahead log has another entry than the tree", self.where, index)
        return leaf

    def interrupted(self, at):
        """What does not hold here is a write that was cut short, or it is broken."""
        if not self.cut_short(at):
            raise self.broken("a batch in the write-ahead log was altered")
        self.ended = True
        for later in range(at + self.BLOCK, len(self.content), self.BLOCK):
            if self.content[later : later + 4] == b"AWL1" and self.frame_length(later):
                durable = int.from_bytes(self.content[later + 32 : later + 40], "big")
                if durable > (-1 if self.batch is None else self.batch) + 1:
                    raise self.broken("a batch that had been durable is damaged")
        self.check.note(f"`{self.where}` ends in a batch that was not finished")

    def cut_short(self, at):
        if not self.header_holds(at):
            rest = self.content[at:].rstrip(b"\0")
            first_missing = not self.content[at : at + self.SECTOR].strip(b"\0")
            return first_missing or (len(rest) < self.HEADER and rest[:4] == b"AWL1"[: len(rest)])
        end = at + int.from_bytes(self.content[at + 4 : at + 8], "big")
        if end > len(self.content) or self.content[end - 1] == 0:
            return True
        return any(
            not self.content[sector : min(sector + self.SECTOR, end)].strip(b"\0")
            for sector in range(at, end, self.SECTOR)
        )


# --- The check ------------------------------------------------------------------------------------


class Check:
    """One check of one directory, in the order in which belief is built."""

    def __init__(self, root, given_key, any_log):
        self.root, self.any_log = root, any_log
        self.notes = []
        self.kept = []
        self.emitters = Emitters()
        self.payloads = set()
        self.key = self.verifier_key(given_key)
        self.checkpoint = self.parsed("checkpoint", lambda note: Checkpoint(note, self.key, not any_log))
        self.shared = not any_log and self.is_shared()
        if self.shared:
            self.checkpoint = self.newest()
        self.directory = Directory(root, self.checkpoint.size)
        self.total = self.checkpoint.size
        self.pruned = 0
        self.charter = None
        self.retention = None
        if not any_log and os.path.exists(os.path.join(root, "retention")):
            self.retention = self.parsed("retention", lambda note: Retention(note, self.key))
            self.emitters.last.update(self.retention.emitters)

    def note(self, text):
        self.notes.append(text)

    def is_shared(self):
        """A log of several members has no write-ahead log: what waits is in their database."""
        folder = os.path.join(self.root, "wal")
        segments = os.path.isdir(folder) and any(n.endswith(".wal") for n in os.listdir(folder))
        return os.path.exists(os.path.join(self.root, "shared")) and not segments

    def newest(self):
        """The last checkpoint kept, when who published it was stopped before it was shown."""
        number = 0
        while os.path.exists(os.path.join(self.root, "checkpoints", spelled(number + 1))):
            number += 1
        try:
            last = self.parsed(
                "checkpoints/" + spelled(number),
                lambda note: self.kept_line(verified_note(note, self.key)[0][:-1].split("\n")[-1]),
            )
        except (Broken, FileNotFoundError):
            return self.checkpoint  # the check of the series says what is wrong
        return last if last.size > self.checkpoint.size else self.checkpoint

    def verifier_key(self, given):
        path = os.path.join(self.root, "verifier.vkey")
        text = given
        if given is None or not self.any_log:
            try:
                with open(path, encoding="latin-1", newline="") as file:
                    text = file.read()
            except FileNotFoundError:
                if given is None or not os.path.exists(os.path.join(self.root, "checkpoint")):
                    raise
                raise Broken("the verifier key is missing", "verifier.vkey") from None
            if not text.endswith("\n") or (given is not None and text != given + "\n"):
                raise Broken("not the verifier key given", "verifier.vkey")
            text = text[:-1]
        try:
            return Key(text)
        except Malformed as why:
            raise Broken(str(why), "verifier.vkey") from None

    def parsed(self, name, parse):
        with open(os.path.join(self.root, name), "rb") as file:
            content = file.read()
        try:
            return parse(content)
        except Malformed as why:
            raise Broken(str(why), name) from None

    def run(self):
        tiles = TileCheck(self.directory)
        have_entries = os.path.isdir(os.path.join(self.root, "tile/entries")) or not self.any_log
        for bundle in range(-(-self.checkpoint.size // WIDTH)):
            tiles.add_leaves(self.bundle(bundle, tiles) if have_entries else self.bare(bundle, tiles))
        if tiles.root() != self.checkpoint.root:
            raise Broken("the entries do not add up to the signed root", "checkpoint")
        if not have_entries:
            self.note("no entries are here: the tree was checked from its leaf hashes on")
        unchecked = {s[:4].hex() for n, s in self.checkpoint.signatures if (n, s[:4]) != (self.key.name, self.key.id)}
        if unchecked:
            self.note("signatures by other keys, not checked (ML-DSA and witnesses): " + " ".join(sorted(unchecked)))
        self.tiles = tiles.tiles
        self.tree = Tree(self.directory.node)
        self.forgotten()
        if not self.any_log:
            self.demands()
            self.write_ahead_log()
            self.kept_checkpoints()
            if self.shared:
                self.note(
                    "the log is shared: entries that no checkpoint covers yet are in a database and"
                    " not checked here"
                )
            else:
                self.closed(self.segments == 0)
            self.surroundings()

    def chartered(self, index, entry, where):
        """What the log says in the open that a checker has to demand of it."""
        try:
            fact = json.loads(entry[87 + entry[82] :].decode("utf-8"))
            if fact["kind"] == "log.chartered":
                return index, fact["second_key"], fact["shared"]
        except (ValueError, KeyError, TypeError):
            pass
        raise Broken("an entry in the open that is no charter", where, index)

    def demands(self):
        """Holds what lies in the directory against what the log says of itself."""
        mark = os.path.exists(os.path.join(self.root, "shared"))
        if self.charter is not None:
            index, second, shared = self.charter
            if shared != mark:
                raise Broken("the mark of a shared log is not as this entry says", "shared", index)
            try:
                there = self.directory.read("verifier-mldsa44.vkey")
            except FileNotFoundError:
                there = b""
            if second and there != (second + "\n").encode():
                raise Broken("not the second key that this entry demands", "verifier-mldsa44.vkey", index)
        if mark:
            text = self.parsed("shared", lambda note: verified_note(note, self.key)[0])
            if text != f"atlas shared log v1\n{self.key.name}\n":
                raise Broken("not the mark of this log", "shared")

    def forgotten(self):
        """The record of retention was signed for a beginning of this very tree."""
        if self.retention is None:
            return
        if self.retention.size > self.checkpoint.size:
            raise Broken("rolled back: retention was recorded later than the checkpoint", "retention")
        if self.tree.root(self.retention.size) != self.retention.root:
            raise Broken("retention was recorded for another tree", "retention")
        self.note(
            f"entries 0 to {self.retention.first - 1} may have been removed by retention,"
            f" {self.pruned} bundles were; their hashes hold"
        )

    def bare(self, bundle, tiles):
        tile = self.directory.tile(0, bundle)
        tiles.superseded(0, bundle, tile)
        return tile

    def bundle(self, bundle, tiles):
        """Checks one bundle against its tile; gives the leaf hashes."""
        width = self.directory.width(0, bundle)
        name = f"tile/entries/{spelled(bundle)}"
        found = self.directory.narrowest(name, width)
        tile = self.directory.tile(0, bundle)
        forgotten = self.retention is not None and bundle * WIDTH < self.retention.first
        if found is None and forgotten:
            self.pruned += 1
            return self.bare(bundle, tiles)
        if found is None:
            raise Broken("the entries from here on are missing", name, bundle * WIDTH)
        path, there, content = found
        at, ends = 0, [0]
        for slot in range(width):
            index = bundle * WIDTH + slot
            end = at + 2 + int.from_bytes(content[at : at + 2], "big")
            if at + 2 > len(content) or end > len(content):
                raise Broken("the bundle ends within this entry", path, index)
            entry = content[at + 2 : end]
            leaf = leaf_hash(entry)
            if leaf != tile[slot * HASH : (slot + 1) * HASH]:
                raise self.blame(index, tile, path)
            if not self.any_log and not forgotten:
                self.entry(index, entry, leaf, path)
            at = end
            ends.append(at)
        if there == width and at != len(content):
            raise Broken("bytes follow the last entry", path, bundle * WIDTH + width - 1)
        self.superseded(name, bundle, content, ends)
        tiles.superseded(0, bundle, tile)
        return tile

    def blame(self, index, tile, bundle):
        """Entry and tile differ; says which of the two the signed root was made of."""
        number = index // WIDTH
        try:
            if len(tile) == WIDTH * HASH:
                at = number % WIDTH * HASH
                vouched = self.directory.tile(1, number // WIDTH)[at : at + HASH] == perfect_root(tile)
            else:
                vouched = Tree(self.directory.node).root(self.checkpoint.size) == self.checkpoint.root
        except Broken:
            vouched = False
        if vouched:
            return Broken("the entry is not the one that was signed", bundle, index)
        path = self.directory.tile_path(0, number)
        return Broken("the tile's hash of this entry was altered", path, index)

    def superseded(self, name, bundle, content, ends):
        for width in self.directory.partial_widths(name):
            if width < len(ends):
                partial = self.directory.read(f"{name}.p/{width}")
                if partial != content[: ends[width]]:
                    same = len(os.path.commonprefix([partial, content[: ends[width]]]))
                    slot = sum(1 for end in ends[1:width] if end <= same)
                    raise Broken(
                        "the entry is not the one that was signed",
                        f"{name}.p/{width}",
                        bundle * WIDTH + slot,
                    )

    def entry(self, index, entry, leaf, where):
        apart = self.emitters.next(index, entry, leaf, where)
        if entry[83 : 83 + entry[82]] == b"charter" and index < self.checkpoint.size:
            self.charter = self.chartered(index, entry, where)
        if apart is None:
            return
        digest, length = apart
        path = f"blob/{digest.hex()[:2]}/{digest.hex()}"
        try:
            payload = self.directory.read(path)
        except FileNotFoundError:
            raise Broken("the entry's sealed payload is missing", path, index) from None
        if len(payload) != length or hashlib.sha256(payload).digest() != digest:
            raise Broken("the entry's sealed payload was altered", path, index)
        self.payloads.add(path)

    def write_ahead_log(self):
        folder = os.path.join(self.root, "wal")
        names = sorted(n for n in os.listdir(folder) if n.endswith(".wal")) if os.path.isdir(folder) else []
        log = WriteAheadLog(self)
        for name in names:
            log.segment(f"wal/{name}", self.directory.read(f"wal/{name}"))
        self.beyond = log.leaves
        self.total = max(self.checkpoint.size, log.index or 0)
        if self.total > self.checkpoint.size:
            self.note(f"{self.total - self.checkpoint.size} entries wait for the next checkpoint")
        self.segments = len(names)

    def closed(self, no_segments):
        try:
            mark = self.directory.read("closed").decode("latin-1")
        except FileNotFoundError:
            if no_segments:
                raise Broken("the write-ahead log is missing and the log was not closed", "wal") from None
            return
        if not re.fullmatch(r"(0|[1-9][0-9]{0,18})\n", mark) or (
            no_segments and mark != f"{self.checkpoint.size}\n"
        ):
            raise Broken("the mark of closing does not name the checkpoint's size", "closed")

    def node_beyond(self, level, index):
        """A subtree that may reach past the checkpoint, into the write-ahead log."""
        if index + 1 << level <= self.checkpoint.size:
            return self.directory.node(level, index)
        if level == 0:
            return self.beyond[index - self.checkpoint.size]
        return node_hash(self.node_beyond(level - 1, 2 * index), self.node_beyond(level - 1, 2 * index + 1))

    def kept_checkpoints(self):
        """Each file is signed and follows the one before; each root is one of this very tree."""
        tree = Tree(self.node_beyond)
        number, before = 0, NO_HASH
        while os.path.exists(os.path.join(self.root, "checkpoints", spelled(number))):
            name = "checkpoints/" + spelled(number)
            more = os.path.exists(os.path.join(self.root, "checkpoints", spelled(number + 1)))
            series = self.parsed(name, lambda note: self.series(note, number, before, more))
            for kept in series:
                self.follows(kept.size, kept.root, tree, name)
            before = hashlib.sha256(self.directory.read(name)).digest()
            number += 1
        last = "checkpoints/" + spelled(max(0, number - 1))
        if not self.kept or self.kept[-1][0] < self.checkpoint.size:
            raise Broken("the kept checkpoints do not reach the published one", last)
        known = {"checkpoints/" + spelled(n) for n in range(number)}
        for name in self.files("checkpoints"):
            if name not in known:
                raise Broken("no file of the series of checkpoints", name)
        self.pairs(tree)

    def series(self, note, number, before, full):
        text, _ = verified_note(note, self.key)
        lines = text[:-1].split("\n")
        if lines[0] != "atlas kept checkpoints v1" or not 4 < len(lines) <= 4 + KEPT_PER_FILE:
            raise Malformed("not a file of kept checkpoints")
        if lines[1] != self.key.name:
            raise Malformed("kept checkpoints of another log")
        if (
            strict_decimal(lines[2], "the number") != number
            or strict_hash(lines[3], "the hash of the file before") != before
            or (full and len(lines) != 4 + KEPT_PER_FILE)
        ):
            raise Malformed("kept checkpoints were moved, left out or put in")
        return [self.kept_line(line) for line in lines[4:]]

    def kept_line(self, line):
        parts = line.split(" ")
        if len(parts) < 3:
            raise Malformed("a kept checkpoint has size, root and signature")
        signatures = "".join(f"\u2014 {self.key.name} {part}\n" for part in parts[2:])
        note = f"{self.key.name}\n{parts[0]}\n{parts[1]}\n\n{signatures}"
        return Checkpoint(note.encode(), self.key)

    def follows(self, size, root, tree, name):
        if self.kept and size <= self.kept[-1][0]:
            raise Broken("kept checkpoints do not grow", name)
        if size > self.total:
            raise Broken(
                f"rolled back: a checkpoint of {size} entries is kept, {self.total} are here", name, self.total
            )
        if tree.root(size) != root:
            raise Broken(f"the kept checkpoint of {size} entries is of another tree", name)
        self.kept.append((size, root))

    def pairs(self, tree):
        """Proves consistency: every pair of a few, every neighbours of many, which is as much."""
        self.proofs = 0
        few = len(self.kept) <= KEPT_PER_FILE
        for at, (second, second_root) in enumerate(self.kept):
            for first, first_root in self.kept[0 if few else max(0, at - 1) : at]:
                proof = tree.consistency(first, second) if first else []
                self.proofs += 1
                if not consistent(first, second, proof, first_root, second_root):
                    raise Broken(f"the checkpoints of {first} and {second} entries do not agree", "checkpoints")

    def files(self, folder):
        for where, _, names in os.walk(os.path.join(self.root, folder)):
            for name in sorted(names):
                yield os.path.relpath(os.path.join(where, name), self.root)

    def surroundings(self):
        for path in self.files("blob"):
            if path not in self.payloads:
                if hashlib.sha256(self.directory.read(path)).hexdigest() != os.path.basename(path):
                    raise Broken("a sealed payload was altered", path)
                self.note(f"`{path}` belongs to no entry: its recording was interrupted")
        beside = os.path.realpath(self.root) + ".signed"
        if os.path.exists(beside):
            with open(beside, "rb") as file:
                self.against(file.read(), "../" + os.path.basename(beside))

    def against(self, note, name):
        """Holds a checkpoint from elsewhere against this log."""
        try:
            other = Checkpoint(note, self.key, not self.any_log)
        except Malformed as why:
            raise Broken(str(why), name) from None
        if other.size > self.total:
            raise Broken(f"rolled back: {other.size} entries were signed, {self.total} are here", name, self.total)
        tree = self.tree if self.any_log else Tree(self.node_beyond)
        if tree.root(other.size) != other.root:
            raise Broken(f"another tree of {other.size} entries was signed", name)


def arguments(argv):
    parser = argparse.ArgumentParser(
        description="Check a journal, or any C2SP tlog-tiles log, without a line of Atlas.",
        epilog="Exit status 0: it holds. 1: it does not. 3: it could not be told.",
    )
    parser.add_argument("directory", nargs="+", help="the log, or a copy of it")
    parser.add_argument("--key", metavar="VKEY", help="the verifier key you trust, as text or in a file")
    parser.add_argument("--any-log", action="store_true", help="a log that Atlas did not write")
    parser.add_argument(
        "--checkpoint", metavar="FILE", action="append", default=[], help="a checkpoint from elsewhere that this log must contain"
    )
    given = parser.parse_args(argv)
    if given.any_log and given.key is None:
        parser.error("--any-log needs --key")
    if given.key is not None and os.path.isfile(given.key):
        with open(given.key, encoding="latin-1") as file:
            given.key = file.read().strip()
    return given


def verdict(directory, given):
    """Checks one directory; gives the exit status and what to say."""
    try:
        check = Check(directory, given.key, given.any_log)
        check.run()
        for name in given.checkpoint:
            with open(name, "rb") as file:
                check.against(file.read(), name)
    except Broken as broken:
        entry = "" if broken.entry is None else f"entry {broken.entry}: "
        return BROKEN, [f"broken: {entry}{broken.what} ({broken.where})"]
    except (OSError, MemoryError) as why:
        return UNREADABLE, [f"unreadable: {why}"]
    size, root = check.checkpoint.size, check.checkpoint.root.hex()
    said = [f"holds: {size} entries of {check.checkpoint.origin}, root {root}, {check.tiles} tiles"]
    if not given.any_log:
        said.append(f"kept: {len(check.kept)} checkpoints, {check.proofs} consistency proofs")
    return HOLDS, said + [f"note: {note}" for note in check.notes]


def main(argv):
    given = arguments(argv)
    worst = HOLDS
    for directory in given.directory:
        status, said = verdict(directory, given)
        prefix = "" if len(given.directory) == 1 else f"{directory}: "
        for line in said:
            print(prefix + line)
        worst = BROKEN if BROKEN in (status, worst) else max(status, worst)
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
