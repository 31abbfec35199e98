package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/** 100 MB through the companion, both ways: they stream, in little memory. */
class CompanionMemoryIT {
    private static final int SIZE = 100_000_000;
    private static final int PART = 100_000;
    private static final int MOST_MORE_KIB = 64 << 10;
    private static final Pattern KIB = Pattern.compile("before:(\\d+) after:(\\d+)");

    @TempDir
    private Path directory;

    @Test
    void bodies_of100Megabytes_streamBothWays() throws Exception {
        AtomicLong received = new AtomicLong();
        DisposableServer upstream = HttpServer.create()
                .runOn(RecordingUpstream.LOOPS)
                .host("127.0.0.1")
                .port(0)
                .route(routes -> routes.put(
                                "/**",
                                (request, response) -> request.receive()
                                        .doOnNext(part -> received.addAndGet(part.readableBytes()))
                                        .then(response.status(200).send()))
                        .get(
                                "/**",
                                (request, response) -> response.send(
                                        Flux.range(0, SIZE / PART).map(i -> Unpooled.wrappedBuffer(new byte[PART])))))
                .bindNow();
        try (FrontedServer fronted = FrontedServer.start("s3", "http://127.0.0.1:" + upstream.port(), """
                  s3:PutObject: {resource: {path_containment: reports}}
                  s3:GetObject: {resource: {path_containment: reports}}
                """)) {
            ServerProcess.Outcome outcome = Companion.of(fronted, directory)
                    .run(
                            "sh",
                            "-ec",
                            "cd " + directory + "; truncate -s " + SIZE + " large; u=$ERRAND_AGENT/s3/reports/large;"
                                    + " curl -sf -o /dev/null -T large $u; rss() { sed -n \"s/^$1:[^0-9]*//p\""
                                    + " /proc/$PPID/status | cut -d' ' -f1; }; b=$(rss VmRSS);"
                                    + " curl -sf -o /dev/null -T large $u;"
                                    + " curl -sf -T - -H Content-Length: -H Transfer-Encoding:chunked $u < large;"
                                    + " curl -sf $u | wc -c; echo before:$b after:$(rss VmHWM)");
            assertThat(outcome.exit()).as(outcome.text()).isZero();
            assertThat(outcome.text()).contains("\n" + SIZE + "\n");
            assertThat(received.get()).isEqualTo(3L * SIZE);
            Matcher kib = KIB.matcher(outcome.text());
            assertThat(kib.find()).as(outcome.text()).isTrue();
            long more = Long.parseLong(kib.group(2)) - Long.parseLong(kib.group(1));
            assertThat(more).as(outcome.text()).isLessThan(MOST_MORE_KIB);
        } finally {
            upstream.disposeNow();
        }
    }
}
