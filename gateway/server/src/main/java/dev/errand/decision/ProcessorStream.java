package dev.errand.decision;

import com.google.protobuf.ByteString;
import dev.errand.web.CutException;
import dev.errand.web.stage.IncomingHeaders;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.BodySendMode;
import io.envoyproxy.envoy.service.ext_proc.v3.BodyResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.CommonResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.HeadersResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.HttpBody;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest.RequestCase;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.TrailersResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatusCode;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * One request of a gateway that asks by {@code ext_proc}, from its head to the end of its answer. Each message of the gateway gets
 * one answer, and no message goes out that was not asked for. A stream that is not finished ends in an error: a gateway takes a
 * clean end for a yes. Used on the event loop of the gateway's connection.
 */
final class ProcessorStream implements Asked, StreamObserver<ProcessingRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(ProcessorStream.class);

    private static final String DETAILS = "response.code_details";
    private static final String BY_UPSTREAM = "via_upstream";
    private static final String TOO_LARGE = "request_payload_too_large";
    private static final int GATEWAY_TIMEOUT = 504;
    private static final int REFUSED_SECONDS = 5;

    /** How a stream ends, by an answer of Errand's that comes before the upstream's. Else its task has ended. */
    private static final Map<Integer, Status> EARLY =
            Map.of(GATEWAY_TIMEOUT, Status.DEADLINE_EXCEEDED, 503, Status.UNAVAILABLE);

    /** How far the request is. */
    private enum Phase {
        /** No head came. */
        NEW,
        /** Its filters run. */
        DECIDING,
        /** They have refused, and the gateway still waits for the body: for some seconds more. */
        REFUSED,
        /** The gateway sends it. */
        SENT,
        /** The head of the answer came. */
        ANSWERED,
        /** All was said. The gateway closes the stream. */
        OVER,
        /** The stream ended in an error. */
        CLOSED
    }

    private final ServerCallStreamObserver<ProcessingResponse> out;
    private final EventLoop loop;
    private final Decisions decisions;
    private final Sinks.One<DataBuffer> body = Sinks.one();
    private final Sinks.One<AnswerHead> answer = Sinks.one();
    private final AskedResponse response = new AskedResponse(this::begins);

    private Phase phase = Phase.NEW;

    /** The message that the gateway waits to be answered. */
    private RequestCase waiting = RequestCase.REQUEST_NOT_SET;

    /** Whether the filters have finished: the answer is whole. */
    private boolean done;

    private @Nullable AskedRequest request;
    private Disposable.@Nullable Swap running;
    private @Nullable AnswerPassing passing;

    /** The answer's trailers, which wait for the end of its body. */
    private ProcessingResponse.@Nullable Builder trailers;

    private @Nullable ServerWebExchange exchange;

    ProcessorStream(ServerCallStreamObserver<ProcessingResponse> out, EventLoop loop, Decisions decisions) {
        this.out = out;
        this.loop = loop;
        this.decisions = decisions;
        out.setOnCancelHandler(this::gone);
    }

    @Override
    public EventLoop loop() {
        return loop;
    }

    // What the gateway says

    @Override
    public void onNext(ProcessingRequest message) {
        try {
            read(message);
        } catch (RuntimeException unreadable) {
            LOG.error("a message of a gateway could not be read", unreadable);
            fail(Status.INTERNAL.withDescription("the message could not be read"));
        }
    }

    private void read(ProcessingRequest message) {
        RequestCase kind = message.getRequestCase();
        boolean sent = phase == Phase.SENT || phase == Phase.ANSWERED || phase == Phase.OVER;
        if (kind == RequestCase.REQUEST_TRAILERS && sent) {
            // None goes to the upstream. An upload may end after its answer has passed.
            out.onNext(ProcessorMessages.withoutTrailers(
                    message.getRequestTrailers().getTrailers().getHeadersList()));
            return;
        }
        if (phase == Phase.OVER || phase == Phase.CLOSED) {
            return;
        }
        if (message.getObservabilityMode()) {
            fail(Status.FAILED_PRECONDITION.withDescription(
                    "observability_mode: the gateway would not wait for decisions"));
            return;
        }
        // An answer without a request is one that the gateway made itself, before any filter.
        boolean early = phase == Phase.NEW && kind == RequestCase.RESPONSE_HEADERS;
        if ((kind == RequestCase.REQUEST_HEADERS) != (phase == Phase.NEW) && !early) {
            fail(Status.INVALID_ARGUMENT.withDescription("a message out of its place"));
            return;
        }
        if (kind != RequestCase.REQUEST_BODY || phase == Phase.DECIDING || phase == Phase.REFUSED) {
            waiting = kind;
        }
        switch (kind) {
            case REQUEST_HEADERS -> begin(message);
            case REQUEST_BODY -> requestBody(message.getRequestBody());
            case REQUEST_TRAILERS -> requestTrailers();
            case RESPONSE_HEADERS -> answerHead(message);
            case RESPONSE_BODY -> answerBody(message.getResponseBody());
            case RESPONSE_TRAILERS ->
                answerTrailers(message.getResponseTrailers().getTrailers().getHeadersList());
            case REQUEST_NOT_SET -> fail(Status.INVALID_ARGUMENT.withDescription("an unknown message"));
        }
    }

    @Override
    public void onError(Throwable error) {
        gone();
    }

    /** The gateway says no more. */
    @Override
    public void onCompleted() {
        if (phase == Phase.OVER) {
            phase = Phase.CLOSED;
            out.onCompleted();
        } else {
            fail(Status.CANCELLED.withDescription("the request is not finished"));
            body.tryEmitError(new IOException("the gateway ended the stream"));
        }
    }

    /** The agent left, or the gateway did. */
    private void gone() {
        end();
        phase = Phase.CLOSED;
        body.tryEmitError(new IOException("the gateway ended the stream"));
    }

    private void begin(ProcessingRequest message) {
        if (!decisions.enter()) {
            fail(Status.UNAVAILABLE.withDescription("too many decisions at once"));
            return;
        }
        phase = Phase.DECIDING;
        RequestHead head = RequestHead.of(
                message.getRequestHeaders().getHeaders().getHeadersList(),
                message.getRequestHeaders().getEndOfStream(),
                GatewayFacts.of(message, ProcessorMessages.attributes(message), decisions.forwarded()));
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

    private void requestBody(HttpBody part) {
        if (done) {
            finish();
        } else if (Boolean.TRUE.equals(body.scan(Scannable.Attr.TERMINATED)) && !head().whole()) {
            fail(Status.INVALID_ARGUMENT.withDescription("a second part of a body that was given whole"));
        } else if (phase == Phase.DECIDING) {
            long announced = head().announced();
            if (announced >= 0 && announced != part.getBody().size()) {
                body.tryEmitError(new IOException("the body is not as long as its head says"));
            } else {
                body.tryEmitValue(DefaultDataBufferFactory.sharedInstance.wrap(
                        part.getBody().toByteArray()));
            }
        } else {
            // A gateway that does not let modes be changed: nobody waits for this body.
            out.onNext(ProcessingResponse.newBuilder()
                    .setRequestBody(BodyResponse.getDefaultInstance())
                    .build());
        }
    }

    /** The body had no part. What follows its trailers cannot change the head, so there can be no permit. */
    private void requestTrailers() {
        if (done) {
            finish();
        } else {
            body.tryEmitError(new IOException("the body has trailers and no part"));
        }
    }

    private void answerHead(ProcessingRequest message) {
        String details = ProcessorMessages.attribute(ProcessorMessages.attributes(message), DETAILS);
        AnswerHead head = ProcessorMessages.head(message);
        if (phase == Phase.DECIDING || phase == Phase.REFUSED || phase == Phase.NEW) {
            undecided(details);
        } else if (phase == Phase.SENT) {
            leave(Phase.ANSWERED);
            if (BY_UPSTREAM.equals(details)) {
                answer.tryEmitValue(head);
            } else if (TOO_LARGE.equals(details)) {
                answer.tryEmitError(new AnswerHead.TooLargeException(head));
            } else {
                answer.tryEmitError(
                        head.status() == GATEWAY_TIMEOUT
                                ? new TimeoutException(details)
                                : new AnswerHead.OwnAnswerException(String.valueOf(details)));
            }
        } else {
            fail(Status.INVALID_ARGUMENT.withDescription("a second answer"));
        }
    }

    /** The gateway answered before there was a decision. An answer of the upstream would mean that the gateway does not wait. */
    private void undecided(@Nullable String details) {
        if (details == null || details.equals(BY_UPSTREAM)) {
            fail(Status.FAILED_PRECONDITION.withDescription("an answer to a request that nobody decided"));
            return;
        }
        if (TOO_LARGE.equals(details)) {
            Route route = exchange == null ? null : exchange.getAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR);
            decisions.tooLarge(route == null ? "" : route.getId());
        }
        tell(ProcessingResponse.newBuilder().setResponseHeaders(HeadersResponse.getDefaultInstance()));
        end();
    }

    private void answerBody(HttpBody part) {
        AnswerPassing way = passing;
        if (done || way == null || way.mode() == BodySendMode.NONE) {
            finish();
            return;
        }
        way.push(part.getBody());
        if (way.mode() == BodySendMode.BUFFERED || part.getEndOfStream()) {
            way.end();
        } else if (phase == Phase.ANSWERED && waiting == RequestCase.RESPONSE_BODY) {
            tellPart(part.getBody());
        }
    }

    private void answerTrailers(List<HeaderValue> fields) {
        DefaultHttpHeaders given = new DefaultHttpHeaders();
        fields.forEach(field -> given.add(field.getKey(), RequestHead.value(field)));
        org.springframework.http.HttpHeaders kept = new org.springframework.http.HttpHeaders();
        if (exchange != null) {
            IncomingHeaders.pass(given, exchange, kept::add);
        }
        trailers = ProcessingResponse.newBuilder()
                .setResponseTrailers(TrailersResponse.newBuilder()
                        .setHeaderMutation(FieldChanges.ofAnswer(given, kept).mutation()));
        if (passing != null && !done) {
            passing.end();
        } else {
            finish();
        }
    }

    // What the filters say

    @Override
    public Flux<DataBuffer> body() {
        return Flux.defer(() -> {
            if (head().whole()) {
                body.tryEmitEmpty();
            } else if (!head().buffered()) {
                body.tryEmitError(new IOException("the gateway does not give this body"));
            } else if (waiting == RequestCase.REQUEST_HEADERS && phase == Phase.DECIDING) {
                tell(ProcessingResponse.newBuilder().setRequestHeaders(HeadersResponse.getDefaultInstance()));
            }
            return body.asMono();
        });
    }

    @Override
    public boolean isWhole() {
        return head().whole() || waiting == RequestCase.REQUEST_BODY;
    }

    @Override
    public Mono<AnswerHead> send(HttpHeaders fields, String target) {
        return Mono.defer(() -> {
            boolean waits = waiting == RequestCase.REQUEST_HEADERS || waiting == RequestCase.REQUEST_BODY;
            if (phase != Phase.DECIDING || !waits || !loop.inEventLoop()) {
                return Mono.error(new IllegalStateException("the gateway does not wait"));
            }
            FieldChanges changes = FieldChanges.ofRequest(head().fields(), fields);
            if (!target.equals(head().path())) {
                changes.with(":path", target);
            }
            CommonResponse go = CommonResponse.newBuilder()
                    .setHeaderMutation(changes.mutation())
                    .build();
            phase = Phase.SENT;
            if (waiting == RequestCase.REQUEST_BODY) {
                tell(ProcessingResponse.newBuilder()
                        .setRequestBody(BodyResponse.newBuilder().setResponse(go)));
            } else {
                ProcessingResponse.Builder headers = ProcessingResponse.newBuilder()
                        .setRequestHeaders(HeadersResponse.newBuilder().setResponse(go));
                if (head().buffered() && !head().whole()) {
                    headers.setModeOverride(ProcessorMessages.mode(BodySendMode.NONE));
                }
                tell(headers);
            }
            return answer.asMono();
        });
    }

    @Override
    public Mono<Void> pass(ServerWebExchange answered, AnswerHead head) {
        AnswerPassing way = AnswerPassing.of(answered, head);
        passing = way;
        if (way.mode() == BodySendMode.BUFFERED) {
            tell(ProcessingResponse.newBuilder()
                    .setResponseHeaders(HeadersResponse.getDefaultInstance())
                    .setModeOverride(ProcessorMessages.mode(way.mode())));
        }
        // Whatever follows an error is an answer of Errand's own.
        return way.writeTo(answered).doOnError(error -> {
            if (!response.isCommitted()) {
                passing = null;
            }
        });
    }

    @Override
    public void in(ServerWebExchange asked) {
        exchange = asked;
    }

    /** The head of the answer is final, and its body begins. */
    private void begins() {
        if (passing != null && passing.mode() == BodySendMode.STREAMED && waiting == RequestCase.RESPONSE_HEADERS) {
            tell(ProcessorMessages.answerHead(passing.changes(response.getHeaders()))
                    .setModeOverride(ProcessorMessages.mode(BodySendMode.STREAMED)));
        }
    }

    private void failed(Throwable error) {
        if (error instanceof CutException cut) {
            Status why = cut.isGoingAway() ? Status.UNAVAILABLE : Status.ABORTED;
            fail(why.withDescription(cut.why().reason().code()));
        } else {
            LOG.debug("the filters failed", error);
            fail(Status.ABORTED.withDescription("the answer cannot pass"));
        }
    }

    /** The filters have finished. */
    private void done() {
        done = true;
        if (phase == Phase.SENT) {
            // The gateway waits for the upstream, and for no message of ours.
            HttpStatusCode status = response.getStatusCode();
            fail(EARLY.getOrDefault(status == null ? 0 : status.value(), Status.ABORTED)
                    .withDescription("there is an answer before the upstream's"));
        } else if (waiting != RequestCase.REQUEST_NOT_SET) {
            finish();
        } else if (phase == Phase.DECIDING) {
            leave(Phase.REFUSED);
            loop.schedule(this::late, REFUSED_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** Ends a stream whose body does not end: else its agent could keep it for ever. */
    private void late() {
        if (phase == Phase.REFUSED) {
            fail(Status.DEADLINE_EXCEEDED.withDescription("the body has not come"));
        }
    }

    /** Says the last word, now that the gateway waits. */
    private void finish() {
        AnswerPassing way = passing;
        if (phase == Phase.OVER || phase == Phase.CLOSED || !done) {
            return;
        }
        if (trailers != null && way != null) {
            if (!response.take().isEmpty()) {
                fail(Status.ABORTED.withDescription("the end of the answer cannot pass before its trailers"));
                return;
            }
            tell(trailers);
        } else if (way == null) {
            tell(ProcessingResponse.newBuilder()
                    .setImmediateResponse(ProcessorMessages.immediate(
                            response, request != null && HttpMethod.HEAD.equals(request.getMethod()))));
        } else if (waiting == RequestCase.RESPONSE_HEADERS) {
            tell(ProcessorMessages.answerHead(way.changes(response.getHeaders())));
        } else if (way.mode() == BodySendMode.BUFFERED) {
            ByteString bytes = response.take();
            FieldChanges changes =
                    way.changes(response.getHeaders()).with("content-length", Integer.toString(bytes.size()));
            tell(ProcessorMessages.answerBody(CommonResponse.newBuilder()
                    .setHeaderMutation(changes.mutation())
                    .setBodyMutation(ProcessorMessages.replaced(bytes))));
        } else {
            tell(ProcessorMessages.answerBody(
                    CommonResponse.newBuilder().setBodyMutation(ProcessorMessages.replaced(response.take()))));
        }
        end();
    }

    private void tellPart(ByteString given) {
        ByteString passed = response.take();
        CommonResponse.Builder common = CommonResponse.newBuilder();
        if (!passed.equals(given)) {
            common.setBodyMutation(ProcessorMessages.replaced(passed));
        }
        tell(ProcessorMessages.answerBody(common));
    }

    private RequestHead head() {
        return Objects.requireNonNull(request).head();
    }

    private void tell(ProcessingResponse.Builder said) {
        waiting = RequestCase.REQUEST_NOT_SET;
        out.onNext(said.build());
    }

    private void fail(Status why) {
        if (phase != Phase.CLOSED) {
            if (why.getCode() == Status.Code.FAILED_PRECONDITION || why.getCode() == Status.Code.INVALID_ARGUMENT) {
                LOG.warn("a gateway's request is refused: {}", why.getDescription());
            }
            decisions.failed(why.getCode());
            end();
            phase = Phase.CLOSED;
            out.onError(why.asRuntimeException());
        }
    }

    private void end() {
        Disposable filters = running;
        leave(Phase.OVER);
        if (filters != null) {
            filters.dispose();
        }
    }

    private void leave(Phase next) {
        if (phase == Phase.DECIDING || phase == Phase.SENT) {
            decisions.leave();
        }
        phase = next;
    }
}
