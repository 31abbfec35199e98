package dev.errand.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.config.ConfigurationException;
import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.config.Position;
import dev.errand.config.Yaml;
import dev.errand.credential.BearerConfig;
import dev.errand.credential.CredentialConfig;
import dev.errand.credential.UpstreamCredential;
import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.denial.Next;
import dev.errand.jose.JoseSignatureVerifier;
import dev.errand.jose.ProofClaim;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.operation.CanonicalPath;
import dev.errand.operation.CanonicalQuery;
import dev.errand.operation.CatalogueKeys;
import dev.errand.operation.CatalogueRequest;
import dev.errand.operation.Declaration;
import dev.errand.operation.Effect;
import dev.errand.operation.LabelledCatalogue;
import dev.errand.operation.Labels;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.RefusalStyle;
import dev.errand.operation.Requests;
import dev.errand.operation.Resolution;
import dev.errand.operation.Resolver;
import dev.errand.sequence.Move;
import dev.errand.sequence.RuleParser;
import dev.errand.sequence.SequenceCompiler;
import dev.errand.sequence.SequenceCompiler.Compilation;
import dev.errand.sequence.SequencePolicy;
import dev.errand.sequence.rule.AnswerValues;
import dev.errand.sequence.rule.Breach;
import dev.errand.sequence.rule.Pair;
import dev.errand.sequence.rule.Rule;
import dev.errand.sequence.rule.RuleContext;
import dev.errand.sequence.rule.RuleKeys;
import dev.errand.sequence.rule.RuleKind;
import dev.errand.sequence.rule.RuleKinds;
import dev.errand.sequence.rule.RuleMonitor;
import dev.errand.sequence.rule.Tally;
import dev.errand.sequence.rule.Vocabulary;
import dev.errand.state.InMemoryTaskStore;
import dev.errand.template.CatalogueLoader;
import dev.errand.template.Resolvers;
import dev.errand.token.BoundToken;
import dev.errand.token.ChainResult;
import dev.errand.token.ChainVerifier;
import dev.errand.token.CompactJws;
import dev.errand.token.Limits;
import dev.errand.token.ProofScheme;
import dev.errand.token.TestChains;
import dev.errand.token.TestToken;
import dev.errand.token.TokenDialect;
import dev.errand.token.TokenDialects;
import dev.errand.token.TokenId;
import dev.errand.upstream.OutgoingRequest;
import dev.errand.web.Call;
import dev.errand.web.PermittedCalls;
import dev.errand.web.Presented;
import dev.errand.web.refusal.RefusalContent;
import dev.errand.web.refusal.RefusalForm;
import dev.errand.web.refusal.RefusalForms;
import dev.errand.web.stage.Possession;
import dev.errand.web.stage.ProofKind;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import reactor.core.publisher.Mono;

/** One more of each kind of thing that the product is made to take more of, added by its list alone. */
class SeamsTest {
    private static <T> List<T> with(List<? extends T> known, T more) {
        List<T> all = new ArrayList<>(known);
        all.add(more);
        return all;
    }

    /** {@code never: op}. */
    private record Never(String operation, List<String> same, boolean observe, Position position) implements Rule {
        static final RuleKind KIND = new RuleKind(
                RuleKeys.of(Keys.required("never", RuleKeys.OPERATION, "The operation.")),
                (map, common, faults) -> new Never(
                        Objects.requireNonNull(map.requiredString("never", faults)),
                        common.same(),
                        common.observe(),
                        common.position()));

        @Override
        public List<String> operations() {
            return List.of(operation);
        }

        @Override
        public String label() {
            return "never: " + operation;
        }

        @Override
        public String wanted() {
            return "`" + operation + "` may never be called";
        }

        @Override
        public RuleMonitor monitor(Vocabulary vocabulary) {
            int symbol = vocabulary.symbol(operation);
            return new RuleMonitor() {
                @Override
                public Rule rule() {
                    return Never.this;
                }

                @Override
                public boolean concerns(int other) {
                    return symbol == other;
                }

                @Override
                public Breach check(Tally tally, Pair pair, RuleContext task) {
                    return new Breach(false, "never", List.of(operation));
                }
            };
        }
    }

    @Test
    void ruleKind_isOneEntry() {
        RuleKinds kinds = new RuleKinds(with(RuleKinds.ALL.list(), Never.KIND));
        Faults faults = new Faults();
        List<Rule> rules =
                new RuleParser(faults, kinds).parse(Objects.requireNonNull(Yaml.parse("t", "[never: a:b]", faults)));

        Compilation compiled = SequenceCompiler.compile(List.of(), List.of(), rules, Duration.ofSeconds(1));

        assertThat(faults.isEmpty()).isTrue();
        assertThat(kinds.names()).contains("never", "absence");
        SequencePolicy policy = ((Compilation.Compiled) compiled).policy();
        assertThat(objections(policy, "a:b")).hasSize(1);
        assertThat(objections(policy, "a:c")).isEmpty();
    }

