#!/usr/bin/env python3
"""Atlas beside its peers over one stub upstream: interleaved rounds, warm, ratios out.

    bench/compare.py [--quick] [--rounds N] [--only NAME,...] [--skip-streams]

Everything listens on loopback and is stopped at the end. What a peer needs and cannot be had here
is left out by name. CPU is read from /proc for the whole process tree, so it needs Linux.
"""
import argparse, hashlib, json, os, re, shutil, signal, socket, ssl, statistics, subprocess, sys, time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
OUT = HERE / "out"
TICK = os.sysconf("SC_CLK_TCK")
PASSWORD = "changeit"
UPSTREAM, UPSTREAM_OPEN, SSE, SSE_OPEN = 19444, 19446, 19445, 19447
CONTROL = 19506
PORTS = {"nginx": 19501, "haproxy": 19502, "scg": 19503, "portkey": 19504, "atlas": 19505}
running = []


def sh(*command, **more):
    more.setdefault("timeout", 600)
    return subprocess.run([str(c) for c in command], check=True, capture_output=True, text=True, **more)


def spawn(name, command, **more):
    log = open(OUT / f"{name}.log", "w")
    process = subprocess.Popen([str(c) for c in command], stdout=log, stderr=log, start_new_session=True, **more)
    running.append(process)
    return process


def stop_all():
    for process in reversed(running):
        try:
            os.killpg(process.pid, signal.SIGTERM)
        except ProcessLookupError:
            pass
    for process in running:
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def wait_port(port, seconds=120, process=None):
    end = time.time() + seconds
    while time.time() < end:
        if process is not None and process.poll() is not None:
            raise RuntimeError(f"ended with {process.returncode} before listening on {port}")
        with socket.socket() as s:
            s.settimeout(1)
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"nothing listens on {port}")


def require_free():
    """What an earlier run left behind would answer in the place of what is measured."""
    for port in (UPSTREAM, UPSTREAM_OPEN, SSE, SSE_OPEN, *PORTS.values(), CONTROL):
        with socket.socket() as s:
            s.settimeout(1)
            if s.connect_ex(("127.0.0.1", port)) == 0:
                raise SystemExit(f"compare.py: something listens on port {port} already: end it first (`ss -ltnp`)")


def tree(pid):
    """The process and all below it."""
    found, todo = [], [pid]
    while todo:
        p = todo.pop()
        found.append(p)
        try:
            for task in os.listdir(f"/proc/{p}/task"):
                todo += [int(c) for c in Path(f"/proc/{p}/task/{task}/children").read_text().split()]
        except OSError:
            pass
    return found


def cpu_seconds(pid):
    total = 0
    for p in tree(pid):
        try:
            fields = Path(f"/proc/{p}/stat").read_text().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        except OSError:
            pass
    return total / TICK


def rss_mb(pid):
    total = 0
    for p in tree(pid):
        try:
            total += int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{p}/status").read_text()).group(1))
        except (OSError, AttributeError):
            pass
    return total // 1024


def certificates():
    d = OUT / "certs"
    if (d / "done").exists():
        return d
    shutil.rmtree(d, ignore_errors=True)
    d.mkdir(parents=True)
    sh("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", d / "ca.key")
    sh("openssl", "req", "-x509", "-new", "-key", d / "ca.key", "-subj", "/CN=bench", "-days", "30", "-out", d / "ca.pem")
    for name, usage in (("server", "serverAuth"), ("client", "clientAuth")):
        sh("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", d / f"{name}.sec1")
        sh("openssl", "pkcs8", "-topk8", "-nocrypt", "-in", d / f"{name}.sec1", "-out", d / f"{name}.key")
        sh("openssl", "req", "-new", "-key", d / f"{name}.key", "-subj", f"/CN={name}", "-out", d / f"{name}.csr")
        (d / f"{name}.ext").write_text(
            f"subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage={usage}\nkeyUsage=digitalSignature\n")
        sh("openssl", "x509", "-req", "-in", d / f"{name}.csr", "-CA", d / "ca.pem", "-CAkey", d / "ca.key",
           "-CAcreateserial", "-days", "30", "-extfile", d / f"{name}.ext", "-out", d / f"{name}.pem")
        (d / f"{name}-bundle.pem").write_text((d / f"{name}.pem").read_text() + (d / f"{name}.key").read_text())
        sh("openssl", "pkcs12", "-export", "-in", d / f"{name}.pem", "-inkey", d / f"{name}.key", "-certfile",
           d / "ca.pem", "-passout", f"pass:{PASSWORD}", "-out", d / f"{name}.p12")
    keytool = Path(os.environ["JAVA_HOME"]) / "bin/keytool"
    sh(keytool, "-importcert", "-noprompt", "-alias", "ca", "-file", d / "ca.pem", "-storetype", "PKCS12",
       "-keystore", d / "trust.p12", "-storepass", PASSWORD)
    (d / "done").touch()
    return d


