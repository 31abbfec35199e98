package dev.errand.sequence.rule;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.token.Sha256;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * An argument's value in the state: the first 128 bits of SHA-256 over its canonical JSON (RFC 8785), so that the state
 * is small and contains no argument of a call.
 */
public record Value(long high, long low) {
    /** No value: an argument that the call lacks, or a register that nothing has bound. */
    public static final Value ABSENT = new Value(0, 0);

    /** The only value of a rule that does not distinguish values. */
    public static final Value ANY = new Value(0, 1);

    /** The hash of a JSON value; {@link #ABSENT} if it has no canonical form. */
    public static Value of(JsonValue value) {
        try {
            return of(Jcs.canonicalBytes(value));
        } catch (ArithmeticException noCanonicalForm) {
            return ABSENT;
        }
    }

    /** The greatest amount. */
    public static final long MAX_AMOUNT = (1L << 53) - 1;

    /** The {@link #high} half that marks a value as a number and not a hash. */
    private static final long NUMBER = 1;

    private static final long OWED = 0x6F776564_6F776564L;

    /** A number, 0 or more, instead of a hash. */
    public static Value ofNumber(long number) {
        return new Value(NUMBER, number);
    }

    /** Whether the value is a number; the number is in {@link #low}. */
    public boolean isNumber() {
        return high == NUMBER;
    }

    /** The value of a whole number from 0 to {@link #MAX_AMOUNT}; {@link #ABSENT} for any other JSON. */
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

    /** The value under which a rule counts what is owed for this one. */
    Value owed() {
        return new Value(high ^ OWED, low);
    }

    /** Combines several values, in their order, into one. */
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
