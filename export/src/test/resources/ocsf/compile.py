"""Makes schema.json: the parts of OCSF that Atlas's events use, classes and objects with what they
inherit and include, from a checkout of https://github.com/ocsf/ocsf-schema at a release.

usage: compile.py CHECKOUT > schema.json
"""
import json
import pathlib
import sys

root = pathlib.Path(sys.argv[1])
CLASSES = {
    "base_event": "base_event", "api_activity": "application/api_activity",
    "application_lifecycle": "application/application_lifecycle",
    "authentication": "iam/authentication", "detection_finding": "findings/detection_finding",
}
PARENTS = {"application": "application/application", "iam": "iam/iam", "finding": "findings/finding",
           "base_event": "base_event"}
OBJECTS = ["metadata", "product", "ai_model", "message_context", "actor", "user", "api", "request",
           "response", "service", "network_endpoint", "resource_details", "http_request", "url",
           "session", "finding_info"]
KEPT_PROFILES = {"ai_operation"}


def load(name):
    return json.loads((root / name).read_text())


dictionary = load("dictionary.json")
words = dictionary["attributes"]


def attributes(found):
    """Those of a file, with what it includes; profiles that are not kept are left out."""
    own = dict(found.get("attributes", {}))
    for name in own.pop("$include", []):
        profile = load(name)
        if profile.get("name") in KEPT_PROFILES:
            for key, value in profile["attributes"].items():
                own.setdefault(key, dict(value, profile=profile["name"]))
    return own


def merged(name, find):
    found = load(find(name))
    base = {"attributes": {}, "constraints": {}}
    if found.get("extends") not in (None, "object"):
        base = merged(found["extends"], find)
    for key, value in attributes(found).items():
        before = base["attributes"].get(key, {})
        both = {**before, **value}
        both["enum"] = {**before.get("enum", {}), **value.get("enum", {})}
        base["attributes"][key] = both
    base["constraints"] = {**base["constraints"], **found.get("constraints", {})}
    base["uid"] = found.get("uid", base.get("uid", 0))
    base["category"] = found.get("category", base.get("category"))
    return base


def slim(shape):
    out = {}
    for name, value in sorted(shape["attributes"].items()):
        if value.get("profile") not in KEPT_PROFILES | {None}:
            continue
        word = words[name]
        enum = {**word.get("enum", {}), **value.get("enum", {})}
        if name in ("class_uid", "category_uid"):
            enum = {}  # the server puts the class's own numbers here, and so does the test
        out[name] = {"type": value.get("type", word["type"]),
                     "requirement": value.get("requirement", "optional")}
        if word.get("is_array"):
            out[name]["array"] = True
        if enum:
            out[name]["enum"] = sorted(enum)
        if value.get("profile"):
            out[name]["profile"] = value["profile"]
    return {"attributes": out, "constraints": shape["constraints"]}


categories = load("categories.json")["attributes"]
result = {"version": load("version.json")["version"], "classes": {}, "objects": {}}
for name in CLASSES:
    shape = merged(name, lambda n: f"events/{CLASSES.get(n) or PARENTS[n]}.json")
    category = categories.get(shape["category"], {}).get("uid", 0)
    entry = slim(shape)
    entry["uid"] = category * 1000 + shape["uid"] if category else 0
    result["classes"][name] = entry
for name in OBJECTS:
    result["objects"][name] = slim(merged(name, lambda n: f"objects/{n}.json"))
print(json.dumps(result, indent=1, sort_keys=True))
