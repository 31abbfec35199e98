package dev.errand.state.redis.link;

import io.lettuce.core.RedisCommandTimeoutException;
import java.security.cert.CertificateException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import javax.net.ssl.SSLException;

/**
 * Why the store cannot be used, from the last failure to connect.
 *
 * @param kind what an operator has to correct
 * @param said the message of the failure, without a secret
 */
public record StoreFault(Kind kind, String said) {
    private static final int MAX_CAUSES = 40;
    private static final int MAX_CHARACTERS = 200;

    /** What is wrong. */
    public enum Kind {
        /** The store does not answer, or is not ready. */
        AWAY,
        /** The store accepts connections, and does not answer on them in time. */
        SLOW,
        /** The user or the password is wrong, or missing. */
        CREDENTIALS,
        /** The user may not run a command. */
        PERMISSION,
        /** The sentinels do not know a master of this name. */
        MASTER,
        /** No trusted TLS connection is possible. */
        CERTIFICATE
    }

    /** Whether the store is reachable but refuses the gateway, so that waiting does not help. */
    public boolean isRefusal() {
        return kind != Kind.AWAY && kind != Kind.SLOW;
    }

    /** Whether connecting took too long. */
    static boolean isTimeout(Throwable failure) {
        return causes(failure).stream().anyMatch(ConnectPhase::isTimeout);
    }

    /** Whether a server wants a password and got none. */
    static boolean wantsPassword(Throwable failure) {
        return causes(failure).stream().anyMatch(cause -> message(cause).startsWith("NOAUTH"));
    }

    static StoreFault of(Throwable failure) {
        List<Throwable> causes = causes(failure);
        for (Throwable cause : causes) {
            Kind kind = kind(cause);
            if (kind != Kind.AWAY) {
                return new StoreFault(kind, shown(cause));
            }
        }
        return new StoreFault(Kind.AWAY, shown(causes.get(causes.size() - 1)));
    }

    private static Kind kind(Throwable cause) {
        String message = message(cause);
        if (message.startsWith("WRONGPASS") || message.startsWith("NOAUTH")) {
            return Kind.CREDENTIALS;
        }
        if (message.startsWith("NOPERM")) {
            return Kind.PERMISSION;
        }
        if (message.contains("using sentinel for masterId") || message.startsWith("ERR No such master")) {
            return Kind.MASTER;
        }
        if (cause instanceof ConnectPhase.SlowStoreException slow) {
            return slow.phase() == ConnectPhase.TCP ? Kind.AWAY : Kind.SLOW;
        }
        if (cause instanceof RedisCommandTimeoutException) {
            return Kind.SLOW;
        }
        boolean tls = cause instanceof SSLException || cause instanceof CertificateException;
        return tls && !isClosed(message) ? Kind.CERTIFICATE : Kind.AWAY;
    }

    /** Whether the server, or what stands before it, closed the connection without a word about certificates. */
    private static boolean isClosed(String message) {
        return message.startsWith("Connection closed")
                || message.startsWith("closed ")
                || message.contains(" closed already");
    }

    /** The failure, its causes and their suppressed failures, outermost first. */
    private static List<Throwable> causes(Throwable failure) {
        List<Throwable> found = new ArrayList<>();
        Deque<Throwable> waiting = new ArrayDeque<>(List.of(failure));
        while (!waiting.isEmpty() && found.size() < MAX_CAUSES) {
            Throwable next = waiting.poll();
            if (found.contains(next)) {
                continue;
            }
            found.add(next);
            Throwable cause = next.getCause();
            if (cause != null) {
                waiting.add(cause);
            }
            waiting.addAll(Arrays.asList(next.getSuppressed()));
        }
        return found;
    }

    private static String message(Throwable cause) {
        String message = cause.getMessage();
        return message == null ? "" : message;
    }

    private static String shown(Throwable cause) {
        String text = message(cause).isEmpty() ? cause.getClass().getSimpleName() : message(cause);
        String line = text.lines().findFirst().orElse("");
        return line.length() <= MAX_CHARACTERS ? line : line.substring(0, MAX_CHARACTERS);
    }
}
