package dev.errand.operation.template;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.operation.Arguments;
import dev.errand.operation.Canonical;
import dev.errand.operation.CanonicalPath;
import dev.errand.operation.CanonicalQuery;
import dev.errand.operation.CatalogueRequest;
import dev.errand.operation.Declaration;
import dev.errand.operation.DeclaredCatalogue;
import dev.errand.operation.Effect;
import dev.errand.operation.HeaderRules;
import dev.errand.operation.ImportReport;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCall;
import dev.errand.operation.OperationForm;
import dev.errand.operation.Parameter;
import dev.errand.operation.Resolution;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A catalogue in which method, path and selecting query keys name the operation. Immutable and thread-safe. */
final class TemplateCatalogue extends DeclaredCatalogue {
    private final SegmentTrie trie;
    private final Map<String, TemplateOperation> operations;
    private final List<OperationForm> forms;
    private final Set<String> selectors;
    private final boolean readsBodies;

    /** By id: the rules of the operations that have a parameter in a header. No other operation passes this header. */
    private final Map<String, HeaderRules> declaring;

    private final @Nullable ImportReport imports;

    TemplateCatalogue(Declaration declaration, List<PathRule> rules, @Nullable ImportReport imports) {
        super(
                declaration,
                rules.stream()
                        .flatMap(rule -> rule.target().parameters().stream())
                        .toList());
        this.imports = imports;
        this.trie = new SegmentTrie(rules);
        Map<String, TemplateOperation> byId = new LinkedHashMap<>();
        rules.forEach(rule -> byId.put(rule.target().operation().id(), rule.target()));
        this.operations = Map.copyOf(byId);
        this.forms = rules.stream()
                .map(PathRule::form)
                .sorted(Comparator.comparing(OperationForm::id))
                .toList();
        this.selectors = rules.stream()
                .flatMap(rule -> rule.selectors().keySet().stream())
                .collect(Collectors.toUnmodifiableSet());
        this.declaring = declaring(byId, target().headers());
        this.readsBodies = rules.stream().anyMatch(PathRule::readsBody);
    }

    private static Map<String, HeaderRules> declaring(Map<String, TemplateOperation> operations, HeaderRules common) {
        Map<Set<String>, HeaderRules> byHeaders = new HashMap<>();
        Map<String, HeaderRules> declaring = new HashMap<>();
        operations.forEach((id, operation) -> {
            Set<String> headers = Parameter.headers(operation.parameters());
            if (!headers.isEmpty()) {
                declaring.put(id, byHeaders.computeIfAbsent(headers, common::declaring));
            }
        });
        return Map.copyOf(declaring);
    }

    @Override
    public HeaderRules headers(String id) {
        return declaring.isEmpty() ? headers() : declaring.getOrDefault(id, target().headers());
    }

    @Override
    protected boolean answersLarge(Operation operation) {
        TemplateOperation found = operations.get(operation.id());
        return found != null && found.large();
    }

    @Override
    public boolean readsBodies() {
        return readsBodies;
    }

    @Override
    public boolean needsBody(CatalogueRequest request) {
        if (!readsBodies
                || !(CanonicalPath.parse(request.path(), target().settings())
                        instanceof Canonical.Accepted<CanonicalPath> path)
                || !(CanonicalQuery.parse(request.query()) instanceof Canonical.Accepted<CanonicalQuery> query)) {
            return false;
        }
        for (PathRule rule : trie.best(request.method(), path.value(), query.value())) {
            if (rule.readsBody()) {
                return true;
            }
        }
        return false;
    }

    @Override
    protected Resolution resolve(CatalogueRequest request, CanonicalPath path, CanonicalQuery query) {
        for (int i = 0; i < query.size(); i++) {
            if (selectors.contains(query.key(i)) && (query.isRepeated(query.key(i)) || !query.isPlain(i))) {
                return new Resolution.Malformed("a query key that selects the operation is given twice or holds a +");
            }
        }
        List<PathRule> best = trie.best(request.method(), path, query);
        if (best.isEmpty()) {
            return new Resolution.Unknown("no operation of " + name() + " has this method and path");
        }
        PathRule rule = best.get(0);
        Each each = rule.each();
        if (each != null) {
            return resolveEach(best, each, path, query, request);
        } else if (best.size() > 1 && best.stream().anyMatch(other -> other.target() != rule.target())) {
            Set<String> ids = new TreeSet<>();
            best.forEach(candidate -> ids.add(candidate.target().operation().id()));
            return new Resolution.Ambiguous(new ArrayList<>(ids));
        }
        return resolve(rule, path, query, request);
    }

