#!/usr/bin/env python3
"""Signs models and checks signed ones in the OpenSSF Model Signing v1.0 format, without a line of Atlas.

    tools/verify_model.py verify MODEL --signature model.sig --public-key PUB
    tools/verify_model.py verify MODEL --signature model.sig --ca CA
    tools/verify_model.py sign MODEL --key KEY -o model.sig

MODEL is a folder or a file; keys and certificates are PEM. Exit status 0: the signature holds, its
signer is the one given, and the files are exactly the ones signed. 1: something is not; it is named.
2: wrong usage. 3: it could not be told, because something could not be read.

Python's standard library only: ECDSA is written from FIPS 186-5, its nonces from RFC 6979, DER from
X.690, RSA of authorities from RFC 8017, the rest from the specification of OpenSSF Model Signing. Not
constant in time: sign with keys made for tests. With --ca a chain is checked by signatures, names,
dates and usages only; what carries an extension that is critical and unknown is refused. Keyless
bundles are not read.
"""

import argparse
import base64
import datetime
import hashlib
import hmac
import json
import os
import re
import stat
import sys

HOLDS, BROKEN, USAGE, UNREADABLE = 0, 1, 2, 3
MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://model_signing/signature/v1.0"
LEFT_OUT = [".git", ".gitattributes", ".github", ".gitignore", "model.sig", "model.ml-dsa-65.sig"]
INERT = {"bin", "dat", "gguf", "json", "jsonl", "md", "onnx", "safetensors", "txt"}


class Broken(Exception):
    """Something is not what was signed."""


def require(holds, what):
    if not holds:
        raise Broken(what)


# --- curves and ECDSA, FIPS 186-5 ---------------------------------------------------------------


class Curve:
    def __init__(self, oid, name, p, b, n, x, y):
        self.oid, self.hash, self.p, self.b, self.n, self.g = oid, name, p, b, n, (x, y)
        self.size = (p.bit_length() + 7) // 8

    def contains(self, point):
        x, y = point
        return max(x, y) < self.p and (y * y - (x * x * x - 3 * x + self.b)) % self.p == 0

    def double(self, a):
        """In Jacobian coordinates; y is 0 for the neutral element alone, as all orders are odd."""
        x, y, z = a
        if z == 0:
            return a
        p = self.p
        delta, gamma = z * z % p, y * y % p
        beta, alpha = x * gamma % p, 3 * (x - delta) * (x + delta) % p
        x3 = (alpha * alpha - 8 * beta) % p
        return x3, (alpha * (4 * beta - x3) - 8 * gamma * gamma) % p, ((y + z) ** 2 - gamma - delta) % p

    def add(self, a, b):
        if a[2] == 0 or b[2] == 0:
            return b if a[2] == 0 else a
        p = self.p
        za, zb = a[2] * a[2] % p, b[2] * b[2] % p
        ua, ub = a[0] * zb % p, b[0] * za % p
        sa, sb = a[1] * b[2] * zb % p, b[1] * a[2] * za % p
        h, r = (ub - ua) % p, (sb - sa) % p
        if h == 0:
            return self.double(a) if r == 0 else (1, 1, 0)
        hh = h * h % p
        hhh, v = h * hh % p, ua * hh % p
        x = (r * r - hhh - 2 * v) % p
        return x, (r * (v - x) - sa * hhh) % p, a[2] * b[2] * h % p

    def times(self, *pairs):
        """The sum of products, as a point in the plane; None for the neutral element."""
        total = (1, 1, 0)
        points = [(k, (x, y, 1)) for k, (x, y) in pairs]
        for bit in range(max(k.bit_length() for k, _ in points) - 1, -1, -1):
            total = self.double(total)
            for k, point in points:
                if k >> bit & 1:
                    total = self.add(total, point)
        if total[2] == 0:
            return None
        inverse = pow(total[2], -1, self.p)
        return total[0] * inverse**2 % self.p, total[1] * inverse**3 % self.p

    def digest(self, message):
        """The leftmost bits of the hash, as many as the order has."""
        digest = hashlib.new(self.hash, message).digest()
        return int.from_bytes(digest, "big") >> max(0, 8 * len(digest) - self.n.bit_length())

    def verifies(self, point, message, signature):
        try:
            r, s = integers(signature)
        except Broken:
            return False
        if not (0 < r < self.n and 0 < s < self.n):
            return False
        w = pow(s, -1, self.n)
        found = self.times((self.digest(message) * w % self.n, self.g), (r * w % self.n, point))
        return found is not None and found[0] % self.n == r

    def sign(self, secret, message):
        e = self.digest(message)
        for k in nonces(self, secret, message):
            r = self.times((k, self.g))[0] % self.n
            s = pow(k, -1, self.n) * (e + r * secret) % self.n
            if r and s:
                return der(0x30, der(0x02, signed(r)) + der(0x02, signed(s)))


