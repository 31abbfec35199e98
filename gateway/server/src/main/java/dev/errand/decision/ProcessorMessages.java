package dev.errand.decision;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ProcessingMode;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.BodySendMode;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.HeaderSendMode;
import io.envoyproxy.envoy.service.ext_proc.v3.BodyMutation;
import io.envoyproxy.envoy.service.ext_proc.v3.BodyResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.CommonResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.HeaderMutation;
import io.envoyproxy.envoy.service.ext_proc.v3.HeadersResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ImmediateResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.TrailersResponse;
import io.envoyproxy.envoy.type.v3.HttpStatus;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatusCode;

/** Reads and makes the messages of {@code ext_proc}. */
final class ProcessorMessages {
    private static final String ATTRIBUTES = "envoy.filters.http.ext_proc";
    private static final long MAX_TOLD_BYTES = 64 * 1024;

    private ProcessorMessages() {}

    /** The attributes of a message. */
    static Struct attributes(ProcessingRequest message) {
        return message.getAttributesOrDefault(ATTRIBUTES, Struct.getDefaultInstance());
    }

    /** An attribute that is a text; null if it is missing or empty. */
    static @Nullable String attribute(Struct attributes, String name) {
        Value value = attributes.getFieldsMap().get(name);
        return value == null || value.getStringValue().isEmpty() ? null : value.getStringValue();
    }

    /** The head of an answer. */
    static AnswerHead head(ProcessingRequest message) {
        DefaultHttpHeaders fields = new DefaultHttpHeaders();
        int status = 502;
        for (HeaderValue field : message.getResponseHeaders().getHeaders().getHeadersList()) {
            if (field.getKey().equals(":status")) {
                status = Integer.parseInt(RequestHead.value(field));
            } else if (!field.getKey().startsWith(":")) {
                fields.add(field.getKey(), RequestHead.value(field));
            }
        }
        return new AnswerHead(status, fields, message.getResponseHeaders().getEndOfStream());
    }

    /** An answer of Errand's own. */
    static ImmediateResponse immediate(AskedResponse response, boolean head) {
        HttpStatusCode status = response.getStatusCode();
        String code = response.getHeaders().getFirst("Errand-Code");
        return ImmediateResponse.newBuilder()
                .setStatus(HttpStatus.newBuilder().setCodeValue(status == null ? 200 : status.value()))
                .setHeaders(FieldChanges.ofOwn(response.getHeaders()).mutation())
                .setBody(body(response, head))
                .setDetails("errand:" + (code == null ? "unanswered" : code))
                .build();
    }

    /** The body. The gateway sends none to HEAD, but names its length and type as if it did. */
    private static ByteString body(AskedResponse response, boolean head) {
        ByteString bytes = response.take();
        long length = Math.min(response.getHeaders().getContentLength(), MAX_TOLD_BYTES);
        return head && bytes.isEmpty() && length > 0 ? ByteString.copyFrom(new byte[(int) length]) : bytes;
    }

    /** A body in the place of what the gateway gave. */
    static BodyMutation replaced(ByteString bytes) {
        return bytes.isEmpty()
                ? BodyMutation.newBuilder().setClearBody(true).build()
                : BodyMutation.newBuilder().setBody(bytes).build();
    }

    /** Lets an answer's head pass with these changes. */
    static ProcessingResponse.Builder answerHead(FieldChanges changes) {
        return ProcessingResponse.newBuilder()
                .setResponseHeaders(HeadersResponse.newBuilder()
                        .setResponse(CommonResponse.newBuilder().setHeaderMutation(changes.mutation())));
    }

    /** Lets a part of an answer's body pass with these changes. */
    static ProcessingResponse.Builder answerBody(CommonResponse.Builder changes) {
        return ProcessingResponse.newBuilder()
                .setResponseBody(BodyResponse.newBuilder().setResponse(changes));
    }

    /** Removes all trailers of a request. */
    static ProcessingResponse withoutTrailers(List<HeaderValue> fields) {
        List<String> names = fields.stream().map(HeaderValue::getKey).distinct().toList();
        return ProcessingResponse.newBuilder()
                .setRequestTrailers(TrailersResponse.newBuilder()
                        .setHeaderMutation(HeaderMutation.newBuilder().addAllRemoveHeaders(names)))
                .build();
    }

    /** The modes of the stream from now on. A gateway takes all of them from each such message. */
    static ProcessingMode mode(BodySendMode answers) {
        return ProcessingMode.newBuilder()
                .setRequestHeaderMode(HeaderSendMode.SEND)
                .setResponseHeaderMode(HeaderSendMode.SEND)
                .setRequestBodyMode(BodySendMode.NONE)
                .setResponseBodyMode(answers)
                .setRequestTrailerMode(HeaderSendMode.SEND)
                .setResponseTrailerMode(answers == BodySendMode.NONE ? HeaderSendMode.SKIP : HeaderSendMode.SEND)
                .build();
    }
}
