package dev.errand.decision;

import dev.errand.token.Sha256;
import java.io.ByteArrayInputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The certificate of the last element of {@code X-Forwarded-Client-Cert}, which the gateway itself has added. */
final class ForwardedCertificate {
    static final String FIELD = "x-forwarded-client-cert";

    /** A certificate of 32 KiB in PEM, with each character escaped. */
    private static final int MAX_CHARACTERS = 128 * 1024;

    /** Each pair is searched for from the element's end, and an agent may have written some of them. */
    private static final int MAX_PAIRS = 100;

    private static final String CERT = "cert=";

    private ForwardedCertificate() {}

    /**
     * The certificate; null unless its SHA-256 is the one of the certificate that the connection showed.
     *
     * @param values the field's values
     * @param digest the SHA-256 of the connection's certificate, in hexadecimal
     */
    static @Nullable X509Certificate of(List<String> values, String digest) {
        if (values.isEmpty()) {
            return null;
        }
        String pem = cert(last(values.get(values.size() - 1), ','));
        if (pem == null) {
            return null;
        }
        try {
            byte[] decoded = URLDecoder.decode(pem, StandardCharsets.UTF_8).getBytes(StandardCharsets.US_ASCII);
            X509Certificate certificate = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(decoded));
            byte[] expected = HexFormat.of().parseHex(digest.replace(":", "").toLowerCase(Locale.ROOT));
            return MessageDigest.isEqual(Sha256.of(certificate.getEncoded()), expected) ? certificate : null;
        } catch (CertificateException | IllegalArgumentException unreadable) {
            return null;
        }
    }

    /** The text after the last separator that is not within quotes; empty if it is too long. */
    private static String last(String value, char separator) {
        int from = 0;
        boolean quoted = false;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '\\' && quoted) {
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == separator && !quoted) {
                from = i + 1;
            }
        }
        return value.length() - from > MAX_CHARACTERS ? "" : value.substring(from);
    }

    /** The value of the pair {@code Cert}; null where there is none, or two, or too many pairs. */
    private static @Nullable String cert(String element) {
        String found = null;
        String rest = element;
        for (int pairs = 0; !rest.isEmpty(); pairs++) {
            if (pairs == MAX_PAIRS) {
                return null;
            }
            String pair = last(rest, ';');
            String stripped = pair.strip();
            if (stripped.regionMatches(true, 0, CERT, 0, CERT.length())) {
                if (found != null) {
                    return null;
                }
                String value = stripped.substring(CERT.length());
                boolean quoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
                found = quoted ? value.substring(1, value.length() - 1) : value;
            }
            rest = rest.substring(0, Math.max(0, rest.length() - pair.length() - 1));
        }
        return found;
    }
}
