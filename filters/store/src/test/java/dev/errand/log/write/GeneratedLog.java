package dev.errand.log.write;

import dev.errand.log.proof.CheckpointFile;
import dev.errand.log.proof.CheckpointSigner;
import dev.errand.log.proof.Segment;
import dev.errand.log.proof.Tile;
import dev.errand.log.proof.TileTree;
import dev.errand.log.proof.TreeHasher;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Writes a log as a gateway would have written it: segments, tiles and checkpoint, of tasks that run beside each other. The same seed
 * writes the same log. As a program it writes one of that many calls for measurements, with the keys in {@code jwks.json}:
 * {@code GeneratedLog DIR CALLS}.
 */
public final class GeneratedLog implements AutoCloseable {
    public static final String ORIGIN = "gateway.example.org/provenance/g-0123456789abcdef";
    public static final int HUMANS = 40;
    private static final int AT_ONCE = 50;
    private static final String HASH = "sha-256:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
    private static final String KEY = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
    private static final String[][] STEPS = {
        {"vault:kv.read", "secret/ci/", "GET", "vault"},
        {"vault:kv.read", "secret/ci/", "GET", "vault"},
        {"ci:pipeline.trigger", "", "POST", "ci"},
        {"ci:pipeline.get", "", "GET", "ci"},
        {"k8s:apps/deployments.patch", "staging/", "PATCH", "k8s"}
    };

    private final CheckpointSigner signer;
    private final Path directory;
    private final long segmentBytes;
    private final TileTree tree = new TileTree();
    private final TreeHasher hasher = new TreeHasher();
    private OutputStream segment = OutputStream.nullOutputStream();
    private long written = Long.MAX_VALUE;

    /** A task that runs: its number and how many calls it had. */
    private static final class Run {
        private final long number;
        private int calls;

        Run(long number) {
            this.number = number;
        }
    }

    public GeneratedLog(Path directory, long segmentBytes) throws IOException {
        this(directory, segmentBytes, TestLog.SIGNER);
    }

    private GeneratedLog(Path directory, long segmentBytes, CheckpointSigner signer) throws IOException {
        this.signer = signer;
        this.directory = Files.createDirectories(directory);
        this.segmentBytes = segmentBytes;
        Files.writeString(directory.resolve("instance"), "g-0123456789abcdef\n");
    }

    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments[0]);
        try (GeneratedLog log = new GeneratedLog(directory, 64L << 20)) {
            log.calls(Long.parseLong(arguments[1]), Instant.parse("2026-11-24T08:00:00Z"), Duration.ofMillis(1), 1);
        }
        Files.writeString(directory.resolveSibling("jwks.json"), TestLog.jwks(TestLog.SIGNER));
    }

    /** Writes the log of a gateway that goes on with it, of so many calls, with the key by which that gateway signs. */
    public static void write(Path directory, long calls, CheckpointSigner signer) throws IOException {
        try (GeneratedLog log = new GeneratedLog(directory, 64L << 20, signer)) {
            Instant begin = Instant.now().truncatedTo(ChronoUnit.SECONDS).minus(Duration.ofHours(12));
            log.calls(calls, begin, Duration.ofMillis(1), 1);
        }
    }

    /** Writes calls of tasks, each begun so long behind the one before it. Every 33rd is refused. */
    public void calls(long calls, Instant begin, Duration between, long seed) throws IOException {
        RandomGenerator random = new SplittableRandom(seed);
        List<Run> running = new ArrayList<>();
        long tasks = 0;
        List<String> outcomes = new ArrayList<>();
        for (long call = 0; call < calls; call++) {
            while (running.size() < AT_ONCE) {
                running.add(new Run(tasks++));
            }
            Instant now = begin.plus(between.multipliedBy(call));
            int at = random.nextInt(running.size());
            Run run = running.get(at);
            boolean permit = call % 33 != 32;
            line(decision(call, run, now, permit));
            if (permit) {
                outcomes.add(outcome(call, now));
            }
            if (outcomes.size() > 20) {
                line(outcomes.remove(random.nextInt(outcomes.size())));
            }
            if (++run.calls == 100) {
                running.remove(at);
                line("{\"kind\":\"ended\",\"time\":\"" + time(now) + "\",\"task\":\"t-" + run.number
                        + "\",\"token\":null,\"holder\":null,\"state\":\"completed\",\"by\":\"holder\",\"decision\":null"
                        + ",\"human\":null,\"why\":null}");
            }
        }
        for (String outcome : outcomes) {
            line(outcome);
        }
    }

    public static String human(long task) {
        return "user:" + task % HUMANS;
    }

    public static String service(long task) {
        return "service-" + task % 500;
    }

    private static String time(Instant time) {
        return time.toString().length() == 24
                ? time.toString()
                : time.toString().replace("Z", ".000Z");
    }

    private static String decision(long call, Run run, Instant now, boolean permit) {
        String[] step = STEPS[run.calls % STEPS.length];
        return "{\"kind\":\"decision\",\"decision\":\"d-" + call + "\",\"time\":\"" + time(now) + "\",\"outcome\":\""
                + (permit ? "permit\",\"code\":null" : "deny\",\"code\":\"not-granted\"")
                + ",\"step\":null,\"task\":\"t-" + run.number + "\",\"template\":\"release\",\"revision\":\"" + HASH
                + "\",\"human\":{\"iss\":\"https://idp.example.org\",\"sub\":\"" + human(run.number)
                + "\"},\"anchor\":null,\"agents\":[{\"jkt\":\"" + KEY
                + "\",\"sub\":\"spiffe://example.org/agent/release-bot\",\"attested\":true}],\"holder\":\"" + KEY
                + "\",\"instruction\":{\"source\":\"human\",\"ref\":\"https://tracker.example.org/REL-" + run.number
                + "\",\"digest\":null,\"integrity\":\"trusted\"},\"operation\":\"" + step[0] + "\",\"resource\":[\""
                + step[1] + service(run.number) + "\"],\"args_hash\":\"" + HASH + "\",\"method\":\"" + step[2]
                + "\",\"route\":\"" + step[3] + "\",\"budgets\":{\"task\":39,\"calls\":" + (200 - run.calls)
                + "},\"state_before\":\"" + run.calls + "\",\"state_after\":\"" + run.calls
                + "+1 in flight\",\"mode\":\"enforce\",\"reaction\":null,\"over\":null,\"gateway\":\"g-0123456789abcdef\""
                + ",\"traceparent\":null}";
    }

    private static String outcome(long call, Instant now) {
        return "{\"kind\":\"outcome\",\"decision\":\"d-" + call + "\",\"time\":\"" + time(now.plusMillis(12))
                + "\",\"upstream_status\":200,\"duration_ms\":12,\"compensated\":false}";
    }

    /** Appends one record. */
    public void line(String text) throws IOException {
        byte[] line = text.getBytes(StandardCharsets.UTF_8);
        if (written >= segmentBytes) {
            segment.close();
            segment = new BufferedOutputStream(
                    Files.newOutputStream(directory.resolve(Segment.name(tree.size()))), 1 << 16);
            written = 0;
        }
        segment.write(line);
        segment.write('\n');
        written += line.length + 1;
        tree.add(hasher.leaf(line), this::tile);
    }

    private void tile(Tile tile, byte[] hashes) {
        Path file = directory.resolve(tile.path());
        try {
            Files.createDirectories(file.getParent());
            Files.write(file, hashes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Signs what is written. */
    @Override
    public void close() throws IOException {
        segment.close();
        tree.partials(this::tile);
        CheckpointFile.write(directory, ORIGIN, tree, signer);
    }
}
