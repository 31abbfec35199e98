package dev.errand.issuer;

import dev.errand.denial.StartReason;
import dev.errand.issuer.AskedTask.Decided;
import dev.errand.issuer.AskedTask.State;
import dev.errand.issuer.StartDetails.MalformedDetailsException;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.loop.Uncancelled;
import dev.errand.state.StartRequestStore;
import dev.errand.state.StoreUnavailableException;
import dev.errand.template.Template;
import dev.errand.token.HolderKey;
import dev.errand.token.Human;
import dev.errand.token.Sha256;
import dev.errand.token.SpiffeId;
import dev.errand.web.refusal.StartRecords;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * The tasks that agents ask for. Every change of one is a single step in the shared store, which one of several replicas wins.
 * Fails with {@link StoreUnavailableException}. Thread-safe, never blocking.
 */
public final class AskedTasks {
    /** The path of the page where humans allow tasks. */
    public static final String PAGE = "/start";

    /** The letters of codes: no vowels, so that they make no words, and none that looks like another (RFC 8628 section 6.1). */
    static final String LETTERS = "BCDFGHJKLMNPQRSTVWXZ";

    /** How many requests of one agent may be open. */
    static final int OF_AGENT = 4;

    /** How many requests may be open. */
    static final int MOST = 1_000;

    /** How long a request is kept after its end, so that its agent is told how it ended. */
    private static final Duration KEPT = Duration.ofMinutes(10);

    private static final Pattern HALF = Pattern.compile("[" + LETTERS + "]{4}");
    private static final int MOST_CONFLICTS = 16;

    private final StartRequestStore store;
    private final StartPolicy policy;
    private final Function<String, Optional<Template>> templates;
    private final StartRecords records;
    private final Clock clock;

    AskedTasks(
            StartRequestStore store,
            Function<String, Optional<Template>> templates,
            StartPolicy policy,
            StartRecords records,
            Clock clock) {
        this.store = store;
        this.templates = templates;
        this.policy = policy;
        this.records = records;
        this.clock = clock;
    }

    /**
     * A request that this human may allow, and what it would be granted.
     *
     * @param request the request
     * @param grant what the task would be granted now
     */
    public record Seen(AskedTask request, Grant grant) {}

    /** Whether a text is a half of a code. */
    public static boolean isHalf(@Nullable String text) {
        return text != null && HALF.matcher(text).matches();
    }

    /** The request that the first half of a code finds for a human; empty if there is none that this human may allow or refuse now. */
    public Mono<Optional<Seen>> see(String first, Human human, JsonObject claims) {
        return find(first).map(found -> found.flatMap(request -> seen(request, human, claims)));
    }

    private Optional<Seen> seen(AskedTask request, Human human, JsonObject claims) {
        boolean open = request.state() == State.PENDING && !request.isOver(now());
        boolean his = request.named() == null || request.named().equals(human);
        SubjectToken subject = new SubjectToken(human, 0, "", claims);
        return open && his && judge(request, subject) instanceof Outcome.Accepted<Grant> granted
                ? Optional.of(new Seen(request, granted.value()))
                : Optional.empty();
    }

    /**
     * Takes a human's decision on a request as it was shown, and records it. The token of the sign-in must have been used up before.
     *
     * @param claims the claims of the sign-in, which gave the time of the authentication
     * @return false if the request has ended, is another, or was decided already
     */
    public Mono<Boolean> decide(String first, String digest, boolean allows, Human human, JsonObject claims) {
        Decided by = new Decided(human, withTime(claims), now());
        return Uncancelled.of(change(
                        first,
                        request -> request.digest().equals(digest)
                                ? seen(request, human, claims)
                                        .map(seen -> request.decided(allows ? State.ALLOWED : State.REFUSED, by))
                                : Optional.empty())
                .flatMap(changed -> changed.isEmpty()
                        ? Mono.just(false)
                        : (allows
                                        ? Mono.empty()
                                        : store.close(index(changed.get())).then())
                                .then(told(changed.get(), allows ? "allowed" : "refused", null))
                                .thenReturn(true)));
    }