def keystore(target, *anchors):
    target.unlink(missing_ok=True)
    for i, anchor in enumerate(anchors):
        sh(Path(os.environ["JAVA_HOME"]) / "bin/keytool", "-importcert", "-noprompt", "-alias", f"ca{i}", "-file", anchor,
           "-storetype", "PKCS12", "-keystore", target, "-storepass", PASSWORD)


def trust_clients(c, atlas):
    """Whom the upstream accepts: the peers' authority, and the one Atlas made for itself."""
    anchors = [c / "ca.pem"] + ([OUT / "home/tls/ca.pem"] if atlas else [])
    (c / "clients.pem").write_text("".join(a.read_text() for a in anchors))
    keystore(c / "clients.p12", *anchors)
    if atlas:
        keystore(c / "atlas-trust.p12", OUT / "home/tls/ca.pem")


def body(stream):
    message = {"model": "stub", "messages": [
        {"role": "system", "content": "You are a patient assistant in a hospital pharmacy. Answer in two sentences."},
        {"role": "user", "content": "Which of our two suppliers delivered the saline later than agreed last month?"},
        {"role": "assistant", "content": "The second one was late on three of eleven deliveries, by two days on average."},
        {"role": "user", "content": "Please write a short and friendly note to them, asking for a plan to be on time from now on, "
                                    "and mention that we value the years we have worked together so far."}],
        "temperature": 0.2, "max_tokens": 160}
    if stream:
        message["stream"] = True
    return json.dumps(message)


def completion():
    text = ("Dear colleagues, thank you for the years of good work together. Last month three of eleven deliveries "
            "of saline came two days late, which is hard on our wards. Could you send us a short plan that shows how "
            "you will be on time from now on? We are glad to talk about order times if that helps you. With kind regards.")
    return json.dumps({"id": "chatcmpl-0123456789", "object": "chat.completion", "created": 1700000000, "model": "stub",
                       "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
                       "usage": {"prompt_tokens": 95, "completion_tokens": 76, "total_tokens": 171}})


def nginx_conf(name, servers):
    conf = OUT / f"{name}.conf"
    conf.write_text(f"""daemon off; worker_processes 2; pid {OUT}/{name}.pid; error_log {OUT}/{name}.err warn;
events {{ worker_connections 4096; }}
http {{ access_log off; keepalive_requests 1000000; client_body_temp_path {OUT}/{name}-b; proxy_temp_path {OUT}/{name}-p;
fastcgi_temp_path {OUT}/{name}-f; uwsgi_temp_path {OUT}/{name}-u; scgi_temp_path {OUT}/{name}-s;
{servers} }}
""")
    return conf


def start_upstreams(c):
    (OUT / "completion.json").write_text(completion())
    answer = completion().replace("'", "")
    one = lambda port, auth: f"""server {{ listen 127.0.0.1:{port} ssl; ssl_protocols TLSv1.3;
ssl_certificate {c}/server.pem; ssl_certificate_key {c}/server.key; {auth}
location / {{ default_type application/json; return 200 '{answer}'; }} }}"""
    must = f"ssl_client_certificate {c}/clients.pem; ssl_verify_client on;"
    spawn("upstream", ["nginx", "-c", nginx_conf("upstream", one(UPSTREAM, must) + one(UPSTREAM_OPEN, ""))])
    java = Path(os.environ["JAVA_HOME"]) / "bin/java"
    for port, auth in ((SSE, "true"), (SSE_OPEN, "false")):
        spawn(f"sse-{port}", [java, "-Xmx256m", HERE / "tools/SseUpstream.java", port, c / "server.p12", c / "clients.p12",
                              PASSWORD, 100, 10000, auth])
    for port in (UPSTREAM, UPSTREAM_OPEN, SSE, SSE_OPEN):
        wait_port(port)


