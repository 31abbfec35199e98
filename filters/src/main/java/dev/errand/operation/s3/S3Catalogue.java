package dev.errand.operation.s3;

import static dev.errand.config.Keys.optional;
import static dev.errand.config.Shape.words;

import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.config.Position;
import dev.errand.config.YamlMap;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.operation.CatalogueRequest;
import dev.errand.operation.Effect;
import dev.errand.operation.JsonBody;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCall;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.RenamedCatalogue;
import dev.errand.operation.RequestHeaders;
import dev.errand.operation.Resolution;
import dev.errand.operation.declaration.CatalogueKeys;
import dev.errand.operation.declaration.Choice;
import dev.errand.operation.declaration.Declaration;
import dev.errand.operation.declaration.Labels;
import dev.errand.operation.header.HeaderRules;
import dev.errand.operation.normalise.Canonical;
import dev.errand.operation.normalise.CanonicalPath;
import dev.errand.operation.normalise.CanonicalQuery;
import dev.errand.operation.normalise.Normalisation;
import dev.errand.operation.normalise.Normalisation.EncodedSlash;
import dev.errand.operation.normalise.Normalisation.TrailingSlash;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The operations of an S3 server that is addressed by path. A request is one pair for its action, one more for the source
 * of a copy, one for each key of DeleteObjects and one for each thing that its headers grant, tag or lock. The resource is
 * {@code bucket/key} or {@code bucket}; of the service itself {@code /}. Immutable and thread-safe.
 */
public final class S3Catalogue implements OperationCatalogue {
    private static final Map<String, Boolean> STYLES = Map.of("path", true);

    /** Every key of its file, with those below it. */
    public static final Keys KEYS = CatalogueKeys.of(
            "s3",
            optional("style", words(STYLES.keySet()), "Where the bucket's name stands: in the path, as it must here."));

    /** What a catalogue of this resolver means that says nothing. */
    public static final Normalisation DEFAULTS =
            new Normalisation(EncodedSlash.REJECT, TrailingSlash.DISTINCT, true, false);

    private static final Map<String, Action> OPERATIONS = Actions.operations();

    private final Declaration declaration;
    private final Labels labels;

    private S3Catalogue(Declaration declaration, Labels labels) {
        this.declaration = declaration;
        this.labels = labels;
    }

    /** Compiles a catalogue file of {@code resolver: s3}; after a fault it is not to be used. */
    public static OperationCatalogue read(Declaration declaration, Faults faults) {
        YamlMap map = declaration.map();
        map.unknownKeys(faults, KEYS);
        Choice.of(map, "style", STYLES, true, faults);
        Normalisation settings = declaration.target().settings();
        if (settings.encodedSlash() == EncodedSlash.LITERAL) {
            faults.add(map.at("normalise"), "S3 takes %2F for a slash: 'encoded-slash' is reject or separator here");
        }
        if (settings.openQuery()) {
            faults.add(map.at("normalise"), "S3 has its own table of query keys: leave 'query' out");
        }
        return new S3Catalogue(declaration, Labels.read(map, "", OPERATIONS::containsKey, faults));
    }

    @Override
    public String name() {
        return declaration.name();
    }

    @Override
    public Optional<String> refuse(String method, String rawTarget, RequestHeaders headers) {
        return declaration.target().refuse(rawTarget, headers);
    }

    @Override
    public HeaderRules headers() {
        return declaration.target().headers();
    }

    @Override
    public boolean needsBody(CatalogueRequest request) {
        return request.method().equals("POST")
                && CanonicalQuery.parse(request.query()) instanceof Canonical.Good<CanonicalQuery> query
                && query.value().get("delete") != null;
    }

    @Override
    public int maxBodyBytes() {
        return JsonBody.MAX_BYTES;
    }

    @Override
    public Resolution resolve(CatalogueRequest request) {
        Canonical<CanonicalPath> read =
                CanonicalPath.parse(request.path(), declaration.target().settings());
        if (!(read instanceof Canonical.Good<CanonicalPath> path)) {
            return new Resolution.Malformed(((Canonical.Refused<CanonicalPath>) read).why());
        }
        Canonical<CanonicalQuery> readQuery = CanonicalQuery.parse(request.query());
        if (!(readQuery instanceof Canonical.Good<CanonicalQuery> good)) {
            return new Resolution.Malformed(((Canonical.Refused<CanonicalQuery>) readQuery).why());
        }
        CanonicalQuery query = good.value();
        for (int i = 0; i < query.size(); i++) {
            if (query.isRepeated(query.key(i))) {
                return new Resolution.Malformed("a query key is given twice");
            }
        }
        String text = path.value().text();
        if (text.indexOf('+') >= 0) {
            return new Resolution.Malformed("a + in a key, which some servers read as a space: write %2B or %20");
        }
        ObjectName name = ObjectName.of(path.value());
        if (!name.isValid()) {
            return new Resolution.Unknown("the path names no bucket and key");
        }
        try {
            List<OperationCall> calls = calls(request, name, query);
            return calls.isEmpty()
                    ? new Resolution.Unknown("no operation of " + name() + " has this method, path, query and x-amz-*"
                            + " headers (a presigned URL has none: the gateway signs)")
                    : new Resolution.Resolved(calls, text, query.text());
        } catch (UnknownRequestException e) {
            return new Resolution.Unknown("an x-amz-* header that the operation does not know");
        } catch (MalformedRequestException e) {
            return new Resolution.Malformed(String.valueOf(e.getMessage()));
        }
    }

