package dev.errand.gateway.issuer.approval;

import dev.errand.gateway.issuer.AwayLog;
import dev.errand.gateway.issuer.Dependency;
import dev.errand.gateway.issuer.approval.page.NoticePage;
import dev.errand.gateway.issuer.approval.page.PageFrame;
import dev.errand.gateway.signin.Demands;
import dev.errand.gateway.signin.Finished;
import dev.errand.gateway.signin.Sessions;
import dev.errand.gateway.signin.SignIn;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.state.StoreUnavailableException;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseCookie;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * Sends people to the provider, and completes their errand when they come back: opens a session, or takes a decision with the token
 * that the provider gave. Only the human who saw the request's page may take the decision. Thread-safe, never blocking.
 */
record PageSignIns(SignIn signIn, Sessions sessions, Deciders deciders, ApprovalService service, PageAnswers answers) {

    Mono<ServerResponse> begin(ServerRequest request, HttpStatus status, PageErrand errand, Demands demands) {
        ServerHttpRequest http = request.exchange().getRequest();
        return signIn.begin(signIn.cookie().read(http), errand.json(), demands)
                .flatMap(begun -> answers.redirect(status, begun.location(), begun.cookie()));
    }

    /** The answer to the request with which the provider sends people back. */
    Mono<ServerResponse> end(ServerRequest request) {
        ServerHttpRequest http = request.exchange().getRequest();
        return signIn.finish(request.queryParams(), signIn.cookie().read(http)).flatMap(finished -> {
            if (finished instanceof Finished.Accepted accepted) {
                PageErrand errand = PageErrand.of(accepted.purpose());
                return deciders.verify(accepted.accessToken()).flatMap(verified -> verified(verified, errand));
            }
            if (finished instanceof Finished.Unavailable away) {
                return away(away.reason());
            }
            return switch (((Finished.Refused) finished).why()) {
                case STRANGE -> answers.notice(HttpStatus.BAD_REQUEST, NoticePage.STRANGE);
                case DENIED -> answers.notice(HttpStatus.FORBIDDEN, NoticePage.DENIED);
                case UNMET -> answers.notice(HttpStatus.FORBIDDEN, NoticePage.UNMET);
            };
        });
    }

    private Mono<ServerResponse> away(String why) {
        AwayLog.SHARED.refuse(Dependency.IDENTITY_PROVIDER, why);
        return answers.notice(HttpStatus.SERVICE_UNAVAILABLE, NoticePage.AWAY);
    }

    private Mono<ServerResponse> verified(Deciders.Verified verified, PageErrand errand) {
        if (verified instanceof Deciders.Verified.Unavailable away) {
            return away(away.why());
        }
        if (!(verified instanceof Deciders.Verified.Accepted accepted)) {
            return answers.notice(HttpStatus.FORBIDDEN, NoticePage.NOT_HERE);
        }
        Decider decider = accepted.decider();
        Decision decision = errand.decision();
        if (decision == null) {
            return told(decider, HttpStatus.OK, NoticePage.ONWARD, errand.path());
        }
        if (!PageSession.label(decider.human()).equals(errand.human())) {
            return told(decider, HttpStatus.FORBIDDEN, NoticePage.OTHER_HUMAN, errand.path());
        }
        return service.decide(decider, String.valueOf(errand.id()), decision).flatMap(reply -> decided(decider, reply));
    }

    /** Opens the human's session, and says what happened. */
    private Mono<ServerResponse> told(Decider decider, HttpStatus status, NoticePage notice, String path) {
        JsonObject content = PageSession.content(decider);
        return sessions.open(content)
                .flatMap(cookie -> answers.notice(status, notice, reader(cookie, content), path, cookie));
    }

    /** Answers with the result of a decision. The decision is taken already, so it is shown even if no session can be opened. */
    private Mono<ServerResponse> decided(Decider decider, Reply reply) {
        HttpStatus status = status(reply);
        NoticePage notice = notice(reply);
        return told(decider, status, notice, ApprovalRoutes.PATH)
                .onErrorResume(StoreUnavailableException.class, away -> answers.notice(status, notice));
    }

    private static PageFrame.Reader reader(ResponseCookie cookie, JsonObject content) {
        return PageSession.of(new Sessions.Session(cookie.getValue(), content))
                .orElseThrow()
                .reader();
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
