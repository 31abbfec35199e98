package dev.errand.jose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.JWKSet;
import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.token.KeyUse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
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

    private static final String STATE = "{\"kty\":\"oct\",\"k\":\"" + "A".repeat(43) + "\",\"errand_use\":[\"state\"]}";

    @TempDir
    Path directory;

    private Path file(String text) throws Exception {
        Path file = directory.resolve("keys.jwks");
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file;
    }

    /** A JWK with these uses, {@code ED25519} or {@code ES256}. */
    private static String used(String jwk, String... uses) {
        return jwk.replace("{", "{\"errand_use\":[\"" + String.join("\",\"", uses) + "\"],");
    }

    private static String withoutD(String jwk) {
        return jwk.replaceAll("\"d\":\"[^\"]*\",", "").replaceAll(",\"d\":\"[^\"]*\"", "");
    }

    private KeyRing ring(String... jwks) throws Exception {
        return KeyRing.load(file("{\"keys\":[" + String.join(",", jwks) + "]}"));
    }

    private static List<String> ids(KeyRing ring, KeyUse use) {
        return ring.verificationKeys(use).stream()
                .map(key -> key.jwk().string("kid"))
                .toList();
    }

    @Test
    void load_twoKeys_firstSignsAllVerify() throws Exception {
        KeyRing ring = KeyRing.load(file("{\"keys\":[" + ES256 + "," + ED25519 + "]}"));

        assertThat(ring.transactionKey().algorithm()).isEqualTo("ES256");
        assertThat(ring.transactionKey().id())
                .isEqualTo(ring.transactionKey().publicKey().thumbprint().value());
        assertThat(ring.checkpointKey().id()).isEqualTo("test-key-ed25519");
        assertThat(ring.issuingKey()).containsSame(ring.transactionKey());
        assertThat(ring.messageKey()).isSameAs(ring.transactionKey());
        for (KeyUse use : KeyUse.SIGNING) {
            assertThat(ring.verificationKeys(use)).hasSize(2);
        }
        assertThat(ring.stateKeys()).isEmpty();
        JWSObject jws = JWSObject.parse(ring.transactionKey().signJws("x+jwt", "{}".getBytes(StandardCharsets.UTF_8)));
        assertThat(jws.getHeader().getType().getType()).isEqualTo("x+jwt");
        assertThat(jws.getHeader().getKeyID()).isEqualTo(ring.transactionKey().id());
        var published = JWKSet.parse(ring.publicJwks());
        assertThat(published.getKeys()).noneMatch(key -> key.isPrivate());
        assertThat(jws.verify(new ECDSAVerifier(
                        published.getKeyByKeyId(ring.transactionKey().id()).toECKey())))
                .isTrue();
    }

    @Test
    void createIfAbsent_newFile_isPrivateAndKept() throws Exception {
        Path file = directory.resolve("data/keys.jwks");
        KeyRing first = KeyRing.createIfAbsent(file);
        KeyRing second = KeyRing.createIfAbsent(file);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(first.transactionKey().algorithm()).isEqualTo("Ed25519");
        assertThat(first.verificationKeys(KeyUse.ISSUE)).hasSize(2);
        assertThat(first.stateKeys()).hasSize(1).allMatch(key -> key.getEncoded().length == 32);
        assertThat(first.publicJwks()).doesNotContain("oct");
        assertThat(second.isSameAs(first)).isTrue();
        try (var names = Files.list(directory.resolve("data"))) {
            assertThat(names).containsExactly(file);
        }
    }

    @Test
    void sign_manyThreads_everySignatureVerifies() throws Exception {
        for (String jwk : new String[] {ED25519, ES256}) {
            KeyRing ring = KeyRing.load(file("{\"keys\":[" + jwk + (jwk == ES256 ? "," + ED25519 : "") + "]}"));
            SigningKey key = ring.transactionKey();
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
        String before = keys.transactionKey().id();
        KeyRing next = KeyRing.createIfAbsent(directory.resolve("b.jwks"));
        keys.swap(next);

        assertThat(keys.transactionKey().id())
                .isNotEqualTo(before)
                .isEqualTo(next.transactionKey().id());
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
            {"keys":[EC]}           | 1:10: no private Ed25519 key of use "log", which signs the log's checkpoints; add one: errand keys new FILE --use log makes it
            {"keys":[ED,ED]}        | 1:13: kid "test-key-ed25519" is given twice; give each key its own
            {"keys":[ED, 7]}        | 1:14: not a JWK; each key is an object
            {"keys":[{"kty":"RSA"}]} | 1:10: a key must be kty "OKP" with crv "Ed25519", or kty "EC" with crv "P-256", or kty "oct" of use state; was kty "RSA" with crv absent
            {"keys":[NOD]}          | 1:10: no private key of use "txn", which signs transaction tokens; add one: errand keys new FILE --use txn makes it
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
                        file
                                + ":1:1: no such file; make one with: errand keys new FILE, or copy that of another replica, mode 0600");
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

    @Test
    void load_aKeyForEachUse_eachSignsForItsOwn() throws Exception {
        KeyRing all = KeyRing.createIfAbsent(directory.resolve("other.jwks"));
        String issue = used(ED25519, "issue");
        String txn = used(ES256, "txn", "message");
        KeyRing ring = ring(issue, txn, used(other(0), "log"));

        assertThat(ring.issuingKey().orElseThrow().id()).isEqualTo("test-key-ed25519");
        assertThat(ring.transactionKey().algorithm()).isEqualTo("ES256");
        assertThat(ring.messageKey()).isSameAs(ring.transactionKey());
        assertThat(ring.checkpointKey().id())
                .isEqualTo(all.verificationKeys(KeyUse.LOG).get(0).thumbprint().value());
        assertThat(ids(ring, KeyUse.ISSUE)).containsExactly("test-key-ed25519");
        assertThat(ids(ring, KeyUse.TXN)).containsExactly(ring.transactionKey().id());
        assertThat(ids(ring, KeyUse.LOG)).containsExactly(ring.checkpointKey().id());
        assertThat(ring.verificationKeys(KeyUse.STATE)).isEmpty();
        assertThat(ring.publicJwks())
                .contains(
                        "\"errand_use\":[\"issue\"]",
                        "\"errand_use\":[\"txn\",\"message\"]",
                        "\"errand_use\":[\"log\"]")
                .doesNotContain("\"d\"");
    }

    /** A private key of the file {@code other.jwks}. */
    private String other(int index) throws Exception {
        KeyRing.createIfAbsent(directory.resolve("other.jwks"));
        JsonArray keys = (JsonArray) Json.parseObject(Files.readAllBytes(directory.resolve("other.jwks")))
                .get("keys");
        return Jcs.canonical(keys.values().get(index));
    }

    @Test
    void load_aPublicKey_verifiesAndIsPublishedAndNeverSigns() throws Exception {
        KeyRing edge = ring(withoutD(ED25519), other(0), used(withoutD(ES256), "issue"));

        assertThat(edge.issuingKey().orElseThrow().id()).isNotEqualTo("test-key-ed25519");
        assertThat(edge.transactionKey().id()).isNotEqualTo("test-key-ed25519");
        assertThat(edge.checkpointKey().id()).isNotEqualTo("test-key-ed25519");
        assertThat(ids(edge, KeyUse.LOG)).contains("test-key-ed25519").hasSize(2);
        assertThat(ids(edge, KeyUse.ISSUE)).hasSize(3);
        assertThat(JWKSet.parse(edge.publicJwks()).getKeys()).hasSize(3);
    }

    @Test
    void load_noPrivateKeyOfUseIssue_hasNoneAndAllElse() throws Exception {
        KeyRing edge = ring(used(withoutD(ES256), "issue"), used(ED25519, "txn", "message", "log"));
        assertThat(edge.issuingKey()).isEmpty();
        assertThat(edge.verificationKeys(KeyUse.ISSUE)).hasSize(1);
        assertThat(edge.messageKey().id()).isEqualTo("test-key-ed25519");
    }

    @Test
    void load_withoutThePrivateHalf_publishesTheSame() throws Exception {
        String log = used(ED25519, "txn", "message", "log");
        KeyRing whole = ring(used(ES256, "issue"), log);
        KeyRing edge = ring(used(withoutD(ES256), "issue"), log);
        assertThat(edge.publicJwks()).isEqualTo(whole.publicJwks());
        assertThat(edge.isSameAs(whole)).isFalse();
        KeyRing withState = ring(used(ES256, "issue"), log, STATE);
        assertThat(withState.publicJwks()).isEqualTo(whole.publicJwks());
        assertThat(withState.isSameAs(whole)).isFalse();
        assertThat(withState.stateKeys()).hasSize(1);
        assertThat(withState.toString()).doesNotContain("oct", "AAAA");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            issue           | no private key of use "txn", which signs transaction tokens; add one: errand keys new FILE --use txn makes it
            txn             | no private key of use "message", which signs requests to upstreams; add one: errand keys new FILE --use message makes it
            txn message     | no private Ed25519 key of use "log", which signs the log's checkpoints; add one: errand keys new FILE --use log makes it
            txn message lgo | errand_use "lgo" is no use of a key; did you mean 'log'?
            txn state       | the key of use "state" is a secret of its own; write {"kty": "oct", "k": …, "errand_use": ["state"]} for it
            """)
    void load_usesThatDoNotSuffice_areNamed(String uses, String message) {
        assertThatThrownBy(() -> ring(used(ED25519, uses.split(" ")), STATE))
                .isInstanceOf(KeyFileException.class)
                .hasMessageStartingWith(directory.resolve("keys.jwks") + ":1:")
                .hasMessageEndingWith(": " + message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "errand_use":"txn"        | errand_use must be a list of one use or more, such as ["txn", "message"]
            "errand_use":[]           | errand_use must be a list of one use or more, such as ["txn", "message"]
            "errand_use":null         | errand_use must be a list of one use or more, such as ["txn", "message"]
            "errand_use":[7]          | errand_use absent is no use of a key; known are issue, log, message, state, txn
            "errand_use":["Issue"]    | errand_use "Issue" is no use of a key; did you mean 'issue'?
            """)
    void load_anErrandUseThatIsNone_isRefused(String member, String message) {
        assertThatThrownBy(() -> ring(ED25519, ES256.replace("{", "{" + member + ",")))
                .hasMessage(directory.resolve("keys.jwks") + ":1:" + (11 + ED25519.length()) + ": " + message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"kty":"oct","k":"K"}                                   | a key of kty "oct" is for the shared state alone; write "errand_use": ["state"]
            {"kty":"oct","k":"K","errand_use":["state","txn"]}      | a key of kty "oct" is for the shared state alone; write "errand_use": ["state"]
            {"kty":"oct","errand_use":["state"]}                    | "k" must be 32 bytes in base64url
            {"kty":"oct","k":"AAAA","errand_use":["state"]}         | "k" must be 32 bytes in base64url
            {"kty":"oct","k":"K","alg":"A256GCM","errand_use":["state"]} | alg "A256GCM" is not this key's; write "HS256"
            {"kty":"oct","k":"K","use":"enc","errand_use":["state"]} | use "enc" forbids signing; write "sig"
            """)
    void load_aSecretThatIsNone_isRefused(String jwk, String message) {
        assertThatThrownBy(() -> ring(ED25519, jwk.replace("\"K\"", "\"" + "A".repeat(43) + "\"")))
                .hasMessage(directory.resolve("keys.jwks") + ":1:" + (11 + ED25519.length()) + ": " + message);
    }

    @ParameterizedTest
    @CsvSource({
        // the identity, a point of order two; not on the curve
        "OKP, AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "EC, AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    })
    void load_aPublicKeyThatIsNone_isRefused(String type, String x) {
        String jwk = type.equals("OKP")
                ? "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" + x + "\"}"
                : "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" + x + "\",\"y\":\"" + x + "\"}";
        assertThatThrownBy(() -> ring(ED25519, jwk))
                .hasMessageEndingWith(": \"x\" and \"y\" are no public key; copy the whole JWK again");
    }

    @Test
    void load_aKeyUnderTwoIdsWithDifferentUses_isRefusedAtTheSecond() throws Exception {
        String txn = ED25519.replace("{", "{\"errand_use\":[\"txn\",\"message\",\"log\"],");
        String issue = ED25519.replace("test-key-ed25519", "other").replace("{", "{\"errand_use\":[\"issue\"],");
        String message = ":2:1: the key of kid \"test-key-ed25519\" is given again as kid \"other\": a use of its own"
                + " needs a key of its own; make one with errand keys new FILE --use USE, or write all uses into the"
                + " one errand_use";
        for (String second : List.of(issue, withoutD(issue))) {
            Path file = file("{\"keys\":[" + txn + ",\n" + second + "]}");
            assertThatThrownBy(() -> KeyRing.load(file)).hasMessageEndingWith(message);
        }
    }

    @Test
    void load_aKeyOnceWithAndOnceWithoutItsPrivateHalf_isGivenTwice() {
        assertThatThrownBy(() -> ring(ED25519, withoutD(ED25519)))
                .hasMessageEndingWith(": kid \"test-key-ed25519\" is given twice; give each key its own");
    }

    @Test
    void new_everyUse_loadsAndOverwritesNothing() throws Exception {
        Path file = directory.resolve("new/keys.jwks");
        NewKeyFile keys = NewKeyFile.of(EnumSet.allOf(KeyUse.class), KeyAlgorithm.ES256);
        assertThat(keys.write(file)).isTrue();
        byte[] written = Files.readAllBytes(file);
        assertThat(NewKeyFile.of(EnumSet.allOf(KeyUse.class), KeyAlgorithm.ES256)
                        .write(file))
                .isFalse();
        assertThat(Files.readAllBytes(file)).isEqualTo(written);

        KeyRing ring = KeyRing.load(file);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        SigningKey issuing = ring.issuingKey().orElseThrow();
        assertThat(keys.lines())
                .containsExactly(
                        "issue ES256 " + issuing.id(),
                        "txn ES256 " + ring.transactionKey().id(),
                        "message ES256 " + ring.messageKey().id(),
                        "log Ed25519 " + ring.checkpointKey().id(),
                        "state secret");
        assertThat(ring.ids()).doesNotHaveDuplicates().hasSize(4);
        assertThat(ring.stateKeys()).hasSize(1);
        for (KeyUse use : KeyUse.SIGNING) {
            assertThat(ring.verificationKeys(use)).hasSize(1);
        }
    }

    @Test
    void new_aLinkThatLeadsNowhere_isNotFollowed() throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("keys.jwks"), directory.resolve("elsewhere"));
        assertThat(NewKeyFile.ofCredentials().write(link)).isFalse();
        assertThat(directory.resolve("elsewhere")).doesNotExist();
    }
}
