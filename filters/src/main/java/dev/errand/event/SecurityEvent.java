package dev.errand.event;

import dev.errand.sink.SinkRecord;
import org.jspecify.annotations.Nullable;

/** What a receiver is told: the claims of a Security Event Token (RFC 8417), always the same for the same record. */
interface SecurityEvent {
    /** Its {@code jti}. */
    String id();

    /** The claims as JSON; not to be changed. */
    byte[] claims();

    /** Its name in records. */
    String name();

    /** The event that tells receivers of the record; null for a record that they do not get. */
    static @Nullable SecurityEvent of(SinkRecord record, String issuer, EventReceiver receiver) {
        return switch (record.kind()) {
            case "ended", "ending" -> SessionRevoked.of(record, issuer, receiver);
            case "approval" -> ApprovalTold.of(record, issuer, receiver);
            default -> null;
        };
    }
}
