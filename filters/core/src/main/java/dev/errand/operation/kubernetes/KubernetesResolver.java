package dev.errand.operation.kubernetes;

import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.config.YamlMap;
import dev.errand.operation.CatalogueKeys;
import dev.errand.operation.Declaration;
import dev.errand.operation.HeaderProtocol;
import dev.errand.operation.Labels;
import dev.errand.operation.Normalisation;
import dev.errand.operation.Normalisation.EncodedSlash;
import dev.errand.operation.Normalisation.TrailingSlash;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.Parameters;
import dev.errand.operation.RefusalStyle;
import dev.errand.operation.Resolver;

/** The resolver {@code kubernetes}. */
public final class KubernetesResolver implements Resolver {
    private static final Keys KEYS = CatalogueKeys.of("kubernetes", Parameters.OF_ALL);
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
    public HeaderProtocol protocol() {
        return HeaderProtocol.KUBERNETES;
    }

    @Override
    public RefusalStyle refusals() {
        return RefusalStyle.KUBERNETES;
    }

    @Override
    public OperationCatalogue read(Declaration declaration, Faults faults) {
        YamlMap map = declaration.map();
        Normalisation settings = declaration.target().settings();
        if (settings.encodedSlash() == EncodedSlash.LITERAL) {
            faults.add(
                    map.at("normalise"),
                    "an apiserver takes %2F for a slash: 'encoded-slash' is reject or separator here");
        }
        if (settings.emptySegments()) {
            faults.add(map.at("normalise"), "an apiserver knows no empty segment: 'empty-segments' is reject here");
        }
        return new KubernetesCatalogue(
                declaration,
                Labels.read(map, "", Verbs::isId, faults),
                Parameters.ofAll(map, declaration.target(), faults));
    }
}
