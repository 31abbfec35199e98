package dev.errand.it;

import dev.errand.it.AuditedServer.Executed;
import dev.errand.it.SpellingRun.Permitted;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Compares, request by request, what the gateway named with what a server says it executed, and with whom. A request is
 * refused and nothing reaches the server, or both name the same thing.
 */
final class RecordedAgainst implements SpellingRun.Witness {
    /** How long a server may take to write down what it answered. */
    private static final int LATE_MILLIS = 2_000;

    private static final int LOOK_MILLIS = 20;

    private final AuditedServer server;
    private final BiFunction<String, String, String> words;
    private final Runnable state;
    private final List<Executed> strangers = new ArrayList<>();
    private int seen;
    private int compared;

    /**
     * @param words what an operation (without its catalogue) on a resource is in the server's words: {@code verb resource};
     *     several lines where the server has several words for it
     * @param state brings the server into the state that each request starts from
     */
    RecordedAgainst(AuditedServer server, BiFunction<String, String, String> words, Runnable state) {
        this.server = server;
        this.words = words;
        this.state = state;
    }

    /** What the server executed for another than the gateway. */
    List<Executed> strangers() {
        return strangers;
    }

    /** How many requests were compared with an entry of the server's account. */
    int compared() {
        return compared;
    }

    @Override
    public void reset() {
        state.run();
        server.settle();
        seen = server.executed().size();
    }

    @Override
    public Set<String> did(RawHttp.@Nullable Response answer) {
        boolean whole = server.settle();
        List<Executed> now = entries();
        for (int waited = 0; !whole && now.isEmpty() && waited < LATE_MILLIS; waited += LOOK_MILLIS) {
            try {
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            now = entries();
        }
        compared += now.isEmpty() ? 0 : 1;
        now.stream().filter(entry -> !entry.who().equals(server.principal())).forEach(strangers::add);
        // A HEAD is named as its GET.
        return now.stream()
                .map(entry -> (entry.verb().equals("HEAD") ? "GET" : entry.verb()) + ' ' + entry.resource())
                .collect(Collectors.toSet());
    }

    private List<Executed> entries() {
        List<Executed> all = server.executed();
        return new ArrayList<>(all.subList(Math.min(seen, all.size()), all.size()));
    }

    @Override
    public Set<String> means(Permitted call) {
        Set<String> means = new HashSet<>();
        for (int i = 0; i < call.operations().size(); i++) {
            means.addAll(words(call, i));
        }
        return means;
    }

    /** One operation of a call, in each of the server's words for it. */
    private Set<String> words(Permitted call, int i) {
        String resource = i < call.resources().size() ? call.resources().get(i) : "";
        return words.apply(operation(call, i), resource).lines().collect(Collectors.toSet());
    }

    private static String operation(Permitted call, int i) {
        String operation = call.operations().get(i);
        return operation.substring(operation.indexOf(':') + 1);
    }

    /** Each operation has an entry of its own, but for those that the server does as a part of another. */
    @Override
    public Set<String> untold(Permitted call, Set<String> did) {
        Set<String> untold = new HashSet<>();
        for (int i = 0; i < call.operations().size(); i++) {
            Set<String> words = words(call, i);
            if (!server.parts().contains(operation(call, i)) && Collections.disjoint(words, did)) {
                untold.addAll(words);
            }
        }
        return untold;
    }

    /** Each request is in the account, also one that the server refused. */
    @Override
    public boolean mayRefuse() {
        return false;
    }

    @Override
    public boolean mayBeIdle(Permitted call) {
        return false;
    }
}
