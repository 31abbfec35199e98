"""The parts that compare, growth, pair and costs share: one upstream, gateways on free ports, signed calls, one load generator."""
import argparse
import datetime
import glob
import json
import os
import platform
import re
import secrets
import shutil
import signal
import socket
import string
import subprocess
import sys
import tempfile
import time
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(HERE)
PROGRAM = os.path.basename(sys.argv[0])
PATH = "/vault/v1/secret/data/ci/payments/db"
HERTZ = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def run(*command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    if done.returncode != 0:
        raise SystemExit(f"{PROGRAM}: {' '.join(command)[:200]} failed:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done.stdout


class Server:
    """One gateway: its process, its port, and whether it was warmed up."""

    def __init__(self, name, port, process, log, directory=None, tls=False, management=None, beside=()):
        self.name, self.port, self.process, self.log = name, port, process, log
        self.beside = beside          # servers that it asks for each call, and that are counted as a part of it
        self.directory, self.tls, self.management = directory, tls, management
        self.nodes = ()               # the masters of its cluster
        self.warm = 0
        self.known = set()

    def tree(self):
        pids, todo = [], [self.process.pid]
        while todo:
            pid = todo.pop()
            pids.append(pid)
            for children in glob.glob(f"/proc/{pid}/task/*/children"):
                try:
                    todo += [int(child) for child in open(children).read().split()]
                except OSError:
                    pass
        return pids

    def cpu(self):
        """Seconds of user and system time of the process and its children."""
        ticks = 0
        for pid in self.tree():
            try:
                fields = open(f"/proc/{pid}/stat").read().rsplit(") ", 1)[1].split()
                ticks += int(fields[11]) + int(fields[12])
            except OSError:
                pass
        return ticks / HERTZ + sum(other.cpu() for other in self.beside)

    def switches(self):
        """How often a thread of the process and its children went to sleep or was preempted."""
        total = 0
        for pid in self.tree():
            for status in glob.glob(f"/proc/{pid}/task/*/status"):
                try:
                    total += sum(int(n) for n in re.findall(r"^(?:non)?voluntary_ctxt_switches:\s+(\d+)", open(status).read(), re.M))
                except OSError:
                    pass
        return total + sum(other.switches() for other in self.beside)

    def resident(self):
        """MB of the process itself without its children, and of the servers beside it."""
        own = int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{self.process.pid}/status").read()).group(1)) / 1024
        return own + sum(other.resident() for other in self.beside)

    def store(self):
        """Port and password of its embedded Redis."""
        port, password = open(f"{self.directory}/data/redis/redis.running").read().split("\n")[:2]
        return int(port), password

    def redis(self):
        return Redis(*self.store())

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for other in self.beside:
            other.stop()


class Redis:
    """A small client of RESP that asks the embedded store for its statistics."""

    def __init__(self, port, password=None):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.file = self.socket.makefile("rb")
        if password:
            self.ask("AUTH", password)

    def ask(self, *words):
        words = [w if isinstance(w, bytes) else str(w).encode() for w in words]
        self.socket.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words))
        return self.answer()

    def answer(self):
        line = self.file.readline().strip()
        kind, rest = line[:1], line[1:]
        if kind == b"-":
            raise SystemExit(f"{PROGRAM}: redis: {rest.decode()}")
        if kind == b"$":
            return None if rest == b"-1" else self.file.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return [self.answer() for _ in range(int(rest))]
        return int(rest) if kind == b":" else rest

    def script_calls(self):
        stats = self.ask("INFO", "commandstats").decode()
        return sum(int(n) for n in re.findall(r"cmdstat_eval(?:sha)?:calls=(\d+)", stats))

    def cpu(self):
        """Seconds of user and system time of the server, by its own account."""
        used = self.ask("INFO", "cpu").decode()
        return sum(float(n) for n in re.findall(r"^used_cpu_(?:sys|user):([0-9.]+)", used, re.M))

    def count_tasks(self):
        return self.ask("EVAL", "return #redis.call('KEYS','{t-*}')", 0)

    def keep_tasks(self, total):
        """Deletes live tasks, or copies the record of one unchanged under other keys, until there are this many."""
        left = total - self.count_tasks()
        if left > 0:
            self.copy_tasks(left)
        cursor = "0"
        while left < 0:
            cursor, deleted = self.ask(
                "EVAL", "local r=redis.call('SCAN',ARGV[1],'MATCH','{t-*}','COUNT',10000) local n=0 "
                "for _,k in ipairs(r[2]) do if n<tonumber(ARGV[2]) then redis.call('DEL',k) n=n+1 end end return {r[1],n}",
                0, cursor, -left)
            left += deleted
            if cursor == b"0":
                break
        while b"aof_rewrite_in_progress:1" in self.ask("INFO", "persistence"):
            time.sleep(0.5)
        return self.ask("DBSIZE")

    def copy_tasks(self, count):
        one = self.ask("EVAL", "return redis.call('KEYS','{t-*}')[1]", 0)
        batch = secrets.token_hex(4)
        while count > 0:
            part = min(count, 20_000)
            self.ask("EVAL", "local v,t=redis.call('GET',KEYS[1]),redis.call('PTTL',KEYS[1]) for i=1,ARGV[2] do "
                     "redis.call('SET','{t-copy-'..ARGV[3]..'-'..(ARGV[1]+i)..'}',v,'PX',t) end", 1, one, count, part, batch)
            count -= part


