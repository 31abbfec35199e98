package dev.errand.it;

import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Sends the spelling table through the gateway to a real server and compares, call by call, what the gateway named with
 * what the server did by its own account. A call is refused and nothing reaches the server, or the two are the same.
 */
final class SpellingRun {
    private static final int TIMEOUT_MILLIS = 15_000;
    private static final int LOOK_MILLIS = 50;
    private static final int QUIET_LOOKS = 6;

    /** A permitted call as the record names it. */
    record Permitted(List<String> operations, List<String> resources, String argsHash) {}

    /** The server, and what is known of it from itself. */
    interface Witness {
        /** Brings the server into the state that the table starts from. */
        void reset();

        /** What the server did since the reset, by its state, its log or the answer that it gave. */
        Set<String> did(RawHttp.@Nullable Response answer);

        /** What a permitted call does, in the same words. */
        Set<String> means(Permitted call);

        /** Whether the server may do nothing of what the call means and still answer below 300. */
        boolean mayBeIdle(Permitted call);

        /** Whether the server may tell of nothing when it answers 300 or above. */
        default boolean mayRefuse() {
            return true;
        }

        /** What the call names and the server should tell of, but does not. */
        default Set<String> untold(Permitted call, Set<String> did) {
            return Set.of();
        }
    }

    /**
     * A third thing.
     *
     * @param name of the spelling
     * @param did what the server did
     * @param status of its answer; 0 where none came
     * @param text the whole story
     */
    record Wrong(String name, Set<String> did, int status, String text) {
        @Override
        public String toString() {
            return text;
        }
    }

    private final RunningGateway gateway;
    private final TestAgent agent;
    private final RecordingRelay relay;
    private final Witness witness;
    private final Map<Path, Long> read = new HashMap<>();
    private final List<Wrong> wrong = new ArrayList<>();
    private final Map<String, Set<String>> outcomes = new TreeMap<>();
    private final Set<String> permitted = new TreeSet<>();
    private final Set<String> executed = new TreeSet<>();
    /** Whether the server got nothing since its last reset. */
    private boolean untouched;

    SpellingRun(RunningGateway gateway, TestAgent agent, RecordingRelay relay, Witness witness) {
        this.gateway = gateway;
        this.agent = agent;
        this.relay = relay;
        this.witness = witness;
    }

    /** Third things: neither the named operation nor a refusal. */
    List<Wrong> wrong() {
        return wrong;
    }

    /** What came to what: to {@code permit}, a code, or {@code -400} for what is answered before routing. */
    Map<String, Set<String>> outcomes() {
        return outcomes;
    }

    /** The names of the spellings that passed. */
    Set<String> permitted() {
        return permitted;
    }

    /** The names of the spellings that passed and that the server did something of. */
    Set<String> executed() {
        return executed;
    }

    void run(List<Spelling> spellings) {
        spellings.forEach(this::run);
    }

    private void run(Spelling spelling) {
        if (!untouched) {
            witness.reset();
        }
        untouched = false;
        decisions();
        relay.take();
        RawHttp.Response answer = send(spelling);
        List<JsonObject> decisions = decisions();
        String sent = relay.take();
        if (spelling.half()) {
            // The answer may come before the gateway is done with the rest.
            sent += settled(decisions);
        }
        List<Permitted> calls = decisions.stream()
                .filter(line -> "permit".equals(line.string("outcome")))
                .map(SpellingRun::permitted)
                .toList();
        String label = spelling.method() + ' ' + spelling.path() + " [" + spelling.name() + "]";
        count(label, answer, decisions);
        if (calls.isEmpty()) {
            if (!sent.isEmpty()) {
                wrong.add(new Wrong(
                        spelling.name(), Set.of(), 0, label + ": refused, but the server got " + firstLine(sent)));
            }
            untouched = sent.isEmpty();
            return;
        }
        permitted.add(spelling.name());
        Set<String> means =
                calls.stream().flatMap(call -> witness.means(call).stream()).collect(Collectors.toSet());
        Set<String> did = witness.did(answer);
        if (!did.isEmpty()) {
            executed.add(spelling.name());
        }
        // A request that ends nowhere may get no answer, nor may a watch without an end to which nothing happens.
        boolean answered = answer != null
                || spelling.half()
                || (did.equals(means) && did.stream().allMatch(each -> each.startsWith("watch ")));
        if (!answered || !agree(calls, answer, means, did)) {
            wrong.add(new Wrong(
                    spelling.name(),
                    did,
                    answer == null ? 0 : answer.status(),
                    label + ": named " + means + ", but the server did " + did + " and answered "
                            + (answer == null ? "nothing" : answer.status()) + " to " + firstLine(sent)));
        }
    }