    private static List<SequencePolicy.Objection> objections(SequencePolicy policy, String operation) {
        List<Move> moves = List.of(new Move(operation, JsonObject.EMPTY, false));
        return policy.judge(policy.start(), moves, AnswerValues.NONE, "d", 1).objections();
    }

    /** Every request is the operation {@code method.} and its method. */
    private static final class MethodResolver implements Resolver {
        @Override
        public String name() {
            return "method";
        }

        @Override
        public Keys keys() {
            return CatalogueKeys.of("method");
        }

        @Override
        public OperationCatalogue read(Declaration declaration, Faults faults) {
            Labels labels = Labels.read(declaration.map(), "", id -> id.startsWith("method."), faults);
            return new LabelledCatalogue(declaration, labels) {
                @Override
                protected boolean isId(String id) {
                    return id.startsWith("method.");
                }

                @Override
                protected Effect effect(String id) {
                    return Effect.READ;
                }

                @Override
                protected Set<String> builtIn() {
                    return Set.of("method.GET");
                }

                @Override
                public boolean needsBody(CatalogueRequest request) {
                    return false;
                }

                @Override
                protected Resolution resolve(CatalogueRequest request, CanonicalPath path, CanonicalQuery query) {
                    return new Resolution.Resolved(
                            List.of(call("method." + request.method(), path.text(), false)), path.text(), query.text());
                }
            };
        }
    }

    @Test
    void resolver_isOneEntry(@TempDir Path directory) throws Exception {
        Files.writeString(
                directory.resolve("m.yaml"), "catalogue: m\nresolver: method\neffects: {method.PUT: write}\n");
        Resolvers resolvers = new Resolvers(with(Resolvers.ALL.list(), new MethodResolver()));
        Faults faults = new Faults();

        OperationCatalogue catalogue =
                CatalogueLoader.load(directory, resolvers, faults).find("m").orElseThrow();

        assertThat(faults.isEmpty()).isTrue();
        assertThat(catalogue.resolve(Requests.request("PUT", "/a")))
                .isInstanceOfSatisfying(
                        Resolution.Resolved.class,
                        resolved -> assertThat(
                                        resolved.calls().get(0).operation().id())
                                .isEqualTo("m:method.PUT"));
        assertThat(catalogue.operation("m:method.PUT").orElseThrow().effect()).isEqualTo(Effect.WRITE);
    }

    /** {@code fixed}: the header {@code Fixed} with a value that is no secret. */
    private record FixedConfig(String value) implements CredentialConfig {
        @Override
        public List<Path> files(CredentialContext opening) {
            return List.of();
        }

        @Override
        public UpstreamCredential open(CredentialContext opening) {
            return new UpstreamCredential() {
                @Override
                public Set<String> headerNames() {
                    return Set.of("fixed");
                }

                @Override
                public Mono<Map<String, String>> headers(OutgoingRequest request) {
                    return Mono.just(Map.of("Fixed", value));
                }

                @Override
                public Optional<String> fault() {
                    return Optional.empty();
                }
            };
        }
    }

    public record Upstream(
            @Nullable BearerConfig bearer, @Nullable FixedConfig fixedValue) {}

