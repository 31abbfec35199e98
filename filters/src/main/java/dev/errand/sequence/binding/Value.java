package dev.errand.sequence.binding;

import dev.errand.bytes.Sha256;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonNumber;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * An argument's value as state keeps it: the first 128 bits of SHA-256 over its canonical JSON (RFC 8785), so that state
 * is small and holds no argument of a call.
 */
public record Value(long high, long low) {
    /** No value: an argument that the call lacks, or a register that nothing has bound. */
    public static final Value ABSENT = new Value(0, 0);

    /** The one value of a rule that tells no values apart. */
    public static final Value ANY = new Value(0, 1);

    /** The value's hash; {@link #ABSENT} for a value that has no canonical form. */
    public static Value of(JsonValue value) {
        try {
            return of(Jcs.canonicalBytes(value));
        } catch (ArithmeticException noCanonicalForm) {
            return ABSENT;
        }
    }

    /** The greatest amount. */
    public static final long MAX_AMOUNT = (1L << 53) - 1;

    /** The first half of a value that is a number itself. */
    private static final long NUMBER = 1;

    /** A number, 0 or more, instead of a hash. */
    public static Value ofNumber(long number) {
        return new Value(NUMBER, number);
    }

    /** Whether it is a number, {@link #low}. */
    public boolean isNumber() {
        return high == NUMBER;
    }

    /** The number that the value is, if it is a whole one of 0 to {@link #MAX_AMOUNT}; else {@link #ABSENT}. */
    static Value ofAmount(JsonValue value) {
        if (!(value instanceof JsonNumber number) || number.text().startsWith("-")) {
            return ABSENT;
        }
        if (number.isLong()) {
            long amount = number.asLong();
            return amount > MAX_AMOUNT ? ABSENT : ofNumber(amount);
        }
        double amount = number.asDouble();
        return amount <= MAX_AMOUNT && amount == Math.rint(amount) && Jcs.isAdmissible(number)
                ? ofNumber((long) amount)
                : ABSENT;
    }

    /** One value for several, in their order. */
    public static Value of(List<Value> values) {
        ByteBuffer joined = ByteBuffer.allocate(16 * values.size());
        for (Value value : values) {
            joined.putLong(value.high).putLong(value.low);
        }
        return of(joined.array());
    }

    /** The hash of bytes. */
    public static Value of(byte[] bytes) {
        ByteBuffer digest = ByteBuffer.wrap(Sha256.of(bytes));
        return new Value(digest.getLong(), digest.getLong());
    }
}
