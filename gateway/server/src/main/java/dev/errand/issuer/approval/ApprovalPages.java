package dev.errand.issuer.approval;

import dev.errand.issuer.AwayLog;
import dev.errand.issuer.Dependency;
import dev.errand.issuer.FormBody;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.signin.Demands;
import dev.errand.signin.Sessions;
import dev.errand.state.StoreUnavailableException;
import dev.errand.task.ApprovalRequest.State;
import dev.errand.task.Approvers;
import dev.errand.task.AskPolicy;
import dev.errand.token.Human;
import dev.errand.trust.LiveDocument.UnavailableException;
import dev.errand.web.BodyReader;
import java.net.URI;
import java.util.Locale;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RequestPredicate;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * The pages on which people approve. A browser without a session is sent to the provider from every address, so that no stranger
 * learns which requests there are. A session is enough to look. A decision begins with a form of the session, and is taken with the
 * token of a new sign-in. Thread-safe, never blocking.
 *
 * @param elsewhere the authority from which browsers are redirected to the pages; null if the pages are at the issuer
 */
record ApprovalPages(
        ApprovalService service,
        PageSignIns signIns,
        Sessions sessions,
        PageAnswers answers,
        BodyReader bodies,
        @Nullable String elsewhere) {
    static final String CALLBACK = ApprovalRoutes.PATH + "/callback";

    private static final String SIGN_OUT = ApprovalRoutes.PATH + "/sign-out";
    private static final String ONE = ApprovalRoutes.PATH + "/{id}";
    private static final MediaType FORM = MediaType.APPLICATION_FORM_URLENCODED;
    private static final int MAX_FORM = 4 * 1024;

    /** The routes of the pages, to be asked before those of the programs' endpoints. */
    RouterFunction<ServerResponse> router() {
        RequestPredicate form = request -> isOfABrowser(request) && names(request, "Content-Type", FORM);
        RequestPredicate page = request -> isOfABrowser(request) && names(request, "Accept", MediaType.TEXT_HTML);
        return RouterFunctions.route()
                .GET(CALLBACK, request -> guarded(signIns.end(request)))
                .GET(ApprovalRoutes.PATH, page, request -> shown(request, null, this::list))
                .GET(ONE, page, request -> shown(request, request.pathVariable("id"), this::one))
                .POST(SIGN_OUT, form, request -> guarded(signOut(request)))
                .POST(ONE, form, request -> guarded(decide(request)))
                .build();
    }

    /** Whether a browser asks. A program sends its human's token in {@code Authorization}, whatever the type of its body. */
    private static boolean isOfABrowser(ServerRequest request) {
        return !request.headers().asHttpHeaders().containsHeader("Authorization");
    }

    /** Whether the field names the type itself: a range, as programs send it, does not. A malformed field names nothing. */
    private static boolean names(ServerRequest request, String field, MediaType type) {
        try {
            return MediaType.parseMediaTypes(request.headers().header(field)).stream()
                    .anyMatch(each -> each.equalsTypeAndSubtype(type) && each.getQualityValue() > 0);
        } catch (InvalidMediaTypeException e) {
            return false;
        }
    }

    private Mono<ServerResponse> guarded(Mono<ServerResponse> answer) {
        return answer.onErrorResume(StoreUnavailableException.class, away -> {
                    AwayLog.SHARED.refuse(Dependency.STATE, String.valueOf(away.getMessage()));
                    return answers.notice(HttpStatus.SERVICE_UNAVAILABLE, NoticePage.AWAY);
                })
                .onErrorResume(UnavailableException.class, away -> {
                    AwayLog.SHARED.refuse(Dependency.IDENTITY_PROVIDER, String.valueOf(away.getMessage()));
                    return answers.notice(HttpStatus.SERVICE_UNAVAILABLE, NoticePage.AWAY);
                });
    }

    private Mono<ServerResponse> shown(
            ServerRequest request, @Nullable String id, Function<Look, Mono<ServerResponse>> page) {
        PageErrand look = PageErrand.look(id);
        String host = request.headers().asHttpHeaders().getFirst("Host");
        if (elsewhere != null && host != null && host.toLowerCase(Locale.ROOT).equals(elsewhere)) {
            URI there = URI.create(answers.frame().base() + look.path());
            return answers.redirect(HttpStatus.FOUND, there, null);
        }
        return guarded(session(request)
                .flatMap(session -> session == Look.NOBODY
                        ? signIns.begin(request, HttpStatus.FOUND, look, Demands.NONE)
                        : page.apply(new Look(session.session(), String.valueOf(id)))));
    }

    /** A session and the id of the request that it looks at. */
    private record Look(@Nullable PageSession session, String id) {
        static final Look NOBODY = new Look(null, "");

        PageSession who() {
            return Objects.requireNonNull(session);
        }
    }

    private Mono<Look> session(ServerRequest request) {
        return sessions.find(request.exchange().getRequest())
                .map(found -> found.flatMap(PageSession::of)
                        .map(session -> new Look(session, ""))
                        .orElse(Look.NOBODY));
    }

    private Mono<ServerResponse> list(Look look) {
        return service.list(look.who().decider()).flatMap(reply -> {
            if (reply.status() == HttpStatus.SERVICE_UNAVAILABLE.value()) {
                return answers.notice(HttpStatus.SERVICE_UNAVAILABLE, NoticePage.AWAY);
            }
            // A refusal says that no template asks at this client: then nothing waits.
            JsonObject list = reply.status() == HttpStatus.OK.value() ? json(reply) : JsonObject.EMPTY;
            String html = ListPage.of(answers.frame(), look.who().reader(), list);
            return answers.page(HttpStatus.OK, html, null);
        });
    }

    private Mono<ServerResponse> one(Look look) {
        PageSession session = look.who();
        return service.show(session.decider(), look.id()).flatMap(reply -> {
            if (reply.status() == HttpStatus.SERVICE_UNAVAILABLE.value()) {
                return answers.notice(HttpStatus.SERVICE_UNAVAILABLE, NoticePage.AWAY);
            }
            if (reply.status() != HttpStatus.OK.value()) {
                return unknown(session);
            }
            Human human = session.decider().human();
            JsonObject request = json(reply);
            String html = RequestPage.of(answers.frame(), session.reader(), request, human.issuer(), human.subject())
                    .html(request);
            return answers.page(HttpStatus.OK, html, null);
        });
    }

    private Mono<ServerResponse> unknown(PageSession session) {
        return answers.notice(HttpStatus.NOT_FOUND, NoticePage.UNKNOWN, session.reader(), ApprovalRoutes.PATH, null);
    }

    private Mono<ServerResponse> decide(ServerRequest request) {
        String id = request.pathVariable("id");
        return session(request).flatMap(look -> {
            if (look == Look.NOBODY) {
                URI there =
                        URI.create(answers.frame().base() + PageErrand.look(id).path());
                return answers.redirect(HttpStatus.SEE_OTHER, there, null);
            }
            return form(request).flatMap(form -> decide(request, id, look.who(), form));
        });
    }

    private Mono<ServerResponse> decide(ServerRequest request, String id, PageSession session, FormBody form) {
        String word = String.valueOf(form.get("decision"));
        String digest = form.get("digest");
        boolean known = word.equals("approve") || word.equals("refuse");
        if (!session.session().isFormToken(id, form.get("token")) || !known || !PageErrand.isDigest(digest)) {
            return forged(session);
        }
        String seen = String.valueOf(digest);
        return service.find(session.decider(), id).flatMap(found -> {
            AskPolicy ask = found.map(one -> one.policy().ask()).orElse(null);
            if (found.isEmpty() || ask == null || found.get().request().state() == State.REFUSED) {
                return unknown(session);
            }
            if (found.get().request().state() != State.PENDING
                    || !found.get().request().digest().equals(seen)) {
                return answers.notice(
                        HttpStatus.CONFLICT, NoticePage.CONFLICT, session.reader(), ApprovalRoutes.PATH, null);
            }
            PageErrand decision = PageErrand.decide(id, new Decision(word.equals("approve"), seen), session);
            return signIns.begin(request, HttpStatus.SEE_OTHER, decision, demands(ask.by()));
        });
    }

    private static Demands demands(Approvers by) {
        return new Demands(new TreeSet<>(by.acr()).stream().toList(), by.maxAgeSeconds());
    }

    private Mono<ServerResponse> signOut(ServerRequest request) {
        return session(request)
                .flatMap(look -> look == Look.NOBODY
                        ? answers.notice(HttpStatus.OK, NoticePage.SIGNED_OUT)
                        : form(request)
                                .flatMap(form -> look.who().session().isFormToken(PageFrame.SIGN_OUT, form.get("token"))
                                        ? sessions.close(request.exchange().getRequest())
                                                .then(answers.notice(
                                                        HttpStatus.OK,
                                                        NoticePage.SIGNED_OUT,
                                                        null,
                                                        ApprovalRoutes.PATH,
                                                        sessions.cookie().gone()))
                                        : forged(look.who())));
    }

    private Mono<ServerResponse> forged(PageSession session) {
        return answers.notice(HttpStatus.FORBIDDEN, NoticePage.FORGED, session.reader(), ApprovalRoutes.PATH, null);
    }

    /** The form of the request; an empty form if the body is no form. */
    private Mono<FormBody> form(ServerRequest request) {
        return bodies.read(request.exchange().getRequest(), MAX_FORM)
                .map(body -> body instanceof BodyReader.Body.Whole whole
                        ? FormBody.parse(whole.bytes()).orElse(FormBody.NONE)
                        : FormBody.NONE);
    }

    private static JsonObject json(Reply reply) {
        try {
            return Json.parseObject(reply.json());
        } catch (MalformedJsonException e) {
            throw new IllegalStateException("an answer of ours is no JSON", e);
        }
    }
}
