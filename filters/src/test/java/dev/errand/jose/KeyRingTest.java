package dev.errand.jose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.JWKSet;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyRingTest {
    /** RFC 9421 appendix B.1.4. */
    private static final String ED25519 =
            "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"test-key-ed25519\",\"d\":\"n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU\",\"x\":\"JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs\"}";
    /** RFC 7517 appendix A.2. */
    private static final String ES256 =
            "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\",\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM\",\"d\":\"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE\"}";

    @TempDir
    Path directory;

    private Path file(String text) throws Exception {
        Path file = directory.resolve("keys.jwks");
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file;
    }

    @Test
    void load_twoKeys_firstSignsAllVerify() throws Exception {
        KeyRing ring = KeyRing.load(file("{\"keys\":[" + ES256 + "," + ED25519 + "]}"));

        assertThat(ring.current().algorithm()).isEqualTo("ES256");
        assertThat(ring.current().id())
                .isEqualTo(ring.current().publicKey().thumbprint().value());
        assertThat(ring.checkpointKey().id()).isEqualTo("test-key-ed25519");
        assertThat(ring.verificationKeys()).hasSize(2);
        JWSObject jws = JWSObject.parse(ring.current().signJws("x+jwt", "{}".getBytes(StandardCharsets.UTF_8)));
        assertThat(jws.getHeader().getType().getType()).isEqualTo("x+jwt");
        assertThat(jws.getHeader().getKeyID()).isEqualTo(ring.current().id());
        var published = JWKSet.parse(ring.publicJwks());
        assertThat(published.getKeys()).noneMatch(key -> key.isPrivate());
        assertThat(jws.verify(new ECDSAVerifier(
                        published.getKeyByKeyId(ring.current().id()).toECKey())))
                .isTrue();
    }

    @Test
    void createIfAbsent_newFile_isPrivateAndKept() throws Exception {
        Path file = directory.resolve("data/keys.jwks");
        KeyRing first = KeyRing.createIfAbsent(file);
        KeyRing second = KeyRing.createIfAbsent(file);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(first.current().algorithm()).isEqualTo("Ed25519");
        assertThat(first.verificationKeys()).hasSize(2);
        assertThat(second.publicJwks()).isEqualTo(first.publicJwks());
        try (var names = Files.list(directory.resolve("data"))) {
            assertThat(names).containsExactly(file);
        }
    }

    @Test
    void sign_manyThreads_everySignatureVerifies() throws Exception {
        for (String jwk : new String[] {ED25519, ES256}) {
            KeyRing ring = KeyRing.load(file("{\"keys\":[" + jwk + (jwk == ES256 ? "," + ED25519 : "") + "]}"));
            SigningKey key = ring.current();
            AtomicInteger verified = new AtomicInteger();
            IntStream.range(0, 400).parallel().forEach(i -> {
                byte[] input = ("input " + i).getBytes(StandardCharsets.UTF_8);
                if (new JoseSignatureVerifier().verify(key.algorithm(), key.publicKey(), input, key.sign(input))) {
                    verified.incrementAndGet();
                }
            });
            assertThat(verified).hasValue(400);
        }
    }

    @Test
    void swap_newRevision_signsFromThenOn() throws Exception {
        KeyRotation keys = new KeyRotation(KeyRing.createIfAbsent(directory.resolve("a.jwks")));
        String before = keys.current().id();
        KeyRing next = KeyRing.createIfAbsent(directory.resolve("b.jwks"));
        keys.swap(next);

        assertThat(keys.current().id())
                .isNotEqualTo(before)
                .isEqualTo(next.current().id());
        assertThat(keys.publicJwks()).isEqualTo(next.publicJwks());
        assertThat(keys.checkpointKey()).isSameAs(next.checkpointKey());
    }

    @Test
    void toString_anyKey_hasNoSecret() throws Exception {
        assertThat(KeyRing.load(file("{\"keys\":[" + ED25519 + "]}")).toString())
                .isEqualTo("[Ed25519 key test-key-ed25519]");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"keys":[]}             | 1:1: no keys; write {"keys": [ … ]} with at least one private Ed25519 JWK
            {"kyes":[ED]}           | 1:1: no keys; write {"keys": [ … ]} with at least one private Ed25519 JWK
            {"keys":[ED]            | 1:13: not a JSON object without duplicate members; write {"keys": [ … ]} (RFC 7517 section 5)
            {"keys":[EC]}           | 1:1: no Ed25519 key, which signs the log's checkpoints; add one {"kty": "OKP", "crv": "Ed25519", "x": …, "d": …}
            {"keys":[ED,ED]}        | 1:13: kid "test-key-ed25519" is given twice; give each key its own
            {"keys":[ED, 7]}        | 1:14: not a JWK; each key is an object
            {"keys":[{"kty":"RSA"}]} | 1:10: a key must be kty "OKP" with crv "Ed25519", or kty "EC" with crv "P-256"; was kty "RSA" with crv absent
            {"keys":[NOD]}          | 1:10: a public key cannot sign; add its private member "d"
            {"keys":[SHORT]}        | 1:10: "d" must be 32 bytes in base64url
            {"keys":[OTHER]}        | 1:10: "d" is not the private key of this public key; copy the whole JWK again
            {"keys":[ALG]}          | 1:10: alg "HS256" is not this key's; write "Ed25519"
            {"keys":[USE]}          | 1:10: use "enc" forbids signing; write "sig"
            {"keys":[KID]}          | 1:10: kid must be 1 to 128 printable ASCII characters without quote or backslash
            """)
    void load_fault_isNamedWithPlaceAndFix(String template, String message) throws Exception {
        String text = template.replace("NOD", ED25519.replaceAll("\"d\":\"[^\"]*\",", ""))
                .replace("SHORT", ED25519.replaceAll("\"d\":\"[^\"]*\"", "\"d\":\"AAAA\""))
                .replace("OTHER", ED25519.replace("\"d\":\"n4Ni", "\"d\":\"n4Nj"))
                .replace("ALG", ED25519.replace("{", "{\"alg\":\"HS256\","))
                .replace("USE", ED25519.replace("{", "{\"use\":\"enc\","))
                .replace("KID", ED25519.replace("test-key-ed25519", "a\\\"b"))
                .replace("EC", ES256);
        // The column of the second element is counted with a two-character stand-in, so keep the key's length out of
        // it.
        int shift = text.contains("[ED") ? ED25519.length() - 2 : 0;
        text = text.replace("ED,", ED25519 + ",")
                .replace("[ED]", "[" + ED25519 + "]")
                .replace(",ED]", "," + ED25519 + "]");
        Path file = file(text);
        int second = message.indexOf(':', 2);
        int column = Integer.parseInt(message.substring(2, second));
        int expected = column > 10 ? column + shift : column;
        assertThatThrownBy(() -> KeyRing.load(file))
                .isInstanceOf(KeyFileException.class)
                .hasMessage(file + ":1:" + expected + message.substring(second));
    }

    @Test
    void load_absentFile_saysWhatToDo() {
        Path file = directory.resolve("none");
        assertThatThrownBy(() -> KeyRing.load(file))
                .hasMessage(
                        file + ":1:1: no such file; write a private JWKS there, mode 0600, the same on every replica");
    }

    @Test
    void load_readableByOthers_isRefused() throws Exception {
        Path file = file("{\"keys\":[" + ED25519 + "]}");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertThatThrownBy(() -> KeyRing.load(file))
                .hasMessage(file + ":1:1: private keys that others may touch (rw-r-----); run: chmod 600 " + file);
    }

    @Test
    void load_tooLargeOrTooMany_isRefused() throws Exception {
        Path large = file("{\"keys\":[]}" + " ".repeat(KeyFile.MAX_BYTES));
        assertThatThrownBy(() -> KeyRing.load(large)).hasMessageContaining("has at most 65536 bytes, has 65547");
        Path many = file("{\"keys\":[" + "1,".repeat(KeyFile.MAX_KEYS) + "1]}");
        assertThatThrownBy(() -> KeyRing.load(many)).hasMessageContaining("at most 16 keys, was 17");
    }
}
