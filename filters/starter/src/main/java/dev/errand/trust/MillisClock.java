package dev.errand.trust;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.function.LongSupplier;

/** A clock made from a count of milliseconds that never goes back; its zero has no meaning. Thread-safe. */
final class MillisClock extends Clock {
    private final LongSupplier millis;

    MillisClock(LongSupplier millis) {
        this.millis = millis;
    }

    @Override
    public long millis() {
        return millis.getAsLong();
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(millis());
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }
}
