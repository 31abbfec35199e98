package dev.errand.sink;

import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.RecordFields;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.logs.LogRecordBuilder;
import io.opentelemetry.api.logs.Severity;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.logs.OtlpHttpLogRecordExporter;
import io.opentelemetry.exporter.otlp.http.logs.OtlpHttpLogRecordExporterBuilder;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.logs.SdkLoggerProvider;
import io.opentelemetry.sdk.logs.data.LogRecordData;
import io.opentelemetry.sdk.resources.Resource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends one OpenTelemetry log record for each record, by OTLP over HTTP with protobuf. The body is the line, and the
 * trace is the trace of the call. Attributes that OpenTelemetry's semantic conventions have are named by their version
 * {@value #CONVENTIONS}. Consumers drop duplicates by {@code log.record.uid}.
 */
public final class OtlpSink implements Sink {
    private static final String CONVENTIONS = "1.44.0";
    private static final String SCHEMA_URL = "https://opentelemetry.io/schemas/" + CONVENTIONS;

    /** The methods that the conventions know; any other one is {@code _OTHER}. */
    private static final Set<String> METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY");

    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final AttributeKey<String> UID = AttributeKey.stringKey("log.record.uid");
    private static final AttributeKey<String> METHOD = AttributeKey.stringKey("http.request.method");
    private static final AttributeKey<String> ORIGINAL = AttributeKey.stringKey("http.request.method_original");
    private static final AttributeKey<Long> STATUS = AttributeKey.longKey("http.response.status_code");
    private static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");
    private static final AttributeKey<String> USER = AttributeKey.stringKey("user.id");
    private static final AttributeKey<String> KIND = AttributeKey.stringKey("errand.kind");
    private static final AttributeKey<String> DECISION = AttributeKey.stringKey("errand.decision");
    private static final AttributeKey<String> TASK = AttributeKey.stringKey("errand.task");
    private static final AttributeKey<String> SOURCE = AttributeKey.stringKey("errand.source");
    private static final AttributeKey<Long> INDEX = AttributeKey.longKey("errand.index");

    private final String endpoint;
    private final @Nullable SecretFile bearer;
    private final List<LogRecordData> collected = new ArrayList<>();
    private @Nullable OtlpHttpLogRecordExporter exporter;
    private @Nullable SdkLoggerProvider provider;

    /**
     * @param endpoint the whole address, such as {@code https://collector:4318/v1/logs}
     * @param bearer the token, read for every request, or null
     */
    public OtlpSink(String endpoint, @Nullable SecretFile bearer) {
        this.endpoint = endpoint;
        this.bearer = bearer;
    }

    @Override
    public void deliver(List<SinkRecord> records) throws SinkUnavailableException, InterruptedException {
        OtlpHttpLogRecordExporter open = open();
        collected.clear();
        records.forEach(this::emit);
        CompletableResultCode result = open.export(collected).join(2 * TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        if (!result.isSuccess()) {
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedException();
            }
            Throwable why = result.getFailureThrowable();
            throw why == null
                    ? new SinkUnavailableException("the collector did not accept the records")
                    : SinkUnavailableException.of(why);
        }
    }

    private OtlpHttpLogRecordExporter open() {
        OtlpHttpLogRecordExporter open = exporter;
        if (open == null) {
            OtlpHttpLogRecordExporterBuilder builder = OtlpHttpLogRecordExporter.builder()
                    .setEndpoint(endpoint)
                    .setHeaders(this::headers)
                    .setTimeout(TIMEOUT)
                    .setConnectTimeout(TIMEOUT)
                    .setCompression("gzip")
                    .setRetryPolicy(null);
            open = builder.build();
            exporter = open;
            provider = SdkLoggerProvider.builder()
                    .setResource(Resource.getDefault().toBuilder()
                            .put("service.name", "errand")
                            .build())
                    .addLogRecordProcessor((context, record) -> collected.add(record.toLogRecordData()))
                    .build();
        }
        return open;
    }

    private Map<String, String> headers() {
        try {
            return bearer == null ? Map.of() : Map.of("Authorization", "Bearer " + bearer.read());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void emit(SinkRecord record) {
        SdkLoggerProvider open = java.util.Objects.requireNonNull(provider);
        LogRecordBuilder log = open.loggerBuilder("dev.errand.provenance")
                .setSchemaUrl(SCHEMA_URL)
                .build()
                .logRecordBuilder()
                .setEventName("dev.errand.provenance." + record.kind())
                .setBody(new String(record.line(), StandardCharsets.UTF_8))
                .setSeverity("deny".equals(RecordFields.outcome(record.json())) ? Severity.WARN : Severity.INFO)
                .setAttribute(UID, record.source() + "/" + record.id())
                .setAttribute(KIND, record.kind())
                .setAttribute(SOURCE, record.source())
                .setAttribute(INDEX, record.index());
        String time = record.json().string("time");
        if (time != null) {
            log.setTimestamp(Instant.parse(time));
        }
        attribute(log, DECISION, record.decision());
        attribute(log, TASK, record.json().string("task"));
        common(log, record.json());
        SpanContext trace = trace(record.json().string("traceparent"));
        if (trace != null) {
            log.setContext(Context.root().with(Span.wrap(trace)));
        }
        log.emit();
    }

    /** The attributes that the conventions have. */
    private static void common(LogRecordBuilder log, JsonObject record) {
        String method = record.string("method");
        if (method != null) {
            boolean known = METHODS.contains(method);
            log.setAttribute(METHOD, known ? method : "_OTHER");
            attribute(log, ORIGINAL, known ? null : method);
        }
        if (record.get("upstream_status") instanceof JsonNumber status && status.isLong()) {
            log.setAttribute(STATUS, status.asLong());
        }
        attribute(log, ERROR, record.string("code"));
        JsonObject human = record.object("human");
        attribute(log, USER, human == null ? null : human.string("sub"));
    }

    private static void attribute(LogRecordBuilder log, AttributeKey<String> key, @Nullable String value) {
        if (value != null) {
            log.setAttribute(key, value);
        }
    }

    /** Parses a W3C header of version 00: {@code 00-<trace>-<span>-<flags>}; null if it is none. */
    private static @Nullable SpanContext trace(@Nullable String traceparent) {
        if (traceparent == null || !traceparent.matches("00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")) {
            return null;
        }
        SpanContext trace = SpanContext.create(
                traceparent.substring(3, 35),
                traceparent.substring(36, 52),
                TraceFlags.fromHex(traceparent, 53),
                TraceState.getDefault());
        return trace.isValid() ? trace : null;
    }

    @Override
    public void close() {
        if (exporter != null) {
            exporter.close();
        }
        if (provider != null) {
            provider.close();
        }
    }
}
