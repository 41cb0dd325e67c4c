"""Hosts in network namespaces around one router, for tests that need real packets.

Reads one JSON command per line on stdin and answers with one JSON line on stdout; when stdin ends,
everything it made is gone. Shares no code with the product.

  {"do": "up", "hosts": {NAME: {"interface": "v1-r", "v4": "10.77.1.2/24", "v6": "fd77:1::2/64"}}}
  {"do": "load", "file": F, "host": H}       loads rules, in the router without a host
  {"do": "listen", "host": H, "ports": [443]}  TCP and UDP, both families, answering
  {"do": "probe", "probes": [[FROM, ADDRESS, "tcp", 443], ...], "sure": [[...], ...]}
       which of them got through; waits for those in "sure" up to 30 s, then half a second for others
  {"do": "open", "host": H, "address": A, "port": P}, {"do": "talk", "id": N}, {"do": "shut", "id": N}
       one connection that stays; talk says whether it still answers
  {"do": "spoof", "host": H, "source": A, "address": B, "port": P}   one forged SYN
  {"do": "nft", "arguments": [...]}          runs nft in the router
"""

import ctypes
import json
import os
import select
import selectors
import socket
import struct
import subprocess
import sys
import time

libc = ctypes.CDLL(None, use_errno=True)
PREFIX = "atl%d-" % os.getpid()
HOME = os.open("/proc/self/ns/net", os.O_RDONLY)


def run(*arguments):
    return subprocess.run(arguments, capture_output=True, text=True)


def must(*arguments):
    done = run(*arguments)
    if done.returncode != 0:
        raise RuntimeError("%s: %s" % (" ".join(arguments), done.stderr.strip()))
    return done.stdout


def namespace(name):
    return PREFIX + name


class Inside:
    """Sockets made within belong to the namespace, wherever they are used."""

    def __init__(self, name):
        self.path = "/run/netns/" + namespace(name)

    def __enter__(self):
        there = os.open(self.path, os.O_RDONLY)
        if libc.setns(there, 0) != 0:
            raise OSError(ctypes.get_errno(), "setns")
        os.close(there)

    def __exit__(self, *_):
        libc.setns(HOME, 0)


made = []
hosts = {}
listening = selectors.DefaultSelector()
kept = {}


def make(name):
    must("ip", "netns", "add", namespace(name))
    made.append(name)
    must("ip", "-n", namespace(name), "link", "set", "lo", "up")
    with Inside(name):
        for key in ("all", "default"):
            # Addresses are used at once: nobody else could have them.
            with open("/proc/sys/net/ipv6/conf/%s/accept_dad" % key, "w") as f:
                f.write("0")


def gateway(address, last):
    whole = address.split("/")[0]
    return whole[: whole.rindex("." if "." in whole else ":") + 1] + last


def up(given):
    make("rt")
    with Inside("rt"):
        for path in ("ipv4/ip_forward", "ipv6/conf/all/forwarding"):
            with open("/proc/sys/net/" + path, "w") as f:
                f.write("1")
        for key in ("all", "default"):
            with open("/proc/sys/net/ipv4/conf/%s/rp_filter" % key, "w") as f:
                f.write("0")
    for number, (name, host) in enumerate(given.items()):
        make(name)
        hosts[name] = host
        router, own = namespace("rt"), namespace(name)
        must("ip", "link", "add", host["interface"], "netns", router, "type", "veth",
             "peer", "name", "eth0", "netns", own)
        for family in ("v4", "v6"):
            if family not in host:
                continue
            length = host[family].split("/")[1]
            must("ip", "-n", own, "addr", "add", host[family], "dev", "eth0")
            must("ip", "-n", router, "addr", "add", gateway(host[family], "1") + "/" + length,
                 "dev", host["interface"])
        must("ip", "-n", own, "link", "set", "eth0", "up")
        must("ip", "-n", router, "link", "set", host["interface"], "up")
        for family in ("v4", "v6"):
            if family in host:
                must("ip", "-n", own, "-6" if family == "v6" else "-4", "route", "add", "default",
                     "via", gateway(host[family], "1"))
    return {"ok": True}


def load(file, host):
    done = run("ip", "netns", "exec", namespace(host), "nft", "-f", file)
    return {"ok": done.returncode == 0, "error": done.stderr}


def nft(arguments):
    done = run("ip", "netns", "exec", namespace("rt"), "nft", *arguments)
    return {"ok": done.returncode == 0, "error": done.stderr, "out": done.stdout}


def listen(host, ports):
    with Inside(host):
        for port in ports:
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                s = socket.socket(socket.AF_INET6, kind)
                s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                s.bind(("::", port))
                s.setblocking(False)
                if kind == socket.SOCK_STREAM:
                    s.listen(1024)
                listening.register(s, selectors.EVENT_READ, kind)
    return {"ok": True}


