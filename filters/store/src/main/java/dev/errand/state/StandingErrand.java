package dev.errand.state;

import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.limit.Bandwidth;
import dev.errand.limit.BucketLevel;
import dev.errand.limit.TokenBucket;
import dev.errand.token.Base64Url;
import dev.errand.token.Human;
import dev.errand.token.Sha256;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Many runs of one task that a human allowed at once, as far as they are counted. Immutable and pure: one value holds runs, rate and calls,
 * so that a run counts in one step of the store. Times are those of the store.
 *
 * @param id {@code se-} and 22 characters
 * @param agent the SPIFFE ID of the only agent that may start runs
 * @param allowed what the human allowed
 * @param used how many runs began
 * @param callsLeft the calls that no run has taken
 * @param level the level of the bucket of runs; null while it is full
 * @param endedBy who ended it, as a record says it; null while it may run
 * @param told whether its end is recorded
 * @param changes how many steps changed it
 * @param live the runs whose calls are not settled
 * @param past the last runs that are over, the newest last
 */
public record StandingErrand(
        String id,
        String template,
        Human human,
        String agent,
        Allowed allowed,
        int used,
        long callsLeft,
        @Nullable BucketLevel level,
        @Nullable String endedBy,
        boolean told,
        long changes,
        List<Run> live,
        List<Past> past) {
    /** How many of the runs that are over are kept. */
    public static final int MOST_PAST = 20;

    /** Who ended an errand of which the store lost the newest state. */
    public static final String ROLLBACK = "rollback";

    public StandingErrand {
        live = List.copyOf(live);
        past = List.copyOf(past);
    }

    /** An errand that was just allowed. */
    public static StandingErrand allowed(String id, String template, Human human, String agent, Allowed allowed) {
        return new StandingErrand(
                id, template, human, agent, allowed, 0, allowed.calls(), null, null, false, 0, List.of(), List.of());
    }

    /**
     * @param calls how many calls all runs together may make
     * @param untilMillis until when a run may begin, epoch milliseconds
     * @param limit how often runs may begin, or null
     * @param atMillis when it was allowed, epoch milliseconds
     */
    public record Allowed(
            int runs,
            long calls,
            long untilMillis,
            @Nullable Bandwidth limit,
            long atMillis) {}

    /**
     * A run whose calls are not settled.
     *
     * @param number from 1
     * @param request the hash of the request that began it
     * @param beganMillis when it counted, epoch milliseconds
     * @param expiresMillis when its task ends by itself, epoch milliseconds
     * @param calls how many calls it took
     * @param answer the data from which a repeated request gets the same answer
     * @param recorded whether its start is recorded
     */
    public record Run(
            int number,
            String request,
            String task,
            long beganMillis,
            long expiresMillis,
            long calls,
            KeptAnswer answer,
            boolean recorded) {
        /** A run that wants to begin. */
        public static Run wanted(
                int number, String request, String task, long expiresMillis, long calls, KeptAnswer answer) {
            return new Run(number, request, task, 0, expiresMillis, calls, answer, false);
        }

        private Run began(long nowMillis) {
            return new Run(number, request, task, nowMillis, expiresMillis, calls, answer, recorded);
        }

        private Run asRecorded() {
            return new Run(number, request, task, beganMillis, expiresMillis, calls, answer, true);
        }
    }

    /**
     * A run that is over.
     *
     * @param beganMillis when it counted, epoch milliseconds
     * @param calls how many calls it made; all that it took, if nothing is known of it any more
     */
    public record Past(int number, String task, long beganMillis, long calls) {}

    /** What an errand is at a time. */
    public enum State {
        ACTIVE,
        USED,
        EXPIRED,
        ENDED;

        /** The name in answers and metrics. */
        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Why no run may begin. */
    public enum Reason {
        ENDED,
        EXPIRED,
        USED,
        BUSY,
        RATE
    }

    /** What becomes of a run that wants to begin. */
    public sealed interface Begin {
        /** It counts, if the store takes the next value. */
        record Counted(StandingErrand next) implements Begin {}

        /** The same request began this run before. */
        record Same(Run run) implements Begin {}

        /** Its number is another run's by now, or fewer calls are left than it takes. */
        record Moved() implements Begin {}

        /** @param after how long to wait; zero if waiting does not help */
        record Refused(Reason reason, Duration after) implements Begin {}
    }

    /** The state at a time, epoch milliseconds. */
    public State state(long nowMillis) {
        if (endedBy != null) {
            return State.ENDED;
        }
        if (nowMillis >= allowed.untilMillis()) {
            return State.EXPIRED;
        }
        return used >= allowed.runs() || (callsLeft == 0 && live.isEmpty()) ? State.USED : State.ACTIVE;
    }

    /** Why no run may begin any more, whatever is waited for; empty if one may. */
    public Optional<Begin.Refused> over(long nowMillis) {
        return switch (state(nowMillis)) {
            case ACTIVE -> Optional.empty();
            case USED -> refused(Reason.USED, Duration.ZERO);
            case EXPIRED -> refused(Reason.EXPIRED, Duration.ZERO);
            case ENDED -> refused(Reason.ENDED, Duration.ZERO);
        };
    }

    /** Why no run may begin now; empty if one may. */
    public Optional<Begin.Refused> refusal(int atOnce, long nowMillis) {
        Optional<Begin.Refused> over = over(nowMillis);
        if (over.isPresent()) {
            return over;
        }
        List<Run> running =
                live.stream().filter(run -> run.expiresMillis() > nowMillis).toList();
        if (running.size() >= atOnce || callsLeft == 0) {
            long first = running.stream().mapToLong(Run::expiresMillis).min().orElse(nowMillis);
            return refused(Reason.BUSY, Duration.ofMillis(Math.max(1, first - nowMillis)));
        }
        Bandwidth limit = allowed.limit();
        Duration wait =
                limit == null ? Duration.ZERO : TokenBucket.compile(limit).waitFor(level, 1, nowMillis);
        return wait.isZero() ? Optional.empty() : refused(Reason.RATE, wait);
    }

    private static Optional<Begin.Refused> refused(Reason reason, Duration after) {
        return Optional.of(new Begin.Refused(reason, after));
    }

    /** Counts one more run, or says why not. */
    public Begin begin(Run run, int atOnce, long nowMillis) {
        Optional<Run> same = run(run.request());
        if (same.isPresent()) {
            return new Begin.Same(same.get());
        }
        Optional<Begin.Refused> refusal = refusal(atOnce, nowMillis);
        if (refusal.isPresent()) {
            return refusal.get();
        }
        if (run.number() != used + 1 || run.calls() > callsLeft) {
            return new Begin.Moved();
        }
        Bandwidth limit = allowed.limit();
        BucketLevel taken = limit == null ? null : TokenBucket.compile(limit).consume(level, 1, nowMillis);
        List<Run> more = new ArrayList<>(live);
        more.add(run.began(nowMillis));
        return new Begin.Counted(
                with(used + 1, callsLeft - run.calls(), limit == null ? level : taken, endedBy, told, more, past));
    }

    /** The unsettled run that this request began. */
    public Optional<Run> run(String request) {
        return live.stream().filter(each -> each.request().equals(request)).findFirst();
    }

    /** Gives back what a run did not use, once it is over; the same errand if the run is settled. */
    public StandingErrand settled(int number, long usedCalls) {
        return live(number)
                .map(run -> {
                    List<Past> over = new ArrayList<>(past);
                    over.add(new Past(number, run.task(), run.beganMillis(), Math.min(usedCalls, run.calls())));
                    return gaveBack(
                            run, used, usedCalls, over.subList(Math.max(0, over.size() - MOST_PAST), over.size()));
                })
                .orElse(this);
    }

    /** Takes back a run that was never answered: it does not count, but its share of the rate stays taken. */
    public StandingErrand without(int number) {
        return live(number)
                .map(run -> gaveBack(run, number == used ? used - 1 : used, 0, past))
                .orElse(this);
    }

    private Optional<Run> live(int number) {
        return live.stream().filter(run -> run.number() == number).findFirst();
    }

    private StandingErrand gaveBack(Run run, int runs, long usedCalls, List<Past> over) {
        return with(
                runs,
                callsLeft + Math.max(0, run.calls() - usedCalls),
                level,
                endedBy,
                told,
                live.stream().filter(each -> each != run).toList(),
                over);
    }

    /** Takes note that the start of a run is recorded. */
    public StandingErrand recorded(int number) {
        return with(
                used,
                callsLeft,
                level,
                endedBy,
                told,
                live.stream()
                        .map(run -> run.number() == number ? run.asRecorded() : run)
                        .toList(),
                past);
    }

    public StandingErrand ended(String by) {
        return with(used, callsLeft, level, by, true, live, past);
    }

    /** Takes note that the end is recorded. */
    public StandingErrand asTold() {
        return with(used, callsLeft, level, endedBy, true, live, past);
    }

    /** The errand, ended since the store has an older state of it than one that is known. */
    public StandingErrand rolledBack(long known) {
        return new StandingErrand(
                id, template, human, agent, allowed, used, callsLeft, level, ROLLBACK, false, known, live, past);
    }

    private StandingErrand with(
            int runs,
            long calls,
            @Nullable BucketLevel bucket,
            @Nullable String by,
            boolean recorded,
            List<Run> unsettled,
            List<Past> over) {
        return new StandingErrand(
                id, template, human, agent, allowed, runs, calls, bucket, by, recorded, changes + 1, unsettled, over);
    }

    /** The name in the list of all errands: the later allowed, the greater. It says of whom the errand may be. */
    public String member() {
        return String.format(
                Locale.ROOT,
                "%013d.%s.%s.%s.%s",
                allowed.atMillis(),
                mark(human.issuer() + ' ' + human.subject()),
                mark(agent),
                mark(template),
                id);
    }

    /** A part of the hash of a selected name, as members hold it. */
    public static String mark(String name) {
        return Sha256.base64UrlOf(name).substring(0, 8);
    }

    /** The stored form. */
    public byte[] write() {
        JsonMembers json = new JsonMembers();
        json.put("id", id);
        json.put("template", template);
        json.put("iss", human.issuer());
        json.put("sub", human.subject());
        json.put("agent", agent);
        json.put("runs", allowed.runs());
        json.put("calls", allowed.calls());
        json.put("until", allowed.untilMillis());
        json.put("at", allowed.atMillis());
        if (allowed.limit() != null) {
            json.put("capacity", allowed.limit().capacity());
            json.put("period", allowed.limit().period().toSeconds());
        }
        json.put("used", used);
        json.put("left", callsLeft);
        if (level != null) {
            // Nanoseconds are beyond the numbers that every reader of JSON keeps.
            json.put("level", level.refilledAtNanos() + " " + level.tokens() + " " + level.roundingError());
        }
        json.put("by", endedBy);
        json.put("told", told);
        json.put("changes", changes);
        json.put(
                "live", new JsonArray(live.stream().map(StandingErrand::written).toList()));
        json.put(
                "past", new JsonArray(past.stream().map(StandingErrand::written).toList()));
        return Jcs.canonicalBytes(json.toJson());
    }

    private static JsonValue written(Run run) {
        return new JsonMembers()
                .put("number", run.number())
                .put("request", run.request())
                .put("task", run.task())
                .put("began", run.beganMillis())
                .put("expires", run.expiresMillis())
                .put("calls", run.calls())
                .put("answer", Base64Url.encode(run.answer().bytes()))
                .put("recorded", run.recorded())
                .toJson();
    }

    private static JsonValue written(Past run) {
        return new JsonMembers()
                .put("number", run.number())
                .put("task", run.task())
                .put("began", run.beganMillis())
                .put("calls", run.calls())
                .toJson();
    }

    /** Reads what {@link #write} made; an {@link IllegalArgumentException} for anything else. */
    public static StandingErrand read(byte[] stored) {
        try {
            JsonObject json = Json.parseObject(stored);
            Bandwidth limit = json.get("capacity") == null
                    ? null
                    : new Bandwidth(number(json, "capacity"), Duration.ofSeconds(number(json, "period")), false);
            String[] level =
                    json.string("level") == null ? null : text(json, "level").split(" ");
            return new StandingErrand(
                    text(json, "id"),
                    text(json, "template"),
                    new Human(text(json, "iss"), text(json, "sub")),
                    text(json, "agent"),
                    new Allowed(
                            (int) number(json, "runs"),
                            number(json, "calls"),
                            number(json, "until"),
                            limit,
                            number(json, "at")),
                    (int) number(json, "used"),
                    number(json, "left"),
                    level == null
                            ? null
                            : new BucketLevel(
                                    Long.parseLong(level[0]), Long.parseLong(level[1]), Long.parseLong(level[2])),
                    json.string("by"),
                    flag(json, "told"),
                    number(json, "changes"),
                    list(json, "live", StandingErrand::run),
                    list(
                            json,
                            "past",
                            over -> new Past(
                                    (int) number(over, "number"),
                                    text(over, "task"),
                                    number(over, "began"),
                                    number(over, "calls"))));
        } catch (MalformedJsonException damaged) {
            throw new IllegalArgumentException("damaged standing errand", damaged);
        }
    }

    private static Run run(JsonObject json) {
        byte[] answer = Base64Url.decode(text(json, "answer"));
        return new Run(
                (int) number(json, "number"),
                text(json, "request"),
                text(json, "task"),
                number(json, "began"),
                number(json, "expires"),
                number(json, "calls"),
                new KeptAnswer(answer == null ? new byte[0] : answer),
                flag(json, "recorded"));
    }

    private static <T> List<T> list(JsonObject json, String name, Function<JsonObject, T> each) {
        if (json.get(name) instanceof JsonArray array) {
            return array.values().stream()
                    .map(value -> each.apply((JsonObject) value))
                    .toList();
        }
        throw new IllegalArgumentException(name);
    }

    private static String text(JsonObject json, String name) {
        String text = json.string(name);
        if (text == null) {
            throw new IllegalArgumentException(name);
        }
        return text;
    }

    private static boolean flag(JsonObject json, String name) {
        return json.get(name) instanceof JsonBoolean flag && flag.value();
    }

    private static long number(JsonObject json, String name) {
        if (json.get(name) instanceof JsonNumber number && number.isLong()) {
            return number.asLong();
        }
        throw new IllegalArgumentException(name);
    }
}
