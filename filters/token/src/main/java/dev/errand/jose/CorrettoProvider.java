package dev.errand.jose;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import com.amazon.corretto.crypto.provider.SelfTestStatus;
import java.security.GeneralSecurityException;
import java.security.Signature;

/**
 * The Amazon Corretto Crypto Provider, an optional library. Only this class refers to its classes, so that
 * {@link CryptoProvider} loads without them.
 */
final class CorrettoProvider {
    /** Turns on the provider's own Ed25519 keys, which need no translation at each verification. */
    private static final String ED_KEY_FACTORY = "com.amazon.corretto.crypto.provider.registerEdKeyFactory";

    private CorrettoProvider() {}

    /** Loads the provider, or says why it cannot be used. Throws a {@link LinkageError} if the library is absent. */
    static CryptoProvider.Choice load() throws GeneralSecurityException {
        if (System.getProperty(ED_KEY_FACTORY) == null) {
            System.setProperty(ED_KEY_FACTORY, "true");
        }
        AmazonCorrettoCryptoProvider provider = AmazonCorrettoCryptoProvider.INSTANCE;
        Throwable loading = provider.getLoadingError();
        if (loading != null) {
            return CryptoProvider.unusable(loading);
        }
        SelfTestStatus tests = provider.runSelfTests();
        if (tests != SelfTestStatus.PASSED) {
            return new CryptoProvider.Choice(null, "its self tests ended with " + tests);
        }
        // A library of another architecture or libc may load and fail only at the first use.
        Signature.getInstance("SHA256withECDSAinP1363Format", provider);
        Signature.getInstance("Ed25519", provider);
        return new CryptoProvider.Choice(provider, null);
    }
}
