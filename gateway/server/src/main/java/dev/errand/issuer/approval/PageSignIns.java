package dev.errand.issuer.approval;

import dev.errand.issuer.AwayLog;
import dev.errand.issuer.Dependency;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.signin.BoundState;
import dev.errand.signin.DevSignIn;
import dev.errand.signin.Sessions;
import dev.errand.signin.SignIn;
import dev.errand.signin.SignInDemands;
import dev.errand.signin.SignInResult;
import dev.errand.state.StoreUnavailableException;
import dev.errand.task.Approvers;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * Sends people to the provider, and completes their errand when they come back: opens a session, or takes a decision with the token
 * that the provider gave. Only the human who saw the request's page may take the decision, and only in the session whose form was sent.
 * Thread-safe, never blocking.
 *
 * @param dev the provider of a first run, which must be told who signs in; null for a real provider
 */
record PageSignIns(
        SignIn signIn,
        Sessions sessions,
        Deciders deciders,
        ApprovalService service,
        StartDecisions starts,
        PageAnswers answers,
        @Nullable DevSignIn dev) {
    /** The parameter of a browser that the page has led on. */
    private static final String AGAIN = "again";

    /** What the provider is asked for, so that these approvers may decide. */
    static SignInDemands demands(Approvers by) {
        return new SignInDemands(new TreeSet<>(by.acr()).stream().toList(), by.maxAgeSeconds());
    }

    Mono<ServerResponse> begin(ServerRequest request, HttpStatus status, PageErrand errand, SignInDemands demands) {
        ServerHttpRequest http = request.exchange().getRequest();
        return signIn.begin(signIn.cookie().read(http), errand.json(), demands)
                .flatMap(begun -> answers.redirect(status, hinted(begun.location(), request, errand), begun.cookie()));
    }

    /** Lets somebody sign in to look. In a first run people choose who they are, unless there is no choice about a task. */
    Mono<ServerResponse> enter(ServerRequest request, PageErrand look) {
        return dev == null || comes(dev, request, look).isPresent()
                ? begin(request, HttpStatus.FOUND, look, SignInDemands.NONE)
                : answers.page(HttpStatus.OK, DevPage.of(answers.frame(), look, dev.people()), null);
    }

    /** Who signs in: whoever was shown the request, or else whom the visitor named, or else the only one. */
    private static Optional<DevSignIn.Person> comes(DevSignIn dev, ServerRequest request, PageErrand errand) {
        List<DevSignIn.Person> people = dev.people();
        boolean only = people.size() == 1 && errand.isStart() && errand.id() != null;
        String named = request.queryParam(DevPage.AS).orElse("");
        return people.stream()
                .filter(person -> errand.human() == null
                        ? only || person.human().subject().equals(named)
                        : PageSession.label(person.human()).equals(errand.human()))
                .findFirst();
    }

    private URI hinted(URI location, ServerRequest request, PageErrand errand) {
        return dev == null
                ? location
                : comes(dev, request, errand)
                        .map(person -> URI.create(location + "&login_hint="
                                + URLEncoder.encode(person.human().subject(), StandardCharsets.UTF_8)))
                        .orElse(location);
    }

    /** The answer to the request with which the provider sends people back. */
    Mono<ServerResponse> end(ServerRequest request) {
        ServerHttpRequest http = request.exchange().getRequest();
        return signIn.returned(request.queryParams(), signIn.cookie().read(http))
                .flatMap(found -> found.isPresent() ? returned(request, found.get()) : strange());
    }

    /**
     * A decision ends only in the session that began it. The browser does not send the session's cookie when another site leads back, so
     * the page first leads on to its own address, from which the browser sends it.
     */
    private Mono<ServerResponse> returned(ServerRequest request, BoundState state) {
        PageErrand errand = PageErrand.of(state.purpose());
        if (errand.decision() != null) {
            Optional<String> session = sessions.mark(request.exchange().getRequest());
            boolean again = request.queryParams().containsKey(AGAIN);
            if (session.isEmpty() && !again) {
                String here = ApprovalPages.CALLBACK + '?' + request.uri().getRawQuery();
                return answers.notice(HttpStatus.OK, NoticePage.ONWARD, null, here + '&' + AGAIN + "=1", null);
            }
            if (!session.equals(Optional.ofNullable(errand.session()))) {
                return strange();
            }
        }
        return signIn.finish(request.queryParams(), state)
                .flatMap(finished -> ended(request, finished, errand, state.begunSeconds()));
    }

    private Mono<ServerResponse> ended(
            ServerRequest request, SignInResult finished, PageErrand errand, long begunSeconds) {
        if (finished instanceof SignInResult.Accepted accepted) {
            return deciders.verify(accepted.accessToken())
                    .flatMap(verified -> verified(request, verified, errand, begunSeconds));
        }
        if (finished instanceof SignInResult.Unavailable away) {
            return away(away.reason());
        }
        return switch (((SignInResult.Refused) finished).why()) {
            case STRANGE -> strange();
            // A browser that loads the answer to a decision again is shown what became of the request.
            case USED ->
                errand.decision() == null || errand.isStart()
                        ? strange()
                        : answers.redirect(
                                HttpStatus.SEE_OTHER, URI.create(answers.frame().base() + errand.path()), null);
            case DENIED -> answers.notice(HttpStatus.FORBIDDEN, NoticePage.DENIED);
            case UNMET -> answers.notice(HttpStatus.FORBIDDEN, NoticePage.UNMET);
        };
    }

    private Mono<ServerResponse> strange() {
        return answers.notice(HttpStatus.BAD_REQUEST, NoticePage.STRANGE);
    }

    private Mono<ServerResponse> away(String why) {
        AwayLog.SHARED.refuse(Dependency.IDENTITY_PROVIDER, why);
        return answers.notice(HttpStatus.SERVICE_UNAVAILABLE, NoticePage.AWAY);
    }

    private Mono<ServerResponse> verified(
            ServerRequest request, Deciders.Verified verified, PageErrand errand, long begunSeconds) {
        if (verified instanceof Deciders.Verified.Unavailable away) {
            return away(away.why());
        }
        if (!(verified instanceof Deciders.Verified.Accepted accepted)) {
            return answers.notice(HttpStatus.FORBIDDEN, NoticePage.NOT_HERE);
        }
        Decider decider = accepted.decider();
        Decision decision = errand.decision();
        if (decision == null) {
            return opened(decider, HttpStatus.OK, NoticePage.ONWARD, errand.path());
        }
        if (!PageSession.label(decider.human()).equals(errand.human())) {
            return opened(decider, HttpStatus.FORBIDDEN, NoticePage.OTHER_HUMAN, errand.path());
        }
        if (errand.isStart()) {
            return starts.allow(decider, String.valueOf(errand.id()), decision.digest(), begunSeconds)
                    .flatMap(end -> decided(
                            request,
                            decider,
                            end.status(),
                            end.notice(),
                            end.status() == HttpStatus.OK ? ApprovalRoutes.PATH : errand.path()));
        }
        return service.decide(decider, String.valueOf(errand.id()), decision)
                .flatMap(reply -> decided(request, decider, reply));
    }

    /** Opens the human's session, and says what happened. */
    private Mono<ServerResponse> opened(Decider decider, HttpStatus status, NoticePage notice, String path) {
        return sessions.open(PageSession.content(decider)).flatMap(opened -> told(opened, status, notice, path));
    }

    private Mono<ServerResponse> told(Sessions.Opened opened, HttpStatus status, NoticePage notice, String path) {
        PageFrame.Reader reader = PageSession.of(opened.session()).orElseThrow().reader();
        return answers.notice(status, notice, reader, path, opened.cookie());
    }

    /** Answers with the result of a decision. The decision is taken already, so it is shown even if the session cannot be renewed. */
    private Mono<ServerResponse> decided(ServerRequest request, Decider decider, Reply reply) {
        return decided(request, decider, status(reply), notice(reply), ApprovalRoutes.PATH);
    }

    private Mono<ServerResponse> decided(
            ServerRequest request, Decider decider, HttpStatus status, NoticePage notice, String path) {
        return sessions.renew(request.exchange().getRequest(), PageSession.content(decider))
                .flatMap(renewed -> told(renewed, status, notice, path))
                .onErrorResume(StoreUnavailableException.class, away -> answers.notice(status, notice));
    }

    /** A page is never answered 401, which would let a browser ask for a password. */
    private static HttpStatus status(Reply reply) {
        return reply.status() == HttpStatus.UNAUTHORIZED.value()
                ? HttpStatus.FORBIDDEN
                : HttpStatus.valueOf(reply.status());
    }

    private static NoticePage notice(Reply reply) {
        return switch (HttpStatus.valueOf(reply.status())) {
            case OK -> decided(reply);
            case UNAUTHORIZED -> reply.isStepUp() ? NoticePage.UNMET : NoticePage.NOT_HERE;
            case NOT_FOUND -> NoticePage.UNKNOWN;
            case CONFLICT -> NoticePage.CONFLICT;
            case BAD_REQUEST -> NoticePage.FORGED;
            default -> NoticePage.AWAY;
        };
    }

    private static NoticePage decided(Reply reply) {
        try {
            String state = String.valueOf(Json.parseObject(reply.json()).string("state"));
            return switch (state) {
                case "approved" -> NoticePage.APPROVED;
                case "refused" -> NoticePage.REFUSED;
                default -> NoticePage.PENDING;
            };
        } catch (MalformedJsonException e) {
            throw new IllegalStateException("an answer of ours is no JSON", e);
        }
    }
}