def start_nginx(c, keys):
    proxy = f"""upstream json {{ server 127.0.0.1:{UPSTREAM}; keepalive 128; keepalive_requests 1000000; }}
upstream sse {{ server 127.0.0.1:{SSE}; keepalive 128; keepalive_requests 1000000; }}
map $http_x_bench $to {{ default json; stream sse; }}
server {{ listen 127.0.0.1:{PORTS['nginx']} ssl http2; ssl_protocols TLSv1.3; ssl_certificate {c}/server.pem;
ssl_certificate_key {c}/server.key;
location / {{ proxy_pass https://$to; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off;
proxy_ssl_certificate {c}/client.pem; proxy_ssl_certificate_key {c}/client.key; proxy_ssl_trusted_certificate {c}/ca.pem;
proxy_ssl_verify on; proxy_ssl_name localhost; proxy_ssl_protocols TLSv1.3; proxy_ssl_session_reuse on; }} }}"""
    return spawn("nginx", ["nginx", "-c", nginx_conf("nginx", proxy)])


def start_haproxy(c, keys):
    conf = OUT / "haproxy.cfg"
    server = lambda name, port: (f"backend {name}\n http-reuse always\n server s 127.0.0.1:{port} ssl verify required ca-file {c}/ca.pem "
                                 f"crt {c}/client-bundle.pem sni str(localhost) verifyhost localhost alpn http/1.1 ssl-min-ver TLSv1.3\n")
    conf.write_text(f"""global
 nbthread 2
 maxconn 4096
defaults
 mode http
 timeout connect 5s
 timeout client 60s
 timeout server 60s
frontend in
 bind 127.0.0.1:{PORTS['haproxy']} ssl crt {c}/server-bundle.pem alpn h2,http/1.1 ssl-min-ver TLSv1.3
 use_backend sse if {{ req.hdr(x-bench) stream }}
 default_backend json
{server('json', UPSTREAM)}{server('sse', SSE)}""")
    return spawn("haproxy", ["haproxy", "-db", "-f", conf])


def start_scg(c, keys):
    home = HERE / "peers/spring-cloud-gateway"
    jar = home / "target/peer-spring-cloud-gateway-1.jar"
    if not jar.exists():
        sh(shutil.which("mvn") or ROOT / "mvnw", "-q", "-DskipTests", "package", cwd=home)
    known = OUT / "keys.sha256"
    known.write_text("".join(hashlib.sha256(f"Bearer {k}".encode()).hexdigest() + "\n" for k in keys))
    java = Path(os.environ["JAVA_HOME"]) / "bin/java"
    return spawn("scg", [java, "-Xms256m", "-Xmx512m", "-XX:+UseCompactObjectHeaders", f"-Dkeys={known}",
                         f"-Dupstream=https://localhost:{UPSTREAM}", f"-Dstreams=https://localhost:{SSE}", "-jar", jar, f"--server.port={PORTS['scg']}",
                         "--server.address=127.0.0.1", "--server.http2.enabled=true",
                         f"--server.ssl.key-store={c}/server.p12", f"--server.ssl.key-store-password={PASSWORD}",
                         "--server.ssl.enabled-protocols=TLSv1.3",
                         f"--spring.cloud.gateway.server.webflux.httpclient.ssl.key-store={c}/client.p12",
                         f"--spring.cloud.gateway.server.webflux.httpclient.ssl.key-store-password={PASSWORD}",
                         "--spring.cloud.gateway.server.webflux.httpclient.ssl.key-store-type=PKCS12",
                         f"--spring.cloud.gateway.server.webflux.httpclient.ssl.trusted-x509-certificates={c}/ca.pem"])


def start_portkey(c, keys):
    home = HERE / "peers/portkey"
    if not (home / "node_modules").exists():
        sh("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", cwd=home)
    env = dict(os.environ, NODE_EXTRA_CA_CERTS=str(c / "ca.pem"), NODE_ENV="production",
               TRUSTED_CUSTOM_HOSTS="localhost,127.0.0.1")
    return spawn("portkey", ["node", "--require", home / "loopback.cjs",
                             home / "node_modules/@portkey-ai/gateway/build/start-server.js",
                             f"--port={PORTS['portkey']}", "--headless"], env=env)


def start_atlas(c, keys):
    home = OUT / "home"
    shutil.rmtree(home, ignore_errors=True)
    config = OUT / "atlas.yaml"
    config.write_text((HERE / "atlas.yaml").read_text().replace("@CERTS@", str(c)))
    (OUT / "credential").unlink(missing_ok=True)
    process = spawn("atlas", [ROOT / "atlas", "--home", home, "up", "--config", config, "--gateway-port", PORTS["atlas"],
                              "--control-port", CONTROL])
    wait_port(PORTS["atlas"], 300, process)
    wait_port(CONTROL, 60, process)
    bootstrap = home / "bootstrap.json"
    end = time.time() + 60
    while not bootstrap.exists() and time.time() < end:
        time.sleep(0.1)
    return process


