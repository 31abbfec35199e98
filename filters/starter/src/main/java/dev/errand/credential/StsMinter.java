package dev.errand.credential;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.upstream.CallTask;
import dev.errand.upstream.OutgoingRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import software.amazon.awssdk.identity.spi.AwsSessionCredentialsIdentity;

/**
 * Temporary keys of an STS, for the shortest time that AWS and MinIO give. No server takes them back; they end after
 * this time. Thread-safe.
 */
final class StsMinter implements Minter {
    private static final Duration LEAST = Duration.ofSeconds(900);
    private static final Duration LOGIN = Duration.ofMinutes(1);

    /** AWS's claim for session tags. */
    private static final String TAGS = "https://aws.amazon.com/tags";

    private final HttpForm sts;
    private final @Nullable String role;
    private final SigV4Signer signer;
    private final List<StsConfig.Tag> tags;
    private final TaskTokens tokens;
    private final Subject subject;
    private final String audience;

    StsMinter(
            HttpForm sts,
            @Nullable String role,
            String region,
            String service,
            List<StsConfig.Tag> tags,
            TaskTokens tokens,
            Subject subject,
            String audience) {
        this.sts = sts;
        this.role = role;
        this.signer = new SigV4Signer(region, service);
        this.tags = List.copyOf(tags);
        this.tokens = tokens;
        this.subject = subject;
        this.audience = audience;
    }

    @Override
    public String kind() {
        return "sts";
    }

    @Override
    public Set<String> headerNames() {
        return SigV4Signer.WRITTEN;
    }

    @Override
    public Set<String> secretNames() {
        return SigV4Signer.SECRET;
    }

    @Override
    public boolean readsFields() {
        return true;
    }

    @Override
    public void admit(CallTask task) {
        subject.in(task);
    }

    @Override
    public Mono<Lease> mint(CallTask task) {
        return Mono.defer(() -> {
            long askedNanos = System.nanoTime();
            return sts.post(form(task), null).map(answer -> {
                StsAnswer keys = StsAnswer.parse(answer);
                Secret kept = Secret.of((keys.id() + '\n' + keys.secret()).getBytes(StandardCharsets.UTF_8));
                Secret sent = Secret.of(keys.session().getBytes(StandardCharsets.UTF_8));
                if (!sent.isHeaderValue()) {
                    throw new CredentialUnavailableException(sts + " gave a session token that no header can hold");
                }
                return Lease.lasting(sent, kept, false, LEAST, askedNanos);
            });
        });
    }

    private Map<String, String> form(CallTask task) {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("Action", "AssumeRoleWithWebIdentity");
        form.put("Version", "2011-06-15");
        if (role != null) {
            form.put("RoleArn", role);
        }
        form.put("RoleSessionName", task.task());
        form.put("DurationSeconds", Long.toString(LEAST.toSeconds()));
        form.put(
                "WebIdentityToken",
                tokens.issue(task, subject, audience, LOGIN, claims(task)).jwt().reveal(""));
        return form;
    }

    private Map<String, JsonValue> claims(CallTask task) {
        Map<String, JsonValue> principal = new LinkedHashMap<>();
        for (StsConfig.Tag tag : tags) {
            String value = value(tag, task);
            if (value != null) {
                principal.put(
                        tag.name().toLowerCase(Locale.ROOT), new JsonArray(List.of(new JsonString(tagValue(value)))));
            }
        }
        return principal.isEmpty()
                ? Map.of()
                : Map.of(TAGS, new JsonObject(Map.of("principal_tags", new JsonObject(principal))));
    }

    private static @Nullable String value(StsConfig.Tag tag, CallTask task) {
        return switch (tag) {
            case TASK -> task.task();
            case TEMPLATE -> task.template();
            case HUMAN -> Subject.HUMAN.in(task);
            case AGENT -> Subject.AGENT.in(task);
        };
    }

    /** The value of a tag. Every byte outside {@code [A-Za-z0-9.:/@-]} is written {@code =XX}. */
    static String tagValue(String text) {
        StringBuilder out = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            boolean plain =
                    b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || ".:/@-".indexOf(b) >= 0;
            out.append(plain ? String.valueOf((char) b) : String.format("=%02X", b & 0xff));
        }
        return out.toString();
    }

    @Override
    public Mono<Map<String, String>> headers(Lease lease, OutgoingRequest request) {
        return Mono.fromSupplier(() -> {
            Secret kept = lease.kept();
            String[] keys = kept == null ? new String[0] : kept.reveal("").split("\n", -1);
            return signer.sign(
                    request,
                    AwsSessionCredentialsIdentity.create(
                            keys[0], keys[1], lease.sent().reveal("")));
        });
    }
}