    /** The claims with a time of the authentication: that of the decision if the provider gave none. */
    private JsonObject withTime(JsonObject claims) {
        if (claims.get("auth_time") != null) {
            return claims;
        }
        Map<String, JsonValue> all = new LinkedHashMap<>(claims.members());
        all.put("auth_time", JsonNumber.of(now()));
        return new JsonObject(all);
    }

    /** Whether the template still runs as it was when the task was asked for. */
    boolean isCurrent(AskedTask request) {
        return templates
                .apply(request.template())
                .filter(template -> template.revision().equals(request.revision()))
                .isPresent();
    }

    /** What the request is granted now; refused if that is not what the human agreed to, or was to agree to. */
    Outcome<Grant> judge(AskedTask request, @Nullable SubjectToken human) {
        Template template = templates.apply(request.template()).orElse(null);
        return template == null ? changed() : judge(template, request, human);
    }

    /** What the request is granted under a revision of its template. */
    Outcome<Grant> judge(Template template, AskedTask request, @Nullable SubjectToken human) {
        StartDetails details;
        try {
            details = StartDetails.parse(request.details());
        } catch (MalformedDetailsException e) {
            return changed();
        }
        Outcome<Grant> judged =
                policy.shown(template, SpiffeId.parse(request.agent()).orElseThrow(), human, details);
        if (!(judged instanceof Outcome.Accepted<Grant> accepted)) {
            return judged;
        }
        String digest = ConsentDigest.of(
                accepted.value(), request.agent(), request.jkt(), request.purpose(), details.standing());
        Decided by = request.consent();
        if (!digest.equals(request.digest())) {
            return changed();
        }
        return by == null ? judged : Outcome.accepted(accepted.value().agreed(digest, "page", by.at()));
    }

    /** What the template grants of a request, whatever the human agreed to. */
    Outcome<Grant> unconsented(Template template, AskedTask request, SubjectToken human) {
        try {
            return policy.shown(
                    template,
                    SpiffeId.parse(request.agent()).orElseThrow(),
                    human,
                    StartDetails.parse(request.details()));
        } catch (MalformedDetailsException e) {
            return changed();
        }
    }

    private static Outcome<Grant> changed() {
        return Outcome.refused(
                StartReason.CONSENT,
                OauthError.ACCESS_DENIED,
                "the template has changed since the task was asked for: ask again");
    }

    /**
     * Opens a request, and records that.
     *
     * @return empty if it is open; else how long until one more may be opened; zero if its code is taken
     */
    Mono<Optional<Duration>> open(AskedTask request) {
        long untilMillis = request.times().expires() * 1000;
        // The place comes first: a request beyond the bound must leave nothing in the store.
        return Uncancelled.of(store.open(index(request), group(request), OF_AGENT, MOST, untilMillis, clock.millis())
                .flatMap(full -> full.isPresent()
                        ? Mono.just(full.map(wait -> wait.plusMillis(1)))
                        : kept(request)
                                .onErrorResume(e -> store.close(index(request))
                                        .onErrorComplete()
                                        .then(Mono.error(e)))));
    }

    private Mono<Optional<Duration>> kept(AskedTask request) {
        String key = key(request.code().first());
        byte[] value = request.write();
        return store.swap(key, null, value, life(request))
                .flatMap(mine -> !mine
                        ? store.close(index(request)).thenReturn(Optional.of(Duration.ZERO))
                        : records.asked((time, gateway) -> request.record("opened", null, time, gateway))
                                .onErrorResume(e -> store.swap(key, value, value, Duration.ofMillis(1))
                                        .onErrorComplete()
                                        .then(Mono.error(e)))
                                .thenReturn(Optional.<Duration>empty()));
    }

