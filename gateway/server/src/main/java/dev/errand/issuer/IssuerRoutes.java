package dev.errand.issuer;

import dev.errand.denial.StartReason;
import dev.errand.jose.SigningKeys;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.web.BodyReader;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.SslInfo;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * The HTTP edge of the issuer. A body is read without blocking, up to {@value FormBody#MAX_BYTES} bytes. {@code errand.bodies}
 * bounds its time and how many bodies are read at once, an eighth of them from one address. Revocation has places of its own,
 * so that slow forms of the other endpoints cannot delay the end of a task.
 */
final class IssuerRoutes {
    private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9-]{0,31}");
    private static final MediaType HTML = MediaType.parseMediaType("text/html;charset=utf-8");

    private final IssuerSettings settings;
    private final StartService starts;
    private final @Nullable DeviceAuthorization asking;
    private final RevokeService revocations;
    private final IntrospectService introspections;
    private final IssuerMetadata metadata;
    private final ProblemPages problems;
    private final SigningKeys keys;
    private final FormReader forms;
    private final FormReader revocationForms;

    /** @param asking where agents ask for tasks; null if there is no page where humans allow them */
    public IssuerRoutes(
            IssuerSettings settings,
            StartService starts,
            @Nullable DeviceAuthorization asking,
            RevokeService revocations,
            IntrospectService introspections,
            IssuerMetadata metadata,
            ProblemPages problems,
            SigningKeys keys,
            BodyReader.Bounds bodies) {
        this.settings = settings;
        this.starts = starts;
        this.asking = asking;
        this.revocations = revocations;
        this.introspections = introspections;
        this.metadata = metadata;
        this.problems = problems;
        this.keys = keys;
        this.forms = new FormReader(bodies);
        this.revocationForms = new FormReader(bodies);
    }

    /** The routes, to be asked before those of the gateway. */
    public RouterFunction<ServerResponse> router() {
        RouterFunctions.Builder router = RouterFunctions.route();
        post(router, StartService.PATH, forms, starts::start, starts::unread);
        if (asking != null) {
            post(router, DeviceAuthorization.PATH, forms, asking::ask, starts::unread);
        }
        post(router, RevokeService.PATH, revocationForms, revocations::revoke, IssuerRoutes::refused);
        post(router, IntrospectService.PATH, forms, introspections::introspect, IssuerRoutes::refused);
        String server = "/.well-known/oauth-authorization-server";
        String path = URI.create(settings.issuer()).getRawPath();
        router.route(PublicDocument.at(server), request -> document(metadata.authorizationServer()));
        if (path != null && !path.isEmpty()) {
            router.route(PublicDocument.at(server + path), request -> document(metadata.authorizationServer()));
        }
        router.route(
                PublicDocument.at("/.well-known/oauth-protected-resource/{route}"),
                request -> metadata.protectedResource(request.pathVariable("route"))
                        .map(IssuerRoutes::document)
                        .orElseGet(() -> ServerResponse.notFound().build()));
        router.route(
                PublicDocument.at("/.well-known/jwks.json"),
                request -> ServerResponse.ok()
                        .contentType(MediaType.APPLICATION_JSON)
                        .header("Cache-Control", "public, max-age=300")
                        .bodyValue(keys.publicJwks()));
        router.route(
                PublicDocument.at("/problems/{code}"),
                request -> problems.page(request.pathVariable("code"))
                        .map(page -> ServerResponse.ok()
                                .contentType(HTML)
                                .header("Content-Security-Policy", "default-src 'none'")
                                .bodyValue(page))
                        .orElseGet(() -> ServerResponse.notFound().build()));
        return router.build();
    }

    private static void post(
            RouterFunctions.Builder router,
            String path,
            FormReader forms,
            Function<TokenRequest, Mono<Answer>> service,
            Function<Refusal, Mono<Answer>> unread) {
        router.POST(
                path,
                request -> read(request, forms)
                        .flatMap(read -> read.then(service, unread))
                        .flatMap(IssuerRoutes::write));
        router.route(
                RequestPredicates.path(path),
                request -> ServerResponse.status(405)
                        .allow(HttpMethod.POST)
                        .header("Cache-Control", "no-store")
                        .build());
    }

    private static Mono<Answer> refused(Refusal refusal) {
        return Mono.just(refusal.answer());
    }

    private static Mono<Outcome<TokenRequest>> read(ServerRequest request, FormReader forms) {
        MediaType type;
        try {
            type = request.headers().contentType().orElse(MediaType.APPLICATION_OCTET_STREAM);
        } catch (RuntimeException malformed) {
            type = MediaType.APPLICATION_OCTET_STREAM;
        }
        if (!type.equalsTypeAndSubtype(MediaType.APPLICATION_FORM_URLENCODED)
                || request.headers().header("Content-Encoding").size() > 0) {
            return refused(OauthError.INVALID_REQUEST, "the body must be application/x-www-form-urlencoded");
        }
        return forms.read(request.exchange().getRequest())
                .map(body -> body instanceof BodyReader.Body.Whole whole
                        ? form(request, whole.bytes())
                        : missing((BodyReader.Body.Missing) body));
    }

    private static Outcome<TokenRequest> form(ServerRequest request, byte[] body) {
        return FormBody.parse(body)
                .map(form -> unauthorized(request, form))
                .orElseGet(() ->
                        Outcome.refused(OauthError.INVALID_REQUEST, "the body is malformed, or has a parameter twice"));
    }

    private static Outcome<TokenRequest> missing(BodyReader.Body.Missing why) {
        return switch (why) {
            case TOO_LONG -> Outcome.refused(OauthError.REQUEST_TOO_LARGE, "the body is larger than 64 KiB");
            case TOO_SLOW -> Outcome.refused(OauthError.INVALID_REQUEST, "the body did not come in time");
            case TOO_MANY ->
                new Outcome.Refused<>(new Refusal(
                        OauthError.TOO_MANY,
                        "the gateway reads as many bodies as it may at once: repeat the request",
                        Map.of("Retry-After", "1"),
                        StartReason.BODIES,
                        null));
            case MALFORMED, GONE -> Outcome.refused(OauthError.INVALID_REQUEST, "the body broke off");
        };
    }

    /** Refuses {@code Authorization}, by which no client authenticates; beside an assertion it is a second method. */
    private static Outcome<TokenRequest> unauthorized(ServerRequest request, FormBody form) {
        List<String> authorization = request.headers().header("Authorization");
        String description = "authenticate by client_assertion or mutual TLS alone";
        if (authorization.isEmpty()) {
            return Outcome.accepted(new TokenRequest(
                    form,
                    request.headers().header("DPoP"),
                    request.headers().header("Delegation-Chain"),
                    certificates(request),
                    address(request)));
        }
        if (form.get("client_assertion") != null) {
            return Outcome.refused(StartReason.CLIENT, OauthError.INVALID_REQUEST, description);
        }
        Matcher scheme = SCHEME.matcher(authorization.get(0));
        return new Outcome.Refused<>(new Refusal(
                OauthError.INVALID_CLIENT,
                description,
                Map.of("WWW-Authenticate", (scheme.lookingAt() ? scheme.group() : "Basic") + " realm=\"errand\""),
                StartReason.CLIENT,
                null));
    }

    private static Mono<Outcome<TokenRequest>> refused(OauthError error, String description) {
        return Mono.just(Outcome.refused(error, description));
    }

    private static String address(ServerRequest request) {
        InetSocketAddress remote = request.exchange().getRequest().getRemoteAddress();
        return remote == null || remote.getAddress() == null
                ? "unknown"
                : remote.getAddress().getHostAddress();
    }

    private static List<X509Certificate> certificates(ServerRequest request) {
        SslInfo ssl = request.exchange().getRequest().getSslInfo();
        X509Certificate[] chain = ssl == null ? null : ssl.getPeerCertificates();
        return chain == null ? List.of() : Arrays.asList(chain);
    }

    private static Mono<ServerResponse> write(Answer answer) {
        ServerResponse.BodyBuilder response = ServerResponse.status(answer.status())
                .header("Cache-Control", "no-store")
                .header("Pragma", "no-cache");
        answer.headers().forEach(response::header);
        return answer.body().members().isEmpty()
                ? response.build()
                : response.contentType(MediaType.APPLICATION_JSON).bodyValue(Jcs.canonicalBytes(answer.body()));
    }

    private static Mono<ServerResponse> document(JsonObject body) {
        return ServerResponse.ok()
                .contentType(MediaType.APPLICATION_JSON)
                .header("Cache-Control", "public, max-age=300")
                .bodyValue(Jcs.canonicalBytes(body));
    }
}
