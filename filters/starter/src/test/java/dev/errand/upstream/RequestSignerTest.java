package dev.errand.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.jose.JoseSignatureVerifier;
import dev.errand.jose.KeyRing;
import dev.errand.jose.SigningKey;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestSignerTest {
    private static final Instant NOW = Instant.ofEpochSecond(1_618_884_473L);
    /** RFC 9421 appendix B.1.4. */
    private static final String TEST_KEY =
            "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"test-key-ed25519\",\"d\":\"n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU\",\"x\":\"JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs\"}";

    @TempDir
    Path directory;

    private KeyRing testKey() throws Exception {
        Path file = directory.resolve("keys.jwks");
        Files.writeString(file, "{\"keys\":[" + TEST_KEY + "]}");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return KeyRing.load(file);
    }

    private static OutgoingRequest request(String method, String target) {
        return new OutgoingRequest(method, URI.create(target), Map.of(), null);
    }

    @Test
    void sign_rfc9421AppendixB26_isTheSameSignature() throws Exception {
        String base = """
                "date": Tue, 20 Apr 2021 02:07:55 GMT
                "@method": POST
                "@path": /foo
                "@authority": example.com
                "content-type": application/json
                "content-length": 18
                "@signature-params": ("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519\"""";
        assertThat(Base64.getEncoder()
                        .encodeToString(testKey().messageKey().sign(base.getBytes(StandardCharsets.US_ASCII))))
                .isEqualTo("wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==");
    }

    @Test
    void sign_withDigest_coversExactlyTheContractsComponents() throws Exception {
        KeyRing keys = testKey();
        String digest = ContentDigest.sha256("{\"hello\": \"world\"}".getBytes(StandardCharsets.UTF_8));
        var fields = new RequestSigner(keys)
                .sign(request("POST", "http://Example.COM:80/foo?param=Value&Pet=dog"), "e.y.J", digest, NOW);

        String parameters =
                "(\"@method\" \"@authority\" \"@path\" \"@query\" \"txn-token\" \"content-digest\");created=1618884473;expires=1618884533;keyid=\"test-key-ed25519\";alg=\"ed25519\";tag=\"errand\"";
        assertThat(fields.signatureInput()).isEqualTo("errand=" + parameters);
        String base =
                "\"@method\": POST\n\"@authority\": example.com\n\"@path\": /foo\n\"@query\": ?param=Value&Pet=dog\n"
                        + "\"txn-token\": e.y.J\n\"content-digest\": " + digest + "\n\"@signature-params\": "
                        + parameters;
        String signature = fields.signature();
        assertThat(signature).startsWith("errand=:").endsWith(":");
        SigningKey key = keys.messageKey();
        assertThat(new JoseSignatureVerifier()
                        .verify(
                                "Ed25519",
                                key.publicKey(),
                                base.getBytes(StandardCharsets.US_ASCII),
                                Base64.getDecoder().decode(signature.substring(8, signature.length() - 1))))
                .isTrue();
    }

    @Test
    void sign_withoutDigest_doesNotCoverIt() throws Exception {
        var fields = new RequestSigner(testKey()).sign(request("GET", "https://u/x"), "t", null, NOW);
        assertThat(fields.signatureInput())
                .startsWith("errand=(\"@method\" \"@authority\" \"@path\" \"@query\" \"txn-token\");created=");
    }

    @Test
    void sign_lineBreakInAComponent_isABug() {
        assertThatThrownBy(() ->
                        new RequestSigner(testKey()).sign(request("GET", "https://u/x"), "a\n\"@path\": /y", null, NOW))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** RFC 9421 sections 2.2.3, 2.2.6 and 2.2.7. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            https://www.Example.com/path?param=value&foo=bar&baz=bat%2Dman | www.example.com | /path | ?param=value&foo=bar&baz=bat%2Dman
            https://www.example.com:443/path?queryString | www.example.com | /path | ?queryString
            https://www.example.com:80                   | www.example.com:80 | / | ?
            http://www.example.com:80/a%2Fb/             | www.example.com | /a%2Fb/ | ?
            http://www.example.com:443/?                 | www.example.com:443 | / | ?
            ws://h:80/                                   | h | / | ?
            wss://h:443/                                 | h | / | ?
            http://h:/                                   | h | / | ?
            https://[2001:DB8::1]:443/                   | [2001:db8::1] | / | ?
            https://[2001:DB8::443]/                     | [2001:db8::443] | / | ?
            https://[::80]:8443/                         | [::80]:8443 | / | ?
            """)
    void components_ofATarget_areNormalised(String target, String authority, String path, String query) {
        OutgoingRequest request = request("GET", target);
        assertThat(request.authority()).isEqualTo(authority);
        assertThat(request.path()).isEqualTo(path);
        assertThat(request.query()).isEqualTo(query);
    }

    /** RFC 9530 appendix D and the empty content. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"hello": "world"}| sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:
            ''                | sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:
            """)
    void sha256_knownContents_giveTheKnownDigest(String content, String field) {
        assertThat(ContentDigest.sha256(content.getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(field);
    }
}
