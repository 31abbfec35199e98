package dev.errand.it;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.HeaderMap;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.BodySendMode;
import io.envoyproxy.envoy.service.auth.v3.AttributeContext;
import io.envoyproxy.envoy.service.auth.v3.AuthorizationGrpc;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ExternalProcessorGrpc;
import io.envoyproxy.envoy.service.ext_proc.v3.HttpBody;
import io.envoyproxy.envoy.service.ext_proc.v3.HttpHeaders;
import io.envoyproxy.envoy.service.ext_proc.v3.HttpTrailers;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ProtocolConfiguration;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A gateway that asks for decisions message by message, also as no decent gateway would. */
final class AskingGateway implements AutoCloseable {
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final ManagedChannel channel;

    AskingGateway(Path socket) {
        channel = NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
                .eventLoopGroup(loops)
                .channelType(NioDomainSocketChannel.class)
                .withOption(io.netty.channel.ChannelOption.SO_KEEPALIVE, null)
                .overrideAuthority("errand")
                .usePlaintext()
                .build();
    }

    ManagedChannel channel() {
        return channel;
    }

    /** Asks by {@code ext_authz}. */
    CheckResponse check(CheckRequest request) {
        return AuthorizationGrpc.newBlockingStub(channel)
                .withDeadlineAfter(10, TimeUnit.SECONDS)
                .check(request);
    }

    /** A request as Envoy's {@code ext_authz} tells it, without a body. */
    static CheckRequest.Builder checked(
            String method, String path, Map<String, String> fields, Map<String, String> extensions) {
        HeaderMap.Builder all = fields(method, path, fields);
        return CheckRequest.newBuilder()
                .setAttributes(AttributeContext.newBuilder()
                        .putAllContextExtensions(extensions)
                        .setRequest(AttributeContext.Request.newBuilder()
                                .setHttp(AttributeContext.HttpRequest.newBuilder()
                                        .setMethod(method)
                                        .setPath(path)
                                        .setHost("gateway.example.org")
                                        .setProtocol("HTTP/1.1")
                                        .setHeaderMap(all))));
    }

    private static HeaderMap.Builder fields(String method, String path, Map<String, String> fields) {
        HeaderMap.Builder all = HeaderMap.newBuilder();
        add(all, ":method", method);
        add(all, ":path", path);
        add(all, ":authority", "gateway.example.org");
        add(all, ":scheme", "http");
        fields.forEach((name, value) -> add(all, name, value));
        return all;
    }

    Stream open() {
        return new Stream(ExternalProcessorGrpc.newStub(channel));
    }

    @Override
    public void close() {
        channel.shutdownNow();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    /** One stream. */
    static final class Stream implements StreamObserver<ProcessingResponse> {
        private final BlockingQueue<Object> came = new LinkedBlockingQueue<>();
        private final StreamObserver<ProcessingRequest> out;

        Stream(ExternalProcessorGrpc.ExternalProcessorStub stub) {
            out = stub.process(this);
        }

        @Override
        public void onNext(ProcessingResponse answer) {
            came.add(answer);
        }

        @Override
        public void onError(Throwable error) {
            came.add(Status.fromThrowable(error));
        }

        @Override
        public void onCompleted() {
            came.add(Status.OK);
        }

        void send(ProcessingRequest message) {
            out.onNext(message);
        }

        /** Says no more. */
        void halfClose() {
            out.onCompleted();
        }

        void cancel() {
            out.onError(Status.CANCELLED.asRuntimeException());
        }

        /** The next answer, or the status in which the stream ended. */
        Object next() {
            try {
                Object next = came.poll(10, TimeUnit.SECONDS);
                if (next == null) {
                    throw new AssertionError("nothing came within 10 s");
                }
                return next;
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        ProcessingResponse answer() {
            Object next = next();
            if (next instanceof ProcessingResponse answer) {
                return answer;
            }
            throw new AssertionError("the stream ended: " + next);
        }

        Status.Code end() {
            Object next = next();
            if (next instanceof Status status) {
                return status.getCode();
            }
            throw new AssertionError("the stream goes on: " + next);
        }

        /** Whether nothing more has come. */
        boolean isSilent() {
            return came.isEmpty();
        }
    }

    /** The first message of a stream as Envoy sends it. */
    static ProcessingRequest.Builder head(
            String method, String path, Map<String, String> fields, boolean whole, @Nullable String cluster) {
        HeaderMap.Builder all = fields(method, path, fields);
        Struct.Builder attributes = Struct.newBuilder();
        if (cluster != null) {
            attributes.putFields("xds.cluster_name", text(cluster));
        }
        attributes.putFields("xds.route_name", text("a-route"));
        return ProcessingRequest.newBuilder()
                .setRequestHeaders(HttpHeaders.newBuilder().setHeaders(all).setEndOfStream(whole))
                .putAttributes("envoy.filters.http.ext_proc", attributes.build())
                .setProtocolConfig(ProtocolConfiguration.newBuilder().setRequestBodyMode(BodySendMode.BUFFERED));
    }

    private static Value text(String text) {
        return Value.newBuilder().setStringValue(text).build();
    }

    private static void add(HeaderMap.Builder to, String name, String value) {
        to.addHeaders(HeaderValue.newBuilder()
                .setKey(name)
                .setRawValue(ByteString.copyFrom(value, StandardCharsets.ISO_8859_1)));
    }

    static ProcessingRequest body(String text, boolean whole) {
        return ProcessingRequest.newBuilder()
                .setRequestBody(HttpBody.newBuilder()
                        .setBody(ByteString.copyFromUtf8(text))
                        .setEndOfStream(whole))
                .build();
    }

    static ProcessingRequest trailers(Map<String, String> fields) {
        HeaderMap.Builder all = HeaderMap.newBuilder();
        fields.forEach((name, value) -> add(all, name, value));
        return ProcessingRequest.newBuilder()
                .setRequestTrailers(HttpTrailers.newBuilder().setTrailers(all))
                .build();
    }

    /** The head of an answer. */
    static ProcessingRequest answerHead(
            int status, Map<String, String> fields, boolean whole, @Nullable String details) {
        HeaderMap.Builder all = HeaderMap.newBuilder();
        add(all, ":status", Integer.toString(status));
        fields.forEach((name, value) -> add(all, name, value));
        ProcessingRequest.Builder message = ProcessingRequest.newBuilder()
                .setResponseHeaders(HttpHeaders.newBuilder().setHeaders(all).setEndOfStream(whole));
        if (details != null) {
            message.putAttributes(
                    "envoy.filters.http.ext_proc",
                    Struct.newBuilder()
                            .putFields("response.code_details", text(details))
                            .build());
        }
        return message.build();
    }

    static ProcessingRequest answerBody(String text, boolean whole) {
        return ProcessingRequest.newBuilder()
                .setResponseBody(HttpBody.newBuilder()
                        .setBody(ByteString.copyFromUtf8(text))
                        .setEndOfStream(whole))
                .build();
    }
}
