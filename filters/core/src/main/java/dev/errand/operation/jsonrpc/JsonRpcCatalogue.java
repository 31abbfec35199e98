package dev.errand.operation.jsonrpc;

import static dev.errand.config.Shape.text;

import dev.errand.json.FoldedNames;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.operation.CanonicalPath;
import dev.errand.operation.CanonicalQuery;
import dev.errand.operation.CatalogueRequest;
import dev.errand.operation.Declaration;
import dev.errand.operation.Effect;
import dev.errand.operation.JsonBody;
import dev.errand.operation.LabelledCatalogue;
import dev.errand.operation.Labels;
import dev.errand.operation.OperationCall;
import dev.errand.operation.RequestHeaders;
import dev.errand.operation.Resolution;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The operations of an MCP server. The arguments of a tool call are the tool's own. For a resource, {@code resource} is
 * its URI, for a prompt its name, for any other message the endpoint's path. Immutable and thread-safe.
 */
final class JsonRpcCatalogue extends LabelledCatalogue {
    private static final FoldedNames SELECTING = FoldedNames.of(List.of("name", "uri", "arguments"));

    private final String path;

    JsonRpcCatalogue(Declaration declaration, String path, Labels labels) {
        super(declaration, labels);
        this.path = path;
    }

    /** Refuses upgrades: MCP's streamable HTTP has none, and nothing would check the messages in a WebSocket. */
    @Override
    public Optional<String> refuse(String method, String rawTarget, RequestHeaders headers) {
        if (!headers.values("Upgrade").isEmpty()) {
            return Optional.of("an MCP endpoint takes no Upgrade: no message of a WebSocket could be judged");
        }
        return super.refuse(method, rawTarget, headers);
    }

    @Override
    public Optional<String> endpoint() {
        return Optional.of(path);
    }

    @Override
    public boolean needsBody(CatalogueRequest request) {
        return request.method().equals("POST");
    }

    @Override
    protected Resolution resolve(CatalogueRequest request, CanonicalPath at, CanonicalQuery query) {
        if (!at.text().equals(path)) {
            return new Resolution.Unknown("the endpoint of " + name() + " is " + path);
        }
        if (query.size() > 0 && !target().settings().openQuery()) {
            return new Resolution.Malformed("a query key that no operation of " + name() + " declares");
        }
        String session = McpHeaders.refuseSession(request.headers());
        if (session != null) {
            return new Resolution.Malformed(session);
        }
        String text = query.text();
        return switch (request.method()) {
            case "POST" -> message(request, text);
            case "GET", "HEAD" -> bodiless(request, RpcIds.STREAM, text);
            case "DELETE" -> bodiless(request, RpcIds.END, text);
            default -> new Resolution.Unknown("an MCP endpoint takes POST, GET and DELETE");
        };
    }

    private Resolution bodiless(CatalogueRequest request, String id, @Nullable String query) {
        String mismatch = McpHeaders.refuse(request.headers(), null, null);
        return mismatch == null ? resolved(id, path, null, query) : new Resolution.Malformed(mismatch);
    }

    private Resolution message(CatalogueRequest request, @Nullable String query) {
        if (request.headers().values("Content-Type").isEmpty()) {
            return new Resolution.Malformed("a message has the Content-Type application/json");
        }
        JsonBody body = JsonBody.of(request);
        String fault = body.fault();
        if (fault != null) {
            return new Resolution.Malformed(fault);
        } else if (!(body instanceof JsonBody.Value document)) {
            return new Resolution.Malformed("a POST without a JSON-RPC message");
        }
        RpcMessage message = RpcMessage.of(((JsonBody.Value) body).value());
        if (message instanceof RpcMessage.Malformed malformed) {
            return new Resolution.Malformed(malformed.why());
        } else if (message instanceof RpcMessage.Call call) {
            return call(call, request.headers(), query);
        }
        return bodiless(request, RpcIds.REPLY, query);
    }

    private Resolution call(RpcMessage.Call call, RequestHeaders headers, @Nullable String query) {
        String lookalike = SELECTING.lookalike(call.params());
        if (lookalike != null) {
            return new Resolution.Malformed(
                    "a parameter that differs from '" + lookalike + "' only in case or Unicode form");
        }
        String key = switch (call.method()) {
            case "tools/call", "prompts/get" -> "name";
            case "resources/read", "resources/subscribe", "resources/unsubscribe" -> "uri";
            default -> "";
        };
        String named = key.isEmpty() ? null : call.params().string(key);
        if (named == null && !key.isEmpty()) {
            return new Resolution.Malformed(call.method() + " needs the parameter '" + key + "', a string");
        }
        String mismatch = McpHeaders.refuse(headers, call.method(), named);
        if (mismatch != null) {
            return new Resolution.Malformed(mismatch);
        }
        if (named == null) {
            return RpcIds.isMethod(call.method())
                    ? resolved(call.method().replace('/', '.'), path, null, query)
                    : new Resolution.Unknown("no operation has this method: it is words of letters, digits, _ and -");
        } else if (key.equals("uri")) {
            return resolved(call.method().replace('/', '.'), named, null, query);
        } else if (!RpcIds.isName(named)) {
            return new Resolution.Unknown("no operation has this name: it is letters, digits and _ - . /");
        }
        return call.method().equals("tools/call")
                ? tool(named, call.params().get("arguments"), query)
                : resolved(RpcIds.PROMPT + named, named, null, query);
    }

    private Resolution tool(String tool, @Nullable JsonValue arguments, @Nullable String query) {
        if (arguments == null) {
            return resolved(RpcIds.TOOL + tool, tool, JsonObject.EMPTY, query);
        } else if (!(arguments instanceof JsonObject own)) {
            return new Resolution.Malformed("the arguments of a tool must be an object");
        } else if (!Jcs.isAdmissible(own)) {
            return new Resolution.Malformed("an argument is a number that no double holds exactly");
        } else {
            return resolved(RpcIds.TOOL + tool, tool, own, query);
        }
    }

    private Resolution resolved(String id, String resource, @Nullable JsonObject arguments, @Nullable String query) {
        JsonObject given = arguments == null ? resourceOnly(resource) : arguments;
        return new Resolution.Resolved(List.of(new OperationCall(labelled(id), resource, given, false)), path, query);
    }

    /** The arguments of a tool are known to its server only. */
    @Override
    public Optional<Set<String>> arguments(String id) {
        String own = Labels.ownId(name(), id);
        return own == null || own.startsWith(RpcIds.TOOL) ? Optional.empty() : super.arguments(id);
    }

    @Override
    protected boolean isId(String id) {
        return RpcIds.isId(id);
    }

    @Override
    protected Effect effect(String id) {
        return RpcIds.effect(id);
    }

    @Override
    protected boolean isProtocol(String id) {
        return RpcIds.isProtocol(id);
    }

    @Override
    protected Set<String> builtIn() {
        return RpcIds.builtIn();
    }
}
