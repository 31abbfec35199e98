package dev.errand.offline.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Checkout;
import dev.errand.cli.Errand;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code examples/airline}: one template for all tasks of an airline's desk. It asks about exactly the calls that break one of the
 * fourteen conditions by an evaluation in Java, on random runs.
 */
class AirlineTemplateTest {
    private static final Path EXAMPLE = Checkout.path("examples/airline");
    private static final int RUNS = 300;
    private static final int CALLS = 14;
    private static final List<String> RESERVATIONS = List.of("R1", "R2", "R3", "X9");
    private static final List<String> PAYMENTS = List.of("card_1", "gift_2", "certificate_3", "stolen_4");
    private static final List<String> CABINS = List.of("basic_economy", "economy", "business");
    private static final List<String> WRITES =
            List.of("book", "book", "cancel", "flights", "bags", "passengers", "certificate");

    @TempDir
    private Path directory;

    private final Random random = new Random(58);
    private final int[] broken = new int[15];
    private int passed;

    private String oneOf(List<String> some) {
        return some.get(random.nextInt(some.size()));
    }

    /** What the desk knows of one run, and what the fourteen conditions say. */
    private final class Run {
        private final List<String> lines = new ArrayList<>();
        private final Set<String> known = new HashSet<>();
        private final Set<String> payments = new HashSet<>();
        private final Map<String, Map<String, Object>> looks = new HashMap<>();
        private final Set<String> cancelled = new HashSet<>();
        private String membership;
        private boolean searched;
        private int booked;
        private int paidOut;

        void user() {
            String level = oneOf(List.of("regular", "silver", "gold"));
            membership = level;
            known.addAll(List.of("R1", "R2", "R3"));
            payments.addAll(List.of("card_1", "gift_2", "certificate_3"));
            line(
                    "user.get",
                    "user: a_b_1",
                    "membership: " + level + ", reservations: [R1, R2, R3], payment_methods: "
                            + "[{id: card_1, source: credit_card}, {id: gift_2, source: gift_card}, {id: certificate_3, source: certificate}]");
        }

        void look() {
            String reservation = oneOf(RESERVATIONS);
            Map<String, Object> said = new HashMap<>();
            said.put("cabin", oneOf(CABINS));
            said.put("insurance", oneOf(List.of("\"yes\"", "\"no\"")));
            said.put("total_baggages", random.nextInt(4));
            said.put("nonfree_baggages", random.nextInt(2));
            if (random.nextInt(4) == 0) {
                said.put("status", "cancelled");
            }
            if (random.nextInt(10) == 0) {
                said.remove("cabin");
            }
            looks.put(reservation, said);
            List<String> body = new ArrayList<>();
            said.forEach((name, value) -> body.add(name + ": " + value));
            line("reservation.get", "reservation: " + reservation, String.join(", ", body));
        }

        void search() {
            searched = true;
            line("flights.search", "from: JFK", "flights: []");
        }

        private void line(String operation, String arguments, String body) {
            lines.add("  - {call: air:" + operation + ", arguments: {" + arguments + "}, answers: {status: 200, body: {"
                    + body + "}}}");
        }

