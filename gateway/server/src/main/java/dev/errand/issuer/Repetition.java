package dev.errand.issuer;

import dev.errand.denial.StartReason;
import dev.errand.jose.SigningKey;
import dev.errand.jose.SigningKeys;
import dev.errand.state.StartStore.Claim;
import dev.errand.template.Template;
import dev.errand.token.HolderKey;
import dev.errand.token.SpiffeId;
import java.time.Clock;
import java.util.Optional;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/**
 * Gives a repeated start its first answer (RFC 8693 section 2.2.1). The token is made again from the stored values of
 * the start and from the request, under the same template revision and by the same key. Its signing input is the same,
 * byte by byte, and the stored hash shows this. A token that can no longer be made is {@code invalid_grant}.
 * Thread-safe, never blocking.
 *
 * @param revisions the template of a {@code sha-256:} revision, running or not
 */
record Repetition(
        SigningKeys keys, IssuerSettings settings, Function<String, Mono<Optional<Template>>> revisions, Clock clock) {
    private static final Refusal OTHER =
            Refusal.of(StartReason.USED, OauthError.INVALID_GRANT, "the subject token has started another task");
    private static final Refusal PAST = Refusal.of(
            StartReason.GONE,
            OauthError.INVALID_GRANT,
            "the subject token has started a task, and its answer can no longer be given: the key or the template is gone");

    /**
     * The answer to a request whose subject token was used before. Only if it is refused does it count as a start.
     *
     * @param judge what the start is granted under a revision of its template
     */
    Mono<Answer> answer(
            Claim claim,
            SpiffeId agent,
            HolderKey holder,
            SubjectToken subject,
            Function<Template, Outcome<Grant>> judge,
            StartAttempt attempt) {
        if (!(claim instanceof Claim.Same same)) {
            return attempt.refused(OTHER);
        }
        StartSheet sheet = StartSheet.read(same.answer());
        Optional<SigningKey> key = keys.ids().stream()
                .filter(id -> StartSheet.keyOf(id).equals(sheet.key()))
                .findFirst()
                .flatMap(keys::issuingKey);
        if (key.isEmpty()) {
            return attempt.refused(PAST);
        }
        return revisions
                .apply(sheet.revision())
                .map(template ->
                        template.flatMap(found -> again(sheet, key.get(), found, agent, holder, subject, judge)))
                .flatMap(answer -> answer.map(Mono::just).orElseGet(() -> attempt.refused(PAST)));
    }

    private Optional<Answer> again(
            StartSheet sheet,
            SigningKey key,
            Template template,
            SpiffeId agent,
            HolderKey holder,
            SubjectToken subject,
            Function<Template, Outcome<Grant>> judge) {
        if (!(judge.apply(template) instanceof Outcome.Accepted<Grant> accepted)) {
            return Optional.empty();
        }
        RootToken root = RootToken.sign(
                key,
                settings.issuer(),
                StartSheet.jtiOf(sheet.taskId()),
                sheet.taskId(),
                sheet.issuedAt(),
                holder,
                agent,
                subject,
                accepted.value().living(sheet.lifetimeSeconds()));
        return StartSheet.hashOf(root).equals(sheet.inputHash())
                ? Optional.of(new StartedTask(root.compact(), root.expiry(), root.details(), sheet.taskId())
                        .answer(clock.instant().getEpochSecond()))
                : Optional.empty();
    }
}
