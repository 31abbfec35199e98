package dev.errand.decision;

import io.envoyproxy.envoy.service.ext_proc.v3.ExternalProcessorGrpc;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/** {@code envoy.service.ext_proc.v3.ExternalProcessor}: a stream for each request. Thread-safe. */
final class ProcessorService extends ExternalProcessorGrpc.ExternalProcessorImplBase {
    private final Decisions decisions;
    private final ServiceLoops loops;

    ProcessorService(Decisions decisions, ServiceLoops loops) {
        this.decisions = decisions;
        this.loops = loops;
    }

    @Override
    public StreamObserver<ProcessingRequest> process(StreamObserver<ProcessingResponse> out) {
        return new ProcessorStream((ServerCallStreamObserver<ProcessingResponse>) out, loops.current(), decisions);
    }
}
