package dev.errand.decision;

import dev.errand.web.GivenRoutes;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.service.auth.v3.AttributeContext;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.envoyproxy.envoy.service.auth.v3.DeniedHttpResponse;
import io.envoyproxy.envoy.service.auth.v3.OkHttpResponse;
import io.envoyproxy.envoy.type.v3.HttpStatus;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.HttpStatusCode;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * One request of a gateway that asks by {@code ext_authz}: it gives the whole request, and shows no answer. Used on the event loop of
 * the gateway's connection.
 */
final class AuthorizationCheck implements Asked {
    private static final Logger LOG = LoggerFactory.getLogger(AuthorizationCheck.class);

    private static final String PARTIAL = "x-envoy-auth-partial-body";
    private static final String ROUTE = "errand-route";
    private static final Set<String> WITH_BODY = Set.of("POST", "PUT", "PATCH");
    private static final int PERMISSION_DENIED = 7;

    private final ServerCallStreamObserver<CheckResponse> out;
    private final EventLoop loop;
    private final Decisions decisions;
    private final AskedResponse response = new AskedResponse(() -> {});
    private byte[] given = {};
    private boolean isReplaced;
    private boolean over;
    private @Nullable AskedRequest request;
    private Disposable.@Nullable Swap running;
    private @Nullable FieldChanges permitted;

    AuthorizationCheck(ServerCallStreamObserver<CheckResponse> out, EventLoop loop, Decisions decisions) {
        this.out = out;
        this.loop = loop;
        this.decisions = decisions;
        out.setOnCancelHandler(this::gone);
    }

    void begin(CheckRequest check) {
        if (!decisions.enter()) {
            over = true;
            decisions.failed(Status.Code.UNAVAILABLE);
            out.onError(Status.UNAVAILABLE
                    .withDescription("too many decisions at once")
                    .asRuntimeException());
            return;
        }
        try {
            AttributeContext.HttpRequest http =
                    check.getAttributes().getRequest().getHttp();
            // A body of text has a ! for each byte that is no UTF-8: the upstream would get another body than the one
            // that is judged.
            isReplaced = http.getRawBody().isEmpty() && http.getBody().indexOf('!') >= 0;
            given = http.getRawBody().isEmpty()
                    ? http.getBody().getBytes(StandardCharsets.UTF_8)
                    : http.getRawBody().toByteArray();
            ask(head(http, check.getAttributes().getContextExtensionsMap()));
        } catch (RuntimeException unreadable) {
            LOG.error("a message of a gateway could not be read", unreadable);
            failed(unreadable);
        }
    }

    private RequestHead head(AttributeContext.HttpRequest http, Map<String, String> extensions) {
        boolean raw = http.hasHeaderMap();
        // Who calls is found out also where the fields were joined: an unknown caller is not told what the gateway
        // lacks.
        List<HeaderValue> fields = raw
                ? http.getHeaderMap().getHeadersList()
                : http.getHeadersMap().entrySet().stream()
                        .map(field -> HeaderValue.newBuilder()
                                .setKey(field.getKey())
                                .setValue(field.getValue())
                                .build())
                        .toList();
        String partial = fields.stream()
                .filter(field -> field.getKey().equals(PARTIAL))
                .map(RequestHead::value)
                .reduce((one, other) -> "two")
                .orElse(null);
        List<HeaderValue> agents =
                fields.stream().filter(field -> !field.getKey().equals(PARTIAL)).toList();
        RequestHead read = RequestHead.of(
                agents,
                given.length == 0,
                new GatewayFacts(extensions.get(GivenRoutes.CLUSTER), extensions.get(ROUTE), null, false, true, null));
        String fault = !raw
                ? "the gateway does not give the fields one by one: its encode_raw_headers must be true"
                : extensions.get(ROUTE) == null
                        ? "the gateway does not name its route: its context_extensions need " + ROUTE
                        : bodyFault(read, partial, http.getProtocol());
        return new RequestHead(
                read.method(),
                read.scheme(),
                read.authority(),
                read.path(),
                read.fields(),
                read.whole(),
                true,
                read.cluster(),
                read.routeName(),
                null,
                fault,
                read.foreign());
    }

