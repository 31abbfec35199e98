package dev.errand.gateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * A gateway with one route to an audited server, and a relay between the two that shows whether anything was sent. It is
 * closed with the server.
 */
final class Comparison implements AutoCloseable {
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
     * @param known the requests, by name, that are known to be named otherwise; each must still be
     * @return how many requests the server executed
     */
    int run(List<Spelling> requests, Runnable state, String... known) {
        RecordedAgainst account = new RecordedAgainst(server, words, state);
        SpellingRun run = new SpellingRun(fronted.gateway(), fronted.agent(), relay, account);
        run.run(requests);
        List<String> wrong = new ArrayList<>(run.wrong());
        for (String one : known) {
            assertThat(wrong.removeIf(line -> line.contains('[' + one + ']')))
                    .as("'" + one + "' is named as the server names it now: take it off the list of known differences")
                    .isTrue();
        }
        assertThat(wrong).isEmpty();
        assertThat(account.strangers()).isEmpty();
        assertThat(run.outcomes()).doesNotContainKeys("invalid-token", "decision-unavailable", "upstream-unavailable");
        return account.compared();
    }

    @Override
    public void close() {
        fronted.close();
        relay.close();
        server.close();
    }
}
