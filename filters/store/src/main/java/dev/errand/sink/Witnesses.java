package dev.errand.sink;

import dev.errand.log.proof.Checkpoint;
import dev.errand.log.proof.CheckpointFile;
import dev.errand.log.proof.ConsistencyProof;
import dev.errand.log.proof.DurableFile;
import dev.errand.log.proof.SignedNote;
import dev.errand.log.proof.TileStore;
import dev.errand.log.proof.UnusableLogException;
import dev.errand.log.proof.WitnessKey;
import dev.errand.log.proof.WitnessQuorum;
import dev.errand.log.write.WitnessSizes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the log's newest checkpoint to witnesses (C2SP tlog-witness) in each interval, on threads of its own. A checkpoint that
 * enough of them cosigned becomes the file {@code checkpoint.witnessed}. No call waits for a witness, and none is refused because
 * of one. Memory is bounded: one checkpoint, a proof of 63 hashes and an answer of 64 KiB for each witness. Thread-safe.
 */
public final class Witnesses implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Witnesses.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final int MAX_ANSWER = 1 << 16;
    private static final int LATE_INTERVALS = 3;

    private final Path directory;
    private final List<Witness> list;
    private final WitnessQuorum quorum;
    private final Duration interval;
    private final BiConsumer<String, Outcome> outcomes;
    private final ExecutorService threads;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
    private final Map<String, Long> sizes = new ConcurrentHashMap<>();
    private final Map<String, String> faults = new ConcurrentHashMap<>();
    private volatile Instant witnessed = Instant.now();
    private volatile @Nullable String unwritten;

    /**
     * A witness.
     *
     * @param name its name in health and metrics: letters, digits and dashes
     * @param url its submission prefix
     */
    public record Witness(String name, URI url, WitnessKey key) {}

    /** What became of one request to a witness. */
    public enum Outcome {
        COSIGNED,
        /** It answered, and did not cosign: it does not know the log, or the log does not extend what it saw. */
        REFUSED,
        /** It did not answer in time, or could not. */
        UNAVAILABLE
    }

    /**
     * How the witnesses stand.
     *
     * @param witnessed when the newest checkpoint that enough of them cosigned was sent to them
     * @param isLate whether this is longer ago than three intervals
     * @param faults what each witness that did not cosign the last checkpoint said
     */
    public record Status(Instant witnessed, boolean isLate, Map<String, String> faults) {}

    /** Refused, or unavailable, with the reason. */
    private static final class NotCosignedException extends Exception {
        private static final long serialVersionUID = 1L;
        private final Outcome outcome;

        NotCosignedException(Outcome outcome, String why) {
            super(why, null, false, false);
            this.outcome = outcome;
        }
    }

    private record Answer(int status, String body) {}

    private Witnesses(
            Path directory, List<Witness> list, int quorum, Duration interval, BiConsumer<String, Outcome> outcomes) {
        this.directory = directory;
        this.list = List.copyOf(list);
        this.quorum = new WitnessQuorum(list.stream().map(Witness::key).toList(), quorum);
        this.interval = interval;
        this.outcomes = outcomes;
        this.threads = Executors.newFixedThreadPool(list.size() + 1, task -> {
            Thread thread = new Thread(task, "errand-provenance-witness");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Starts to send checkpoints.
     *
     * @param directory the log's directory, which this process writes
     * @param list at least one, with distinct names and keys
     * @param outcomes told of each request, by the name of the witness
     */
    public static Witnesses start(
            Path directory, List<Witness> list, int quorum, Duration interval, BiConsumer<String, Outcome> outcomes)
            throws IOException {
        Witnesses witnesses = new Witnesses(directory, list, quorum, interval, outcomes);
        Map<String, Long> known = known(directory);
        list.forEach(one -> witnesses.sizes.put(one.name(), known.getOrDefault(one.name(), 0L)));
        // Before the first round, so that the retention knows that they need tiles.
        new WitnessSizes(directory).write(new TreeMap<>(witnesses.sizes));
        witnesses.threads.execute(witnesses::run);
        return witnesses;
    }

    private static Map<String, Long> known(Path directory) throws IOException {
        try {
            return new WitnessSizes(directory).read();
        } catch (UnusableLogException damaged) {
            // Each witness says its size when it is asked with another one.
            return Map.of();
        }
    }

    /** How the witnesses stand now. */
    public Status status() {
        Map<String, String> said = new TreeMap<>(faults);
        String why = unwritten;
        if (why != null) {
            said.put(CheckpointFile.WITNESSED, why);
        }
        Instant at = witnessed;
        boolean late = at.plus(interval.multipliedBy(LATE_INTERVALS)).isBefore(Instant.now());
        return new Status(at, late, said);
    }

    private void run() {
        try {
            do {
                try {
                    round();
                    unwritten = null;
                } catch (IOException | RuntimeException e) {
                    LOG.warn("{}: the checkpoint was not sent to the witnesses: {}", directory, e.toString());
                    unwritten = e.toString();
                }
            } while (!closing.await(interval.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            LOG.debug("{}: no further checkpoint is sent", directory);
        }
    }

    private void round() throws IOException {
        Instant began = Instant.now();
        Optional<CheckpointFile> head = CheckpointFile.readIfPresent(directory);
        if (head.isEmpty() || head.get().checkpoint().size() == 0) {
            witnessed = began; // nothing that could be rewritten
            return;
        }
        CheckpointFile file = head.get();
        Map<String, Long> before = Map.copyOf(sizes);
        List<CompletableFuture<Optional<SignedNote.Signature>>> asked = list.stream()
                .map(one -> CompletableFuture.supplyAsync(() -> cosignature(one, file), threads))
                .toList();
        List<SignedNote.Signature> signatures = new ArrayList<>(file.note().signatures());
        asked.forEach(one -> one.join().ifPresent(signatures::add));
        if (!before.equals(sizes)) {
            new WitnessSizes(directory).write(new TreeMap<>(sizes));
        }
        SignedNote note = new SignedNote(file.note().text(), signatures);
        if (quorum.count(note) >= quorum.quorum()) {
            DurableFile.write(directory.resolve(CheckpointFile.WITNESSED), note.bytes());
            DurableFile.forceNames(directory);
            witnessed = began;
        }
    }

    private Optional<SignedNote.Signature> cosignature(Witness one, CheckpointFile head) {
        Outcome outcome = Outcome.UNAVAILABLE;
        String fault;
        try {
            SignedNote.Signature signature = ask(one, head);
            sizes.put(one.name(), head.checkpoint().size());
            outcomes.accept(one.name(), Outcome.COSIGNED);
            if (faults.remove(one.name()) != null) {
                LOG.info("witness {}: cosigns again", one.name());
            }
            return Optional.of(signature);
        } catch (NotCosignedException e) {
            outcome = e.outcome;
            fault = String.valueOf(e.getMessage());
        } catch (IOException | UncheckedIOException e) {
            fault = "the proof could not be made: " + e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            fault = "interrupted";
        }
        outcomes.accept(one.name(), outcome);
        if (!fault.equals(faults.put(one.name(), fault))) {
            LOG.warn("witness {}: did not cosign the checkpoint: {}", one.name(), fault);
        }
        return Optional.empty();
    }

    private SignedNote.Signature ask(Witness one, CheckpointFile head)
            throws NotCosignedException, IOException, InterruptedException {
        long size = head.checkpoint().size();
        long known = sizes.getOrDefault(one.name(), 0L);
        // The witness answers 409 with its own size if this one is not it.
        Answer answer = post(one, known <= size ? known : 0, head);
        if (answer.status() == 409 && answer.body().matches("(0|[1-9][0-9]{0,17})\n?")) {
            long told = Long.parseLong(answer.body().strip());
            if (told > size) {
                throw new NotCosignedException(
                        Outcome.REFUSED,
                        "it cosigned " + told + " records, the log has " + size
                                + ": the log was rolled back, or another log has its name");
            }
            sizes.put(one.name(), told);
            answer = post(one, told, head);
        }
        if (answer.status() != 200) {
            throw refused(answer.status());
        }
        ByteArrayOutputStream note = new ByteArrayOutputStream();
        note.writeBytes(head.bytes());
        note.writeBytes(answer.body().getBytes(StandardCharsets.UTF_8));
        return SignedNote.parse(note.toByteArray())
                .flatMap(one.key()::cosignature)
                .orElseThrow(() -> new NotCosignedException(
                        Outcome.REFUSED, "its answer has no good signature of the key that is configured"));
    }

    private static NotCosignedException refused(int status) {
        return switch (status) {
            case 403, 404 ->
                new NotCosignedException(
                        Outcome.REFUSED,
                        status + ": it does not know this log, or not the key that signs its checkpoints");
            case 422 ->
                new NotCosignedException(
                        Outcome.REFUSED, "422: the log does not extend what it cosigned before: records were changed");
            case 400, 409 -> new NotCosignedException(Outcome.REFUSED, status + ": it did not accept the request");
            default -> new NotCosignedException(Outcome.UNAVAILABLE, "it answered " + status);
        };
    }

    private Answer post(Witness one, long old, CheckpointFile head)
            throws NotCosignedException, IOException, InterruptedException {
        Checkpoint checkpoint = head.checkpoint();
        StringBuilder text = new StringBuilder("old ").append(old).append('\n');
        List<byte[]> proof =
                ConsistencyProof.of(old, checkpoint.size(), new TileStore(directory).subtrees(checkpoint.size()));
        proof.forEach(
                hash -> text.append(Base64.getEncoder().encodeToString(hash)).append('\n'));
        text.append('\n').append(new String(head.bytes(), StandardCharsets.UTF_8));
        String prefix = one.url().toString().replaceAll("/+$", "");
        HttpRequest request = HttpRequest.newBuilder(URI.create(prefix + "/add-checkpoint"))
                .timeout(TIMEOUT)
                .header("Content-Type", "text/plain; charset=utf-8")
                .POST(HttpRequest.BodyPublishers.ofString(text.toString()))
                .build();
        // The client's own timeout covers only the head of the answer.
        CompletableFuture<HttpResponse<byte[]>> exchange = client.sendAsync(request, got -> new BodyHead(MAX_ANSWER));
        try {
            HttpResponse<byte[]> answer = exchange.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            return new Answer(answer.statusCode(), new String(answer.body(), StandardCharsets.UTF_8));
        } catch (ExecutionException e) {
            throw new NotCosignedException(Outcome.UNAVAILABLE, "no answer: " + e.getCause());
        } catch (TimeoutException e) {
            throw new NotCosignedException(Outcome.UNAVAILABLE, "no answer within " + TIMEOUT.toSeconds() + " s");
        } finally {
            exchange.cancel(true);
        }
    }

    /** Ends the threads; a request that is under way is given up. Does not block. */
    @Override
    public void close() {
        closing.countDown();
        threads.shutdownNow();
    }
}