    /** The pairs, or none if the request is no action. */
    private List<OperationCall> calls(CatalogueRequest request, ObjectName name, CanonicalQuery query)
            throws UnknownRequestException, MalformedRequestException {
        List<String> sources = request.headers().values(AmzHeaders.COPY_SOURCE);
        Action action = sources.isEmpty()
                ? Actions.find(request.method(), name.level(), query)
                : copy(request.method(), name.level(), query);
        if (action == null) {
            return List.of();
        } else if (action.id().equals(Actions.DELETE_MANY)) {
            return deletions(request, name);
        }
        List<OperationCall> calls = new ArrayList<>();
        calls.add(call(action.id(), name.resource()));
        for (String more : AmzHeaders.added(action, request.headers())) {
            calls.add(call(more, name.resource()));
        }
        if (!sources.isEmpty()) {
            ObjectName source = sources.size() == 1 ? ObjectName.source(sources.get(0)) : null;
            if (source == null) {
                throw new MalformedRequestException("x-amz-copy-source names no one bucket/key");
            }
            calls.add(1, call("GetObject", source.resource()));
        }
        return calls;
    }

    /** The copying action where the request would be its plain counterpart but for the source. */
    private static @Nullable Action copy(String method, Action.Level level, CanonicalQuery query) {
        if (!method.equals("PUT") || level != Action.Level.OBJECT) {
            return null;
        }
        Action copy = Actions.get(query.indexOf("uploadId") < 0 ? "CopyObject" : "UploadPartCopy");
        return Actions.matches(copy, query) ? copy : null;
    }

    private List<OperationCall> deletions(CatalogueRequest request, ObjectName bucket)
            throws UnknownRequestException, MalformedRequestException {
        for (String coding : request.headers().values("Content-Encoding")) {
            if (!coding.isBlank()) {
                throw new MalformedRequestException(
                        "the body of DeleteObjects cannot be read with a Content-Encoding: send it plain");
            }
        }
        if (request.headers().hasLookalike("Content-Encoding")) {
            throw new MalformedRequestException("a header that some servers take for Content-Encoding");
        }
        byte[] body = request.body();
        if (body == null || body.length == 0 || body.length > JsonBody.MAX_BYTES) {
            throw new MalformedRequestException("the body of DeleteObjects has 1 to " + JsonBody.MAX_BYTES + " bytes");
        }
        Set<String> more = AmzHeaders.added(Actions.get("DeleteObject"), request.headers());
        List<OperationCall> calls = new ArrayList<>();
        for (String key : DeleteBody.keys(body)) {
            String resource = bucket.bucket() + '/' + key;
            calls.add(call("DeleteObject", resource));
            more.forEach(id -> calls.add(call(id, resource)));
        }
        return calls;
    }

    private OperationCall call(String id, String resource) {
        JsonObject arguments = new JsonObject(Map.of("resource", new JsonString(resource)));
        return new OperationCall(operationOf(id), resource, arguments, false);
    }

    private Operation operationOf(String id) {
        return labels.operation(name(), id, Actions.get(id).effect());
    }

    @Override
    public Optional<Operation> operation(String id) {
        String own = Labels.ownId(name(), id);
        return own != null && OPERATIONS.containsKey(own) ? Optional.of(operationOf(own)) : Optional.empty();
    }

    @Override
    public Optional<Set<String>> arguments(String id) {
        return operation(id).map(found -> Set.of("resource"));
    }

    @Override
    public Set<Operation> reviewed(Set<Effect> effects) {
        return OPERATIONS.keySet().stream()
                .map(this::operationOf)
                .filter(operation -> effects.contains(operation.effect()))
                .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public Optional<Position> declared(String id) {
        String own = Labels.ownId(name(), id);
        return own == null ? Optional.empty() : labels.at(own);
    }

    @Override
    public OperationCatalogue as(String other) {
        return other.equals(name()) ? this : new RenamedCatalogue(this, other);
    }
}