    /**
     * Resolves a request that names paths besides its own resource. Each operation that they select is one pair: its grant must
     * permit the resource with each of its paths behind it.
     */
    private Resolution resolveEach(
            List<PathRule> best, Each each, CanonicalPath path, CanonicalQuery query, CatalogueRequest request) {
        Each.Values values = each.values(best.get(0).template(), path, request);
        if (values instanceof Each.Values.Refused refused) {
            return new Resolution.Malformed(refused.why());
        }
        List<String> paths = ((Each.Values.Found) values).paths();
        Map<PathRule, List<String>> byRule = new LinkedHashMap<>();
        for (String value : paths.isEmpty() ? List.of("") : paths) {
            List<PathRule> special = best.stream()
                    .filter(rule -> rule.each() != null && rule.each().covers(value))
                    .toList();
            List<PathRule> chosen = special.isEmpty()
                    ? best.stream()
                            .filter(rule ->
                                    rule.each() == null || rule.each().below().isEmpty())
                            .toList()
                    : special;
            if (chosen.size() != 1) {
                return chosen.isEmpty()
                        ? new Resolution.Unknown("no operation of " + name() + " is for this path of the body")
                        : new Resolution.Ambiguous(chosen.stream()
                                .map(rule -> rule.target().operation().id())
                                .toList());
            }
            byRule.computeIfAbsent(chosen.get(0), rule -> new ArrayList<>()).add(value);
        }
        List<OperationCall> calls = new ArrayList<>();
        Resolution.Resolved whole = null;
        for (Map.Entry<PathRule, List<String>> entry : byRule.entrySet()) {
            Resolution named = resolve(entry.getKey(), path, query, request);
            if (!(named instanceof Resolution.Resolved one)) {
                return named;
            }
            whole = one;
            List<OperationCall> own =
                    each.pointer() == null ? one.calls() : behind(one.calls().get(0), entry.getValue());
            calls.add(own.get(0).needing(own.subList(1, own.size())));
        }
        return Objects.requireNonNull(whole).with(calls);
    }

    /** The call once for each of the paths, which stands behind its resource. */
    private static List<OperationCall> behind(OperationCall call, List<String> paths) {
        return paths.stream()
                .map(path -> {
                    String resource = path.isEmpty() ? call.resource() : call.resource() + '/' + path;
                    Map<String, JsonValue> arguments =
                            new LinkedHashMap<>(call.arguments().members());
                    arguments.put("resource", new JsonString(resource));
                    return new OperationCall(call.operation(), resource, new JsonObject(arguments), false);
                })
                .toList();
    }

    private Resolution resolve(PathRule rule, CanonicalPath path, CanonicalQuery query, CatalogueRequest request) {
        TemplateOperation found = rule.target();
        if (!target().settings().openQuery()) {
            for (int i = 0; i < query.size(); i++) {
                String key = query.key(i);
                if (!found.queryKeys().contains(key) && !rule.selectors().containsKey(key)) {
                    return new Resolution.Malformed((key.isEmpty() ? "an empty query key, which " : "a query key that ")
                            + found.operation().id()
                            + " does not declare");
                }
            }
        }
        String resource = rule.resource().of(path);
        Arguments arguments = new Arguments(resource);
        String fault = arguments.read(found.parameters(), query, request);
        if (fault != null) {
            return new Resolution.Malformed(fault);
        }
        OperationCall call = new OperationCall(found.operation(), resource, arguments.toJson(), false);
        return new Resolution.Resolved(List.of(call), path.text(), query.text());
    }

    @Override
    public Optional<Operation> operation(String id) {
        return Optional.ofNullable(operations.get(id)).map(TemplateOperation::operation);
    }

    @Override
    public Optional<Set<String>> arguments(String id) {
        return Optional.ofNullable(operations.get(id)).map(TemplateOperation::arguments);
    }

    @Override
    public Set<String> permissions(String id) {
        TemplateOperation found = operations.get(id);
        return found == null ? Set.of() : found.permissions();
    }

    @Override
    public Set<Operation> reviewed(Set<Effect> effects) {
        return operations.values().stream()
                .map(TemplateOperation::operation)
                .filter(operation -> operation.effect() != Effect.UNREVIEWED && effects.contains(operation.effect()))
                .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public List<OperationForm> forms() {
        return forms;
    }

    @Override
    public Optional<ImportReport> imports() {
        return Optional.ofNullable(imports);
    }
}