class Bench:
    def __init__(self, options):
        self.options = options
        self.work = tempfile.mkdtemp(prefix=f"errand-{PROGRAM}-")
        self.servers, self.pins = {}, ["taskset", "-c", options.cpus]
        self.java25 = options.jdk25 + "/bin/java"
        self.commands, self.short = {}, [(self.work, "$WORK"), (TOP, "."), (options.jdk25, "$JDK25")]

    # Parts that are needed before the first gateway.

    def build(self):
        if not self.options.no_build:
            run("sh", "-c", f'top="{TOP}"; here="{HERE}"; . "$here/build"')
        self.classes = f"{HERE}/target/test-classes:" + open(f"{HERE}/target/class-path").read().strip()
        self.peer_classes = f"{HERE}/peers/target/classes:" + open(f"{HERE}/peers/target/class-path").read().strip()
        self.load = f"{self.work}/load"
        run("cc", "-O2", "-o", self.load, f"{HERE}/client/load.c", "-lssl", "-lcrypto")
        self.upstream = free_port()
        body = "0123456789" * 20
        self.nginx("upstream", self.upstream, 1, f'default_type application/json; return 200 "{body}";')
        if os.geteuid() == 0:
            os.chmod(self.work, 0o755)

    def tool(self, name, *arguments, properties=()):
        return run(self.java25, "-XX:+UseParallelGC", "-Xshare:auto", "-XX:TieredStopAtLevel=4", *properties, "-cp",
                   self.classes, name, *map(str, arguments))

    def filled(self, template, **values):
        file = f"{self.work}/{values['name']}-{template}"
        text = string.Template(open(f"{HERE}/peers/{template}").read()).safe_substitute(
            work=self.work, upstream=self.upstream, **values)
        open(file, "w").write(text)
        return file

    # The gateways.

    def spawn(self, name, port, *command, variables=None, **fields):
        log = open(f"{self.work}/{name}.log", "w")
        # As ./errand and the image set it, for every gateway.
        environment = {**os.environ, "MALLOC_ARENA_MAX": "2", **(variables or {})}
        process = subprocess.Popen([*self.pins, *command], stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment)
        shown = " ".join([*(f"{key}={value}" for key, value in (variables or {}).items()), *command])
        for path, short in self.short:
            shown = shown.replace(path, short)
        self.commands[name] = shown
        server = Server(name, port, process, log.name, **fields)
        self.servers[name] = server
        end = time.time() + 120
        while True:
            try:
                socket.create_connection(("127.0.0.1", fields.get("management") or port), 1).close()
                break
            except OSError:
                if process.poll() is not None or time.time() > end:
                    raise SystemExit(f"{PROGRAM}: {name} did not start:\n" + open(log.name).read()[-3000:])
                time.sleep(0.1)
        return server

    def nginx(self, name, port, workers, action):
        conf = self.filled("nginx.conf", name=name, port=port, workers=workers, action=action)
        return self.spawn(name, port, "nginx", "-c", conf, "-g", "daemon off;")

    def redis_server(self):
        """The store that Errand embeds, for the gateways and peers that need one of their own."""
        file = f"{self.work}/redis-server"
        if not os.path.exists(file):
            machine = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
            with zipfile.ZipFile(f"{TOP}/gateway/target/errand-demo.jar") as jar:
                name = next(n for n in jar.namelist() if n.startswith("redis-server-") and n.endswith(f"linux-{machine}"))
                with jar.open(name) as source, open(file, "wb") as out:
                    shutil.copyfileobj(source, out)
            os.chmod(file, 0o755)
        return file

    def jvm(self, java=None):
        # As ./errand sets it, for every gateway.
        return [java or self.java25, "-Xmx256m", "-XX:+UseParallelGC", "-XX:-UsePSAdaptiveSurvivorSizePolicy",
                "-XX:+UseTransparentHugePages", "-XX:TrimNativeHeapInterval=60000", "-Xshare:auto"]

    def certificates(self):
        """A certificate for the gateways that speak TLS, and one for the agents."""
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=server", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", f"{self.work}/server.key",
            "-out", f"{self.work}/server.pem")
        run("openssl", "req", "-x509", "-new", "-key", f"{self.work}/client.key", "-days", "2", "-subj", "/CN=client",
            "-out", f"{self.work}/client.crt")
        with open(f"{self.work}/client.pem", "w") as pem:
            pem.write(open(f"{self.work}/client.crt").read() + open(f"{self.work}/client.key").read())

    def peer(self, name, main, *arguments, properties=(), tls=False):
        port = free_port()
        tls_arguments = [f"--server.ssl.certificate={self.work}/server.pem",
                         f"--server.ssl.certificate-private-key={self.work}/server.key"] if tls else []
        return self.spawn(name, port, *self.jvm(), *properties, "-cp", self.peer_classes, f"dev.errand.peers.{main}",
                          *[a.replace("$port", str(port)) for a in arguments], *tls_arguments, tls=tls)

    def spring(self, name, main, yaml, *arguments, **options):
        return self.peer(name, main, f"--spring.config.location={HERE}/peers/{yaml}", "--server.port=$port",
                         f"--upstream=http://127.0.0.1:{self.upstream}", *arguments, **options)

    def errand(self, name, java, tls=False, size=(), arguments=(), keys=None, jar=None):
        """Errand with a configuration of its own. `size` are properties of LoadConfig; `keys` another's, to share its store;
        `jar` is another build."""
        directory, port, management = f"{self.work}/{name}", free_port(), free_port()
        jar = jar or self.options.jar or f"{TOP}/gateway/target/errand.jar"
        if not os.path.exists(directory):
            shutil.copytree(f"{HERE}/config", directory)
            self.tool("dev.errand.load.LoadConfig", directory, properties=size)
            if keys:
                os.mkdir(f"{directory}/data")
                for file in ("data/keys.jwks", "idp.jwks", "example.org.json", "idp.jwk", "workloads.jwk"):
                    shutil.copy(f"{keys}/{file}", f"{directory}/{file}")
            elif any("errand.state.redis" in argument for argument in arguments):
                # Only a gateway that brings its own store makes keys.
                run(java, "-jar", jar, "keys", "new", f"{directory}/data/keys.jwks")
        tls_arguments = [f"--server.ssl.certificate={self.work}/server.pem",
                         f"--server.ssl.certificate-private-key={self.work}/server.key"] if tls else []
        server = self.spawn(
            name, port, *self.jvm(java), *self.options.errand_options.split(), "-jar",
            jar, "run", "--config", directory,
            f"--server.port={port}", "--server.address=127.0.0.1", f"--management.server.port={management}",
            f"--upstream.uri=http://127.0.0.1:{self.upstream}", "--management.server.ssl.enabled=false", *tls_arguments,
            *arguments,
            directory=directory, tls=tls, management=management)
        self.ready(server)
        return server

    def ready(self, server):
        end = time.time() + 60
        while time.time() < end:
            try:
                with socket.create_connection(("127.0.0.1", server.management), 1) as s:
                    s.sendall(b"GET /actuator/health/readiness HTTP/1.0\r\n\r\n")
                    if b" 200 " in s.recv(64):
                        return
            except OSError:
                pass
            time.sleep(0.05)
        raise SystemExit(f"{PROGRAM}: {server.name} is not ready:\n" + open(server.log).read()[-3000:])

    # What is sent.

    def signed(self, server, kind, count, tasks=64, depth=3, template="load", remembered=False, begun=False):
        """A file for client/load: `count` calls of `tasks` new tasks. A proof is good once and for half a minute."""
        file = f"{self.work}/{server.name}-{kind}.calls"
        scheme = "https" if server.tls else "http"
        properties = [f"-Derrand.load.gateway={scheme}://127.0.0.1:{server.port}", f"-Derrand.load.keys={server.directory}",
                      f"-Derrand.load.depth={depth}", f"-Derrand.load.template={template}", "-Derrand.load.algorithm=ES256",
                      f"-Derrand.load.remembered={str(remembered).lower()}", f"-Derrand.load.begun={str(begun).lower()}"]
        if kind == "mtls":
            properties += [f"-Derrand.load.certificate={self.work}/client.jwk",
                           f"-Derrand.load.server-certificate={self.work}/server.pem"]
        self.tool("dev.errand.load.SignedCalls", file, count, tasks, PATH, properties=properties)
        return file

    # Measuring.

    def count(self, seconds):
        """How many calls to sign for this many seconds: each connection must have some."""
        return int(max(2_000, 8 * self.options.connections, seconds * self.options.expect))

    def fire(self, server, file, seconds, rate=None, lead=0, beside=()):
        """Sends the calls to the server, and in turn to those beside it; those of `lead` seconds before are not counted."""
        servers = [server, *beside]
        command = [*self.pins, self.load, "-c", str(self.options.connections), "-d", str(seconds)]
        if rate:
            command += ["-r", str(rate)]
        if lead:
            command += ["-w", str(lead)]
        if server.tls:
            command += ["-k", f"{self.work}/client.pem"]
        command += ["127.0.0.1", ",".join(str(s.port) for s in servers), PATH, file]
        asked = [other for other in server.beside if other.directory]          # an Errand that this gateway asks
        cpu, own, idle = sum(s.cpu() for s in servers), sum(s.cpu() for s in asked), machine()
        result = json.loads(run(*command))
        result["cpu_us"] = (sum(s.cpu() for s in servers) - cpu) * 1e6 / max(1, result["handled"])
        result["own_us"] = (sum(s.cpu() for s in asked) - own) * 1e6 / max(1, result["handled"]) if asked else result["cpu_us"]
        result["rate"] = result["answers"] / result["seconds"]
        result["resident_mb"] = sum(s.resident() for s in servers)
        result["idle"] = idle_share(idle, machine())
        if result["bad"] or result["broken"]:
            print(f"  {server.name}: {result['bad']} answers not 2xx (first {result['first_bad']}), "
                  f"{result['broken']} connections broken", file=sys.stderr)
        return result

    def stop(self):
        for server in self.servers.values():
            server.stop()
        if self.options.keep:
            print("kept " + self.work, file=sys.stderr)
        else:
            shutil.rmtree(self.work, ignore_errors=True)


