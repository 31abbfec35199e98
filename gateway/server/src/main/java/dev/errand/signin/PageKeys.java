package dev.errand.signin;

import dev.errand.token.Base64Url;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/**
 * The keys of the pages for people, which only the replicas of one store have. A code (HMAC with SHA-256) shows that one of these
 * replicas gave a text to a browser. A browser's cookie cannot show that: another port of the same host can set it. Immutable.
 *
 * @param all at least one; the first one makes codes, and codes of all of them are accepted
 */
record PageKeys(List<SecretKey> all) {
    private static final String MAC = "HmacSHA256";

    public PageKeys {
        all = List.copyOf(all);
        if (all.isEmpty()) {
            throw new IllegalArgumentException("the pages need a key");
        }
    }

    /** One of the keys. */
    record PageKey(SecretKey secret) {
        /** The code of these texts in this order, unpadded base64url. */
        String code(String... texts) {
            try {
                Mac mac = Mac.getInstance(MAC);
                mac.init(secret);
                for (String text : texts) {
                    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                    // The length in front, so that no two lists of texts have the same bytes.
                    mac.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
                    mac.update(bytes);
                }
                return Base64Url.encode(mac.doFinal());
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("every Java has " + MAC, e);
            }
        }

        /** Whether this key made the code of these texts. */
        boolean made(String code, String... texts) {
            return MessageDigest.isEqual(
                    code.getBytes(StandardCharsets.UTF_8), code(texts).getBytes(StandardCharsets.US_ASCII));
        }

        @Override
        public String toString() {
            return "PageKey";
        }
    }

    /** The key that makes codes. */
    PageKey first() {
        return new PageKey(all.get(0));
    }

    /** The key that made this code of these texts; empty if none of ours did. */
    Optional<PageKey> maker(@Nullable String code, String... texts) {
        if (code == null) {
            return Optional.empty();
        }
        return all.stream()
                .map(PageKey::new)
                .filter(key -> key.made(code, texts))
                .findFirst();
    }

    @Override
    public String toString() {
        return "PageKeys";
    }
}
