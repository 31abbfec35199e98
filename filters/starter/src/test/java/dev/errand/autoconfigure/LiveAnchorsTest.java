package dev.errand.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.jose.JwsAlgorithm;
import dev.errand.jose.KeyAlgorithm;
import dev.errand.jose.KeyRing;
import dev.errand.jose.NewKeyFile;
import dev.errand.jose.TestKeys;
import dev.errand.token.Anchor;
import dev.errand.token.KeyUse;
import dev.errand.trust.JwkSet;
import dev.errand.trust.LiveDocument;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

class LiveAnchorsTest {
    private static final String OURS = "https://gateway.example.org";
    private static final String OTHER = "https://as.example.org";

    @TempDir
    private Path folder;

    private final Document document = new Document();
    private KeyRing own;
    private LiveAnchors anchors;

    /** A document that a test replaces. */
    private static final class Document implements LiveDocument<JwkSet> {
        private @Nullable JwkSet set;

        @Override
        public @Nullable JwkSet current() {
            return set;
        }

        @Override
        public Mono<JwkSet> get() {
            return Mono.justOrEmpty(set);
        }

        @Override
        public Mono<JwkSet> refresh() {
            return get();
        }

        @Override
        public @Nullable String fault() {
            return null;
        }

        @Override
        public void close() {}
    }

    @BeforeEach
    void make() throws Exception {
        own = KeyRing.createIfAbsent(folder.resolve("keys.jwks"));
        anchors = new LiveAnchors(OURS, () -> own, Map.of(OTHER, document), Map.of());
    }

    private static JwkSet set(TestKeys.TestKey... keys) throws Exception {
        StringBuilder text = new StringBuilder("{\"keys\":[{\"kty\":\"strange\"}");
        for (TestKeys.TestKey key : keys) {
            text.append(',').append(key.jwk(",\"kid\":\"" + key.kid() + "\""));
        }
        return JwkSet.parse(text.append("]}").toString().getBytes(StandardCharsets.UTF_8));
    }

    private List<String> others() {
        return anchors.current().stream()
                .filter(anchor -> !anchor.ours())
                .map(Anchor::keyId)
                .toList();
    }

    @Test
    void current_ourKeysAndTheirs_eachUnderItsIssuer() throws Exception {
        document.set = set(TestKeys.of(JwsAlgorithm.ES256, "a"), TestKeys.of(JwsAlgorithm.ED25519, "b"));
        assertThat(anchors.current()).filteredOn(Anchor::ours).hasSameSizeAs(own.verificationKeys(KeyUse.ISSUE));
        assertThat(anchors.current())
                .filteredOn(Anchor::ours)
                .allMatch(anchor -> anchor.issuer().equals(OURS));
        assertThat(anchors.current())
                .filteredOn(anchor -> !anchor.ours())
                .allMatch(a -> a.issuer().equals(OTHER));
        assertThat(others()).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void current_keysThatNoHolderMayHave_areLeftOut() throws Exception {
        document.set = set(TestKeys.of(JwsAlgorithm.RS256, "rsa"), TestKeys.of(JwsAlgorithm.ES384, "p384"));
        assertThat(others()).isEmpty();
    }

    @Test
    void current_rotation_isSeenAtOnceAndAnUnchangedSetIsTheSame() throws Exception {
        document.set = set(TestKeys.of(JwsAlgorithm.ES256, "a"));
        List<Anchor> before = anchors.current();
        assertThat(anchors.current()).isSameAs(before);
        document.set = set(TestKeys.of(JwsAlgorithm.ES256, "b"));
        assertThat(others()).containsExactly("b");
        own = KeyRing.createIfAbsent(folder.resolve("others.jwks"));
        assertThat(anchors.current()).filteredOn(Anchor::ours).hasSameSizeAs(own.verificationKeys(KeyUse.ISSUE));
        assertThat(anchors.current()).filteredOn(Anchor::ours).noneMatch(before::contains);
    }

    @Test
    void current_aDocumentTooOld_leavesItsIssuerWithoutKeys() throws Exception {
        document.set = set(TestKeys.of(JwsAlgorithm.ES256, "a"));
        assertThat(others()).containsExactly("a");
        document.set = null;
        assertThat(others()).isEmpty();
        assertThat(anchors.current()).isNotEmpty().allMatch(Anchor::ours);
    }

    @Test
    void current_humansOfAnotherAnchor_areThoseNamedElseItsOwn() throws Exception {
        document.set = set(TestKeys.of(JwsAlgorithm.ES256, "a"));
        assertThat(anchors.current().stream().filter(anchor -> !anchor.ours()))
                .isNotEmpty()
                .allMatch(anchor -> Set.of(OTHER).equals(anchor.humans()));
        assertThat(anchors.current().stream().filter(Anchor::ours)).allMatch(anchor -> anchor.humans() == null);
        LiveAnchors named = new LiveAnchors(
                OURS, () -> own, Map.of(OTHER, document), Map.of(OTHER, Set.of("https://idp.example.org")));
        assertThat(named.current().stream().filter(anchor -> !anchor.ours()))
                .isNotEmpty()
                .allMatch(anchor -> Set.of("https://idp.example.org").equals(anchor.humans()));
    }

    @Test
    void new_ourOwnIssuerAmongTheOthers_isRefused() {
        assertThatThrownBy(() -> new LiveAnchors(OURS, () -> own, Map.of(OURS, document), Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(OURS);
    }

    @Test
    void current_keysOfAnotherUse_areNoAnchors() throws Exception {
        String issue =
                TestKeys.of(JwsAlgorithm.ES256).jwk(",\"kid\":\"issue\",\"errand_use\":[\"issue\",\"unheard-of\"]");
        String txn =
                TestKeys.of(JwsAlgorithm.ED25519).jwk(",\"kid\":\"txn\",\"errand_use\":[\"txn\",\"message\",\"log\"]");
        String odd = TestKeys.of(JwsAlgorithm.ED25519).jwk(",\"kid\":\"odd\",\"errand_use\":\"issue\"");
        document.set =
                JwkSet.parse(("{\"keys\":[" + issue + "," + txn + "," + odd + "]}").getBytes(StandardCharsets.UTF_8));
        assertThat(others()).containsExactly("issue");

        Path file = folder.resolve("separate.jwks");
        NewKeyFile.of(EnumSet.allOf(KeyUse.class), KeyAlgorithm.ED25519).write(file);
        own = KeyRing.load(file);
        assertThat(anchors.current())
                .filteredOn(Anchor::ours)
                .extracting(Anchor::keyId)
                .containsExactly(own.issuingKey().orElseThrow().id());
    }
}