CURVES = [
    Curve(
        "1.2.840.10045.3.1.7",
        "sha256",
        2**256 - 2**224 + 2**192 + 2**96 - 1,
        0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
        0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
        0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
        0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
    ),
    Curve(
        "1.3.132.0.34",
        "sha384",
        2**384 - 2**128 - 2**96 + 2**32 - 1,
        0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF,
        0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
        0xAA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B9859F741E082542A385502F25DBF55296C3A545E3872760AB7,
        0x3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147CE9DA3113B5F0B8C00A60B1CE1D7E819D7A431D7C90EA0E5F,
    ),
    Curve(
        "1.3.132.0.35",
        "sha512",
        2**521 - 1,
        int(
            "0051953EB9618E1C9A1F929A21A0B68540EEA2DA725B99B315F3B8B489918EF109E156193951EC7E937B1652C0BD"
            "3BB1BF073573DF883D2C34F1EF451FD46B503F00",
            16,
        ),
        2**521 - 2**260 + 0xA51868783BF2F966B7FCC0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409,
        int(
            "00C6858E06B70404E9CD9E3ECB662395B4429C648139053FB521F828AF606B4D3DBAA14B5E77EFE75928FE1DC127"
            "A2FFA8DE3348B3C1856A429BF97E7E31C2E5BD66",
            16,
        ),
        int(
            "011839296A789A3BC0045C8A5FB42C7D1BD998F54449579B446817AFBD17273E662C97EE72995EF42640C550B901"
            "3FAD0761353C7086A272C24088BE94769FD16650",
            16,
        ),
    ),
]


def nonces(curve, secret, message):
    """RFC 6979 section 3.2: secret numbers that only the message and the key decide."""
    length = (curve.n.bit_length() + 7) // 8
    shift = 8 * length - curve.n.bit_length()
    e = (curve.digest(message) % curve.n).to_bytes(length, "big")
    seed = secret.to_bytes(length, "big") + e
    size = hashlib.new(curve.hash).digest_size
    key, value = bytes(size), b"\1" * size

    def mac(*parts):
        return hmac.new(key, b"".join(parts), curve.hash).digest()

    for mark in (b"\0", b"\1"):
        key = mac(value, mark, seed)
        value = mac(value)
    while True:
        bits = b""
        while len(bits) < length:
            value = mac(value)
            bits += value
        k = int.from_bytes(bits[:length], "big") >> shift
        if 0 < k < curve.n:
            yield k
        key = mac(value, b"\0")
        value = mac(value)


# --- DER, X.690 -----------------------------------------------------------------------------------


