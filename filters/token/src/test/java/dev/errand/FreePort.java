package dev.errand;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports for the tests' servers. Systems give clients' connections ports from 32,768 on: none takes one of these before its server does.
 * Nor does another process of tests, which may get its port long before its server listens. Thread-safe.
 */
public final class FreePort {
    private static final int LOWEST = 10_000;
    /** A Redis of a cluster also takes the port 10,000 above its own. */
    private static final int COUNT = 10_000;
    /** A process takes this many at once. */
    private static final int BLOCK = 200;

    /** A process that has locked the byte of a block has its ports, until it ends. */
    private static final FileChannel BLOCKS = open();

    private static int next;
    private static int end;

    private FreePort() {}

    private static FileChannel open() {
        Path file =
                Path.of(System.getProperty("java.io.tmpdir"), "errand-test-ports-" + System.getProperty("user.name"));
        try {
            return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A port that nobody listens on, and that neither this process nor another one of tests was given while there are enough. */
    public static synchronized int next() {
        while (true) {
            if (next == end) {
                next = takeBlock();
                end = next + BLOCK;
            }
            try (ServerSocket free = new ServerSocket(next++)) {
                return free.getLocalPort();
            } catch (IOException taken) {
                // The next one, then.
            }
        }
    }

    private static int takeBlock() {
        int first = ThreadLocalRandom.current().nextInt(COUNT / BLOCK);
        for (int i = 0; i < COUNT / BLOCK; i++) {
            int block = (first + i) % (COUNT / BLOCK);
            try {
                if (BLOCKS.tryLock(block, 1, false) != null) {
                    return LOWEST + block * BLOCK;
                }
            } catch (OverlappingFileLockException ours) {
                // It is used up.
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        // Ports of servers that ended, or of another process.
        return LOWEST + first * BLOCK;
    }
}
