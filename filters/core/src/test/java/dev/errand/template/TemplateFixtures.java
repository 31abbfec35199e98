package dev.errand.template;

import dev.errand.operation.Effect;
import dev.errand.operation.Operation;
import dev.errand.token.ParameterValue;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** A good template, and the operations that it may name. */
final class TemplateFixtures {
    private TemplateFixtures() {}

    /** Texts by the names of their parameters. */
    static Map<String, ParameterValue> texts(Map<String, String> texts) {
        return texts.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, entry -> ParameterValue.of(entry.getValue())));
    }

    static final String GOOD = """
            template: release
            description: Deploy one service to staging
            agents: ["spiffe://example.org/agent/release-*"]
            humans: {claim: groups, any: [release-managers]}
            starts: {active: 4, limit: {capacity: 10, per: 1h}}
            lifetime: 15m
            delegation: {max-depth: 2, max-children: 8}
            parameters: {service: "[a-z][a-z0-9-]{0,39}"}
            allow:
              vault:kv.read: {resource: {path_containment: "secret/ci/{service}"}}
              ci:pipeline.trigger: {resource: {exact: "{service}"}}
              ci:pipeline.get: {}
            limits:
              task: [{capacity: 40, per: 10s}, {capacity: 400, per: 10m, observe: true}]
              operations: {vault:kv.read: [{capacity: 3, per: 1m}]}
              calls: 200
            sequence:
              - vault:kv.read: 1..3
              - ci:pipeline.trigger
            interleave: [ci:pipeline.get]
            rules:
              - {bounded: ci:pipeline.get, at-most: 30, within: 60s}
            on-violation: {sequence: deny, rule: interrupt, limit: throttle, not-granted: deny, repeated: {denials: 3, within: 30s, then: interrupt}}
            cut: task
            instruction: {require: true}
            streams: {max: 2, each: 5m}
            flow: observe
            """;

    static final OperationDirectory OPERATIONS = new OperationDirectory() {
        private final List<Operation> all = List.of(
                new Operation("vault:kv.read", Effect.READ, false, false),
                new Operation("vault:kv.list", Effect.LIST, false, false),
                new Operation("vault:kv.write", Effect.WRITE, false, false),
                new Operation("vault:sys.raw", Effect.UNREVIEWED, false, false),
                new Operation("ci:pipeline.trigger", Effect.EXECUTE, false, false),
                new Operation("ci:pipeline.get", Effect.READ, false, false));

        @Override
        public Optional<Operation> find(String id) {
            return all.stream().filter(each -> each.id().equals(id)).findAny();
        }

        @Override
        public Optional<Set<String>> arguments(String id) {
            return Optional.empty();
        }

        @Override
        public Collection<String> catalogues() {
            return List.of("vault", "ci");
        }

        @Override
        public Collection<Operation> operations(String catalogue) {
            return all.stream()
                    .filter(each -> each.id().startsWith(catalogue + ":"))
                    .toList();
        }
    };

    /** The good template with one line (the only one that begins so) replaced. */
    static String with(String begins, String replacement) {
        StringBuilder out = new StringBuilder();
        int replaced = 0;
        for (String line : GOOD.split("\n")) {
            if (line.startsWith(begins)) {
                replaced++;
                out.append(replacement).append('\n');
            } else {
                out.append(line).append('\n');
            }
        }
        if (replaced != 1) {
            throw new IllegalArgumentException(replaced + " lines begin with " + begins);
        }
        return out.toString();
    }
}