def der(tag, content):
    n = len(content)
    length = bytes([n]) if n < 128 else bytes([0x80 | (n.bit_length() + 7) // 8]) + n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([tag]) + length + content


def signed(number):
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def parts(content):
    """The elements one after the other: tag, content, and all of it."""
    found, at = [], 0
    while at < len(content):
        require(at + 2 <= len(content) and content[at] & 0x1F != 0x1F, "DER is cut short")
        n, start = content[at + 1], at + 2
        if n & 0x80:
            count = n & 0x7F
            require(0 < count <= 4 and start + count <= len(content), "a DER length is broken")
            n, start = int.from_bytes(content[start : start + count], "big"), start + count
            require(n >= 128 and n.bit_length() > 8 * (count - 1), "a DER length is not the shortest")
        require(start + n <= len(content), "a DER element is longer than what holds it")
        found.append((content[at], content[start : start + n], content[at : start + n]))
        at = start + n
    return found


def one(content, tag):
    found = parts(content)
    require(len(found) == 1 and found[0][0] == tag, "DER of another kind than expected")
    return found[0][1]


def integers(content):
    numbers = []
    for tag, value, _ in parts(one(content, 0x30)):
        require(tag == 0x02 and value, "not a whole number in DER")
        require(len(value) == 1 or not (value[0] == 0 and value[1] < 128), "a number is padded")
        numbers.append(int.from_bytes(value, "big", signed=True))
    require(len(numbers) == 2, "not a pair of numbers")
    return numbers


def oid(content):
    numbers, value = [], 0
    for byte in content:
        value = value << 7 | byte & 0x7F
        if byte < 128:
            numbers.append(value)
            value = 0
    first = min(2, numbers[0] // 40)
    return ".".join(map(str, [first, numbers[0] - 40 * first] + numbers[1:]))


def pem(path, label):
    with open(path, encoding="ascii", errors="replace") as file:
        text = file.read()
    blocks = re.findall(f"-----BEGIN {label}-----([A-Za-z0-9+/=\\s]*)-----END {label}-----", text)
    require(blocks, f"{path} holds no `{label}`")
    return [base64.b64decode("".join(block.split())) for block in blocks]


def public_key(spki):
    """The curve and the point of a subjectPublicKeyInfo."""
    (_, algorithm, _), (tag, bits, _) = parts(one(spki, 0x30))
    fields = parts(algorithm)
    require(oid(fields[0][1]) == "1.2.840.10045.2.1" and tag == 0x03, "not an elliptic-curve key")
    require(len(fields) == 2 and fields[1][0] == 0x06, "a key does not name its curve")
    for curve in CURVES:
        if curve.oid == oid(fields[1][1]):
            require(bits[:2] == b"\0\4" and len(bits) == 2 + 2 * curve.size, "not an uncompressed point")
            point = (int.from_bytes(bits[2 : 2 + curve.size], "big"), int.from_bytes(bits[2 + curve.size :], "big"))
            require(curve.contains(point), "a key is not on its curve")
            return curve, point
    raise Broken("models are signed with keys on P-256, P-384 or P-521")


def spki(curve, point):
    value = b"\0\4" + point[0].to_bytes(curve.size, "big") + point[1].to_bytes(curve.size, "big")
    return der(0x30, der(0x30, encode_oid("1.2.840.10045.2.1") + encode_oid(curve.oid)) + der(0x03, value))


def encode_oid(text):
    numbers = list(map(int, text.split(".")))
    content = b""
    for number in [40 * numbers[0] + numbers[1]] + numbers[2:]:
        septets = [number & 0x7F]
        while number := number >> 7:
            septets.insert(0, 0x80 | number & 0x7F)
        content += bytes(septets)
    return der(0x06, content)


def hint(key):
    text = base64.b64encode(key).decode()
    lines = "\n".join(text[i : i + 64] for i in range(0, len(text), 64))
    return f"-----BEGIN PUBLIC KEY-----\n{lines}\n-----END PUBLIC KEY-----\n"


# --- certificates, RFC 5280, as far as the format needs them --------------------------------------


class Certificate:
    KNOWN = {"2.5.29.15", "2.5.29.19", "2.5.29.37", "2.5.29.17"}
    HASHES = {"1.2.840.10045.4.3.2": "sha256", "1.2.840.10045.4.3.3": "sha384", "1.2.840.10045.4.3.4": "sha512"}
    RSA = {"1.2.840.113549.1.1.11": "sha256", "1.2.840.113549.1.1.12": "sha384", "1.2.840.113549.1.1.13": "sha512"}

    def __init__(self, encoded):
        (_, tbs, self.tbs), (_, algorithm, _), (_, bits, _) = parts(one(encoded, 0x30))
        fields = parts(tbs)
        fields = fields[1:] if fields[0][0] == 0xA0 else fields
        self.encoded, self.signature = encoded, bits[1:]
        named = oid(parts(algorithm)[0][1])
        self.hash, self.rsa = self.HASHES.get(named), self.RSA.get(named)
        self.issuer, self.subject = fields[2][2], fields[4][2]
        self.dates = [self.time(tag, value) for tag, value, _ in parts(fields[3][1])]
        self.key = fields[5][2]
        self.extensions, critical = {}, set()
        for tag, value, _ in fields[6:]:
            if tag == 0xA3:
                for _, extension, _ in parts(one(value, 0x30)):
                    items = parts(extension)
                    name = oid(items[0][1])
                    require(name not in self.extensions, "a certificate has an extension twice")
                    self.extensions[name] = items[-1][1]
                    if len(items) == 3 and items[1][1] != b"\0":
                        critical.add(name)
        require(critical <= self.KNOWN, "a certificate has a critical extension that is not known here")

    @staticmethod
    def time(tag, value):
        text = value.decode("ascii")
        if tag == 0x17:
            text = ("19" if int(text[:2]) >= 50 else "20") + text
        return datetime.datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=datetime.timezone.utc)

    def usage(self, bit):
        value = self.extensions.get("2.5.29.15")
        if value is None:
            return False
        bits = one(value, 0x03)[1:]
        return bit // 8 < len(bits) and bits[bit // 8] >> (7 - bit % 8) & 1 == 1

    def is_authority(self):
        value = self.extensions.get("2.5.29.19")
        flags = parts(one(value, 0x30)) if value is not None else []
        return bool(flags) and flags[0][0] == 0x01 and flags[0][1] != b"\0"

    def is_for_code_signing(self):
        value = self.extensions.get("2.5.29.37")
        purposes = [oid(v) for _, v, _ in parts(one(value, 0x30))] if value is not None else []
        return self.usage(0) and "1.3.6.1.5.5.7.3.3" in purposes

    def holds(self, now):
        return self.dates[0] <= now <= self.dates[1]

    def signed_by(self, above):
        if self.issuer != above.subject:
            return False
        if self.rsa is not None:
            return rsa_verifies(above.key, self.rsa, self.tbs, self.signature)
        if self.hash is None:
            return False
        curve, point = public_key(above.key)
        named = Curve(curve.oid, self.hash, curve.p, curve.b, curve.n, *curve.g)
        return named.verifies(point, self.tbs, self.signature)


def rsa_verifies(key, name, message, signature):
    """RFC 8017 section 8.2.2: the padded digest is made anew and compared whole."""
    (_, algorithm, _), (_, bits, _) = parts(one(key, 0x30))
    if oid(parts(algorithm)[0][1]) != "1.2.840.113549.1.1.1":
        return False
    n, e = integers(bits[1:])
    size = (n.bit_length() + 7) // 8
    number = int.from_bytes(signature, "big")
    oids = {"sha256": "2.16.840.1.101.3.4.2.1", "sha384": "2.16.840.1.101.3.4.2.2", "sha512": "2.16.840.1.101.3.4.2.3"}
    digest = hashlib.new(name, message).digest()
    info = der(0x30, der(0x30, encode_oid(oids[name]) + der(0x05, b"")) + der(0x04, digest))
    padded = b"\0\1" + b"\xff" * (size - 3 - len(info)) + b"\0" + info
    strong = n.bit_length() >= 2048 and len(signature) == size and number < n
    return strong and pow(number, e, n).to_bytes(size, "big") == padded


def leaf_key(ders, root, now):
    chain = [Certificate(encoded) for encoded in ders]
    require(1 <= len(chain) <= 8, "a chain has 1 to 8 certificates")
    if len(chain) > 1 and chain[-1].encoded == root.encoded:
        chain.pop()
    require(chain[0].is_for_code_signing(), "the signer's certificate is not for code signing")
    for below, above in zip(chain, chain[1:] + [root]):
        require(below.holds(now) and above.holds(now), "a certificate is not valid now")
        require(above.is_authority(), "a certificate was issued by one that is no authority")
        require("2.5.29.15" not in above.extensions or above.usage(5), "an authority may not issue")
        require(below.signed_by(above), "the chain does not lead to the authority given")
    return chain[0].key


# --- the format -----------------------------------------------------------------------------------


def strict_json(text, what):
    def once(pairs):
        names = [name for name, _ in pairs]
        require(len(set(names)) == len(names), f"{what} has a name twice")
        return dict(pairs)

    def never(_):
        raise Broken(f"{what} is not JSON")

    try:
        return json.loads(text.decode("utf-8"), object_pairs_hook=once, parse_constant=never)
    except (ValueError, RecursionError):
        raise Broken(f"{what} is not JSON") from None


def only(value, what, *names):
    require(isinstance(value, dict), f"`{what}` is not an object")
    require(set(value) <= set(names), f"`{what}` has a field that does not belong there")
    return value


def decoded(value, what):
    require(isinstance(value, str), f"`{what}` is not text")
    try:
        content = base64.b64decode(value, validate=True)
    except ValueError:
        raise Broken(f"`{what}` is not base64") from None
    require(base64.b64encode(content).decode() == value, f"`{what}` is not canonical base64")
    return content


def pae(payload):
    return b"DSSEv1 %d %s %d " % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(payload)) + payload


def authenticated(bundle, key, root):
    """The payload, once the signer given is found to have signed it."""
    root_object = only(strict_json(bundle, "the bundle"), "bundle", "mediaType", "verificationMaterial", "dsseEnvelope")
    require(root_object.get("mediaType") == MEDIA_TYPE, "the bundle's mediaType is not that of v0.3")
    material = only(root_object.get("verificationMaterial"), "verificationMaterial", "publicKey", "x509CertificateChain", "tlogEntries", "timestampVerificationData")
    require(not material.get("tlogEntries") and not material.get("timestampVerificationData"), "evidence that is not checked here")
    envelope = only(root_object.get("dsseEnvelope"), "dsseEnvelope", "payload", "payloadType", "signatures")
    require(envelope.get("payloadType") == PAYLOAD_TYPE, "the payloadType is not that of in-toto")
    signatures = envelope.get("signatures")
    require(isinstance(signatures, list) and len(signatures) == 1, "an envelope holds exactly one signature")
    signature = only(signatures[0], "signature", "sig", "keyid")
    if key is not None:
        require("x509CertificateChain" not in material, "signed by a certificate, and a key was given")
        claim = only(material.get("publicKey"), "publicKey", "hint", "rawBytes", "keyDetails")
        text = hint(key)
        named = claim.get("hint") == hashlib.sha256(text.encode()).hexdigest()
        older = "hint" not in claim and decoded(claim.get("rawBytes"), "rawBytes") == text.encode()
        require(named or older, "signed by another key")
        require(signature.get("keyid") in (None, "", claim.get("hint")), "keyid and hint differ")
    else:
        require("publicKey" not in material, "signed by a key, and an authority was given")
        chain = only(material.get("x509CertificateChain"), "x509CertificateChain", "certificates").get("certificates")
        require(isinstance(chain, list), "`certificates` is not a list")
        ders = [decoded(only(c, "certificate", "rawBytes").get("rawBytes"), "rawBytes") for c in chain]
        key = leaf_key(ders, root, datetime.datetime.now(datetime.timezone.utc))
    curve, point = public_key(key)
    payload = decoded(envelope.get("payload"), "payload")
    require(curve.verifies(point, pae(payload), decoded(signature.get("sig"), "sig")), "the signature does not hold")
    return payload


def canonical(name):
    return (
        isinstance(name, str)
        and not re.search("[\\\\\0-\x1f\x7f-\x9f\ud800-\udfff]", name)
        and all(part not in ("", ".", "..") for part in name.split("/"))
    )


def manifest(payload):
    """What was signed: per file the ranges with their digests, what was left out, and the root."""
    statement = strict_json(payload, "the payload")
    require(isinstance(statement, dict) and statement.get("_type") == STATEMENT, "not an in-toto statement v1")
    require(statement.get("predicateType") == PREDICATE, "not a model signature v1.0")
    predicate = statement.get("predicate")
    require(isinstance(predicate, dict) and isinstance(predicate.get("serialization"), dict), "no predicate")
    how = predicate["serialization"]
    require(how.get("hash_type") == "sha256", "only sha256 is read")
    require(how.get("allow_symlinks") is False, "links are allowed")
    require(how.get("method") in ("files", "shards"), "neither by files nor by shards")
    shard = how.get("shard_size") if how["method"] == "shards" else 0
    require(isinstance(shard, (int, float)) and shard == int(shard) and (shard >= 1 or how["method"] == "files"), "shard_size is not a whole number")
    shard = int(shard)
    left_out = how.get("ignore_paths", [])
    require(isinstance(left_out, list) and all(map(canonical, left_out)), "ignore_paths has a name that is not canonical")
    resources = predicate.get("resources")
    require(isinstance(resources, list) and resources, "the manifest names no files")
    files, root = {}, hashlib.sha256()
    for resource in resources:
        require(isinstance(resource, dict), "a resource is not an object")
        name, digest = resource.get("name"), resource.get("digest")
        require(isinstance(name, str) and isinstance(digest, str) and re.fullmatch("[0-9a-f]{64}", digest), "a resource is broken")
        require(resource.get("algorithm") in ("sha256", f"sha256-sharded-{shard}" if shard else "sha256"), "another algorithm")
        root.update(bytes.fromhex(digest))
        start, end = 0, None
        if shard:
            found = re.fullmatch("(.*):(0|[1-9][0-9]*):(0|[1-9][0-9]*)", name, re.DOTALL)
            require(found, "a shard's name is not path:start:end")
            name, start, end = found[1], int(found[2]), int(found[3])
        require(name == "." or canonical(name), "a file name is not canonical")
        require(shard or name not in files, f"`{name}` is named twice")
        files.setdefault(name, []).append((start, end, digest))
    for name, ranges in files.items():
        ranges.sort(key=lambda r: r[0])
        at = 0
        for index, (start, end, _) in enumerate(ranges if shard else []):
            last = index == len(ranges) - 1
            require(start == at and (0 < end - start <= shard if last else end - start == shard), f"shards of `{name}` leave a gap")
            at = end
    subjects = statement.get("subject")
    require(isinstance(subjects, list) and len(subjects) == 1, "not exactly one subject")
    require(subjects[0].get("digest", {}).get("sha256") == root.hexdigest(), "the root digest is another")
    require("." not in files or len(files) == 1, "`.` is not alone")
    return files, set(left_out), root.hexdigest(), bool(shard)


def tree(model):
    """Regular files by name, folders by name; links and special files are refused."""
    files, folders = {}, set()

    def walk(folder, prefix):
        for entry in os.scandir(folder):
            name = prefix + entry.name
            mode = entry.stat(follow_symlinks=False).st_mode
            require(canonical(name), f"`{name!r}` is not a canonical name")
            if stat.S_ISDIR(mode):
                folders.add(name)
                walk(entry.path, name + "/")
            else:
                require(stat.S_ISREG(mode), f"`{name}` is a link or no regular file")
                files[name] = entry.path

    walk(model, "")
    return files, folders


def compare(path, name, ranges):
    with open(path, "rb") as file:
        for start, end, digest in ranges:
            hasher, left = hashlib.sha256(), None if end is None else end - start
            while left is None or left > 0:
                block = file.read(1 << 20 if left is None else min(1 << 20, left))
                if not block:
                    break
                hasher.update(block)
                left = None if left is None else left - len(block)
            require(hasher.hexdigest() == digest, f"`{name}` is not as signed")
        require(not file.read(1), f"`{name}` is longer than signed")


def verify(model, bundle, key, root):
    files, left_out, digest, sharded = manifest(authenticated(bundle, key, root))
    if not os.path.isdir(model):
        require(os.path.isfile(model) and not os.path.islink(model), "the model is no regular file")
        name = os.path.basename(model)
        require(list(files) in (["."], [name]), f"the manifest is not of the single file `{name}`")
        compare(model, name, next(iter(files.values())))
        return digest
    there, folders = tree(model)
    require("." not in files, "the manifest is of a single file")
    require(not folders & left_out, "a folder was left out by the signer")
    for name, ranges in files.items():
        require(name in there, f"`{name}` is signed but missing")
        compare(there[name], name, ranges)
    for name, path in there.items():
        inert = sharded and os.path.getsize(path) == 0 and name.rsplit(".", 1)[-1] in INERT
        require(name in files or name in left_out or inert, f"`{name}` is not signed")
    return digest


def sign(model, key):
    (_, _, _), (_, algorithm, _), (_, octets, _) = parts(one(key, 0x30))[:3]
    named = oid(parts(algorithm)[1][1])
    curve = next((c for c in CURVES if c.oid == named), None)
    require(curve is not None, "models are signed with keys on P-256, P-384 or P-521")
    secret = int.from_bytes(parts(one(octets, 0x30))[1][1], "big")
    if os.path.isdir(model):
        files, folders = tree(model)
        require(not folders & set(LEFT_OUT), "the folder holds what would be left out")
        files = {name: path for name, path in files.items() if name not in LEFT_OUT}
    else:
        files = {os.path.basename(model): model}
    resources, root = [], hashlib.sha256()
    for name in sorted(files, key=lambda n: n.encode()):
        with open(files[name], "rb") as file:
            digest = hashlib.file_digest(file, "sha256")
        root.update(digest.digest())
        resources.append({"name": name, "algorithm": "sha256", "digest": digest.hexdigest()})
    require(resources, "there is no file to sign")
    statement = {
        "_type": STATEMENT,
        "subject": [{"name": os.path.basename(os.path.abspath(model)), "digest": {"sha256": root.hexdigest()}}],
        "predicateType": PREDICATE,
        "predicate": {
            "serialization": {"method": "files", "hash_type": "sha256", "allow_symlinks": False, "ignore_paths": LEFT_OUT},
            "resources": resources,
        },
    }
    payload = json.dumps(statement, ensure_ascii=False).encode()
    public = spki(curve, curve.times((secret, curve.g)))
    return {
        "mediaType": MEDIA_TYPE,
        "verificationMaterial": {
            "publicKey": {"hint": hashlib.sha256(hint(public).encode()).hexdigest()},
            "tlogEntries": [],
        },
        "dsseEnvelope": {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"sig": base64.b64encode(curve.sign(secret, pae(payload))).decode(), "keyid": ""}],
        },
    }


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    verifying = verbs.add_parser("verify")
    verifying.add_argument("model")
    verifying.add_argument("--signature", required=True)
    whom = verifying.add_mutually_exclusive_group(required=True)
    whom.add_argument("--public-key")
    whom.add_argument("--ca")
    signing = verbs.add_parser("sign")
    signing.add_argument("model")
    signing.add_argument("--key", required=True)
    signing.add_argument("-o", required=True, dest="target")
    asked = parser.parse_args(arguments)
    try:
        if asked.verb == "sign":
            bundle = sign(asked.model, pem(asked.key, "PRIVATE KEY")[0])
            with open(asked.target, "w", encoding="utf-8") as file:
                json.dump(bundle, file)
            return HOLDS
        with open(asked.signature, "rb") as file:
            bundle = file.read()
        key = pem(asked.public_key, "PUBLIC KEY")[0] if asked.public_key else None
        root = Certificate(pem(asked.ca, "CERTIFICATE")[0]) if asked.ca else None
        print("holds", verify(asked.model, bundle, key, root))
        return HOLDS
    except Broken as no:
        print("no:", no)
        return BROKEN
    except OSError as fault:
        print("cannot tell:", fault, file=sys.stderr)
        return UNREADABLE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
