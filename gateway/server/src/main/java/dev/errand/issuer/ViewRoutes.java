package dev.errand.issuer;

import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** The HTTP edge of the view: GET only, JSON, never stored by a cache. */
record ViewRoutes(ViewService views) {
    private static final String NO_STORE = "no-store";

    RouterFunction<ServerResponse> router() {
        return RouterFunctions.route()
                .GET(
                        ViewService.PATH,
                        request -> views.view(request.exchange().getRequest()).flatMap(ViewRoutes::write))
                .route(
                        RequestPredicates.path(ViewService.PATH),
                        request -> ServerResponse.status(405)
                                .allow(HttpMethod.GET)
                                .header("Cache-Control", NO_STORE)
                                .build())
                .build();
    }

    private static Mono<ServerResponse> write(ViewService.Answer answer) {
        if (answer instanceof ViewService.Answer.Refused refused) {
            return ServerResponse.status(refused.refusal().status())
                    .headers(headers -> headers.putAll(refused.refusal().headers()))
                    .bodyValue(refused.refusal().body());
        }
        return ServerResponse.ok()
                .header("Cache-Control", NO_STORE)
                .contentType(MediaType.APPLICATION_JSON)
                .bodyValue(((ViewService.Answer.Shown) answer).json());
    }
}
