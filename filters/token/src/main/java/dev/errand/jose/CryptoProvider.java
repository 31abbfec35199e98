package dev.errand.jose;

import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.Signature;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.KeySpec;
import java.security.spec.PSSParameterSpec;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The JCA provider that makes and verifies signatures, chosen once when the class is loaded: the Amazon Corretto Crypto
 * Provider if its native library loads and passes its self tests, else the JDK's own. It is never installed globally.
 * Thread-safe; loading the class never fails.
 */
public final class CryptoProvider {
    private static final Choice CHOICE = choose();
    private static final @Nullable Provider NATIVE = CHOICE.provider();
    private static final Map<String, ThreadLocal<Signature>> SIGNATURES = new ConcurrentHashMap<>();

    private CryptoProvider() {}

    /** The choice: the native provider; or null, and why it cannot be used. */
    record Choice(@Nullable Provider provider, @Nullable String fault) {}

    /** Why the native provider is not in use, in one line; null if it is. */
    public static @Nullable String fault() {
        return CHOICE.fault();
    }

    /** The name and version of the provider in use, for the log line at start and for health. */
    public static String name() {
        if (NATIVE != null) {
            return NATIVE.getName() + " " + NATIVE.getVersionStr();
        }
        Provider jdk = Security.getProvider("SunEC");
        return jdk == null ? "JDK" : "JDK " + jdk.getVersionStr();
    }

    /**
     * The calling thread's own instance for a JCA signature algorithm. The caller begins with {@code initSign} or
     * {@code initVerify}, finishes before other code runs on the thread, and never keeps the instance.
     *
     * @throws IllegalArgumentException if no provider knows the algorithm
     */
    public static Signature signature(String algorithm) {
        return SIGNATURES
                .computeIfAbsent(algorithm, name -> ThreadLocal.withInitial(() -> newSignature(name, null)))
                .get();
    }

    static Signature pssSignature(String key, PSSParameterSpec parameters) {
        return SIGNATURES
                .computeIfAbsent(key, name -> ThreadLocal.withInitial(() -> newSignature("RSASSA-PSS", parameters)))
                .get();
    }

    /**
     * A public key in the form that verifies fastest with this provider.
     *
     * @param algorithm {@code EC}, {@code RSA} or {@code Ed25519}
     * @throws InvalidKeySpecException if the specification is no key of this algorithm
     */
    public static PublicKey publicKey(String algorithm, KeySpec specification) throws InvalidKeySpecException {
        try {
            return NATIVE != null && NATIVE.getService("KeyFactory", algorithm) != null
                    ? KeyFactory.getInstance(algorithm, NATIVE).generatePublic(specification)
                    : KeyFactory.getInstance(algorithm).generatePublic(specification);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalArgumentException("no provider knows " + algorithm, e);
        }
    }

    private static Signature newSignature(String algorithm, @Nullable PSSParameterSpec parameters) {
        try {
            Signature signature = NATIVE != null && NATIVE.getService("Signature", algorithm) != null
                    ? Signature.getInstance(algorithm, NATIVE)
                    : Signature.getInstance(algorithm);
            if (parameters != null) {
                signature.setParameter(parameters);
            }
            return signature;
        } catch (NoSuchAlgorithmException | InvalidAlgorithmParameterException e) {
            throw new IllegalArgumentException("no provider knows " + algorithm, e);
        }
    }

    private static Choice choose() {
        try {
            return CorrettoProvider.load();
        } catch (LinkageError | RuntimeException | GeneralSecurityException unusable) {
            return unusable(unusable);
        }
    }

    static Choice unusable(Throwable why) {
        String message = why.getMessage();
        String line = message == null ? "" : ": " + message.lines().findFirst().orElse("");
        return new Choice(null, why.getClass().getSimpleName() + line);
    }
}
