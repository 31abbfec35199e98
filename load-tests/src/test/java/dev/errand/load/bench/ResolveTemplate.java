package dev.errand.load.bench;

import dev.errand.operation.CatalogueRequest;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.Requests;
import dev.errand.operation.Resolution;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Naming the operation of a request among many path templates. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"-XX:+UseParallelGC", "-Xmx512m"})
public class ResolveTemplate {
    @Param({"50", "1500"})
    int templates;

    private final CatalogueRequest request =
            Requests.request("GET", "/v1/group7/items/42/parts/a/b/c?version=2", "Accept", "application/json");
    private OperationCatalogue catalogue = Requests.catalogue(yaml(1));

    @Setup
    public void load() {
        catalogue = Requests.catalogue(yaml(templates));
        String outcome = Requests.outcome(catalogue, request);
        if (!outcome.equals("api:op7 on group7/42/a/b/c")) {
            throw new IllegalStateException(outcome);
        }
    }

    private static String yaml(int operations) {
        StringBuilder yaml = new StringBuilder("catalogue: api\nresolver: template\nbase-path: /v1\noperations:\n");
        for (int i = 0; i < operations; i++) {
            yaml.append("  - {id: op")
                    .append(i)
                    .append(", match: {method: GET, path: \"/group")
                    .append(i);
            yaml.append("/items/{id}/parts/{path+}\"}, effect: read, resource: \"group")
                    .append(i);
            yaml.append("/{id}/{path}\", params: {version: query}}\n");
        }
        return yaml.toString();
    }

    @Benchmark
    public Resolution resolve() {
        return catalogue.resolve(request);
    }
}
