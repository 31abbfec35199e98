package dev.errand.credential;

import dev.errand.jose.AppKey;
import dev.errand.upstream.CallTask;
import dev.errand.upstream.OutgoingRequest;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import reactor.core.publisher.Mono;

/** Installation tokens of a GitHub App, each for the repositories and permissions of one task. Thread-safe. */
record GitHubAppMinter(GitHubApi api, WatchedFile<AppKey> key, String app, Clock clock) implements Minter {
    /** What a check asks for: it is no task, so it names no repository. */
    private static final InstallationScope TRIAL = new InstallationScope(Set.of(), Map.of("metadata", "read"));

    /** The requests of git, which takes a token as a password only. */
    private static final Pattern GIT = Pattern.compile(".*\\.git/(?:info/refs|git-(?:upload|receive)-pack)");

    @Override
    public String kind() {
        return "github-app";
    }

    @Override
    public Set<String> headerNames() {
        return Set.of("authorization");
    }

    /** It names neither human nor agent. */
    @Override
    public void admit(CallTask task) {}

    @Override
    public Mono<Lease> mint(CallTask task) {
        return Mono.defer(() -> {
            InstallationScope.Outcome outcome =
                    InstallationScope.of(task.granted().get(), false);
            return outcome instanceof InstallationScope.Outcome.Scope found
                    ? token(found.scope())
                    : Mono.error(new CredentialUnavailableException("the task gets no installation token: it "
                            + ((InstallationScope.Outcome.None) outcome).why()));
        });
    }

    @Override
    public Mono<Lease> tried(CallTask task) {
        return token(TRIAL);
    }

    private Mono<Lease> token(InstallationScope scope) {
        return key.value().flatMap(known -> {
            long askedNanos = System.nanoTime();
            Secret jwt = Secret.of(known.jwt(app, clock.instant()).getBytes(StandardCharsets.US_ASCII));
            return api.token(jwt, scope).flatMap(granted -> {
                Duration lasts = Duration.between(clock.instant(), granted.expires());
                String fault = granted.wider()
                        ? " gave a token that may do more than was asked for"
                        : lasts.isNegative() || lasts.isZero() ? " gave a token that is over: is the clock right?" : "";
                return fault.isEmpty()
                        ? Mono.just(Lease.lasting(granted.token(), null, false, lasts, askedNanos))
                        : api.revoke(granted.token())
                                .thenReturn("")
                                .onErrorResume(failed -> Mono.just("; it could not be revoked, and is valid until "
                                        + granted.expires() + ": suspend the installation if that is too long"))
                                .flatMap(left -> Mono.error(new CredentialUnavailableException(api + fault + left)));
            });
        });
    }

    @Override
    public Mono<Map<String, String>> headers(Lease lease, OutgoingRequest request) {
        String value = GIT.matcher(request.path()).matches()
                ? "Basic "
                        + Base64.getEncoder()
                                .encodeToString(
                                        lease.sent().reveal("x-access-token:").getBytes(StandardCharsets.UTF_8))
                : lease.sent().reveal("Bearer ");
        return Mono.just(Map.of("Authorization", value));
    }

    @Override
    public boolean isTakenBack() {
        return true;
    }

    @Override
    public Mono<Void> giveBack(Secret sent) {
        return api.revoke(sent);
    }

    @Override
    public Optional<String> fault() {
        return key.fault();
    }
}
