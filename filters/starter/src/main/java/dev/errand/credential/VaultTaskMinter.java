package dev.errand.credential;

import dev.errand.upstream.CallTask;
import dev.errand.upstream.OutgoingRequest;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import reactor.core.publisher.Mono;

/**
 * Tokens of Vault or OpenBao, each from a login with a JWT that names the task. The server revokes a token together
 * with every lease that was obtained with it. Thread-safe.
 */
final class VaultTaskMinter implements Minter {
    private static final Duration LOGIN = Duration.ofMinutes(1);

    private final VaultApi vault;
    private final boolean namespaced;
    private final TaskTokens tokens;
    private final Subject subject;
    private final String audience;
    private volatile boolean maySee;

    VaultTaskMinter(VaultApi vault, boolean namespaced, TaskTokens tokens, Subject subject, String audience) {
        this.vault = vault;
        this.namespaced = namespaced;
        this.tokens = tokens;
        this.subject = subject;
        this.audience = audience;
    }

    @Override
    public String kind() {
        return "vault-login";
    }

    @Override
    public Set<String> headerNames() {
        return namespaced ? Set.of("x-vault-token", "x-vault-namespace") : secretNames();
    }

    @Override
    public Set<String> secretNames() {
        return Set.of("x-vault-token");
    }

    @Override
    public void admit(CallTask task) {
        subject.in(task);
    }

    @Override
    public Mono<Lease> mint(CallTask task) {
        return Mono.defer(() -> {
            long askedNanos = System.nanoTime();
            Secret jwt = tokens.issue(task, subject, audience, LOGIN, Map.of()).jwt();
            return vault.login(jwt)
                    .flatMap(granted -> seen(granted).thenReturn(granted))
                    .map(granted -> lease(granted, askedNanos));
        });
    }

    /**
     * Checks once that a token of the role may look itself up. Vault answers 403 both where the policies forbid the look-up and for
     * a token that it does not know. Only if the policies allow the look-up does a later 403 mean that the token is gone.
     */
    private Mono<Void> seen(VaultApi.Granted granted) {
        if (maySee) {
            return Mono.empty();
        }
        return vault.knows(granted.token()).flatMap(known -> {
            maySee = known;
            return known
                    ? Mono.<Void>empty()
                    : Mono.error(
                            new CredentialUnavailableException(
                                    vault.name()
                                            + ": the policies of the role must allow auth/token/lookup-self and auth/token/revoke-self"));
        });
    }

    @Override
    public Mono<Lease> renew(CallTask task, Lease held) {
        if (!held.renewable()) {
            return mint(task);
        }
        long askedNanos = System.nanoTime();
        return vault.renew(held.sent())
                .map(granted -> lease(granted, askedNanos))
                // Near the token's maximum lifetime a renewal hardly prolongs the lease.
                .filter(next -> next.endNanos() - held.endNanos() > 0)
                .onErrorComplete()
                .switchIfEmpty(Mono.defer(() -> mint(task)));
    }

    private static Lease lease(VaultApi.Granted granted, long askedNanos) {
        return Lease.lasting(granted.token(), null, granted.renewable(), granted.lease(), askedNanos);
    }

    @Override
    public Mono<Map<String, String>> headers(Lease lease, OutgoingRequest request) {
        return Mono.just(vault.headers(lease.sent()));
    }

    @Override
    public boolean isTakenBack() {
        return true;
    }

    @Override
    public Mono<Void> giveBack(Secret sent) {
        return vault.revoke(sent);
    }

    @Override
    public boolean isForgotten() {
        return true;
    }

    @Override
    public Mono<Boolean> isKnown(Lease lease) {
        return vault.knows(lease.sent());
    }
}