    /** Why the body that was given may not be all of the body, or null. */
    private @Nullable String bodyFault(RequestHead read, @Nullable String partial, String protocol) {
        if (given.length > 0) {
            if (isReplaced) {
                return "the gateway gives the body as text and replaces what is no UTF-8: set pack_as_bytes in its with_request_body";
            }
            boolean whole = "false".equals(partial) && (read.announced() < 0 || read.announced() == given.length);
            return whole ? null : "the gateway gives a part of the body: raise max_request_bytes of with_request_body";
        }
        boolean framed = read.announced() > 0 || read.fields().contains(HttpHeaderNames.TRANSFER_ENCODING);
        // HTTP/2 frames a body by no field.
        boolean unknown = read.announced() < 0
                && WITH_BODY.contains(read.method())
                && !protocol.equals("HTTP/1.1")
                && partial == null;
        if (partial != null && !partial.equals("false")) {
            return "the gateway gives a part of the body: raise max_request_bytes of with_request_body";
        }
        return framed || unknown ? "the gateway gives no body: its filter needs with_request_body" : null;
    }

    private void ask(RequestHead head) {
        AskedRequest asked = AskedRequest.make(this, head);
        if (asked == null) {
            response.setStatusCode(HttpStatusCode.valueOf(400));
            done();
            return;
        }
        request = asked;
        running = Disposables.swap();
        decisions.run(asked, response, running, this::failed, this::done);
    }

    @Override
    public EventLoop loop() {
        return loop;
    }

    @Override
    public void in(ServerWebExchange exchange) {
        // Nothing of it is needed: no answer comes.
    }

    @Override
    public Flux<DataBuffer> body() {
        return given.length == 0
                ? Flux.empty()
                : Flux.defer(() -> Flux.just(DefaultDataBufferFactory.sharedInstance.wrap(given)));
    }

    @Override
    public boolean isWhole() {
        return true;
    }

    @Override
    public boolean seesAnswers() {
        return false;
    }

    @Override
    public Mono<AnswerHead> send(HttpHeaders fields, String target) {
        return Mono.fromRunnable(() -> permitted =
                FieldChanges.ofRequest(Objects.requireNonNull(request).fields(), fields));
    }

    @Override
    public Mono<Void> pass(ServerWebExchange exchange, AnswerHead head) {
        return Mono.error(new IllegalStateException("no answer is shown"));
    }

    private void done() {
        try {
            answer();
        } catch (IllegalArgumentException unsayable) {
            failed(unsayable);
        }
    }

    private void answer() {
        FieldChanges go = permitted;
        HttpStatusCode status = response.getStatusCode();
        CheckResponse.Builder told = CheckResponse.newBuilder();
        FieldChanges own = FieldChanges.ofOwn(response.getHeaders());
        if (go != null && status == null) {
            OkHttpResponse.Builder ok = OkHttpResponse.newBuilder().addAllHeadersToRemove(go.removed());
            go.texts(ok::addHeaders);
            own.texts(ok::addResponseHeadersToAdd);
            told.setOkResponse(ok);
        } else {
            DeniedHttpResponse.Builder denied = DeniedHttpResponse.newBuilder()
                    .setStatus(HttpStatus.newBuilder().setCodeValue(status == null ? 500 : status.value()))
                    .setBody(response.take().toStringUtf8());
            own.texts(denied::addHeaders);
            told.setStatus(com.google.rpc.Status.newBuilder().setCode(PERMISSION_DENIED))
                    .setDeniedResponse(denied);
        }
        if (end()) {
            out.onNext(told.build());
            out.onCompleted();
        }
    }

    private void failed(Throwable error) {
        LOG.debug("the filters failed", error);
        if (end()) {
            decisions.failed(Status.Code.ABORTED);
            out.onError(
                    Status.ABORTED.withDescription("the request is not decided").asRuntimeException());
        }
    }

    private void gone() {
        Disposable filters = running;
        if (end() && filters != null) {
            filters.dispose();
        }
    }

    private boolean end() {
        if (over) {
            return false;
        }
        over = true;
        decisions.leave();
        return true;
    }
}
