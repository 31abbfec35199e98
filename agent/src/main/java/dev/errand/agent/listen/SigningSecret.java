package dev.errand.agent.listen;

import dev.errand.token.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The secret half of a pair of S3 keys: computes signatures by Signature Version 4. Thread-safe. */
final class SigningSecret {
    private static final String MAC = "HmacSHA256";

    private final byte[] secret;

    SigningSecret(String secretKey) {
        secret = ("AWS4" + secretKey).getBytes(StandardCharsets.UTF_8);
    }

    String signature(SignedRequest signed, String canonicalRequest) {
        String hash = HexFormat.of().formatHex(Sha256.of(canonicalRequest));
        String text = "AWS4-HMAC-SHA256\n" + signed.time() + '\n' + signed.scope() + '\n' + hash;
        byte[] key = secret;
        for (String part : signed.scope().split("/")) {
            key = mac(key, part);
        }
        return HexFormat.of().formatHex(mac(key, text));
    }

    private static byte[] mac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance(MAC);
            mac.init(new SecretKeySpec(key, MAC));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
