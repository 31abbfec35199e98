package dev.errand.operator;

import dev.errand.issuer.AwayLog;
import dev.errand.issuer.Dependency;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.operator.OperatorSessions.Returned;
import dev.errand.state.StoreUnavailableException;
import java.net.URI;
import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Signing in to the console at an identity provider, and out again, over HTTP. Thread-safe, never blocking. */
record ConsoleSignIns(OperatorSessions sessions) {
    private static final String NAME = "{name:[A-Za-z0-9_.@-]{1,64}}";

    /** The page. Its fragment has the second secret of a new session, or says why nobody is signed in. No server sees a fragment. */
    private static final String PAGE = "/#";

    RouterFunction<ServerResponse> routes() {
        return RouterFunctions.route()
                .GET(ConsoleVisit.SIGN_INS, request -> Answers.json(HttpStatus.OK, offered()))
                .GET(ConsoleVisit.SIGN_IN + NAME, this::begin)
                .GET(ConsoleVisit.CALLBACK + NAME, this::end)
                .DELETE(ConsoleVisit.SESSION, this::signOut)
                .build();
    }

    private JsonObject offered() {
        return new JsonObject(Map.of(
                "sign_ins",
                new JsonArray(sessions.offered().entrySet().stream()
                        .map(each -> (JsonValue) new JsonObject(Map.of(
                                "name", new JsonString(each.getKey()), "issuer", new JsonString(each.getValue()))))
                        .toList())));
    }

    private Mono<ServerResponse> begin(ServerRequest request) {
        return sessions.begin(request.pathVariable("name"), request.exchange().getRequest())
                .flatMap(begun -> begun.map(found -> ServerResponse.seeOther(found.location())
                                .cookie(found.cookie())
                                .build())
                        .orElseGet(() -> ServerResponse.notFound().build()))
                .onErrorResume(e -> away(String.valueOf(e.getMessage())));
    }

    private Mono<ServerResponse> end(ServerRequest request) {
        return sessions.end(request.pathVariable("name"), request.exchange().getRequest(), request.queryParams())
                .flatMap(returned -> returned instanceof Returned.SignedIn in
                        ? ServerResponse.seeOther(URI.create(PAGE + "session=" + in.secret()))
                                .cookie(in.cookie())
                                .build()
                        : back(((Returned.Not) returned).why()))
                .onErrorResume(StoreUnavailableException.class, e -> away(String.valueOf(e.getMessage())));
    }

    private static Mono<ServerResponse> away(String why) {
        AwayLog.SHARED.refuse(Dependency.IDENTITY_PROVIDER, why);
        return back("away");
    }

    private static Mono<ServerResponse> back(String why) {
        return ServerResponse.seeOther(URI.create(PAGE + why)).build();
    }

    private Mono<ServerResponse> signOut(ServerRequest request) {
        return sessions.close(request.exchange().getRequest())
                .then(ServerResponse.noContent()
                        .cookie(OperatorSessions.COOKIE.gone())
                        .build());
    }
}
