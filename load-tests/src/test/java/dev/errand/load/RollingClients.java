package dev.errand.load;

import dev.errand.jose.KeyAlgorithm;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.load.KeptConnection.NotConnectedException;
import dev.errand.load.KeptConnection.Reply;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * The clients of {@link Rolling} behind a balancer that asks each replica once a second whether it is ready. No call is repeated,
 * so that each failure counts. Thread-safe.
 */
final class RollingClients implements AutoCloseable {
    private static final String PATH = "/vault/v1/secret/data/ci/payments/";

    private final List<RollingReplica> replicas;
    private final Target target;
    private final int callsPerSecond;
    private final List<StartedTask> tasks = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private final AtomicLong numbers = new AtomicLong();
    private final Map<String, Boolean> answered = new ConcurrentHashMap<>();
    private final Map<String, AtomicLong> outcomes = new ConcurrentHashMap<>();
    private volatile List<RollingReplica> ready = List.of();
    private volatile String phase = "";
    private volatile boolean over;

    RollingClients(List<RollingReplica> replicas, Target target, int callsPerSecond) {
        this.replicas = replicas;
        this.target = target;
        this.callsPerSecond = callsPerSecond;
    }

    /** What a thread does again and again. */
    private interface Turn {
        void take(Map<Integer, KeptConnection> connections, SplittableRandom random) throws InterruptedException;
    }

    /** Begins: workers, kept connections, starts, streams, and the balancer. */
    void begin(String first) throws InterruptedException {
        phase = first;
        thread((connections, random) -> {
            ready = replicas.stream().filter(RollingReplica::isReady).toList();
            TimeUnit.SECONDS.sleep(1);
        });
        while (ready.isEmpty()) {
            TimeUnit.MILLISECONDS.sleep(50);
        }
        while (tasks.size() < 8) {
            start(new HashMap<>(), new SplittableRandom());
        }
        int workers = Math.max(8, callsPerSecond);
        for (int i = 0; i < workers; i++) {
            thread((connections, random) -> {
                TimeUnit.MILLISECONDS.sleep(random.nextLong(2_000L * workers / callsPerSecond));
                call(choose(random), connections, random, millis(random));
            });
        }
        for (int i = 0; i < 8; i++) {
            thread((connections, random) -> {
                // The same connection as long as it lasts.
                int known = connections.keySet().stream().findFirst().orElse(0);
                RollingReplica replica = replicas.stream()
                        .filter(each -> each.port() == known && ready.contains(each))
                        .findFirst()
                        .orElse(null);
                if (replica == null) {
                    connections.values().forEach(KeptConnection::close);
                    connections.clear();
                    replica = choose(random);
                }
                call(replica, connections, random, 0);
                TimeUnit.MILLISECONDS.sleep(500 + random.nextInt(3_000));
            });
        }
        for (int i = 0; i < 6; i++) {
            thread(this::stream);
        }
        thread((connections, random) -> {
            start(connections, random);
            TimeUnit.MILLISECONDS.sleep(400);
        });
    }

