package dev.errand.it;

import dev.errand.it.AuditedServer.Executed;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Gitea's account of what it executed: a file with a line of its log of accesses and a line of its router's log for each
 * request. The two lines of a request have the address of its connection, and come in the order of the connection's
 * requests. Thread-safe.
 */
final class GiteaAccount {
    /** The template of the log of accesses. */
    static final String ACCESS =
            "access: {{.Ctx.RemoteAddr}} {{.Identity}} {{.Start.Format \"2006-01-02T15:04:05.000Z07:00\"}}";

    private static final String NOTHING = "";
    /** Of {@code GET /api/v1/settings/api}, with which the test marks a place in the account. */
    private static final String MARK = "settings.GetGeneralAPISettings";

    private static final Pattern BY = Pattern.compile("access: (\\S+) (\\S+) (\\S+)");
    private static final Pattern HANDLED = Pattern.compile(
            "router: (?:completed|failed *) \\S+ (\\S+) for (\\S+), (\\d*).*@ (?:[^(]+\\((.+)\\)|unknown-handler)(?:, err=.*)?");
    /** Functions in front of the one that a request is for; one that answers with an error refused the request. */
    private static final Pattern IN_FRONT = Pattern.compile("(v1|web)\\..*|.*Router\\).*|GlobalNotFound");

    private static final Pattern REPOSITORY = Pattern.compile("(/(?:api/v1/repos/)?)([^/]+/[^/]+)(/.*|)");

    /** Who asked, and when. */
    private record By(String who, Instant time) {}

    /** What was asked, and the function that handled it. */
    private record Handled(String function, String resource) {}

    private final LogTail file;
    private final Map<String, Deque<By>> by = new HashMap<>();
    private final Map<String, Deque<Handled>> handled = new HashMap<>();
    private final List<Executed> executed = new ArrayList<>();
    private final List<String> unread = new ArrayList<>();
    private int marks;

    GiteaAccount(Path file) {
        this.file = new LogTail(file);
    }

    synchronized List<Executed> executed() {
        file.more().forEach(this::read);
        return List.copyOf(executed);
    }

    /** How many marks were read; both logs are in the order of the requests. */
    synchronized int marks() {
        file.more().forEach(this::read);
        return marks;
    }

    synchronized List<String> unread() {
        return List.copyOf(unread);
    }

    private void read(String line) {
        Matcher access = BY.matcher(line);
        Matcher router = HANDLED.matcher(line);
        String connection;
        if (access.matches()) {
            connection = access.group(1);
            by.computeIfAbsent(connection, none -> new ArrayDeque<>())
                    .add(new By(access.group(2), Instant.parse(access.group(3))));
        } else if (router.matches()) {
            connection = router.group(2);
            handled.computeIfAbsent(connection, none -> new ArrayDeque<>()).add(handled(router));
        } else {
            // A line of a request that takes long comes besides its line at the end.
            if (!line.startsWith("router: slow")) {
                unread.add(line);
            }
            return;
        }
        Deque<By> who = by.getOrDefault(connection, new ArrayDeque<>());
        Deque<Handled> what = handled.getOrDefault(connection, new ArrayDeque<>());
        if (!who.isEmpty() && !what.isEmpty()) {
            By caller = who.remove();
            Handled request = what.remove();
            if (request.function().equals(MARK)) {
                marks++;
            } else if (!request.function().equals(NOTHING) && !isOwn(caller, request)) {
                executed.add(new Executed(caller.who(), request.function(), request.resource(), caller.time()));
            }
        }
    }

    /** Gitea's own hooks tell it of each push, by its interface for itself. */
    private static boolean isOwn(By caller, Handled request) {
        return caller.who().equals("-") && request.resource().startsWith("/api/internal/");
    }

    /** What no function handled, and what a function in front refused, was not executed. */
    private static Handled handled(Matcher router) {
        String function = router.group(4);
        boolean refused = function == null
                || IN_FRONT.matcher(function).matches() && router.group(3).compareTo("400") >= 0;
        return new Handled(refused ? NOTHING : function.replace("-fm", ""), resource(router.group(1)));
    }

    /**
     * The path as Gitea reads it: decoded; owner and repository in any letter case are the same, with or without .git. Of
     * git's first request it has the query too, without the pairs that are empty: they mean nothing (URL Standard, section
     * 5.1).
     */
    private static String resource(String target) {
        int query = target.indexOf('?');
        String path = URLDecoder.decode(
                (query < 0 ? target : target.substring(0, query)).replace("+", "%2B"), StandardCharsets.UTF_8);
        Matcher repository = REPOSITORY.matcher(path);
        if (!repository.matches()) {
            return path;
        }
        String name = repository.group(2).toLowerCase(Locale.ROOT);
        return repository.group(1)
                + (name.endsWith(".git") ? name.substring(0, name.length() - 4) : name)
                + repository.group(3)
                + (repository.group(3).equals("/info/refs") && query >= 0 ? pairs(target.substring(query + 1)) : "");
    }

    private static String pairs(String query) {
        return Stream.of(query.split("&")).filter(pair -> !pair.isEmpty()).collect(Collectors.joining("&", "?", ""));
    }
}
