package dev.errand.it;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.DynamicTest;

/** Tests that mostly wait: they run at the same time, and each is reported by its own name. */
final class Together {
    /** A test. */
    interface Wait {
        void run() throws Exception;
    }

    private final List<DynamicTest> tests = new ArrayList<>();

    /** Begins a test now, on a thread of its own. */
    void begin(String name, Wait test) {
        FutureTask<Void> running = new FutureTask<>(() -> {
            test.run();
            return null;
        });
        Thread thread = new Thread(running, name);
        thread.setDaemon(true);
        thread.start();
        tests.add(DynamicTest.dynamicTest(name, () -> {
            try {
                running.get();
            } catch (ExecutionException failed) {
                throw failed.getCause();
            }
        }));
    }

    /** All that began; each ends with its own. */
    List<DynamicTest> tests() {
        return tests;
    }
}
