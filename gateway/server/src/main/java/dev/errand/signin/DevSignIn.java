package dev.errand.signin;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.signin.PageKeys.PageKey;
import dev.errand.task.HumanPolicy;
import dev.errand.template.Template;
import dev.errand.token.Base64Url;
import dev.errand.token.Human;
import dev.errand.token.Sha256;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.util.MultiValueMap;

/**
 * The identity provider of a first run, by authorization code with PKCE (RFC 6749 section 4.1, RFC 7636). It asks nobody for a
 * password: whoever comes is the human whom {@code login_hint} names. So every process of this machine can sign in as every human, and
 * it exists only where no other machine reaches the gateway. Its humans are those that the running templates want. It stores nothing:
 * its own key authenticates its codes. Thread-safe.
 */
public final class DevSignIn {
    /** Where it answers, on the operator port. */
    public static final String AUTHORIZE = "/dev/authorize";

    /** Where its codes are exchanged, on the operator port. */
    public static final String TOKEN = "/dev/token";

    /** How long a token is valid, in seconds. */
    public static final long LIFETIME_SECONDS = 600;

    private static final long CODE_SECONDS = 60;
    private static final int MAX_TEXT = 4096;

    private final SignInClient client;
    private final String audience;
    private final Path directory;
    private final Supplier<Collection<Template>> templates;
    private final Supplier<String> operator;
    private final Clock clock;
    private final PageKey codes = new PageKey(new SecretKeySpec(Pkce.random().getBytes(US_ASCII), "HmacSHA256"));

    /**
     * Makes the provider.
     *
     * @param client its only client
     * @param audience the {@code aud} of its tokens
     * @param directory the configuration directory, which holds the dev key
     * @param templates the running templates
     * @param operator the URL of the operator port, without a slash at its end
     */
    public DevSignIn(
            SignInClient client,
            String audience,
            Path directory,
            Supplier<Collection<Template>> templates,
            Supplier<String> operator,
            Clock clock) {
        this.client = client;
        this.audience = audience;
        this.directory = directory;
        this.templates = templates;
        this.operator = operator;
        this.clock = clock;
    }

    /**
     * A human.
     *
     * @param label the name, and what the human belongs to, such as {@code alice (support)}
     * @param claims what the templates ask of the human
     */
    public record Person(Human human, String label, Map<String, JsonValue> claims) {}

    /** Alice, who may start every task, and Carol, who may approve every call about which a human is asked. */
    public List<Person> people() {
        List<HumanPolicy> starts = new ArrayList<>();
        List<HumanPolicy> approves = new ArrayList<>();
        List<Template> all = templates.get().stream()
                .sorted(Comparator.comparing(Template::name))
                .toList();
        for (Template template : all) {
            starts.add(template.admission().humans());
            if (template.enforced().ask() != null) {
                approves.add(template.enforced().ask().by().humans());
            }
        }
        Person alice = named("alice", starts);
        return approves.isEmpty() ? List.of(alice) : List.of(alice, named("carol", approves));
    }

    private Person named(String subject, List<HumanPolicy> wanted) {
        Map<String, Set<String>> values = new LinkedHashMap<>();
        for (HumanPolicy policy : wanted) {
            if (policy.claim() != null) {
                values.computeIfAbsent(policy.claim(), none -> new LinkedHashSet<>())
                        .add(policy.any().get(0));
            }
        }
        JsonMembers claims = new JsonMembers();
        Set<String> all = new LinkedHashSet<>();
        values.forEach((claim, any) -> {
            all.addAll(any);
            claims.put(claim, any);
        });
        Human human = new Human(client.issuer(), subject);
        return new Person(
                human,
                all.isEmpty() ? subject : subject + " (" + String.join(", ", all) + ")",
                claims.toJson().members());
    }

    /** What a discovery document would say. */
    ProviderMetadata metadata() {
        String base = operator.get();
        return new ProviderMetadata(
                client.issuer(), URI.create(base + AUTHORIZE), URI.create(base + TOKEN), true, false);
    }

    /**
     * Where an authorization request leads: back to the client, with a code. Empty if the request is not the client's, or names nobody.
     */
    public Optional<URI> authorize(MultiValueMap<String, String> query) {
        String challenge = text(query, "code_challenge");
        Optional<Person> person = person(text(query, "login_hint"));
        if (!text(query, "response_type").equals("code")
                || !text(query, "client_id").equals(client.clientId())
                || !text(query, "redirect_uri").equals(client.callback())
                || !text(query, "code_challenge_method").equals("S256")
                || challenge.isEmpty()
                || person.isEmpty()) {
            return Optional.empty();
        }
        String payload = Base64Url.encode(Jcs.canonicalBytes(new JsonMembers()
                .put("sub", person.get().human().subject())
                .put("acr", text(query, "acr_values").replaceFirst(".*", ""))
                .put("challenge", challenge)
                .put("at", now())
                .toJson()));
        Map<String, String> answer = new LinkedHashMap<>();
        answer.put("code", payload + '.' + codes.code(payload));
        answer.put("state", text(query, "state"));
        answer.put("iss", client.issuer());
        return Optional.of(URI.create(client.callback() + '?' + FormText.encode(answer)));
    }

    /** The access token for a code; empty if the code is not one of the last minute, or the proof key is another. Reads the dev key. */
    public Optional<String> token(MultiValueMap<String, String> form) {
        String code = text(form, "code");
        int dot = code.indexOf('.');
        if (dot < 0
                || !text(form, "grant_type").equals("authorization_code")
                || !text(form, "client_id").equals(client.clientId())
                || !text(form, "redirect_uri").equals(client.callback())) {
            return Optional.empty();
        }
        String payload = code.substring(0, dot);
        if (!codes.made(code.substring(dot + 1), payload)) {
            return Optional.empty();
        }
        JsonObject made = read(payload);
        long age = now() - ((JsonNumber) Objects.requireNonNull(made.get("at"))).asLong();
        boolean holder = Sha256.base64UrlOf(text(form, "code_verifier")).equals(made.string("challenge"));
        return age < 0 || age > CODE_SECONDS || !holder
                ? Optional.empty()
                : person(String.valueOf(made.string("sub"))).map(person -> token(person, made));
    }

    private String token(Person person, JsonObject code) {
        JsonMembers claims = new JsonMembers().putAll(person.claims());
        claims.put("iss", client.issuer());
        claims.put("sub", person.human().subject());
        claims.put("preferred_username", person.label());
        claims.put("aud", audience);
        claims.put("azp", client.clientId());
        claims.put("auth_time", now());
        String acr = String.valueOf(code.string("acr"));
        if (!acr.isEmpty()) {
            claims.put("acr", acr);
        }
        return DevKey.IDP.sign(directory, claims.toJson().members(), LIFETIME_SECONDS);
    }

    private Optional<Person> person(String subject) {
        return people().stream()
                .filter(person -> person.human().subject().equals(subject))
                .findFirst();
    }

    private static JsonObject read(String payload) {
        try {
            return Json.parseObject(Objects.requireNonNull(Base64Url.decode(payload)));
        } catch (MalformedJsonException e) {
            throw new IllegalStateException("a code of ours holds no JSON", e);
        }
    }

    private long now() {
        return clock.millis() / 1000;
    }

    /** A parameter that is there once, and not too long; else empty. */
    private static String text(MultiValueMap<String, String> all, String name) {
        List<String> values = all.getOrDefault(name, List.of());
        return values.size() == 1 && values.get(0).length() <= MAX_TEXT ? values.get(0) : "";
    }
}