    /** Finds a request by the first half of its code, in whatever state it is. */
    Mono<Optional<AskedTask>> find(String first) {
        return isHalf(first)
                // Whoever finds a request judges it, and a narrower plan takes some milliseconds to compile.
                ? store.find(key(first)).publishOn(Schedulers.parallel()).map(stored -> stored.flatMap(AskedTask::read))
                : Mono.just(Optional.empty());
    }

    /**
     * Changes a request in one step.
     *
     * @param next the request after the change; empty to leave it as it is. Asked again if another change came first
     * @return the changed request; empty if it was left as it is
     */
    Mono<Optional<AskedTask>> change(String first, Function<AskedTask, Optional<AskedTask>> next) {
        return change(first, next, 0);
    }

    private Mono<Optional<AskedTask>> change(
            String first, Function<AskedTask, Optional<AskedTask>> next, int conflicts) {
        if (conflicts > MOST_CONFLICTS) {
            return Mono.error(() -> new StoreUnavailableException("a request changes faster than it can be judged"));
        }
        return find(first).flatMap(found -> {
            Optional<AskedTask> changed = found.flatMap(next);
            return changed.isEmpty()
                    ? Mono.just(changed)
                    : store.swap(key(first), found.get().write(), changed.get().write(), life(changed.get()))
                            .flatMap(done -> done ? Mono.just(changed) : change(first, next, conflicts + 1));
        });
    }

    /** Takes note that a request became a task; records it once. */
    Mono<Void> used(AskedTask request, String task) {
        return change(
                        request.code().first(),
                        now -> now.id().equals(request.id()) && now.state() == State.ALLOWED
                                ? Optional.of(now.used())
                                : Optional.empty())
                .flatMap(changed -> changed.isEmpty()
                        ? Mono.empty()
                        : store.close(index(changed.get())).then(told(changed.get(), "used", task)));
    }

    /** Ends a request that nobody decided, if it is one of this agent and key: its time is over now. */
    Mono<Void> withdraw(String device, SpiffeId agent, HolderKey holder) {
        return Uncancelled.of(change(
                        DeviceGrant.first(device),
                        one -> one.state() == State.PENDING
                                        && !one.isOver(now())
                                        && DeviceGrant.isOf(one, device, agent, holder)
                                ? Optional.of(one.over(now()))
                                : Optional.empty())
                .flatMap(changed -> changed.isEmpty()
                        ? Mono.empty()
                        : store.close(index(changed.get()))
                                .filter(mine -> mine)
                                .flatMap(mine -> told(changed.get(), "expired", null))));
    }

    /** Records the requests whose time is over. One replica records each. */
    Mono<Void> expire() {
        return store.over(clock.millis())
                .flatMap(ids -> Flux.fromIterable(ids)
                        .concatMap(id -> find(id.substring(Math.max(0, id.length() - 4)))
                                .flatMap(found -> store.close(id)
                                        .filter(mine -> mine)
                                        .flatMap(mine -> Mono.justOrEmpty(
                                                found.filter(one -> index(one).equals(id))))
                                        .flatMap(one -> told(one, "expired", null))))
                        // All that may be open can end together: the next part follows at once.
                        .then(Mono.defer(() -> ids.size() < StartRequestStore.MOST ? Mono.empty() : expire())));
    }

    private Mono<Void> told(AskedTask request, String what, @Nullable String task) {
        return records.askedIfPossible((time, gateway) -> request.record(what, task, time, gateway));
    }

    private Duration life(AskedTask request) {
        return Duration.ofMillis(Math.max(0, request.times().expires() * 1000 - clock.millis()))
                .plus(KEPT);
    }

    private long now() {
        return clock.millis() / 1000;
    }

    private static String key(String first) {
        return Sha256.base64UrlOf("request\n" + first);
    }

    private static String group(AskedTask request) {
        return Sha256.base64UrlOf(request.agent()).substring(0, 22) + '.';
    }

    private static String index(AskedTask request) {
        return group(request) + request.id() + '.' + request.code().first();
    }
}