        void write() {
            String kind = oneOf(WRITES);
            String reservation = oneOf(RESERVATIONS);
            String payment = oneOf(PAYMENTS);
            String cabin = oneOf(CABINS);
            int bags = random.nextInt(5);
            int paid = random.nextInt(3);
            int amount = oneOf(List.of("50", "100", "300")).length() == 2 ? 50 : random.nextBoolean() ? 100 : 300;
            Map<String, Object> said = looks.get(reservation);
            Object seen = said == null ? null : said.get("cabin");
            boolean own = known.contains(reservation);
            boolean card = payments.contains(payment) && !payment.startsWith("certificate");
            boolean good = switch (kind) {
                case "book" -> hold(2, payments.contains(payment)) & hold(11, searched) & hold(12, booked < 3);
                case "cancel" ->
                    hold(1, own)
                            & hold(
                                    4,
                                    said != null
                                            && ("business".equals(seen)
                                                    || said.get("insurance").equals("\"yes\"")))
                            & hold(5, said != null && seen != null && said.get("status") == null);
                case "flights" ->
                    hold(1, own)
                            & hold(3, card)
                            & hold(6, "economy".equals(seen) || "business".equals(seen))
                            & hold(7, !cancelled.contains(reservation));
                case "bags" ->
                    hold(1, own)
                            & hold(3, card)
                            & hold(8, said != null && (int) said.get("total_baggages") <= bags)
                            & hold(9, said != null && (int) said.get("nonfree_baggages") <= paid);
                case "passengers" -> hold(1, own) & hold(10, said != null);
                default ->
                    hold(13, "silver".equals(membership) || "gold".equals(membership))
                            & hold(14, paidOut + amount <= 500);
            };
            boolean approved = random.nextInt(4) == 0;
            if (good || approved) {
                booked += kind.equals("book") ? 1 : 0;
                paidOut += kind.equals("certificate") ? amount : 0;
                if (kind.equals("cancel")) {
                    cancelled.add(reservation);
                }
                if (kind.equals("book")) {
                    known.add("X9");
                }
            }
            passed += good ? 1 : 0;
            String arguments = switch (kind) {
                case "book" -> "user: a_b_1, payment: " + payment + ", cabin: " + cabin;
                case "flights" -> "reservation: " + reservation + ", payment: " + payment + ", cabin: " + cabin;
                case "bags" ->
                    "reservation: %s, payment: %s, bags: %d, paid: %d".formatted(reservation, payment, bags, paid);
                case "certificate" -> "user: a_b_1, amount: " + amount;
                default -> "reservation: " + reservation;
            };
            String operation = switch (kind) {
                case "flights", "bags", "passengers" -> kind + ".change";
                default -> kind;
            };
            lines.add("  - {call: air:" + operation + ", arguments: {" + arguments + "}"
                    + (kind.equals("book") ? ", answers: {status: 200, body: {reservation_id: X9}}" : "")
                    + (approved ? ", approve: true" : good ? "" : ", expect: approval-required") + "}");
        }

        /** Counts a broken condition. */
        private boolean hold(int condition, boolean holds) {
            broken[condition] += holds ? 0 : 1;
            return holds;
        }
    }

    private static int errand(String command, StringWriter out, String... arguments) {
        String[] all = new String[arguments.length + 1];
        all[0] = command;
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return Errand.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(out, true))
                .execute(all);
    }

    @Test
    void example_hasFourteenConditions_andItsRunsGoAsWritten() throws IOException {
        String template = Files.readString(EXAMPLE.resolve("tasks/desk.yaml"));
        assertThat(template.lines().filter(line -> line.matches("  # \\d+\\. .*")))
                .hasSize(14);
        assertThat(template.lines().filter(line -> line.startsWith("  - {"))).hasSize(14);
        StringWriter out = new StringWriter();
        assertThat(errand("test", out, EXAMPLE.toString())).as(out.toString()).isZero();
        assertThat(errand("check", out, "--config", EXAMPLE.toString()))
                .as(out.toString())
                .isZero();
        assertThat(out.toString()).doesNotContain("warning");
    }

    @Test
    void template_asksAboutExactlyTheCallsThatBreakACondition() throws IOException {
        for (String folder : new String[] {"operations", "tasks", "tests"}) {
            Files.createDirectories(directory.resolve(folder));
        }
        for (String file : new String[] {
            "application.yaml", "idp.jwks", "example.org.json", "operations/air.yaml", "tasks/desk.yaml"
        }) {
            Files.copy(EXAMPLE.resolve(file), directory.resolve(file));
        }
        for (int i = 0; i < RUNS; i++) {
            Run run = new Run();
            run.user();
            run.look();
            for (int call = 2; call < CALLS; call++) {
                switch (random.nextInt(5)) {
                    case 0 -> run.look();
                    case 1 -> run.search();
                    default -> run.write();
                }
            }
            Files.writeString(
                    directory.resolve(String.format(Locale.ROOT, "tests/run-%03d.yaml", i)),
                    "template: desk\nparameters: {user: a_b_1}\ncalls:\n" + String.join("\n", run.lines) + "\n");
        }
        StringWriter out = new StringWriter();
        assertThat(errand("test", out, directory.toString())).as(out.toString()).isZero();
        for (int condition = 1; condition <= 14; condition++) {
            assertThat(broken[condition])
                    .as("condition %d was broken", condition)
                    .isGreaterThan(3);
        }
        assertThat(passed).isGreaterThan(RUNS);
    }
}
