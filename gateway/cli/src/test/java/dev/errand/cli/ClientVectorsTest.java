package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.jose.DpopVerifier;
import dev.errand.jose.JoseSignatureVerifier;
import dev.errand.token.Anchor;
import dev.errand.token.ChainResult;
import dev.errand.token.ChainVerifier;
import dev.errand.token.HolderKey;
import dev.errand.token.KeyThumbprint;
import dev.errand.token.Limits;
import dev.errand.token.Sha256;
import dev.errand.token.VerifiedChain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The vectors that the client libraries are tested with are what this build writes and accepts, byte for byte. */
class ClientVectorsTest {
    private final ClientVectors vectors = new ClientVectors();
    private final JoseSignatureVerifier signatures = new JoseSignatureVerifier();

    @Test
    void file_isWhatThisBuildWrites() throws IOException {
        Path file = repository().resolve("clients/vectors/vectors.json");
        Path written = Path.of("target", "vectors.json");
        Files.createDirectories(written.toAbsolutePath().getParent());
        Files.writeString(written, vectors.text());
        assertThat(file)
                .as("%s differs from what this build writes, which is in %s", file, written.toAbsolutePath())
                .content()
                .isEqualTo(vectors.text());
    }

    @Test
    void chain_isAccepted() {
        HolderKey issuer =
                signatures.parsePublicKey(vectors.key("issuer").publicJwk()).orElseThrow();
        Anchor anchor = new Anchor(ClientVectors.ISSUER, null, issuer, true);
        ChainResult result = new ChainVerifier(
                        signatures, () -> List.of(anchor), Set.of(ClientVectors.ISSUER), Limits.DEFAULT)
                .verify(
                        List.of(vectors.token("root"), vectors.token("child"), vectors.token("grandchild")),
                        ClientVectors.NOW);
        assertThat(result).isInstanceOf(ChainResult.Accepted.class);
        VerifiedChain chain = ((ChainResult.Accepted) result).chain();
        assertThat(chain.leaf().holder().thumbprint().toString())
                .contains(vectors.key("grandchild").thumbprint());
        assertThat(chain.leaf().bounds().calls()).isEqualTo(3);
    }

    @Test
    void proofs_areAccepted() {
        proof("root", null, "POST", "/oauth2/token", "/oauth2/token");
        proof("root", "root", "GET", "/tickets/v1/tickets/17?fields=title", "/tickets/v1/tickets/17");
        proof("grandchild", "grandchild", "POST", "/tickets/v1/tickets/a%20b", "/tickets/v1/tickets/a%20b");
    }

    private void proof(String holder, String token, String method, String name, String path) {
        DpopVerifier.Request request = new DpopVerifier.Request(
                vectors.token("proof:" + name),
                method,
                ClientVectors.ISSUER + path,
                token == null ? null : Sha256.base64UrlOf(vectors.token(token)),
                new KeyThumbprint(vectors.key(holder).thumbprint()));
        assertThat(new DpopVerifier(Duration.ofSeconds(30), null).verify(request, ClientVectors.NOW.toEpochMilli()))
                .isInstanceOf(DpopVerifier.Result.Accepted.class);
    }

    private static Path repository() {
        Path here = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(here.resolve("clients"))) {
            here = here.getParent();
        }
        return here;
    }
}