START = {"nginx": start_nginx, "haproxy": start_haproxy, "scg": start_scg, "portkey": start_portkey, "atlas": start_atlas}


def headers(name, stream):
    if name == "portkey":
        port = SSE_OPEN if stream else UPSTREAM_OPEN
        return ["authorization: Bearer sk-bench", "x-portkey-provider: openai", f"x-portkey-custom-host: https://localhost:{port}/v1"]
    if name == "atlas":
        key = json.loads((OUT / "home/bootstrap.json").read_text())["consumer"]["key"]
        return [f"authorization: Bearer {key}"]
    return ["authorization: Bearer bench-key-7"] + (["x-bench: stream"] if stream else [])


def h2load(name, protocol, connections, streams, requests, rate=None):
    url = f"{'http' if name == 'portkey' else 'https'}://localhost:{PORTS[name]}/v1/chat/completions"
    command = ["h2load", "-t1", f"-n{requests}", f"-c{connections}", f"-m{streams}", "-d", OUT / "body.json"]
    if protocol == "h1":
        command.append("--h1")
    if rate:
        command = ["h2load", "-t1", f"-D{rate[1]}", f"-c{connections}", f"-m{streams}", f"--rps={rate[0] / connections}", "-d", OUT / "body.json"]
        if protocol == "h1":
            command.append("--h1")
        command += [f"--log-file={OUT}/h2load.log"]
        (OUT / "h2load.log").unlink(missing_ok=True)
    for h in headers(name, False) + ["content-type: application/json"]:
        command += ["-H", h]
    text = sh(*command, url).stdout
    ok = int(re.search(r"status codes: (\d+) 2xx", text).group(1))
    done = int(re.search(r"requests: \d+ total, \d+ started, (\d+) done", text).group(1))
    per_second = float(re.search(r"([\d.]+) req/s", text).group(1))
    return {"ok": ok, "done": done, "rps": per_second}


