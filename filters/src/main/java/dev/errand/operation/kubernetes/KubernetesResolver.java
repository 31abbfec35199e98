package dev.errand.operation.kubernetes;

import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.RefusalStyle;
import dev.errand.operation.declaration.CatalogueKeys;
import dev.errand.operation.declaration.Declaration;
import dev.errand.operation.declaration.Labels;
import dev.errand.operation.declaration.Resolver;
import dev.errand.operation.header.HeaderRules;
import dev.errand.operation.normalise.Normalisation;
import dev.errand.operation.normalise.Normalisation.EncodedSlash;
import dev.errand.operation.normalise.Normalisation.TrailingSlash;

/** The resolver {@code kubernetes}. */
public final class KubernetesResolver implements Resolver {
    private static final Keys KEYS = CatalogueKeys.of("kubernetes");
    private static final Normalisation SPELLING =
            new Normalisation(EncodedSlash.REJECT, TrailingSlash.DISTINCT, false, true);

    @Override
    public String name() {
        return "kubernetes";
    }

    @Override
    public Keys keys() {
        return KEYS;
    }

    @Override
    public Normalisation spelling() {
        return SPELLING;
    }

    @Override
    public HeaderRules headers() {
        return HeaderRules.KUBERNETES;
    }

    @Override
    public RefusalStyle refusals() {
        return RefusalStyle.KUBERNETES;
    }

    @Override
    public OperationCatalogue read(Declaration declaration, Faults faults) {
        return new KubernetesCatalogue(declaration, Labels.read(declaration.map(), "", Verbs::isId, faults));
    }
}
