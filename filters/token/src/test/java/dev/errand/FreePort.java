package dev.errand;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/** Ports for the tests' servers. Systems give clients' connections ports from 32,768 on: none takes one of these before its server does. */
public final class FreePort {
    private static final int LOWEST = 10_000;
    /** A Redis of a cluster also takes the port 10,000 above its own. */
    private static final int COUNT = 10_000;
    /** Each process of tests begins somewhere else. */
    private static final AtomicInteger NEXT =
            new AtomicInteger(ThreadLocalRandom.current().nextInt(COUNT));

    private FreePort() {}

    /** A port that nobody listens on, and that this process was not given before. */
    public static int next() {
        for (int i = 0; i < COUNT; i++) {
            int port = LOWEST + Math.floorMod(NEXT.getAndIncrement(), COUNT);
            try (ServerSocket free = new ServerSocket(port)) {
                return free.getLocalPort();
            } catch (IOException taken) {
                // The next one, then.
            }
        }
        throw new IllegalStateException("no port is free");
    }
}