def percentiles(log):
    micros = sorted(int(line.split()[2]) for line in Path(log).read_text().splitlines() if line.split()[1] == "200")
    at = lambda p: micros[min(len(micros) - 1, len(micros) * p // 100)] / 1000 if micros else None
    return at(50), at(99)


def measured(name, process, run):
    before = cpu_seconds(process.pid)
    result = run()
    result["cpu"] = cpu_seconds(process.pid) - before
    return result


def sse(name, process, streams, repeats):
    java = Path(os.environ["JAVA_HOME"]) / "bin/java"
    def run():
        port = PORTS[name]
        lines = [h for h in headers(name, True)]
        out = sh(java, "-Xmx256m", "-XX:TieredStopAtLevel=1", HERE / "tools/SseLoad.java", port, "false" if name == "portkey" else "true",
                 OUT / "certs" / ("trust.p12" if name != "atlas" else "atlas-trust.p12"), PASSWORD, streams, repeats,
                 OUT / "stream.json" if name != "atlas" else OUT / "stream-atlas.json", *lines).stdout
        return json.loads(out.strip().splitlines()[-1])
    return measured(name, process, run)


def median(values):
    values = [v for v in values if v is not None]
    return statistics.median(values) if values else float("nan")


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--quick", action="store_true", help="a twentieth of the warm-up and load: shows that it runs, measures nothing")
    a.add_argument("--rounds", type=int, default=3)
    a.add_argument("--only", default="nginx,haproxy,atlas,scg,portkey")
    a.add_argument("--skip-streams", action="store_true")
    args = a.parse_args()
    scale = 0.05 if args.quick else 1
    require_free()
    os.environ["JAVA_HOME"] = sh(ROOT / "atlas", "--jdk").stdout.strip()
    OUT.mkdir(exist_ok=True)
    (OUT / "body.json").write_text(body(False))
    (OUT / "stream.json").write_text(body(True))
    (OUT / "stream-atlas.json").write_text(body(True).replace('"stub"', '"stub-stream"'))
    c = certificates()
    keys = [f"bench-key-{i}" for i in range(1000)]
    peers, left_out = {}, []
    try:
        # Atlas first: the upstream must know the authority of its client certificate.
        if "atlas" in args.only.split(","):
            peers["atlas"] = start_atlas(c, keys)
        trust_clients(c, "atlas" in peers)
        start_upstreams(c)
        for name in args.only.split(","):
            try:
                peers[name] = peers.get(name) or START[name](c, keys)
                wait_port(PORTS[name], 180, peers[name])
                probe = h2load(name, "h1", 1, 1, 20)
                if probe["ok"] != 20:
                    raise RuntimeError(f"only {probe['ok']} of 20 probes were answered with 2xx")
            except (OSError, RuntimeError, subprocess.CalledProcessError, AttributeError) as e:
                left_out.append(f"{name}: {e} {getattr(e, 'stderr', '') or ''}".strip())
                peers.pop(name, None)
        for line in left_out:
            print("left out:", line, file=sys.stderr)
        rounds(args, scale, peers)
    finally:
        stop_all()


def rounds(args, scale, peers):
    slow = {"portkey": 0.2}
    n = lambda name, count: max(64, int(count * scale * slow.get(name, 1)))
    print("warming ...", file=sys.stderr)
    for name, process in peers.items():
        if name in ("nginx", "haproxy"):
            continue
        h2load(name, "h1", 16, 1, n(name, 50_000))
        if name != "portkey":
            h2load(name, "h2", 16, 4, n(name, 30_000))
        if not args.skip_streams:
            sse(name, process, 16, max(1, int(20 * scale)))
    print(json.dumps({"rss_mb_warm": {name: rss_mb(p.pid) for name, p in peers.items()}}))
    cases = [("h1 c16", lambda x, p: h2load(x, "h1", 16, 1, n(x, 8000))),
             ("h1 c64", lambda x, p: h2load(x, "h1", 64, 1, n(x, 8000))),
             ("h2 c16 m4", lambda x, p: h2load(x, "h2", 16, 4, n(x, 8000)) if x != "portkey" else None)]
    results = {}
    order = [name for name in START if name in peers]
    for i in range(args.rounds):
        order = order[1:] + order[:1]
        for case, run in cases:
            for name in order:
                if case.startswith("h2") and name == "portkey":
                    continue
                r = measured(name, peers[name], lambda: run(name, peers[name]))
                r["cpu_10k"] = r["cpu"] / r["done"] * 10_000
                results.setdefault(case, {}).setdefault(name, []).append(r)
        if not args.skip_streams:
            for name in order:
                r = sse(name, peers[name], 16, max(1, int(3 * scale)))
                r["cpu_ms_1k"] = r["cpu"] * 1000 / r["chunks"] * 1000
                results.setdefault("sse 16", {}).setdefault(name, []).append(r)
    for case, by_name in results.items():
        field = "cpu_ms_1k" if case.startswith("sse") else "cpu_10k"
        print(f"\n{case}: {'CPU ms per 1,000 chunks' if field == 'cpu_ms_1k' else 'CPU s per 10,000 requests'}, median of {args.rounds}; x = paired with nginx")
        for name, rs in by_name.items():
            pairs = [r[field] / base[field] for r, base in zip(rs, by_name.get("nginx", [])) if base[field] > 0]
            line = f"  {name:8} {median([r[field] for r in rs]):8.2f}  x {median(pairs):5.2f}"
            if case.startswith("sse"):
                line += f"  first p50 {median([r['first_us_p50'] for r in rs]) / 1000:.2f} ms  delay p50 {median([r['delay_us_p50'] for r in rs]) / 1000:.2f} ms  broken {sum(r['broken'] for r in rs)}"
            else:
                line += f"  {median([r['rps'] for r in rs]):8.0f} req/s  not ok {sum(r['done'] - r['ok'] for r in rs)}"
            print(line)
    half_load(args, scale, peers, results)
    (OUT / "results.json").write_text(json.dumps(results, indent=1))


def half_load(args, scale, peers, results):
    """Latency at half of what Atlas reached, the same rate for everybody who can hold it."""
    if "atlas" not in peers:
        return
    rate = int(median([r["rps"] for r in results["h1 c16"]["atlas"]]) / 2)
    print(f"\nlatency at {rate} req/s (half of what atlas did), h1 c16")
    for name in ("nginx", "haproxy", "atlas", "scg"):
        if name in peers:
            seen = []
            for _ in range(args.rounds):
                h2load(name, "h1", 16, 1, 0, (rate, max(2, int(8 * scale))))
                seen.append(percentiles(OUT / "h2load.log"))
            print(f"  {name:8} p50 {median([s[0] for s in seen]):6.2f} ms  p99 {median([s[1] for s in seen]):6.2f} ms")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        stop_all()
