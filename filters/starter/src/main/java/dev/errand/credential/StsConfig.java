package dev.errand.credential;

import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * {@code sts}: temporary keys by AssumeRoleWithWebIdentity, and SigV4 by them.
 *
 * @param endpoint the STS, such as {@code https://sts.eu-central-1.amazonaws.com}
 * @param authorities a {@code file:} of PEM: the authorities that sign the certificate of the STS; null for the
 *     authorities of the upstream
 * @param roleArn the role; null if the server takes it from the JWT's claims
 * @param region the region of the signature
 * @param service the signing name, such as {@code s3}
 * @param tags which of the task's names become session tags; null for none
 * @param audience the {@code aud} of the JWT, which upstreams of several hosts may share; null for
 *     {@code sts.amazonaws.com}
 * @param subject whom its {@code sub} names; null for the agent
 * @param when how long the keys of a task may be used; null for as long as the task
 */
public record StsConfig(
        String endpoint,
        @Nullable String authorities,
        @Nullable String roleArn,
        String region,
        String service,
        @Nullable List<Tag> tags,
        @Nullable String audience,
        @Nullable Subject subject,
        @Nullable CredentialLifetime when)
        implements TaskCredentialConfig {
    private static final String AUDIENCE = "sts.amazonaws.com";

    /** A name of a task that becomes a session tag. */
    public enum Tag {
        TASK,
        TEMPLATE,
        HUMAN,
        AGENT
    }

    @Override
    public String server() {
        return endpoint;
    }

    @Override
    public void check(CredentialContext opening, BiConsumer<String, String> fault) {
        if (audience != null) {
            Faults.audience("sts", audience, fault);
        }
        Faults.address(opening, "sts.endpoint", endpoint, fault);
    }

    @Override
    public Minter minter(CredentialContext opening) {
        return new StsMinter(
                new HttpForm("STS", opening.server(opening.key("sts.endpoint"), endpoint), opening.http(authorities)),
                roleArn,
                region,
                service,
                tags == null ? List.of() : tags,
                opening.part(Minting.class).tokens(),
                subject == null ? Subject.AGENT : subject,
                audience == null ? AUDIENCE : audience);
    }
}
