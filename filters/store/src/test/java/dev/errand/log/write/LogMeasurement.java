package dev.errand.log.write;

import dev.errand.log.Records;
import dev.errand.log.proof.LogVerifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import reactor.core.publisher.Flux;

/** Prints latency and throughput of appends, and the time to verify; a main, not a test. Argument: records to verify. */
final class LogMeasurement {
    private LogMeasurement() {}

    public static void main(String[] arguments) throws Exception {
        for (LogSettings.Durability durability : LogSettings.Durability.values()) {
            for (int inFlight : new int[] {1, 64}) {
                Path directory = Files.createTempDirectory("errand-log");
                measure(directory, durability, inFlight);
                TestLog.delete(directory);
            }
        }
        int records = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1_000_000;
        Path directory = Files.createTempDirectory("errand-log");
        long start = System.nanoTime();
        try (FileProvenanceLog log = FileProvenanceLog.open(directory, TestLog.settings(LogSettings.Durability.OS))) {
            Flux.range(0, records)
                    .flatMap(i -> log.append(Records.permit("d-" + i, "t-1")), 1024)
                    .blockLast(Duration.ofMinutes(10));
        }
        System.out.printf(Locale.ROOT, "write %d records: %.1f s%n", records, (System.nanoTime() - start) / 1e9);
        Path keys = Files.writeString(directory.resolve("jwks"), TestLog.jwks(TestLog.SIGNER));
        start = System.nanoTime();
        LogVerifier.Report report = LogVerifier.verify(directory, keys, null);
        System.out.printf(
                Locale.ROOT,
                "verify %d records: %.1f s, faults %s%n",
                report.records(),
                (System.nanoTime() - start) / 1e9,
                report.faults());
        start = System.nanoTime();
        FileProvenanceLog.open(directory, TestLog.settings(LogSettings.Durability.OS))
                .close();
        System.out.printf(Locale.ROOT, "open and close: %.2f s%n", (System.nanoTime() - start) / 1e9);
        TestLog.delete(directory);
    }

    private static void measure(Path directory, LogSettings.Durability durability, int inFlight) throws Exception {
        int count = durability == LogSettings.Durability.DISK && inFlight == 1 ? 3000 : 100_000;
        int warm = count / 3;
        long[] nanos = new long[count];
        Semaphore free = new Semaphore(inFlight);
        long begin = 0;
        try (FileProvenanceLog log = FileProvenanceLog.open(directory, TestLog.settings(durability))) {
            for (int i = 0; i < count; i++) {
                if (i == warm) {
                    begin = System.nanoTime();
                }
                free.acquire();
                int place = i;
                long start = System.nanoTime();
                log.append(Records.permit("d-" + i, "t-1")).subscribe(done -> {}, Throwable::printStackTrace, () -> {
                    nanos[place] = System.nanoTime() - start;
                    free.release();
                });
            }
            free.acquire(inFlight);
            long[] measured = Arrays.copyOfRange(nanos, warm, count);
            Arrays.sort(measured);
            System.out.printf(
                    Locale.ROOT,
                    "%s, %d in flight: %.0f records/s, p50 %.3f ms, p99 %.3f ms, max %.1f ms%n",
                    durability,
                    inFlight,
                    measured.length / ((System.nanoTime() - begin) / 1e9),
                    measured[measured.length / 2] / 1e6,
                    measured[measured.length * 99 / 100] / 1e6,
                    measured[measured.length - 1] / 1e6);
        }
    }
}
