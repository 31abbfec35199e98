package dev.errand.jose;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * The times in a claim set (RFC 7519 section 2): seconds since 1970, up to the year 9999, possibly with a fraction. One
 * clock skew applies to all three. Pure.
 */
public final class NumericDate {
    /** The result of {@link #check} for a claim set that has expired. */
    public static final String EXPIRED = "expired";

    private static final double MAX_SECONDS = 253_402_300_800d;

    private NumericDate() {}

    /** The time in milliseconds; null if the value is absent or not such a number. */
    public static @Nullable Long millis(@Nullable JsonValue value) {
        if (!(value instanceof JsonNumber number)) {
            return null;
        }
        if (number.isLong()) {
            long seconds = number.asLong();
            return isInRange(seconds) ? seconds * 1_000 : null;
        }
        double seconds = number.asDouble();
        return isInRange(seconds) ? (long) (seconds * 1_000) : null;
    }

    private static boolean isInRange(double seconds) {
        return seconds >= 0 && seconds < MAX_SECONDS;
    }

    /** The fault of {@code exp} (required), {@code nbf} or {@code iat} at this time; null if there is none. */
    public static @Nullable String check(JsonObject claims, long nowMillis, long skewMillis) {
        Long exp = millis(claims.get("exp"));
        if (exp == null) {
            return "exp is required, a number of seconds";
        }
        if (exp <= nowMillis - skewMillis) {
            return EXPIRED;
        }
        for (String name : new String[] {"nbf", "iat"}) {
            Long time = millis(claims.get(name));
            if (time == null && claims.members().containsKey(name)) {
                return name + " must be a number of seconds";
            }
            if (time != null && time > nowMillis + skewMillis) {
                return name + " lies in the future";
            }
        }
        return null;
    }
}
