package dev.errand.web.refusal;

import java.util.List;

/**
 * The forms of a refusal. Immutable.
 *
 * @param list the first that fits a refusal is its form; the last fits every refusal
 */
public record RefusalForms(List<RefusalForm> list) {
    /** The forms of the product; each further one is one entry here. */
    public static final RefusalForms ALL = new RefusalForms(List.of(
            new KubernetesStatus(),
            new S3Error(),
            new JsonRpcError(),
            new VaultErrors(),
            new OciErrors(),
            new PlainText(),
            new Problem()));

    public RefusalForms {
        list = List.copyOf(list);
    }

    public RefusalForm of(RefusalContent told) {
        return list.stream().filter(form -> form.fits(told)).findFirst().orElseThrow();
    }
}