    @Test
    void credentialKind_isOneComponent() {
        CredentialConfig kind = CredentialConfiguration.kind("x", new Upstream(null, new FixedConfig("1")));

        OutgoingRequest request = new OutgoingRequest("GET", URI.create("http://h/"), Map.of(), null);
        assertThat(kind.open(new NoOpening()).headers(request).block()).containsEntry("Fixed", "1");
        assertThatThrownBy(() -> CredentialConfiguration.kind("x", new Upstream(null, null)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("errand.upstreams.x: needs exactly one of bearer, fixed-value");
    }

    private static final class NoOpening implements CredentialConfig.CredentialContext {
        @Override
        public Path file(String value) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String key(String own) {
            throw new UnsupportedOperationException();
        }

        @Override
        public URI server(String key, String value) {
            throw new UnsupportedOperationException();
        }

        @Override
        public reactor.netty.http.client.HttpClient http() {
            throw new UnsupportedOperationException();
        }
    }

    /** Tokens whose depth is called {@code level} and whose parent is called {@code parent}. */
    private static final class LevelDialect implements TokenDialect {
        @Override
        public String type() {
            return "level+jwt";
        }

        @Override
        public JsonObject claims(JsonObject payload) {
            Map<String, JsonValue> claims = new LinkedHashMap<>();
            Map<String, String> names = Map.of("level", "del_depth", "parent", "par_hash");
            payload.members().forEach((name, value) -> claims.put(names.getOrDefault(name, name), value));
            return new JsonObject(claims);
        }
    }

    @Test
    void tokenDialect_isOneEntry() {
        TokenDialects dialects = new TokenDialects(with(TokenDialects.ALL.list(), new LevelDialect()));
        TestToken root = TestChains.root();
        TestToken child = TestChains.child(root, TestChains.CHILD_HOLDER)
                .withHeader("typ", "\"level+jwt\"")
                .with("level", "1")
                .withText("parent", root.hash())
                .without("del_depth")
                .without("par_hash");
        ChainVerifier verifier = new ChainVerifier(
                new JoseSignatureVerifier(),
                () -> TestChains.ANCHORS,
                Set.of(TestChains.ISSUER),
                Limits.DEFAULT,
                dialects);

        assertThat(verifier.verify(TestChains.compact(root, child), TestChains.NOW))
                .isInstanceOf(ChainResult.Accepted.class);
        assertThat(TestChains.verify(root, child)).isInstanceOf(ChainResult.Refused.class);
        assertThat(CompactJws.parse(child.compact()).flatMap(dialects::parent)).contains(new TokenId(root.hash()));
    }

    private static Call.Presenting presenting(Presented presented) {
        return new Call.Presenting(
                new PermittedCalls(new InMemoryTaskStore()).permitted().arrived(), presented, false);
    }

    /** The scheme {@code Word}, proven by the right word in the header {@code Word-Proof}. */
    private static final class WordProof implements ProofKind {
        static final ProofScheme SCHEME = new ProofScheme("Word", "Word-Proof");

        @Override
        public boolean fits(Presented presented) {
            return presented.scheme().equals(SCHEME);
        }

        @Override
        public Possession.Result verify(
                ServerHttpRequest request, Call.Presenting call, BoundToken leaf, String leafHash, Instant now) {
            return "please".equals(call.presented().proof())
                    ? new Possession.Result.Accepted(ProofClaim.NONE, null)
                    : Possession.Result.refused("7", "say please");
        }
    }

    @Test
    void proofKind_isOneSchemeAndOneEntry() {
        List<ProofScheme> schemes = with(ProofScheme.ALL, WordProof.SCHEME);
        Possession possession = new Possession(List.of(new WordProof()));
        BoundToken leaf = TestChains.verifier().verify(TestChains.chain(0), TestChains.NOW)
                        instanceof ChainResult.Accepted accepted
                ? accepted.chain().leaf()
                : null;

        assertThat(proven(possession, schemes, leaf, "please")).isInstanceOf(Possession.Result.Accepted.class);
        assertThat(proven(possession, schemes, leaf, "now")).isInstanceOf(Possession.Result.Refused.class);
        HttpHeaders headers = new HttpHeaders();
        headers.set("Authorization", "Word x.y.z");
        assertThat(Presented.parse(headers)).isInstanceOf(Presented.Shape.Refused.class);
    }

    private static Possession.Result proven(
            Possession possession, List<ProofScheme> schemes, BoundToken leaf, String word) {
        HttpHeaders headers = new HttpHeaders();
        headers.set("Authorization", "Word x.y.z");
        headers.set("Word-Proof", word);
        Presented presented = ((Presented.Shape.Accepted) Presented.parse(headers, schemes)).presented();
        assertThat(presented.leaf()).isEqualTo("x.y.z");
        ServerHttpRequest request = MockServerHttpRequest.get("/").build();
        return possession.verify(request, presenting(presented), leaf, "hash", TestChains.NOW);
    }

    /** The code alone, where a catalogue asks for text. */
    private static final class CodeForm implements RefusalForm {
        @Override
        public boolean fits(RefusalContent told) {
            return told.style() == RefusalStyle.TEXT;
        }

        @Override
        public MediaType contentType() {
            return MediaType.TEXT_PLAIN;
        }

        @Override
        public byte[] body(RefusalContent told) {
            return told.denial().reason().code().getBytes(StandardCharsets.UTF_8);
        }
    }

    @Test
    void refusalForm_isOneEntry() {
        List<RefusalForm> list = new ArrayList<>(List.of(new CodeForm()));
        list.addAll(RefusalForms.ALL.list());
        Denial denial = new Denial(DenyReason.NOT_GRANTED, "6b", "not \"granted\"");
        RefusalContent told = new RefusalContent(
                RefusalStyle.TEXT, "https://x", denial, 403, "d-1", "t-1", false, true, Next.STOP, null, null, null);

        assertThat(new RefusalForms(list).of(told).body(told))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("not-granted");
        assertThat(RefusalForms.ALL.of(told).body(told))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("errand: not-granted: not \"granted\" (decision d-1)");
    }
}
