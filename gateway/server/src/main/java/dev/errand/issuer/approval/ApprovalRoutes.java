package dev.errand.issuer.approval;

import dev.errand.issuer.AwayLog;
import dev.errand.issuer.Dependency;
import dev.errand.state.StoreUnavailableException;
import dev.errand.web.BodyReader;
import java.util.function.Function;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** The HTTP edge of approvals: JSON, never stored by a cache. No body is read before the request's token has verified. */
record ApprovalRoutes(Deciders deciders, ApprovalService service, BodyReader bodies) {
    static final String PATH = "/approvals";

    private static final String ONE = PATH + "/{id}";
    private static final String NO_STORE = "no-store";

    RouterFunction<ServerResponse> router() {
        return RouterFunctions.route()
                .GET(PATH, request -> answer(request, service::list))
                .GET(ONE, request -> answer(request, decider -> service.show(decider, request.pathVariable("id"))))
                .POST(ONE, request -> answer(request, decider -> decide(decider, request)))
                .route(RequestPredicates.path(PATH), request -> notAllowed(HttpMethod.GET))
                .route(RequestPredicates.path(ONE), request -> notAllowed(HttpMethod.GET, HttpMethod.POST))
                .build();
    }

    private Mono<ServerResponse> answer(ServerRequest request, Function<Decider, Mono<Reply>> service) {
        ServerHttpRequest http = request.exchange().getRequest();
        return deciders.verify(http, http.getURI().getRawPath())
                .flatMap(verified -> verified instanceof Deciders.Verified.Accepted accepted
                        ? service.apply(accepted.decider())
                        : Mono.just(refused(verified)))
                .onErrorResume(StoreUnavailableException.class, away -> Mono.just(Reply.unavailable()))
                .flatMap(ApprovalRoutes::write);
    }

    private static Reply refused(Deciders.Verified verified) {
        if (verified instanceof Deciders.Verified.Unavailable away) {
            AwayLog.SHARED.refuse(Dependency.IDENTITY_PROVIDER, away.why());
            return Reply.unavailable();
        }
        return Reply.unauthorized();
    }

    private Mono<Reply> decide(Decider decider, ServerRequest request) {
        return bodies.read(request.exchange().getRequest(), Decision.MAX_BYTES)
                .flatMap(body -> body instanceof BodyReader.Body.Whole whole
                        ? Decision.parse(whole.bytes())
                                .map(decision -> service.decide(decider, request.pathVariable("id"), decision))
                                .orElseGet(() -> Mono.just(Reply.malformed(
                                        "send {\"decision\":\"approve\" or \"refuse\",\"digest\":\"sha-256:…\"}")))
                        : Mono.just(Reply.malformed("the body did not arrive, or is too long")));
    }

    private static Mono<ServerResponse> write(Reply reply) {
        ServerResponse.BodyBuilder response =
                ServerResponse.status(reply.status()).header("Cache-Control", NO_STORE);
        if (reply.challenge() != null) {
            response.header("WWW-Authenticate", reply.challenge());
        }
        return response.contentType(MediaType.APPLICATION_JSON).bodyValue(reply.json());
    }

    private static Mono<ServerResponse> notAllowed(HttpMethod... allowed) {
        return ServerResponse.status(405)
                .allow(allowed)
                .header("Cache-Control", NO_STORE)
                .build();
    }
}
