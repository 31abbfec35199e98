package dev.errand.state.redis;

import dev.errand.json.Printable;
import dev.errand.state.StoreUnavailableException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A message authentication code (HMAC with SHA-256, 16 bytes) over a value and the key that it is stored under. The
 * code's key is derived from the first secret of use {@code state}. The code shows that one of our replicas wrote the
 * value there. It does not show that the value is the newest: whoever can write to the store can put back an older one.
 * A value without a good code is logged, at most once a minute. Thread-safe.
 */
public final class MacSeal implements Seal {
    private static final Logger LOG = LoggerFactory.getLogger(MacSeal.class);
    private static final long PAUSE_NANOS = Duration.ofMinutes(1).toNanos();
    private static final int MAX_NAME = 200;
    private static final byte[] SALT = "errand state".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] INFO = "mac 1".getBytes(StandardCharsets.US_ASCII);

    private final Supplier<List<SecretKey>> secrets;
    private final ThreadLocal<@Nullable Codes> codes = new ThreadLocal<>();
    private final AtomicLong toldNanos = new AtomicLong(System.nanoTime() - PAUSE_NANOS);

    /**
     * @param secrets the secrets of use {@code state}: the first one seals, all of them open; without a secret nothing
     *     is sealed and every value is accepted
     */
    public MacSeal(Supplier<List<SecretKey>> secrets) {
        this.secrets = secrets;
    }

    /** The MAC objects of one revision of the secrets, for one thread. */
    private record Codes(List<SecretKey> secrets, List<Mac> macs) {
        static Codes of(List<SecretKey> secrets) {
            return new Codes(secrets, secrets.stream().map(Codes::mac).toList());
        }

        private static Mac mac(SecretKey secret) {
            try {
                Mac mac = Mac.getInstance("HmacSHA256");
                mac.init(Hkdf.hmacKey(secret.getEncoded(), SALT, INFO));
                return mac;
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("every JDK has HMAC with SHA-256", e);
            }
        }
    }

    private List<Mac> macs() {
        List<SecretKey> now = secrets.get();
        Codes known = codes.get();
        if (known == null || known.secrets() != now) {
            known = Codes.of(now);
            codes.set(known);
        }
        return known.macs();
    }

    @Override
    public byte[] seal(byte[] key, byte[] value) {
        List<Mac> macs = macs();
        if (macs.isEmpty()) {
            return value;
        }
        byte[] sealed = new byte[1 + CODE_BYTES + value.length];
        sealed[0] = MARK;
        System.arraycopy(code(macs.get(0), key, value, 0), 0, sealed, 1, CODE_BYTES);
        System.arraycopy(value, 0, sealed, 1 + CODE_BYTES, value.length);
        return sealed;
    }

    private static byte[] code(Mac mac, byte[] key, byte[] value, int offset) {
        mac.update(key);
        // No key contains this byte, so no part of a value can be mistaken for the end of a key.
        mac.update((byte) 0);
        mac.update(value, offset, value.length - offset);
        return mac.doFinal();
    }

    @Override
    public byte[] open(byte[] key, byte[] stored, int offset) {
        List<Mac> macs = macs();
        if (!macs.isEmpty() && !isGood(macs, key, stored, offset)) {
            String name = Printable.line(new String(key, StandardCharsets.US_ASCII), MAX_NAME);
            tell(name);
            throw new StoreUnavailableException(
                    "a value of the store was not written by a replica that has the state key: " + name);
        }
        return Seal.withoutCode(stored, offset);
    }

    private void tell(String name) {
        long now = System.nanoTime();
        long last = toldNanos.get();
        if (now - last >= PAUSE_NANOS && toldNanos.compareAndSet(last, now)) {
            LOG.warn(
                    "what the store has under {} was written without a state key that this replica has, and is refused:"
                            + " either the replicas' key files differ, or a stranger writes to the store",
                    name);
        }
    }

    private static boolean isGood(List<Mac> macs, byte[] key, byte[] stored, int offset) {
        int begin = offset + 1 + CODE_BYTES;
        if (stored.length < begin || stored[offset] != MARK) {
            return false;
        }
        for (Mac mac : macs) {
            if (isEqual(code(mac, key, stored, begin), stored, offset + 1)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isEqual(byte[] code, byte[] stored, int at) {
        byte[] expected = Arrays.copyOf(code, CODE_BYTES);
        byte[] found = Arrays.copyOfRange(stored, at, at + CODE_BYTES);
        return MessageDigest.isEqual(expected, found);
    }
}