def machine():
    return [int(n) for n in open("/proc/stat").readline().split()[1:9]]


def idle_share(before, after):
    """The share of all processors' time that was idle while we measured."""
    spent = [b - a for a, b in zip(before, after)]
    return spent[3] / max(1, sum(spent))


def version(*command, pattern=r".*"):
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        found = re.search(pattern, done.stdout)
        return found.group(0).strip() if found else "?"
    except OSError:
        return "absent"


def jar_version(class_path, name):
    found = re.search(rf"/{name}-([0-9][^/:]*)\.jar", class_path)
    return found.group(1) if found else "?"


def newest_jdk():
    homes = [(int(m.group(1)), home) for home in glob.glob("/usr/lib/jvm/*")
             for m in [re.search(r"-(\d+)(?:-jdk)?(?:-[a-z0-9]+)?$", home)] if m and os.path.exists(home + "/bin/java")]
    return max(homes)[1] if homes else os.environ.get("JAVA_HOME", "/usr")


def conditions(options):
    """The machine and how it was loaded, for the head of a report."""
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    return (f"{datetime.datetime.now(datetime.timezone.utc):%Y-%m-%dT%H:%MZ}, {os.cpu_count()} processors ({model}), "
            f"load {open('/proc/loadavg').read().split()[0]}, pinned to {options.cpus}; medians of {options.rounds} alternating "
            f"runs of {options.seconds} s, {options.connections} keep-alive connections, warmed up by {options.warm:,} requests.")


