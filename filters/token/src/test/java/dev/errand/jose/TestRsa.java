package dev.errand.jose;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;

/** RSA keys by the native provider where it loads: the JDK needs a second of a test's processor for one. */
public final class TestRsa {
    private TestRsa() {}

    /** A new key of 2,048 bits. */
    public static KeyPair pair() {
        try {
            AmazonCorrettoCryptoProvider fast = AmazonCorrettoCryptoProvider.INSTANCE;
            KeyPairGenerator generator = fast.getLoadingError() == null
                    ? KeyPairGenerator.getInstance("RSA", fast)
                    : KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            KeyPair pair = generator.generateKeyPair();
            KeyFactory keys = KeyFactory.getInstance("RSA");
            return new KeyPair(
                    keys.generatePublic(new X509EncodedKeySpec(pair.getPublic().getEncoded())),
                    keys.generatePrivate(
                            new PKCS8EncodedKeySpec(pair.getPrivate().getEncoded())));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
