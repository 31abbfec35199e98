package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

/**
 * A gateway with one route to an audited server, and a relay between the two that shows whether anything was sent. It is
 * closed with the server.
 */
final class Comparison implements AutoCloseable {
    /** Codes that say nothing of a spelling: with one of these the comparison would be of no worth. */
    private static final List<String> NEVER = List.of(
            "invalid-token",
            "invalid-proof",
            "task-ended",
            "authentication-required",
            "identity-mismatch",
            "chain-incomplete",
            "budget-exhausted",
            "rate-exceeded",
            "decision-unavailable",
            "upstream-unavailable");

    /** Those of them after which every further request would be refused, whatever it is. */
    private static final List<String> OVER = List.of(
            "invalid-token",
            "task-ended",
            "authentication-required",
            "chain-incomplete",
            "budget-exhausted",
            "rate-exceeded",
            "decision-unavailable");

    /** Spellings whose target is another than the one that their proof is for, so that the proof is rightly refused. */
    private static final List<String> OTHER_TARGET = List.of(
            "end  ",
            "form http://127.0.0.1",
            "form http://evil.example",
            "form HTTP://evil.example:80",
            "form http://",
            "form https://x@y");

    private final String route;
    private final AuditedServer server;
    private final RecordingRelay relay;
    private final FrontedServer fronted;
    private final BiFunction<String, String, String> words;

    /**
     * @param route the catalogue, which is the route's id and its path too
     * @param words what an operation (without its catalogue) on a resource is in the server's words: {@code verb resource};
     *     several lines where the server has several words for it
     */
    Comparison(String route, AuditedServer server, BiFunction<String, String, String> words) {
        this(route, server, words, FrontedServer.everything(route));
    }

    /**
     * As above.
     *
     * @param allow the task's grants, YAML indented by two spaces, where they are not every reviewed operation
     */
    Comparison(String route, AuditedServer server, BiFunction<String, String, String> words, String allow) {
        this(route, server, words, allow, Map.of());
    }

    /**
     * As above, with files of its own.
     *
     * @param files of the configuration, by their paths: added, or put in the place of shipped ones
     */
    Comparison(
            String route,
            AuditedServer server,
            BiFunction<String, String, String> words,
            String allow,
            Map<String, String> files) {
        this.route = route;
        this.server = server;
        this.words = words;
        relay = new RecordingRelay(server.port());
        String scheme = server.uri().substring(0, server.uri().indexOf(':'));
        fronted = FrontedServer.start(
                route,
                relay.uri().replace("http:", scheme + ":"),
                allow,
                server.credential(),
                List.of("UpstreamCredential=" + route),
                files);
    }

    FrontedServer fronted() {
        return fronted;
    }

    /** A request of the comparison. */
    Spelling one(String method, String path, String query, String lines, String body) {
        return base(method, path, query, lines, body).as(method + ' ' + path + query);
    }

    Spelling.Base base(String method, String path, String query, String lines, String body) {
        return new Spelling.Base(method, '/' + route, path, query, lines, body);
    }

    /**
     * Sends each request from the same state and holds what the gateway named against what the server executed.
     *
     * @param known the requests that are known to be named otherwise, by name, and what the server does of each in its own
     *     words: nothing, where its account has no entry. Each must still be so
     * @return how many requests the server executed
     */
    int run(List<Spelling> requests, Runnable state, Map<String, Set<String>> known) {
        RecordedAgainst account = new RecordedAgainst(server, words, state);
        SpellingRun run = new SpellingRun(fronted.gateway(), fronted.agent(), relay, account);
        run.run(requests);
        assertThat(faults(run, known)).isEmpty();
        assertThat(account.strangers()).isEmpty();
        return account.compared();
    }

    /** Requests of which the server's account has no entry, although the gateway lets them pass. */
    static Map<String, Set<String>> nothing(String... names) {
        return known(List.of(names));
    }

