package dev.errand.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.errand.Patience;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

class RegularWorkTest {
    private static final Logger LOGGER = (Logger) LoggerFactory.getLogger(RegularWork.class);

    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final AtomicInteger times = new AtomicInteger();

    @BeforeEach
    void listen() {
        lines.start();
        LOGGER.addAppender(lines);
    }

    @AfterEach
    void stop() {
        LOGGER.detachAppender(lines);
    }

    private List<String> told() {
        return new ArrayList<>(lines.list)
                .stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    private void until(int most) {
        await().atMost(Patience.of(Duration.ofSeconds(5))).until(() -> times.get() >= most);
    }

    @Test
    void failures_endNothing_andAreToldUntilItSucceeds() {
        Disposable work = RegularWork.every(Duration.ofMillis(1), "no tea", () -> switch (times.getAndIncrement()) {
            case 0 -> Mono.error(new StoreUnavailableException("away"));
            case 1, 2 -> throw new IllegalStateException("no water");
            case 3 -> Mono.error(new IllegalStateException("no leaves"));
            case 4 -> Mono.just(true);
            case 5 -> Mono.error(new IllegalStateException("no cup"));
            default -> Mono.empty();
        });
        until(8);
        work.dispose();
        assertThat(told())
                .containsExactly(
                        "no tea: java.lang.IllegalStateException: no water",
                        "no tea: java.lang.IllegalStateException: no cup");
    }

    @Test
    void itIsDoneOnceAtATime_andNotAfterItsEnd() throws Exception {
        AtomicInteger atOnce = new AtomicInteger();
        List<Integer> seen = new ArrayList<>();
        Disposable work = RegularWork.every(Duration.ZERO, Duration.ofMillis(1), "x", () -> {
            seen.add(atOnce.incrementAndGet());
            times.incrementAndGet();
            return Mono.delay(Duration.ofMillis(20)).doOnNext(done -> atOnce.decrementAndGet());
        });
        until(3);
        work.dispose();
        int last = times.get();
        Thread.sleep(60);
        assertThat(times).hasValue(last);
        assertThat(seen).containsOnly(1);
    }
}
