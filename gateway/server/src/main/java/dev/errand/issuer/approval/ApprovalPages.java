package dev.errand.issuer.approval;

import dev.errand.issuer.FormBody;
import dev.errand.issuer.approval.Requests.Found;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.signin.Sessions;
import dev.errand.task.ApprovalRequest.State;
import dev.errand.task.AskPolicy;
import dev.errand.token.Human;
import java.net.URI;
import java.util.Optional;
import org.springframework.http.HttpStatus;
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
 */
record ApprovalPages(ApprovalService service, PageVisits visits) {
    static final String CALLBACK = ApprovalRoutes.PATH + "/callback";

    private static final String SIGN_OUT = ApprovalRoutes.PATH + "/sign-out";
    private static final String ONE = ApprovalRoutes.PATH + "/{id}";

    private PageSignIns signIns() {
        return visits.signIns();
    }

    private PageAnswers answers() {
        return signIns().answers();
    }

    /** The routes of the pages, to be asked before those of the programs' endpoints. */
    RouterFunction<ServerResponse> router() {
        RequestPredicate form = PageVisits::hasForm;
        RequestPredicate page = PageVisits::wantsPage;
        return RouterFunctions.route()
                .GET(CALLBACK, request -> visits.guarded(signIns().end(request)))
                .GET(ApprovalRoutes.PATH, page, request -> visits.shown(request, PageErrand.look(null), this::list))
                .GET(ONE, page, request -> {
                    String id = request.pathVariable("id");
                    return visits.shown(request, PageErrand.look(id), session -> one(session, id));
                })
                .POST(SIGN_OUT, form, request -> visits.guarded(signOut(request)))
                .POST(ONE, form, request -> visits.guarded(decide(request)))
                .build();
    }

    private Mono<ServerResponse> list(PageSession session) {
        return service.list(session.decider()).flatMap(reply -> {
            if (reply.status() == HttpStatus.SERVICE_UNAVAILABLE.value()) {
                return answers().notice(HttpStatus.SERVICE_UNAVAILABLE, NoticePage.AWAY);
            }
            // A refusal says that no template asks at this client: then nothing waits.
            JsonObject list = reply.status() == HttpStatus.OK.value() ? json(reply) : JsonObject.EMPTY;
            String html = ListPage.of(answers().frame(), session.reader(), list);
            return answers().page(HttpStatus.OK, html, null);
        });
    }

    private Mono<ServerResponse> one(PageSession session, String id) {
        return service.show(session.decider(), id).flatMap(reply -> {
            if (reply.status() == HttpStatus.SERVICE_UNAVAILABLE.value()) {
                return answers().notice(HttpStatus.SERVICE_UNAVAILABLE, NoticePage.AWAY);
            }
            if (reply.status() != HttpStatus.OK.value()) {
                return service.find(session.decider(), id).flatMap(found -> over(session, found));
            }
            Human human = session.decider().human();
            JsonObject request = json(reply);
            String html = RequestPage.of(answers().frame(), session.reader(), request, human.issuer(), human.subject())
                    .html(request);
            return answers().page(HttpStatus.OK, html, null);
        });
    }

    /** Says how the request ended, to those who might have decided it. */
    private Mono<ServerResponse> over(PageSession session, Optional<Found> found) {
        State state = found.map(one -> one.request().state()).orElse(null);
        NoticePage notice = state == State.REFUSED
                ? NoticePage.WAS_REFUSED
                : state == State.USED ? NoticePage.WAS_USED : NoticePage.UNKNOWN;
        return answers().notice(HttpStatus.NOT_FOUND, notice, session.reader(), ApprovalRoutes.PATH, null);
    }

    private Mono<ServerResponse> decide(ServerRequest request) {
        String id = request.pathVariable("id");
        return visits.session(request).flatMap(found -> {
            if (found.isEmpty()) {
                URI there = URI.create(
                        answers().frame().base() + PageErrand.look(id).path());
                return answers().redirect(HttpStatus.SEE_OTHER, there, null);
            }
            return visits.form(request).flatMap(form -> decide(request, id, found.get(), form));
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
            State state = found.map(one -> one.request().state()).orElse(null);
            if (found.isEmpty() || ask == null || state == State.REFUSED || state == State.USED) {
                return over(session, found);
            }
            if (state != State.PENDING || !found.get().request().hasDigest(seen)) {
                return answers()
                        .notice(HttpStatus.CONFLICT, NoticePage.CONFLICT, session.reader(), ApprovalRoutes.PATH, null);
            }
            PageErrand decision = PageErrand.decide(id, new Decision(word.equals("approve"), seen), session);
            return signIns().begin(request, HttpStatus.SEE_OTHER, decision, PageSignIns.demands(ask.by()));
        });
    }

    private Mono<ServerResponse> signOut(ServerRequest request) {
        Sessions sessions = signIns().sessions();
        return visits.session(request)
                .flatMap(found -> found.isEmpty()
                        ? answers().notice(HttpStatus.OK, NoticePage.SIGNED_OUT)
                        : visits.form(request)
                                .flatMap(form ->
                                        found.get().session().isFormToken(PageFrame.SIGN_OUT, form.get("token"))
                                                ? sessions.close(request.exchange()
                                                                .getRequest())
                                                        .then(answers()
                                                                .notice(
                                                                        HttpStatus.OK,
                                                                        NoticePage.SIGNED_OUT,
                                                                        null,
                                                                        ApprovalRoutes.PATH,
                                                                        sessions.cookie()
                                                                                .gone()))
                                                : forged(found.get())));
    }

    private Mono<ServerResponse> forged(PageSession session) {
        return answers().notice(HttpStatus.FORBIDDEN, NoticePage.FORGED, session.reader(), ApprovalRoutes.PATH, null);
    }

    private static JsonObject json(Reply reply) {
        try {
            return Json.parseObject(reply.json());
        } catch (MalformedJsonException e) {
            throw new IllegalStateException("an answer of ours is no JSON", e);
        }
    }
}
