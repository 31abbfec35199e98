package dev.errand.operation.s3;

import dev.errand.operation.Arguments;
import dev.errand.operation.Canonical;
import dev.errand.operation.CanonicalPath;
import dev.errand.operation.CanonicalQuery;
import dev.errand.operation.CatalogueRequest;
import dev.errand.operation.Declaration;
import dev.errand.operation.Effect;
import dev.errand.operation.JsonBody;
import dev.errand.operation.LabelledCatalogue;
import dev.errand.operation.Labels;
import dev.errand.operation.OperationCall;
import dev.errand.operation.Parameter;
import dev.errand.operation.Resolution;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The operations of an S3 server with path-style addresses. A request is one pair for its action, one more for the
 * source of a copy, one for each key of DeleteObjects, and one for each thing that its headers grant, tag or lock. The
 * resource is {@code bucket/key} or {@code bucket}; for the service itself it is {@code /}. Immutable and thread-safe.
 */
final class S3Catalogue extends LabelledCatalogue {
    static final Map<String, Action> OPERATIONS = Actions.operations();

    private static final Pattern ONLY_SLASHES = Pattern.compile("[^/]*//+");

    private final S3Server server;
    private final Set<String> reserved;
    /** The query keys that may stand there several times: each value is judged, and none of them selects an operation. */
    private final Set<String> lists;

    /** @param reserved names in lower case that no bucket can have */
    S3Catalogue(
            Declaration declaration, Labels labels, List<Parameter> parameters, S3Server server, Set<String> reserved) {
        super(declaration, labels, parameters);
        this.server = server;
        this.reserved = Set.copyOf(reserved);
        this.lists = parameters.stream()
                .filter(parameter -> parameter.source() == Parameter.Source.QUERY_LIST)
                .map(Parameter::key)
                .filter(key -> !Actions.isSelector(key))
                .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public boolean needsBody(CatalogueRequest request) {
        return request.method().equals("POST")
                && CanonicalQuery.parse(request.query()) instanceof Canonical.Accepted<CanonicalQuery> query
                && query.value().get("delete") != null;
    }

    @Override
    protected Resolution resolve(CatalogueRequest request, CanonicalPath path, CanonicalQuery query) {
        for (int i = 0; i < query.size(); i++) {
            if (query.isRepeated(query.key(i)) && !lists.contains(query.key(i))) {
                return new Resolution.Malformed("a query key is given twice");
            }
        }
        String text = path.text();
        if (text.indexOf('+') >= 0) {
            return new Resolution.Malformed("a + in a key, which some servers read as a space: write %2B or %20");
        }
        ObjectName name = ObjectName.of(path);
        if (!name.isValid() || isReserved(name)) {
            return new Resolution.Unknown("the path names no bucket and key");
        }
        try {
            List<OperationCall> calls = calls(request, name, query);
            if (server.foldsSlashes() && !areFolded(calls)) {
                return new Resolution.Malformed("two slashes in a key, which this server takes for one: write one, or"
                        + " 'normalise: {empty-segments: fold}' in the catalogue");
            }
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

    /**
     * Whether the catalogue folds slashes if a resource has several in a row. A key that has only slashes is refused.
     */
    private boolean areFolded(List<OperationCall> calls) {
        for (OperationCall call : calls) {
            String resource = call.resource();
            if (resource.contains("//")
                    && (!folding().emptySegments()
                            || ONLY_SLASHES.matcher(resource).matches())) {
                return false;
            }
        }
        return true;
    }

    private boolean isReserved(ObjectName name) {
        return !reserved.isEmpty() && reserved.contains(name.bucket().toLowerCase(Locale.ROOT));
    }

    /** The pairs of the request; empty if it is none of the actions. */
    private List<OperationCall> calls(CatalogueRequest request, ObjectName name, CanonicalQuery query)
            throws UnknownRequestException, MalformedRequestException {
        List<String> sources = request.headers().values(AmzHeaders.COPY_SOURCE);
        Action action = sources.isEmpty()
                ? Actions.find(request.method(), name.level(), query)
                : copy(request.method(), name.level(), query);
        if (action == null || !server.does(action.id())) {
            return List.of();
        } else if (action.id().equals(Actions.DELETE_MANY)) {
            return deletions(request, name);
        }
        List<OperationCall> calls = new ArrayList<>();
        calls.add(call(action.id(), name.resource(), request, query));
        if (!sources.isEmpty()) {
            ObjectName source = sources.size() == 1 ? ObjectName.source(sources.get(0)) : null;
            if (source == null) {
                throw new MalformedRequestException("x-amz-copy-source does not name exactly one bucket/key");
            } else if (isReserved(source)) {
                return List.of();
            }
            calls.add(call("GetObject", source.resource(), request, ObjectName.version(sources.get(0))));
        }
        for (String more : AmzHeaders.added(action, request.headers())) {
            if (!server.does(more)) {
                return List.of();
            }
            calls.add(call(more, name.resource(), request, query));
        }
        return calls;
    }

    /** The copying action of a request that has a source; null if there is none. */
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
        for (DeleteBody.Deleted deleted : DeleteBody.keys(body)) {
            String resource = bucket.bucket() + '/' + deleted.key();
            CanonicalQuery query =
                    deleted.version() == null ? CanonicalQuery.NONE : CanonicalQuery.of("versionId", deleted.version());
            calls.add(call("DeleteObject", resource, request, query));
            for (String id : more) {
                calls.add(call(id, resource, request, query));
            }
        }
        return calls;
    }

    /**
     * A pair.
     *
     * @param query the query keys and values that apply to this resource, from the target, a header or the body
     */
    private OperationCall call(String id, String resource, CatalogueRequest request, CanonicalQuery query)
            throws MalformedRequestException {
        if (parameters().isEmpty()) {
            return call(id, resource, false);
        }
        Arguments arguments = new Arguments(resource);
        String fault = arguments.read(parameters(), query, request);
        if (fault != null) {
            throw new MalformedRequestException(fault);
        }
        return new OperationCall(labelled(id), resource, arguments.toJson(), false);
    }

    @Override
    protected boolean isId(String id) {
        return OPERATIONS.containsKey(id) && server.does(id);
    }

    @Override
    protected Effect effect(String id) {
        return Actions.get(id).effect();
    }

    @Override
    protected Set<String> builtIn() {
        return OPERATIONS.keySet().stream().filter(server::does).collect(Collectors.toUnmodifiableSet());
    }
}
