package dev.errand.operation.s3;

import static dev.errand.config.Keys.optional;
import static dev.errand.config.Shape.strings;
import static dev.errand.config.Shape.words;

import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.config.YamlMap;
import dev.errand.operation.CatalogueKeys;
import dev.errand.operation.Choice;
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
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The resolver {@code s3}. */
public final class S3Resolver implements Resolver {
    private static final Map<String, Boolean> STYLES = Map.of("path", true);
    private static final Map<String, S3Server> SERVERS = Choice.words(S3Server.values());
    private static final Keys KEYS = CatalogueKeys.of(
            "s3",
            optional("style", words(STYLES.keySet()), "Where the bucket's name stands. Only path is possible."),
            optional(
                    "server",
                    words(SERVERS.keySet()),
                    "Which server it is. Only operations of that server are named; aws if left out."),
            optional("reserved", strings(), "Reserved names of buckets: a request to such a bucket is unknown."),
            Parameters.OF_ALL);
    private static final Normalisation SPELLING =
            new Normalisation(EncodedSlash.REJECT, TrailingSlash.DISTINCT, true, false).withSemicolons();

    @Override
    public String name() {
        return "s3";
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
        return HeaderProtocol.S3;
    }

    @Override
    public RefusalStyle refusals() {
        return RefusalStyle.S3;
    }

    @Override
    public OperationCatalogue read(Declaration declaration, Faults faults) {
        YamlMap map = declaration.map();
        Choice.of(map, "style", STYLES, true, faults);
        Normalisation settings = declaration.target().settings();
        if (settings.encodedSlash() == EncodedSlash.LITERAL) {
            faults.add(map.at("normalise"), "S3 takes %2F for a slash: 'encoded-slash' is reject or separator here");
        }
        if (settings.openQuery()) {
            faults.add(map.at("normalise"), "S3 has its own table of query keys: leave 'query' out");
        }
        S3Server server = Choice.of(map, "server", SERVERS, S3Server.AWS, faults);
        Set<String> reserved = new HashSet<>(server.reserved());
        for (String bucket : map.strings("reserved", faults)) {
            if (bucket.isEmpty() || bucket.indexOf('/') >= 0) {
                faults.add(map.at("reserved"), "'" + bucket + "' is no name of a bucket");
            }
            reserved.add(bucket.toLowerCase(Locale.ROOT));
        }
        return new S3Catalogue(
                declaration,
                Labels.read(map, "", S3Catalogue.OPERATIONS::containsKey, faults),
                Parameters.ofAll(map, declaration.target(), faults),
                server,
                reserved);
    }
}
