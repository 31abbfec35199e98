package dev.errand.autoconfigure;

import dev.errand.config.Faults;
import dev.errand.trust.LiveDocument.MalformedDocumentException;
import dev.errand.trust.TrustBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Faults for trust bundles without an authority, which would trust nobody. Reads files. */
final class EmptyDocuments {
    private static final long MAX_BYTES = 1 << 20;

    private EmptyDocuments() {}

    static void check(ErrandProperties errand, SpringYaml yaml, Faults faults) {
        List<ErrandProperties.Workloads> workloads = errand.trust().workloads();
        for (int i = 0; i < workloads.size(); i++) {
            ErrandProperties.Workloads entry = workloads.get(i);
            if (entry.bundle().startsWith("file:") && isEmpty(entry, errand.file(entry.bundle()))) {
                faults.add(
                        yaml.at("errand.trust.workloads[" + i + "]"),
                        entry.bundle() + " holds no authority, so that no agent of '" + entry.trustDomain()
                                + "' can prove who it is: put the trust domain's bundle there (`spire-server bundle show"
                                + " -format spiffe`)");
            }
        }
    }

    private static boolean isEmpty(ErrandProperties.Workloads entry, Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                return false;
            }
            TrustBundle bundle = TrustBundle.parse(entry.trustDomain(), Files.readAllBytes(file));
            return bundle.jwtAuthorities().isEmpty() && bundle.x509Authorities().isEmpty();
        } catch (IOException | MalformedDocumentException toldElsewhere) {
            return false;
        }
    }
}