    private void thread(Turn turn) {
        Thread thread = new Thread(() -> {
            Map<Integer, KeptConnection> connections = new HashMap<>();
            SplittableRandom random = new SplittableRandom();
            try {
                while (!over) {
                    turn.take(connections, random);
                }
            } catch (InterruptedException end) {
                Thread.currentThread().interrupt();
            } finally {
                connections.values().forEach(KeptConnection::close);
            }
        });
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    /** Most calls are short, one in twenty takes up to five seconds. */
    private static long millis(SplittableRandom random) {
        int kind = random.nextInt(20);
        return kind == 0 ? random.nextLong(5_000) : kind < 4 ? random.nextLong(1_000) : random.nextLong(20);
    }

    private RollingReplica choose(SplittableRandom random) throws InterruptedException {
        List<RollingReplica> now = ready;
        while (now.isEmpty()) {
            TimeUnit.MILLISECONDS.sleep(20);
            now = ready;
        }
        return now.get(random.nextInt(now.size()));
    }

    private static KeptConnection to(RollingReplica replica, Map<Integer, KeptConnection> connections) {
        return connections.computeIfAbsent(replica.port(), KeptConnection::new);
    }

    private String get(StartedTask task, String path) {
        String proof = task.proof("GET", target.issuer() + path, System.currentTimeMillis() / 1000);
        return "GET " + path + " HTTP/1.1\r\nAuthorization: " + task.authorization() + "\r\nDPoP: " + proof + "\r\n";
    }

    private void call(
            RollingReplica replica, Map<Integer, KeptConnection> connections, SplittableRandom random, long millis) {
        String id = "c-" + numbers.incrementAndGet() + "-" + millis;
        String during = phase;
        StartedTask task = tasks.get(random.nextInt(tasks.size()));
        String outcome = outcome(() -> {
            Reply reply = to(replica, connections).send(get(task, PATH + id), "");
            if (reply.status() == 200 && reply.body().contains(id)) {
                answered.put(id, true);
                return "answered";
            }
            return refused(reply);
        });
        count(during, "call " + outcome);
    }

    private interface Attempt {
        String make() throws IOException;
    }

    private static String outcome(Attempt attempt) {
        try {
            return attempt.make();
        } catch (NotConnectedException e) {
            return "LOST: connection refused";
        } catch (IOException e) {
            return "LOST: connection ended without an answer";
        }
    }

    private static String refused(Reply reply) {
        String code = reply.body().replaceAll("(?s).*\"code\":\"([a-z-]+)\".*", "$1");
        return "LOST: " + reply.status() + " " + (code.length() < 40 ? code : "");
    }

    private void start(Map<Integer, KeptConnection> connections, SplittableRandom random) throws InterruptedException {
        Signer holder = Signer.generate(KeyAlgorithm.ED25519);
        Target.Start start = target.start((int) numbers.incrementAndGet(), holder);
        String form = start.form().entrySet().stream()
                .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        String head =
                "POST /oauth2/token HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: "
                        + form.length() + "\r\nDPoP: " + start.proof() + "\r\n";
        RollingReplica replica = choose(random);
        String during = phase;
        String outcome = outcome(() -> {
            Reply reply = to(replica, connections).send(head, form);
            if (reply.status() != 200) {
                return refused(reply);
            }
            try {
                String token = Json.parseObject(reply.body().getBytes(StandardCharsets.UTF_8))
                        .string("access_token");
                tasks.add(new StartedTask(holder, String.valueOf(token)));
                return "answered";
            } catch (MalformedJsonException e) {
                return "LOST: malformed answer";
            }
        });
        count(during, "start " + outcome);
    }

    private void stream(Map<Integer, KeptConnection> connections, SplittableRandom random) throws InterruptedException {
        RollingReplica replica = choose(random);
        StartedTask task = tasks.get(random.nextInt(tasks.size()));
        String path = PATH + "stream-" + numbers.incrementAndGet();
        AtomicLong events = new AtomicLong();
        String during = phase;
        try {
            Reply reply = to(replica, connections).send(get(task, path), "", piece -> {
                events.incrementAndGet();
                return !over;
            });
            count(during, reply.status() == 200 ? "stream ended by its client" : "stream " + refused(reply));
        } catch (NotConnectedException e) {
            count(during, "stream LOST: connection refused");
        } catch (IOException e) {
            count(phase, events.get() > 0 ? "stream ended by a stop" : "stream LOST: no event");
        }
        TimeUnit.MILLISECONDS.sleep(100);
    }

    private void count(String during, String what) {
        outcomes.computeIfAbsent(during + ": " + what, key -> new AtomicLong()).incrementAndGet();
    }

    /** What follows is counted under that name. */
    void phase(String name) {
        phase = name;
    }

    /** How often what came out, by phase. */
    Map<String, Long> outcomes() {
        Map<String, Long> sorted = new TreeMap<>();
        outcomes.forEach((what, count) -> sorted.put(what, count.get()));
        return sorted;
    }

    /** Whether the whole answer of that call came. */
    boolean isAnswered(String call) {
        return answered.containsKey(call);
    }

    /** Lets every call under way come to its end. */
    @Override
    public void close() throws InterruptedException {
        over = true;
        for (Thread thread : threads) {
            thread.join(TimeUnit.SECONDS.toMillis(20));
        }
    }
}
