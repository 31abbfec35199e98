package dev.errand.agent.serve;

import java.time.Duration;

/**
 * The bounds of a server over stdio that is served over HTTP.
 *
 * @param processes the most processes, those that are ending included
 * @param inFlight the most requests of one session without an answer
 * @param badLines the most lines of one process that are no message
 * @param initialize how long a process may take to answer the first request
 * @param answer how long it may take to answer any other request
 * @param quiet after how long without a message an answer begins as a stream, and how often the stream then shows that it lives
 * @param idle after how long without a request, and without an open stream, a session ends
 * @param spare after how long such a session may be ended to make room for another
 * @param body how long the body of a request may take
 * @param taking how long the other end of a connection may take nothing of an answer
 * @param stopping how long a process may take to end by itself, and then again after it was asked to
 */
public record Bounds(
        int processes,
        int inFlight,
        int badLines,
        Duration initialize,
        Duration answer,
        Duration quiet,
        Duration idle,
        Duration spare,
        Duration body,
        Duration taking,
        Duration stopping) {
    /** The longest message of a client, in bytes: as long as the gateway lets it be. */
    static final int MESSAGE = 1 << 20;

    /** The longest message of a server, in bytes: as long as the gateway lets an answer of a list be. */
    static final int LINE = 4 << 20;

    /** The memory for the bodies of all requests that are being read, in bytes. */
    static final long BODIES = 16 << 20;

    /** The memory for messages of one process that wait for a stream, in bytes. */
    static final int HELD = 64 << 10;

    /** The bounds of the command. */
    public static final Bounds DEFAULT = new Bounds(
            64,
            64,
            100,
            Duration.ofSeconds(60),
            Duration.ofMinutes(10),
            Duration.ofSeconds(10),
            Duration.ofMinutes(15),
            Duration.ofSeconds(60),
            Duration.ofSeconds(30),
            Duration.ofSeconds(30),
            Duration.ofSeconds(2));
}
