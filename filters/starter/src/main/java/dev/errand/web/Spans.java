package dev.errand.web;

import dev.errand.web.FinishedCall.Interval;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporterBuilder;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.resources.ResourceBuilder;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Sends spans by OTLP over HTTP. They are made when a call is over: the call as a server span, and below it the step on
 * the task's state and the upstream. A thread of the SDK sends them in batches. If calls come faster than the collector
 * accepts spans, spans are dropped, so that no call waits. Thread-safe.
 */
public final class Spans implements AutoCloseable {
    private static final long CLOSE_SECONDS = 5;

    private final GivenIds ids = new GivenIds();
    private final SdkTracerProvider provider;
    private final Tracer tracer;

    /** @param lost gets the number of spans that the collector did not accept, on a thread that must not block */
    public Spans(TraceSettings settings, IntConsumer lost) {
        OtlpHttpSpanExporterBuilder exporter = OtlpHttpSpanExporter.builder()
                .setEndpoint(settings.endpoint())
                .setTimeout(settings.timeout())
                .setConnectTimeout(settings.connectTimeout())
                .setCompression(settings.compression());
        settings.headers().forEach(exporter::addHeader);
        ResourceBuilder resource = Resource.getDefault().toBuilder();
        settings.resource().forEach(resource::put);
        provider = SdkTracerProvider.builder()
                .setIdGenerator(ids)
                .setResource(resource.build())
                .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(settings.share())))
                .addSpanProcessor(BatchSpanProcessor.builder(new CountedExporter(exporter.build(), lost))
                        .build())
                .build();
        tracer = provider.get("dev.errand");
    }

    /** Sends the spans of a call that is over. Never blocks or fails. */
    public void add(FinishedCall call) {
        String sent = call.sent();
        String parent = call.parent();
        ids.trace(sent.substring(3, 35));
        ids.span(null);
        SpanBuilder builder = tracer.spanBuilder(call.name()).setSpanKind(SpanKind.SERVER);
        if (parent == null) {
            builder.setNoParent();
        } else {
            builder.setParent(Context.root().with(Span.wrap(remote(parent))));
        }
        call.attributes().forEach(builder::setAttribute);
        builder.setAttribute("http.request.method", call.method());
        if (call.status() > 0) {
            builder.setAttribute("http.response.status_code", call.status());
        }
        Span server = begin(builder, call.whole());
        if (call.status() >= 500) {
            server.setStatus(StatusCode.ERROR);
            server.setAttribute("error.type", call.code() == null ? Integer.toString(call.status()) : call.code());
        }
        Context own = Context.root().with(server);
        child(own, "state step", SpanKind.INTERNAL, call.step());
        ids.span(sent.substring(36, 52));
        upstream(own, call);
        ids.span(null);
        server.end(call.whole().toNanos(), TimeUnit.NANOSECONDS);
    }

    private void upstream(Context own, FinishedCall call) {
        SpanBuilder builder = tracer.spanBuilder(call.method()).setAttribute("http.request.method", call.method());
        if (call.host() != null) {
            builder.setAttribute("server.address", call.host());
        }
        finish(builder.setParent(own).setSpanKind(SpanKind.CLIENT), call.upstream());
    }

    private void child(Context own, String name, SpanKind kind, @Nullable Interval interval) {
        finish(tracer.spanBuilder(name).setParent(own).setSpanKind(kind), interval);
    }

    private static void finish(SpanBuilder builder, @Nullable Interval interval) {
        if (interval == null) {
            return;
        }
        Span span = begin(builder, interval);
        if (interval.failed()) {
            span.setStatus(StatusCode.ERROR);
        }
        span.end(interval.toNanos(), TimeUnit.NANOSECONDS);
    }

    private static Span begin(SpanBuilder builder, Interval interval) {
        return builder.setStartTimestamp(interval.fromNanos(), TimeUnit.NANOSECONDS)
                .startSpan();
    }

    private static SpanContext remote(String traceparent) {
        return SpanContext.createFromRemoteParent(
                traceparent.substring(3, 35),
                traceparent.substring(36, 52),
                TraceFlags.fromHex(traceparent, 53),
                TraceState.getDefault());
    }

    /** Sends the waiting spans, for at most {@value #CLOSE_SECONDS} s. */
    @Override
    public void close() {
        provider.shutdown().join(CLOSE_SECONDS, TimeUnit.SECONDS);
    }
}
