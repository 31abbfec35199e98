package dev.errand.web.stage;

import dev.errand.operation.AnswerPlace;
import dev.errand.operation.Ignored;
import dev.errand.operation.JsonAnswer;
import dev.errand.operation.jsonrpc.RpcRequestId;
import dev.errand.web.Call;
import dev.errand.web.WatchedValue;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;

/** Decides which answers' values are read, and counts answers without a value that rules look at. Thread-safe. */
final class ReturnedAnswers {
    private static final int NO_CONTENT = 204;
    private static final int PARTIAL = 206;
    private static final int NOT_MODIFIED = 304;
    private static final int SWITCHING = 101;

    private final Settlements settlements;
    private final MeterRegistry registry;
    private final Set<String> known = ConcurrentHashMap.newKeySet();

    ReturnedAnswers(Settlements settlements, MeterRegistry registry) {
        this.settlements = settlements;
        this.registry = registry;
    }

    /** What reads the answer's values as it passes; null if there are none to take. */
    @Nullable ReturnedValues tap(ServerWebExchange exchange, Call.Permitted call, int status) {
        Map<WatchedValue, AnswerPlace> returns = WatchedValue.of(call);
        if (returns.isEmpty() || status >= 400 || status == SWITCHING) {
            return null;
        }
        call.operations().forEach(pair -> known(pair.operation().id()));
        ReturnedValues values = new ReturnedValues(
                call,
                status,
                returns.keySet(),
                SentCredential.of(Call.find(exchange)),
                settlements,
                this,
                exchange.getResponse().bufferFactory());
        Ignored why = begin(exchange, call, status, returns, values);
        if (why != null) {
            ignored(call, why);
            return null;
        }
        return values;
    }

    private static @Nullable Ignored begin(
            ServerWebExchange exchange,
            Call.Permitted call,
            int status,
            Map<WatchedValue, AnswerPlace> returns,
            ReturnedValues values) {
        ServerHttpResponse response = exchange.getResponse();
        long length = response.getHeaders().getContentLength();
        if (status == NO_CONTENT
                || status == NOT_MODIFIED
                || length == 0
                || HttpMethod.HEAD.equals(exchange.getRequest().getMethod())) {
            return Ignored.EMPTY;
        } else if (status == PARTIAL) {
            return Ignored.PARTIAL;
        } else if (response.getHeaders().containsHeader(HttpHeaders.CONTENT_ENCODING)) {
            return Ignored.ENCODED;
        }
        MediaType type = type(response.getHeaders());
        if (type != null && isJson(type)) {
            if (length > JsonAnswer.MAX_BYTES) {
                return Ignored.TOO_LONG;
            }
            values.read(new JsonAnswer<>(returns, values::found));
            return null;
        }
        boolean events = type != null && type.equalsTypeAndSubtype(MediaType.TEXT_EVENT_STREAM);
        if (!events || call.granted().mcp() == null) {
            return Ignored.TYPE;
        }
        byte[] request = call.granted().body();
        values.read(new EventAnswer<>(request == null ? null : RpcRequestId.of(request), returns, values::found));
        return null;
    }

    private static @Nullable MediaType type(HttpHeaders headers) {
        try {
            return headers.getOrEmpty(HttpHeaders.CONTENT_TYPE).size() == 1 ? headers.getContentType() : null;
        } catch (InvalidMediaTypeException none) {
            return null;
        }
    }

    private static boolean isJson(MediaType type) {
        return type.equalsTypeAndSubtype(MediaType.APPLICATION_JSON) || "json".equals(type.getSubtypeSuffix());
    }

    /** Counts an answer that gave no value. */
    void ignored(Call.Permitted call, Ignored why) {
        counter(call.operations().get(0).operation().id(), why).increment();
    }

    /** Registers every reason with 0 when values of the operation are first to be taken. */
    private void known(String operation) {
        if (known.add(operation)) {
            for (Ignored why : Ignored.values()) {
                counter(operation, why);
            }
        }
    }

    private Counter counter(String operation, Ignored why) {
        return Counter.builder("errand.returns.ignored")
                .description("Answers of operations with values that rules look at, of which none were taken")
                .tags("operation", operation, "why", why.wire())
                .register(registry);
    }
}