    /** Requests that the server names alike, in its own words. */
    static Map<String, Set<String>> known(List<String> names, String... did) {
        return names.stream().collect(Collectors.toMap(name -> name, name -> Set.of(did)));
    }

    /** As above, with nothing known to be named otherwise. */
    int run(List<Spelling> requests, Runnable state) {
        return run(requests, state, Map.of());
    }

    /**
     * Sends every odd spelling of a request. The plain one among them must be permitted and executed.
     *
     * @param unheard how many spellings the gateway lets pass and the server answers with 300 or above without an entry in its
     *     account, since it knows no such path or method
     * @param known as above, by the names of the spellings
     */
    void table(Spelling.Base base, Runnable state, int unheard, Map<String, Set<String>> known) {
        RecordedAgainst account = new RecordedAgainst(server, words, state);
        SpellingRun run = new SpellingRun(fronted.gateway(), fronted.agent(), relay, account);
        run.run(Spelling.of(base));
        Map<String, Set<String>> all = new HashMap<>(known);
        List<SpellingRun.Wrong> refused = run.wrong().stream()
                .filter(wrong -> wrong.did().isEmpty() && wrong.status() >= 300 && !known.containsKey(wrong.name()))
                .toList();
        refused.forEach(wrong -> all.put(wrong.name(), Set.of()));
        assertThat(faults(run, all)).isEmpty();
        assertThat(account.strangers()).isEmpty();
        assertThat(refused).hasSize(unheard);
        assertThat(run.permitted()).contains("plain");
        assertThat(run.executed()).contains("plain");
    }

    /**
     * Sends mutations of a request. Each is refused, or named as the server names it, or answered with 300 or above without an
     * entry in the server's account.
     *
     * @param keys of queries that mean something to the server
     * @return how many the gateway let pass
     */
    int mutations(Spelling.Base base, Runnable state, List<String> keys) {
        Tally tally = chance(Mutations.of(base, keys), state);
        return tally.sent() - tally.refused();
    }

    /** How many requests were sent, refused by the gateway, and executed by the server. */
    record Tally(int sent, int refused, int executed) {}

    /**
     * Sends requests that chance has made. Each is refused, or the server does what it was named as. A server may refuse one
     * that has passed, without an entry in its account: it knows no such path or method.
     */
    Tally chance(List<Spelling> requests, Runnable state) {
        RecordedAgainst account = new RecordedAgainst(server, words, state);
        SpellingRun run = new SpellingRun(fronted.gateway(), fronted.agent(), relay, account);
        run.run(requests);
        assertThat(run.wrong())
                .filteredOn(wrong -> !wrong.did().isEmpty() || wrong.status() < 300)
                .isEmpty();
        assertThat(account.strangers()).isEmpty();
        assertThat(run.outcomes()).doesNotContainKeys(OVER.toArray(String[]::new));
        return new Tally(
                requests.size(),
                requests.size() - run.permitted().size(),
                run.executed().size());
    }

    private static List<String> faults(SpellingRun run, Map<String, Set<String>> known) {
        List<String> faults = new ArrayList<>();
        for (SpellingRun.Wrong wrong : run.wrong()) {
            if (!wrong.did().equals(known.get(wrong.name()))) {
                faults.add(wrong.text());
            }
        }
        Set<String> found = run.wrong().stream().map(SpellingRun.Wrong::name).collect(Collectors.toSet());
        known.keySet().stream()
                .filter(name -> !found.contains(name))
                .map(name -> "'" + name + "' is named as the server names it now: it is no known difference any more")
                .forEach(faults::add);
        for (String code : NEVER) {
            run.outcomes().getOrDefault(code, Set.of()).stream()
                    .filter(label -> !code.equals("invalid-proof")
                            || OTHER_TARGET.stream().noneMatch(name -> label.endsWith('[' + name + ']')))
                    .forEach(label -> faults.add(code + ": " + label));
        }
        return faults;
    }

    @Override
    public void close() {
        fronted.close();
        relay.close();
        server.close();
    }
}
