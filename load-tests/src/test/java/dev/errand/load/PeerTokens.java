package dev.errand.load;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.errand.jose.KeyAlgorithm;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.Date;
import java.util.List;

/**
 * What the peers of {@code compare} verify: a key set, tokens of 64 callers as header fields for {@code client/load}, and
 * the key of a client certificate for Errand.
 */
final class PeerTokens {
    private static final int CALLERS = 64;

    private PeerTokens() {}

    /** The one argument is the directory to write to. */
    public static void main(String[] arguments) throws JOSEException, IOException, GeneralSecurityException {
        Path directory = Path.of(arguments[0]);
        RSAKey rsa = new RSAKeyGenerator(2048)
                .keyUse(KeyUse.SIGNATURE)
                .keyID("rs")
                .algorithm(JWSAlgorithm.RS256)
                .generate();
        ECKey ec = new ECKeyGenerator(Curve.P_256)
                .keyUse(KeyUse.SIGNATURE)
                .keyID("es")
                .algorithm(JWSAlgorithm.ES256)
                .generate();
        Files.writeString(
                directory.resolve("keys.jwks"), new JWKSet(List.of(rsa.toPublicJWK(), ec.toPublicJWK())).toString());
        Files.writeString(
                directory.resolve("es256.pem"),
                pem("PUBLIC KEY", ec.toECPublicKey().getEncoded()));
        callers(directory.resolve("rs256.calls"), JWSAlgorithm.RS256, "rs", new RSASSASigner(rsa));
        callers(directory.resolve("es256.calls"), JWSAlgorithm.ES256, "es", new ECDSASigner(ec));

        JsonObject client = KeyAlgorithm.ES256.generate();
        Files.write(directory.resolve("client.jwk"), Jcs.canonicalBytes(client));
        Files.writeString(
                directory.resolve("client.key"),
                pem(
                        "PRIVATE KEY",
                        Signer.read(directory.resolve("client.jwk")).key().getEncoded()));
    }

    private static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + label + "-----\n";
    }

    private static void callers(Path file, JWSAlgorithm algorithm, String key, JWSSigner signer)
            throws JOSEException, IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < CALLERS; i++) {
            JWTClaimsSet claims = new JWTClaimsSet.Builder()
                    .issuer("https://idp.example.org")
                    .audience("errand")
                    .subject("spiffe://example.org/agent/load-" + i)
                    .claim("scope", "vault:kv.read ci:pipeline.trigger ci:pipeline.get k8s:apps/deployments.patch")
                    .claim("groups", List.of("release-managers", "developers"))
                    .claim("act", java.util.Map.of("sub", "spiffe://example.org/agent/load-" + i))
                    .jwtID("01234567-89ab-cdef-0123-456789abcdef")
                    .issueTime(new Date())
                    .expirationTime(new Date(System.currentTimeMillis() + 86_400_000))
                    .build();
            SignedJWT token =
                    new SignedJWT(new JWSHeader.Builder(algorithm).keyID(key).build(), claims);
            token.sign(signer);
            lines.append("T\tAuthorization: Bearer ").append(token.serialize()).append('\n');
        }
        Files.writeString(file, lines);
    }
}