def serve():
    """Answers whoever got through; an accepted connection echoes."""
    for key, _ in listening.select(0):
        s = key.fileobj
        try:
            if key.data == socket.SOCK_DGRAM:
                data, peer = s.recvfrom(64)
                s.sendto(data, peer)
            elif key.data == "echo":
                data = s.recv(64)
                if data:
                    s.send(data)
                else:
                    listening.unregister(s)
                    s.close()
            else:
                c, _ = s.accept()
                c.setblocking(False)
                listening.register(c, selectors.EVENT_READ, "echo")
        except OSError:
            pass


def probe(probes, sure):
    through = set()
    sure = set(map(tuple, sure))
    for start in range(0, len(probes), 2000):
        through |= batch([tuple(p) for p in probes[start:start + 2000]], sure)
    return {"through": [list(p) for p in probes if tuple(p) in through]}


def batch(probes, sure):
    poll = selectors.DefaultSelector()
    through = set()
    open_sockets = []
    for one in sorted(set(probes)):
        host, address, transport, port = one
        kind = socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM
        with Inside(host):
            s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind)
        s.setblocking(False)
        open_sockets.append(s)
        try:
            s.connect((address, port))
            if kind == socket.SOCK_DGRAM:
                s.send(b"atlas")
        except BlockingIOError:
            pass
        except ConnectionRefusedError:
            through.add(one)
            continue
        except OSError:
            continue
        poll.register(
            s, selectors.EVENT_WRITE if kind == socket.SOCK_STREAM else selectors.EVENT_READ, one)
    needed = {p for p in probes if p in sure}
    latest = time.monotonic() + 30
    quiet = None
    while poll.get_map():
        now = time.monotonic()
        if needed <= through and quiet is None:
            quiet = now + 0.5
        if now > (latest if quiet is None else quiet):
            break
        serve()
        for key, _ in poll.select(0.02):
            s = key.fileobj
            error = s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if error == 0 and key.data[2] == "udp":
                try:
                    s.recv(64)
                except ConnectionRefusedError:
                    pass
                except OSError:
                    error = -1
            # A refusal is the far end's answer: the network let both through.
            if error in (0, 111):
                through.add(key.data)
            poll.unregister(s)
    for s in open_sockets:
        if s.type == socket.SOCK_STREAM:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.close()
    serve()
    return through


def opened(host, address, port):
    with Inside(host):
        s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    s.setblocking(False)
    s.connect_ex((address, port))
    select.select([], [s], [], 30)
    serve()
    kept[len(kept)] = s
    return {"id": len(kept) - 1}


def talk(number):
    s = kept[number]
    s.send(b"still")
    latest = time.monotonic() + 1.5
    while time.monotonic() < latest:
        serve()
        if select.select([s], [], [], 0.02)[0]:
            return {"answers": s.recv(64) != b""}
    return {"answers": False}


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


def spoof(host, source, address, port):
    a, b = socket.inet_aton(source), socket.inet_aton(address)
    tcp = struct.pack("!HHIIBBHHH", 40000, port, 1, 0, 5 << 4, 2, 1024, 0, 0)
    total = checksum(a + b + struct.pack("!BBH", 0, 6, len(tcp)) + tcp)
    tcp = tcp[:16] + struct.pack("!H", total) + tcp[18:]
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 1, 0, 64, 6, 0, a, b)
    with Inside(host):
        s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    s.sendto(ip + tcp, (address, 0))
    s.close()
    return {"ok": True}


COMMANDS = {
    "up": lambda c: up(c["hosts"]),
    "load": lambda c: load(c["file"], c.get("host", "rt")),
    "nft": lambda c: nft(c["arguments"]),
    "listen": lambda c: listen(c["host"], c["ports"]),
    "probe": lambda c: probe(c["probes"], c["sure"]),
    "open": lambda c: opened(c["host"], c["address"], c["port"]),
    "talk": lambda c: talk(c["id"]),
    "shut": lambda c: kept[c["id"]].close() or {"ok": True},
    "spoof": lambda c: spoof(c["host"], c["source"], c["address"], c["port"]),
    "names": lambda c: {"prefix": PREFIX},
}

try:
    import resource

    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    for line in sys.stdin:
        command = json.loads(line)
        try:
            answer = COMMANDS[command["do"]](command)
        except (OSError, RuntimeError, KeyError, ValueError) as e:
            answer = {"ok": False, "error": "%s: %s" % (type(e).__name__, e)}
        print(json.dumps(answer), flush=True)
finally:
    for name in made:
        run("ip", "netns", "del", namespace(name))
