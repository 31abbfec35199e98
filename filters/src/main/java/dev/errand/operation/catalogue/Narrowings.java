package dev.errand.operation.catalogue;

import dev.errand.operation.Narrowing;
import dev.errand.operation.WrittenGrant;
import dev.errand.operation.kubernetes.KubernetesNarrowing;
import dev.errand.operation.template.CredentialNarrowing;
import java.util.List;
import java.util.Objects;

/** All ways in which this build reads grants more narrowly than the build before did. Immutable. */
public record Narrowings(List<Narrowing> list) {
    /** The narrowings of this build. A further one is one more line here. */
    public static final Narrowings ALL = new Narrowings(List.of(new CredentialNarrowing(), new KubernetesNarrowing()));

    public Narrowings {
        list = List.copyOf(list);
    }

    /** One sentence for each way in which the grant is narrower now. */
    public List<String> of(WrittenGrant grant) {
        return list.stream()
                .map(narrowing -> narrowing.of(grant))
                .filter(Objects::nonNull)
                .toList();
    }
}
