package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kill -9} of the gateway and of the companion while the upstream works: it executed once, and the tool knows. */
class CompanionKilledIT {
    private static final Duration WORK = Duration.ofSeconds(2);

    private final TestHuman human = TestHuman.releaseManager();
    private final TestWorkloads workloads = TestWorkloads.exampleOrg();

    @TempDir
    private Path directory;

    private static CompletableFuture<HttpResponse<String>> write(RunningClient companion) throws Exception {
        String agent = companion
                .says("no_proxy=")
                .lines()
                .filter(line -> line.startsWith("ERRAND_AGENT="))
                .findFirst()
                .orElseThrow()
                .substring("ERRAND_AGENT=".length());
        HttpRequest request = HttpRequest.newBuilder(URI.create(agent + "/vault/v1/secret/data/docs/payments/a"))
                .POST(BodyPublishers.ofString("{\"data\":{\"a\":\"b\"}}"))
                .build();
        return TestAgent.HTTP.sendAsync(request, BodyHandlers.ofString());
    }

    private static void awaitCall(RecordingUpstream upstream) throws InterruptedException {
        for (int i = 0; i < 600 && upstream.seen().isEmpty(); i++) {
            TimeUnit.MILLISECONDS.sleep(50);
        }
        assertThat(upstream.seen()).hasSize(1);
    }

    @Test
    void gateway_thatIsKilledDuringACall_costsTheAnswerAndNoSecondCall() throws Exception {
        try (RecordingUpstream upstream = new RecordingUpstream()) {
            upstream.answer(request -> RecordingUpstream.Answer.of(200, "{}").after(WORK));
            GatewayProcess gateway = new GatewayProcess(
                    RunningGateway.with().trusting(human, workloads).upstream(upstream));
            try (gateway;
                    RunningClient companion = Companion.explore(gateway.address(), human, workloads, directory)
                            .begins()) {
                CompletableFuture<HttpResponse<String>> answer = write(companion);
                awaitCall(upstream);
                gateway.process().destroyForcibly().waitFor();
                assertThat(answer.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(502);
                assertThat(answer.get().headers().firstValue("Errand-Sent")).contains("maybe");
                assertThat(write(companion).get(30, TimeUnit.SECONDS).headers().firstValue("Errand-Sent"))
                        .contains("no");
                // A second call would be sent at once.
                TimeUnit.MILLISECONDS.sleep(500);
                assertThat(upstream.seen()).hasSize(1);
            }
        }
    }

    @Test
    void companion_thatIsKilledDuringACall_costsTheAnswerAndNoSecondCall() throws Exception {
        try (RecordingUpstream upstream = new RecordingUpstream();
                RunningGateway gateway = RunningGateway.with()
                        .trusting(human, workloads)
                        .upstream(upstream)
                        .start()) {
            upstream.answer(request -> RecordingUpstream.Answer.of(200, "{}").after(WORK));
            try (RunningClient companion = Companion.explore(gateway.address(), human, workloads, directory)
                    .begins()) {
                CompletableFuture<HttpResponse<String>> answer = write(companion);
                awaitCall(upstream);
                companion.signal("KILL");
                assertThat(answer)
                        .failsWithin(Duration.ofSeconds(30))
                        .withThrowableOfType(ExecutionException.class)
                        .withCauseInstanceOf(IOException.class);
                TimeUnit.SECONDS.sleep(WORK.toSeconds() + 1);
                assertThat(upstream.seen()).hasSize(1);
            }
        }
    }
}
