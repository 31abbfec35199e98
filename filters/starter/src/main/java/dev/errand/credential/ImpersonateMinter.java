package dev.errand.credential;

import dev.errand.upstream.CallTask;
import dev.errand.upstream.OutgoingRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Impersonation at an apiserver of Kubernetes. The credential of a task is the text of the headers. The bearer token
 * before them is the gateway's own, and is read again when its file changes. The server issues nothing, so nothing is
 * given back. Thread-safe.
 */
record ImpersonateMinter(UpstreamCredential bearer, Subject user, List<String> groups, boolean extra, String prefix)
        implements Minter {
    private static final String USER = "Impersonate-User";
    private static final String GROUP = "Impersonate-Group";
    private static final String EXTRA = "Impersonate-Extra-errand.dev%2F";
    private static final Duration LIFETIME = Duration.ofDays(1);
    private static final Set<String> SECRET = Set.of("authorization");

    ImpersonateMinter {
        groups = List.copyOf(groups);
    }

    @Override
    public String kind() {
        return "impersonate";
    }

    @Override
    public Set<String> headerNames() {
        return Set.of(
                "authorization",
                "impersonate-user",
                "impersonate-group",
                "impersonate-uid",
                "impersonate-extra-errand.dev%2ftask",
                "impersonate-extra-errand.dev%2ftemplate",
                "impersonate-extra-errand.dev%2fhuman",
                "impersonate-extra-errand.dev%2fagent");
    }

    @Override
    public Set<String> secretNames() {
        return SECRET;
    }

    @Override
    public boolean writesLines() {
        return true;
    }

    @Override
    public void admit(CallTask task) {
        user.in(task);
    }

    @Override
    public Mono<Lease> mint(CallTask task) {
        return Mono.fromSupplier(() -> {
            List<String> lines = new ArrayList<>();
            add(lines, USER, prefix + user.in(task));
            for (String group : groups) {
                add(lines, GROUP, prefix + group);
            }
            if (extra) {
                add(lines, EXTRA + "task", task.task());
                add(lines, EXTRA + "template", task.template());
                add(lines, EXTRA + "human", task.humanSubject());
                add(lines, EXTRA + "agent", task.agent());
            }
            byte[] text = String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
            return Lease.lasting(Secret.of(text), null, false, LIFETIME, System.nanoTime());
        });
    }

    private static void add(List<String> lines, String name, @Nullable String value) {
        if (value == null) {
            return;
        }
        if (value.isEmpty() || !value.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new CredentialUnavailableException(
                    name + " can hold visible ASCII only, and the task's value for it has other characters");
        }
        lines.add(name + ": " + value);
    }

    @Override
    public Mono<Map<String, String>> headers(Lease lease, OutgoingRequest request) {
        return bearer.headers(request).map(own -> {
            Map<String, String> all = new LinkedHashMap<>(own);
            for (String line : lease.sent().reveal("").split("\n")) {
                int colon = line.indexOf(": ");
                all.merge(line.substring(0, colon), line.substring(colon + 2), (one, more) -> one + '\n' + more);
            }
            return all;
        });
    }

    @Override
    public Optional<String> fault() {
        return bearer.fault();
    }
}
