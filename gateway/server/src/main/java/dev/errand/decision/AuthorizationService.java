package dev.errand.decision;

import io.envoyproxy.envoy.service.auth.v3.AuthorizationGrpc;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/** {@code envoy.service.auth.v3.Authorization}: for gateways that show no answer. Thread-safe. */
final class AuthorizationService extends AuthorizationGrpc.AuthorizationImplBase {
    private final Decisions decisions;
    private final ServiceLoops loops;

    AuthorizationService(Decisions decisions, ServiceLoops loops) {
        this.decisions = decisions;
        this.loops = loops;
    }

    @Override
    public void check(CheckRequest request, StreamObserver<CheckResponse> out) {
        new AuthorizationCheck((ServerCallStreamObserver<CheckResponse>) out, loops.current(), decisions)
                .begin(request);
    }
}