def arguments(description, rounds, seconds, warm):
    """The options that all of them take."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--seconds", type=int, default=seconds)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--warm", type=int, default=warm, help="requests before the first round, for each Java gateway")
    parser.add_argument("--expect", type=int, default=16_000,
                        help="calls a second to sign for Errand; all are signed before the first is sent, and good for half a minute")
    parser.add_argument("--cpus", default=f"0-{os.cpu_count() - 1}", help="processors of every process")
    parser.add_argument("--jdk25", default=newest_jdk(), help="the newest JDK")
    parser.add_argument("--jar", help="another build of Errand")
    parser.add_argument("--no-build", action="store_true", help="use what was built")
    parser.add_argument("--errand-options", default="", help="JVM options of Errand's")
    parser.add_argument("--out", help="where to write the table")
    parser.add_argument("--keep", action="store_true", help="keep the directory of the run")
    parser.add_argument("--verbose", action="store_true")
    return parser


def parsed(parser):
    """The options, within bounds, on a machine that has what every run needs; an end by signal stops what was started."""
    options = parser.parse_args()
    if not (1 <= options.rounds <= 50 and 1 <= options.seconds <= 22 and 1 <= options.connections <= 4096):
        parser.error("rounds 1..50, seconds 1..22 (a proof is good for half a minute), connections 1..4096")
    for binary in ("cc", "openssl", "nginx", "taskset"):
        if shutil.which(binary) is None:
            raise SystemExit(f"{PROGRAM}: {binary} is needed")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    return options
