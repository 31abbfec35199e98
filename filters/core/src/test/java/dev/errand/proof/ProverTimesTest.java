package dev.errand.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.proof.Proofs.Read;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How long proofs take: CPU time, so that other work of the machine does not count. */
class ProverTimesTest {
    private static final List<String> OPERATIONS = List.of("t:read", "t:write", "t:pay", "t:delete", "t:look");
    private static final long SECOND = 1_000_000_000L;

    private static long cpu() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    @Test
    void shippedTemplates_takeLessThan2Seconds() {
        for (Read read : Proofs.shipped()) {
            long begin = cpu();
            for (String property : List.of(
                    "never: \"*:*\", effects: [delete, admin]",
                    "approval: \"*:*\", effects: [delete]",
                    "bounded: \"*:*\", at-most: 2000",
                    "distinct: \"vault:kv.read\", of: resource, at-most: 3",
                    "absence: \"*:*\", effects: [write, execute], after: \"k8s:apps/deployments.patch\", same: [resource]")) {
                assertThat(read.told(property)).isNotEmpty();
            }
            assertThat(cpu() - begin).as(read.template().name()).isLessThan(2 * SECOND);
        }
    }

    @Test
    void plansOf64Steps_with20Rules() {
        StringBuilder text = new StringBuilder("allow:\n");
        OPERATIONS.forEach(id -> text.append("  ").append(id).append(": {resource: {path_containment: x}}\n"));
        text.append("sequence:\n");
        for (int i = 0; i < 64; i++) {
            text.append("  - {\"").append(OPERATIONS.get(i % 4)).append("\": 1..3}\n");
        }
        text.append("interleave: [t:look]\nrules:\n");
        for (int i = 0; i < 20; i++) {
            String one = OPERATIONS.get(i % 5);
            String other = OPERATIONS.get((i + 1 + i / 5) % 5);
            text.append("  - {")
                    .append(
                            switch (i % 4) {
                                case 0 -> "bounded: \"" + one + "\", at-most: " + (20 + i) + ", same: [resource]";
                                case 1 ->
                                    "absence: \"" + one + "\", after: \"" + other
                                            + "\", when: failed, same: [resource]";
                                case 2 -> "bounded: \"" + one + "\", at-most: 30, within: 1m";
                                default -> "distinct: \"" + one + "\", of: resource, at-most: 12";
                            })
                    .append("}\n");
        }
        Read read = Proofs.template(text.toString());
        long begin = cpu();
        assertThat(read.told("precedence: \"t:read\", before: \"t:delete\"")).isEqualTo("holds");
        assertThat(read.told("precedence: \"t:delete\", before: \"t:read\"")).startsWith("does not hold");
        assertThat(read.told("bounded: \"t:write\", at-most: 3")).startsWith("does not hold");
        assertThat(read.told("absence: \"t:read\", after: \"t:delete\", when: failed, same: [resource]"))
                .isNotEmpty();
        assertThat(read.told("bounded: \"t:pay\", at-most: 48, same: [resource]"))
                .isNotEmpty();
        assertThat(cpu() - begin).isLessThan(10 * SECOND);
    }

    /** Each of many operations passes without a human by three arguments, in which four parameters stand. */
    @Test
    void manyClauses_withParameters() {
        StringBuilder catalogue = new StringBuilder("catalogue: t\nresolver: template\noperations:\n");
        StringBuilder allow = new StringBuilder("allow:\n");
        for (int i = 0; i < 30; i++) {
            catalogue
                    .append("  - {id: o")
                    .append(i)
                    .append(", match: {method: POST, path: \"/")
                    .append(i)
                    .append("/{r}\"}, effect: write, resource: \"{r}\", params: {a: \"body:/a\", b: \"body:/b\"}}\n");
            allow.append("  t:o")
                    .append(i)
                    .append(
                            ": {resource: {path_containment: \"{p}/{q}\"}, a: {exact: \"{r}\"}, b: {one_of: [\"{s}\", c]},"
                                    + " ask: {unless: {resource: {one_of: [x/y, z/y, x/w]}, a: {one_of: [d, e, f]}, b: {exact: g}}}}\n");
        }
        String head = "parameters: {p: \"[a-z]+\", q: \"[a-z]+\", r: \"[a-z]+\", s: \"[a-z]+\"}\n"
                + "ask: {by: {claim: g, any: [a], clients: [c]}}\n";
        Read read = Proofs.template(head + allow, Proofs.operations(catalogue.toString()));
        long begin = cpu();
        assertThat(read.told("approval: \"t:o1\"")).startsWith("does not hold for x: shortest run: 1. t:o1 on ");
        assertThat(read.told("bounded: \"t:*\", at-most: 3, approved: false")).startsWith("does not hold");
        assertThat(read.told("never: \"t:*\", effects: [delete], approved: false"))
                .isEqualTo("holds");
        assertThat(cpu() - begin).isLessThan(20 * SECOND);
    }
}
