package dev.errand.sink;

import org.jspecify.annotations.Nullable;

/** The claims of a Security Event Token (RFC 8417) for a receiver. The same record always gives the same claims. */
interface SecurityEvent {
    /** The {@code jti}. */
    String id();

    /** The claims as JSON. The array must not be changed. */
    byte[] claims();

    /** The event's name in records. */
    String name();

    /** The event for a record; null for a record that receivers are not told about. */
    static @Nullable SecurityEvent of(SinkRecord record, String issuer, EventReceiver receiver) {
        return switch (record.kind()) {
            case "ended" -> SessionRevoked.of(record, issuer, receiver);
            case "approval" -> ApprovalTold.of(record, issuer, receiver);
            default -> null;
        };
    }
}
