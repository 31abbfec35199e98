package dev.errand.operation.catalogue;

import dev.errand.operation.Narrowing;
import dev.errand.operation.WrittenGrant;
import dev.errand.operation.kubernetes.KubernetesNarrowing;
import dev.errand.operation.template.CredentialNarrowing;
import java.util.List;
import java.util.Objects;

/** What this build reads more narrowly than the build before. Immutable. */
public record Narrowings(List<Narrowing> list) {
    /** Those of this build; each further one is one line here. */
    public static final Narrowings ALL = new Narrowings(List.of(new CredentialNarrowing(), new KubernetesNarrowing()));

    public Narrowings {
        list = List.copyOf(list);
    }

    /** A sentence for each way in which the grant is narrower. */
    public List<String> of(WrittenGrant grant) {
        return list.stream()
                .map(narrowing -> narrowing.of(grant))
                .filter(Objects::nonNull)
                .toList();
    }
}
