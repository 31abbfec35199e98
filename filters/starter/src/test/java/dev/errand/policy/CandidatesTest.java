package dev.errand.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.config.Faults;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.operation.Effect;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.OperationValues;
import dev.errand.operation.Requests;
import dev.errand.policy.GoverningPolicies.Found;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskPolicy;
import dev.errand.template.CatalogueDirectory;
import dev.errand.template.OperationDirectory;
import dev.errand.template.Policies;
import dev.errand.template.Template;
import dev.errand.template.TemplateParser;
import dev.errand.token.Capability;
import dev.errand.token.DelegationToken;
import dev.errand.token.HolderKey;
import dev.errand.token.Human;
import dev.errand.token.KeyThumbprint;
import dev.errand.token.RootFacts;
import dev.errand.token.RootFacts.NamedTemplate;
import dev.errand.token.RootFacts.TaskFacts;
import dev.errand.token.TaskBounds;
import dev.errand.token.TokenId;
import dev.errand.token.VerifiedChain;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whose tasks a candidacy is shared by. */
class CandidatesTest {
    private static final Operation TRANSFER =
            new Operation("bank:transfer", Effect.WRITE, false, true, List.of("a"), List.of(), OperationValues.TEXT);
    private static final KeyThumbprint SIGNER = new KeyThumbprint("A".repeat(43));

    private final Template running = template("");
    private final Template candidate = template("candidate: true\n");
    private final Policies policies =
            new Policies("r", Map.of(), Map.of(running.name(), running), Map.of(candidate.name(), candidate), Set.of());
    private final Candidates candidates = new Candidates(false);

    private static Template template(String line) {
        String text = "template: pay\n" + line + """
            agents: ["spiffe://example.org/agent/*"]
            humans: {issuer: "https://idp.example.org", consent: task}
            allow: {"bank:transfer": {a: {pinned: true}}}
            flow: enforce
            """;
        Faults faults = new Faults();
        return new TemplateParser()
                .parse(line.isEmpty() ? "pay.yaml" : "pay.candidate.yaml", text, null, faults)
                .orElseThrow(() -> new AssertionError("" + faults.list()));
    }

    private Candidacy of(boolean ours) throws GeneralSecurityException {
        return of(ours, running, policies);
    }

    private Candidacy of(boolean ours, Template running, Policies policies) throws GeneralSecurityException {
        RootFacts root = new RootFacts(
                "i",
                new Human("https://idp.example.org", "alice"),
                null,
                ours ? new TaskFacts("t-1", "pay", running.revision(), Map.of()) : null,
                ours ? null : new NamedTemplate("pay", Map.of()),
                JsonObject.EMPTY,
                null,
                null);
        HolderKey key = new HolderKey(
                JsonObject.EMPTY,
                SIGNER,
                KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPublic());
        DelegationToken token = new DelegationToken(
                new TokenId("root"),
                "j",
                "i",
                0,
                900,
                key,
                List.of(),
                0,
                4,
                Capability.EMPTY,
                TaskBounds.NONE,
                null,
                null);
        TaskPolicy policy = running.policy(false);
        Found.Accepted governed = new Found.Accepted(
                new TaskKey("t-1"), ours, ours ? policy : policy.withoutConsent(), null, 0, 0, running);
        return Objects.requireNonNull(
                candidates.of(new VerifiedChain(List.of(token), root, SIGNER, 0), governed, policies));
    }

    private static Template parsed(String file, String text, @Nullable OperationDirectory operations) {
        Faults faults = new Faults();
        return new TemplateParser()
                .parse(file, text, operations, faults)
                .orElseThrow(() -> new AssertionError("" + faults.list()));
    }

    /** What the running template grants by effect is known too where its revision comes from the store. */
    @Test
    void candidacy_knowsWhatAStoredRevisionGrantsByEffect() throws GeneralSecurityException {
        OperationCatalogue bank = Requests.catalogue("""
            catalogue: bank
            resolver: template
            operations:
              - {id: transfer, match: {method: POST, path: "/transfers"}, effect: write, resource: "x"}
            """);
        String text = """
            template: pay
            agents: ["spiffe://example.org/agent/*"]
            humans: {issuer: "https://idp.example.org"}
            allow: {"bank:*": {effects: [write]}}
            """;
        Template now = parsed(
                "pay.candidate.yaml",
                text.replace("agents:", "candidate: true\nagents:"),
                new CatalogueDirectory(List.of(bank)));
        Template stored = new TemplateParser().parse(text).orElseThrow();
        Policies loaded = new Policies("r", Map.of("bank", bank), Map.of(), Map.of("pay", now), Set.of());
        Candidacy candidacy = of(true, stored, loaded);

        assertThat(Objects.requireNonNull(candidacy.grants()).tools()).containsOnlyKeys("bank:transfer");
        assertThat(Objects.requireNonNull(candidacy.running()).tools()).containsOnlyKeys("bank:transfer");
    }

    private static void assertFixes(Candidacy candidacy, boolean fixes) {
        TaskPolicy beside = Objects.requireNonNull(candidacy.policy().candidate());
        assertThat(candidacy.policy().fixed().lets(TRANSFER)).isEqualTo(fixes);
        assertThat(beside.fixed().lets(TRANSFER)).isEqualTo(fixes);
    }

    /** The human of a task of another anchor agreed to nothing here, whoever's call was judged first. */
    @Test
    void candidacy_isNotSharedByOurTasksAndThoseOfAnotherAnchor() throws GeneralSecurityException {
        for (boolean first : List.of(true, false, true)) {
            assertFixes(of(first), first);
            assertFixes(of(!first), !first);
        }
        assertThat(of(true)).isSameAs(of(true));
    }
}
