package dev.errand.trust;

import dev.errand.jose.PublicJwk;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.trust.LiveDocument.MalformedDocumentException;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The keys and certificates that verify SVIDs of one trust domain (SPIFFE Trust Domain and Bundle, section 4).
 * Immutable.
 *
 * @param trustDomain the only trust domain whose IDs it verifies
 * @param jwtAuthorities keys of JWT-SVIDs, each with a {@code kid}
 * @param x509Authorities CA certificates of X.509-SVIDs
 * @param sequence {@code spiffe_sequence}; null if the bundle has none
 * @param refreshHint {@code spiffe_refresh_hint}; null if the bundle has none
 */
public record TrustBundle(
        String trustDomain,
        List<PublicJwk> jwtAuthorities,
        List<X509Certificate> x509Authorities,
        @Nullable Long sequence,
        @Nullable Duration refreshHint) {
    public TrustBundle {
        jwtAuthorities = List.copyOf(jwtAuthorities);
        x509Authorities = List.copyOf(x509Authorities);
    }

    /**
     * Parses a bundle document. An entry with an unknown {@code use} or none is skipped, as the standard demands. A
     * malformed entry with a known {@code use} makes the document invalid. With empty {@code keys} the domain has no
     * authority.
     */
    public static TrustBundle parse(String trustDomain, byte[] bytes) throws MalformedDocumentException {
        JsonObject document;
        try {
            document = Json.parseObject(bytes);
        } catch (MalformedJsonException e) {
            throw new MalformedDocumentException("not a SPIFFE bundle: " + e.getMessage());
        }
        List<PublicJwk> jwt = new ArrayList<>();
        List<X509Certificate> x509 = new ArrayList<>();
        Set<String> kids = new HashSet<>();
        for (JsonObject entry : JwkSet.entries(document)) {
            String use = entry.string("use");
            if ("jwt-svid".equals(use)) {
                String kid = entry.string("kid");
                if (kid == null || kid.isEmpty() || !kids.add(kid)) {
                    throw new MalformedDocumentException("a jwt-svid key needs a kid of its own");
                }
                jwt.add(PublicJwk.parse(entry)
                        .orElseThrow(() ->
                                new MalformedDocumentException("a jwt-svid key is not a public key usable here")));
            } else if ("x509-svid".equals(use)) {
                x509.add(certificate(entry));
            }
        }
        Long sequence = number(document, "spiffe_sequence");
        Long hint = number(document, "spiffe_refresh_hint");
        return new TrustBundle(trustDomain, jwt, x509, sequence, hint == null ? null : Duration.ofSeconds(hint));
    }

    private static X509Certificate certificate(JsonObject entry) throws MalformedDocumentException {
        // Exactly one DER certificate in x5c (section 4.2.2).
        if (entry.get("x5c") instanceof JsonArray chain
                && chain.values().size() == 1
                && chain.values().get(0) instanceof JsonString base64
                && !entry.members().containsKey("d")) {
            try {
                byte[] der = Base64.getDecoder().decode(base64.value());
                return (X509Certificate)
                        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
            } catch (CertificateException | IllegalArgumentException malformed) {
                // Reported below.
            }
        }
        throw new MalformedDocumentException("an x509-svid key needs an x5c with exactly one certificate");
    }

    private static @Nullable Long number(JsonObject document, String name) throws MalformedDocumentException {
        JsonValue value = document.get(name);
        if (value == null) {
            return null;
        }
        if (value instanceof JsonNumber number && number.isLong() && number.asLong() >= 0) {
            return number.asLong();
        }
        throw new MalformedDocumentException(name + " must be an integer, 0 or more");
    }
}
