package dev.errand.server;

import java.util.Locale;

/** Why the gateway closed a client's connection, or reset a stream of it, by itself. */
enum Closing {
    /** The head of a request was not complete in time. */
    HEADER,
    /** No request came on a kept connection. */
    IDLE,
    /** No byte came of a body that the gateway was reading. */
    PROGRESS,
    /** The client took no byte of an answer. */
    ANSWER,
    /** The head of an HTTP/2 stream was no request. */
    MALFORMED,
    /** There were as many connections as there may be. */
    CONNECTIONS,
    /** There were as many connections from one address as there may be. */
    ADDRESS;

    String wire() {
        return name().toLowerCase(Locale.ROOT);
    }
}
