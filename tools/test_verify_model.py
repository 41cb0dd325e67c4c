#!/usr/bin/env python3
"""Holds verify_model.py against bundles and verdicts that others made: tools/test_verify_model.py"""

import json
import os
import shutil
import tempfile
import unittest

import verify_model as v

OMS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../registry/src/test/resources/registry/oms")
SINGLE = {"sem-single-file-dot": "config.json", "upstream-v0.3.1-elliptic-key": "signme-1"}

# RFC 6979, appendix A.2: the messages `sample` and `test` under one key for each curve.
KNOWN = [
    (
        0,
        "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721",
        b"sample",
        "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
        "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
    ),
    (
        0,
        "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721",
        b"test",
        "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367",
        "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083",
    ),
]


class Vectors(unittest.TestCase):
    def test_nonces_and_signatures_of_rfc6979(self):
        for index, secret, message, r, s in KNOWN:
            curve = v.CURVES[index]
            signature = curve.sign(int(secret, 16), message)
            self.assertEqual(v.integers(signature), [int(r, 16), int(s, 16)])
            point = curve.times((int(secret, 16), curve.g))
            self.assertTrue(curve.verifies(point, message, signature))
            self.assertFalse(curve.verifies(point, message + b"x", signature))

    def test_the_order_of_each_curve_ends_its_base(self):
        for curve in v.CURVES:
            self.assertTrue(curve.contains(curve.g))
            self.assertIsNone(curve.times((curve.n, curve.g)))
            self.assertEqual(curve.times((curve.n + 1, curve.g)), curve.g)

    def test_cases_decide_as_they_are_labelled(self):
        seen = 0
        for name in sorted(os.listdir(OMS)):
            folder = os.path.join(OMS, name)
            with open(os.path.join(folder, "case.json"), encoding="utf-8") as file:
                case = json.load(file)
            if case["mode"] == "sigstore":
                continue
            model = os.path.join(folder, "model", SINGLE.get(name, ""))
            whom = "pub.pem" if os.path.exists(os.path.join(folder, "pub.pem")) else "ca.pem"
            option = "--public-key" if whom == "pub.pem" else "--ca"
            status = v.main(
                ["verify", model.rstrip("/"), "--signature", os.path.join(folder, "model.sig")]
                + [option, os.path.join(folder, whom)]
            )
            self.assertEqual(status, 0 if case["expect"] == "accept" else 1, name)
            seen += 1
        self.assertGreater(seen, 30)

    def test_one_changed_byte_is_found(self):
        source = os.path.join(OMS, "sem-p256-valid")
        with tempfile.TemporaryDirectory() as work:
            copy = os.path.join(work, "case")
            shutil.copytree(source, copy)
            where = os.path.join(copy, "model", "config.json")
            with open(where, "rb") as file:
                content = bytearray(file.read())
            content[0] ^= 1
            with open(where, "wb") as file:
                file.write(content)
            ask = ["verify", os.path.join(copy, "model"), "--signature", os.path.join(copy, "model.sig")]
            self.assertEqual(v.main(ask + ["--public-key", os.path.join(copy, "pub.pem")]), 1)


if __name__ == "__main__":
    unittest.main()
