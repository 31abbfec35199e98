package dev.errand.issuer;

import dev.errand.issuer.StandingEnds.Selection;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.log.EndedBy;
import dev.errand.loop.Uncancelled;
import dev.errand.state.FleetTask;
import dev.errand.state.IndexPage;
import dev.errand.state.IndexQuery;
import dev.errand.state.KeptAnswer;
import dev.errand.state.StartStore;
import dev.errand.state.StoreUnavailableException;
import dev.errand.task.TaskState;
import dev.errand.token.Human;
import dev.errand.token.Sha256;
import dev.errand.trust.EventRules.Ends;
import dev.errand.trust.HumanIssuer;
import dev.errand.trust.HumanIssuers;
import dev.errand.trust.SecurityEventResult;
import dev.errand.web.BodyReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Receives the security events of identity providers (RFC 8417, by push: RFC 8935), and ends what runs for humans who left: their tasks and
 * their standing errands. An event is taken once. Thread-safe, never blocking.
 *
 * @param humans the running identity providers
 * @param tasks searches the tasks of the fleet
 */
record LeaverEvents(
        Supplier<HumanIssuers> humans,
        StartStore starts,
        StandingEnds ends,
        Function<IndexQuery, Mono<IndexPage>> tasks,
        BodyReader bodies,
        Clock clock) {
    private static final String RISC = "https://schemas.openid.net/secevent/risc/event-type/";
    private static final String CAEP = "https://schemas.openid.net/secevent/caep/event-type/";
    private static final MediaType SET = MediaType.parseMediaType("application/secevent+jwt");

    /** After this time a task that began a moment before the event is in the index for sure. */
    private static final Duration AGAIN = Duration.ofSeconds(1);

    private static final long CLOCKS_SECONDS = 5;
    private static final int PAGE = 500;
    private static final int AT_ONCE = 32;
    private static final long WITHIN_MILLIS = 5_000;

    /** The route of all receivers. */
    RouterFunction<ServerResponse> router() {
        return RouterFunctions.route(
                request -> request.method() == HttpMethod.POST
                        && humans.get().ofReceiver(request.path()).isPresent(),
                request -> humans.get()
                        .ofReceiver(request.path())
                        .map(issuer -> receive(request, issuer))
                        .orElseGet(() -> ServerResponse.notFound().build()));
    }

    private Mono<ServerResponse> receive(ServerRequest request, HumanIssuer issuer) {
        MediaType type;
        try {
            type = request.headers().contentType().orElse(MediaType.APPLICATION_OCTET_STREAM);
        } catch (RuntimeException malformed) {
            type = MediaType.APPLICATION_OCTET_STREAM;
        }
        if (!type.equalsTypeAndSubtype(SET)) {
            return refused("invalid_request", "the body must be application/secevent+jwt");
        }
        return bodies.read(request.exchange().getRequest(), HumanIssuers.MAX_LENGTH)
                .flatMap(body -> body instanceof BodyReader.Body.Whole whole
                        ? humans.get()
                                .verifyEvent(
                                        issuer,
                                        new String(whole.bytes(), StandardCharsets.UTF_8).strip(),
                                        clock.millis())
                                .flatMap(this::judged)
                        : refused("invalid_request", "the body did not come whole, or is too long"))
                .onErrorResume(StoreUnavailableException.class, away -> {
                    AwayLog.SHARED.refuse(Dependency.STATE, String.valueOf(away.getMessage()));
                    return away();
                });
    }

    private Mono<ServerResponse> judged(SecurityEventResult result) {
        if (result instanceof SecurityEventResult.Refused refused) {
            return refused(refused.error(), refused.reason());
        }
        if (result instanceof SecurityEventResult.Unavailable unavailable) {
            AwayLog.SHARED.refuse(Dependency.IDENTITY_PROVIDER, unavailable.reason());
            return away();
        }
        SecurityEventResult.Accepted event = (SecurityEventResult.Accepted) result;
        String name = Sha256.base64UrlOf("event\n" + event.issuer().issuer() + '\n' + event.id());
        return Uncancelled.of(starts.findClaim(name, name)
                .flatMap(known -> known.isPresent()
                        ? Mono.<Void>empty()
                        : act(event)
                                .then(starts.claimSubject(
                                        name,
                                        name,
                                        new KeptAnswer(new byte[0]),
                                        clock.millis() + 2 * HumanIssuers.EVENT_MILLIS))
                                .then())
                .then(ServerResponse.accepted().build()));
    }

    private Mono<Void> act(SecurityEventResult.Accepted event) {
        JsonObject events = Objects.requireNonNull(event.claims().object("events"));
        return Flux.fromIterable(events.members().entrySet())
                .concatMap(each -> {
                    Set<Ends> what = ends(event.issuer(), each.getKey());
                    Human human = human(event, each.getValue());
                    return what.isEmpty() || human == null
                            ? Mono.<Void>empty()
                            : end(human, event.issuer().rules().maxAge(), what, each.getKey());
                })
                .then();
    }

    private static Set<Ends> ends(HumanIssuer issuer, String event) {
        return switch (event) {
            case RISC + "account-disabled", RISC + "account-purged" -> EnumSet.allOf(Ends.class);
            case CAEP + "session-revoked" ->
                Objects.requireNonNull(issuer.events()).sessionRevoked();
            default -> Set.of();
        };
    }

    /** The human whom an event is about, if it is one of this very provider. */
    private static @Nullable Human human(SecurityEventResult.Accepted event, JsonValue payload) {
        JsonObject own = payload instanceof JsonObject json ? json.object("subject") : null;
        JsonObject subject = own == null ? event.claims().object("sub_id") : own;
        JsonObject one =
                subject != null && "complex".equals(subject.string("format")) ? subject.object("user") : subject;
        String name = one == null ? null : one.string("sub");
        return one == null
                        || name == null
                        || !"iss_sub".equals(one.string("format"))
                        || !event.issuer().issuer().equals(one.string("iss"))
                ? null
                : new Human(event.issuer().issuer(), name);
    }

    private Mono<Void> end(Human human, Duration maxAge, Set<Ends> what, String event) {
        String why = "The identity provider told: " + event.substring(event.lastIndexOf('/') + 1) + '.';
        Mono<Void> errands = Mono.defer(() -> what.contains(Ends.STANDING)
                ? ends.endAll(new Selection(human, null, null), EndedBy.PROVIDER, why)
                        .then()
                : Mono.empty());
        Mono<Void> running = Mono.defer(() -> what.contains(Ends.TASKS) ? tasks(human, why) : Mono.empty());
        Mono<Void> all = errands.then(running);
        // The second look finds what began meanwhile.
        return what.isEmpty()
                ? Mono.empty()
                : left(human, maxAge).then(all).then(Mono.delay(AGAIN)).then(all);
    }

    /** The name of the mark that a human's provider ended what runs for the human. */
    static String leftName(Human human) {
        return Sha256.base64UrlOf("left\n" + human.issuer() + '\n' + human.subject());
    }

    /**
     * Whether the human's provider told, after the human allowed something, that what runs for the human ends.
     *
     * @param allowed when the human allowed it, epoch seconds
     */
    static Mono<Boolean> isLeft(StartStore starts, Human human, long allowed) {
        return starts.findStart(leftName(human))
                .map(mark -> mark.filter(at ->
                                allowed * 1000 <= ByteBuffer.wrap(at.bytes()).getLong())
                        .isPresent());
    }

    /** Whether a token was issued before its provider told that; the clocks of both may differ by some seconds. */
    static Mono<Boolean> isLeft(StartStore starts, SubjectToken token) {
        return isLeft(starts, token.human(), token.issued() - CLOCKS_SECONDS);
    }

    /**
     * Marks the human for as long as a token that was issued before may be valid, so that nothing begins by what was allowed before.
     * A later event replaces the mark.
     */
    private Mono<Void> left(Human human, Duration maxAge) {
        String name = leftName(human);
        long now = clock.millis();
        byte[] at = ByteBuffer.allocate(Long.BYTES).putLong(now).array();
        long longest = Math.max(DeviceAuthorization.EXPIRES_IN, maxAge.toSeconds()) + 60;
        long until = now + longest * 1000;
        return starts.unclaimSubject(name, name)
                .then(starts.claimSubject(name, name, new KeptAnswer(at), until))
                .then();
    }

    private Mono<Void> tasks(Human human, String why) {
        return page(human, null)
                .expand(page -> page.below() == null ? Mono.empty() : page(human, page.below()))
                .concatMapIterable(IndexPage::tasks)
                .map(FleetTask::facts)
                .flatMap(
                        task -> ends.end(task.task(), task.template(), human, task.agent(), EndedBy.PROVIDER, why),
                        AT_ONCE)
                .then();
    }

    private Mono<IndexPage> page(Human human, @Nullable String below) {
        return tasks.apply(new IndexQuery(
                null,
                human.issuer() + " " + human.subject(),
                null,
                task -> task.state(clock.millis()) == TaskState.ACTIVE,
                PAGE,
                below,
                WITHIN_MILLIS));
    }

    private static Mono<ServerResponse> refused(String error, String description) {
        byte[] body = Jcs.canonicalBytes(
                new JsonObject(Map.of("err", new JsonString(error), "description", new JsonString(description))));
        return ServerResponse.badRequest()
                .contentType(MediaType.APPLICATION_JSON)
                .header("Cache-Control", "no-store")
                .bodyValue(body);
    }

    private static Mono<ServerResponse> away() {
        return ServerResponse.status(HttpStatus.SERVICE_UNAVAILABLE)
                .header("Retry-After", "1")
                .build();
    }
}