    /** Whether the server did what the calls mean: no more, and no less. */
    private boolean agree(
            List<Permitted> calls, RawHttp.@Nullable Response answer, Set<String> means, Set<String> did) {
        if (did.isEmpty()) {
            boolean refused = answer == null || answer.status() >= 300;
            return refused && witness.mayRefuse() || calls.stream().allMatch(witness::mayBeIdle);
        }
        return means.containsAll(did)
                && calls.stream().allMatch(call -> witness.untold(call, did).isEmpty());
    }

    /** Waits until neither a decision nor a byte comes any more. */
    private String settled(List<JsonObject> decisions) {
        StringBuilder sent = new StringBuilder();
        int quiet = 0;
        while (quiet < QUIET_LOOKS) {
            try {
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            List<JsonObject> more = decisions();
            String bytes = relay.take();
            quiet = more.isEmpty() && bytes.isEmpty() ? quiet + 1 : 0;
            decisions.addAll(more);
            sent.append(bytes);
        }
        return sent.toString();
    }

    private void count(String label, RawHttp.@Nullable Response answer, List<JsonObject> decisions) {
        if (decisions.isEmpty()) {
            outcome(answer == null ? "-none" : "-" + answer.status()).add(label);
        }
        for (JsonObject line : decisions) {
            String code = line.string("code");
            outcome(code == null ? "permit" : code).add(label);
        }
    }

    private Set<String> outcome(String code) {
        return outcomes.computeIfAbsent(code, none -> new TreeSet<>());
    }

    private static String firstLine(String bytes) {
        int end = bytes.indexOf("\r\n");
        // A first octet below a space is a record of TLS.
        return bytes.isEmpty() || bytes.charAt(0) < ' ' ? "(TLS)" : end < 0 ? bytes : bytes.substring(0, end);
    }

    private static Permitted permitted(JsonObject line) {
        JsonArray resources = (JsonArray) line.get("resource");
        return new Permitted(
                Arrays.asList(String.valueOf(line.string("operation")).split(" ")),
                resources == null
                        ? List.of()
                        : resources.values().stream()
                                .map(value -> ((JsonString) value).value())
                                .toList(),
                String.valueOf(line.string("args_hash")));
    }

    /** The decisions that were recorded since it was last asked. */
    private List<JsonObject> decisions() {
        List<JsonObject> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(gateway.directory().resolve("data/provenance"))) {
            for (Path file :
                    files.filter(f -> f.toString().endsWith(".jsonl")).sorted().toList()) {
                try (RandomAccessFile log = new RandomAccessFile(file.toFile(), "r")) {
                    log.seek(read.getOrDefault(file, 0L));
                    byte[] bytes = new byte[(int) (log.length() - log.getFilePointer())];
                    log.readFully(bytes);
                    read.put(file, log.getFilePointer());
                    new String(bytes, StandardCharsets.UTF_8)
                            .lines()
                            .map(Jws::object)
                            .filter(line -> "decision".equals(line.string("kind")))
                            .forEach(found::add);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    private RawHttp.@Nullable Response send(Spelling spelling) {
        String path = spelling.path();
        String auth =
                "Authorization: DPoP " + agent.token() + "\r\nDPoP: " + agent.dpop(spelling.method(), path) + "\r\n";
        byte[] bytes = spelling.bytes().replace("%AUTH%", auth).getBytes(StandardCharsets.ISO_8859_1);
        try (Socket socket = new Socket("127.0.0.1", gateway.port())) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
            if (spelling.half()) {
                socket.shutdownOutput();
            }
            return RawHttp.parse(socket.getInputStream());
        } catch (IOException noAnswer) {
            return null;
        }
    }
}
