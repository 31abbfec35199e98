package dev.errand.issuer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.issuer.StartRequests.Call;
import dev.errand.issuer.StartRequests.Reply;
import dev.errand.jose.KeyRing;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.state.InMemoryStartStore;
import dev.errand.state.InMemoryTaskStore;
import dev.errand.token.Sha256;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Starts whose values the human agreed to, and the ways in which an agent would have other ones. */
class PinnedStartTest {
    private static final String ALLOW = """
            parameters: {invoices: {list: "[0-9]{1,6}", max: 3}}
            delegation: {max-depth: 1, max-children: 2}
            allow:
              bank:transfer: {account: {pinned: true}, amount: {pinned: {range: {max: 500}}}, note: {pinned: true, optional: true}, invoice: {one_of: "{invoices}"}}
              bank:balance: {}
            """;

    private static String template(String name, String consent) {
        return """
                template: %s
                agents: ["spiffe://example.org/agent/release-bot"]
                humans: {issuer: "https://idp.example.org"%s}
                """.formatted(name, consent) + ALLOW;
    }

    private static final List<String> TEMPLATES = List.of(
            template("task", ", consent: task"),
            template("claim", ", consent: {claim: errand_values}"),
            template("free", ""));

    private static final String ACCOUNT = "{\"constraint_type\":\"exact\",\"value\":\"DE42\"}";
    private static final String AMOUNT = "{\"constraint_type\":\"exact\",\"value\":120}";
    private static final String INVOICE = "{\"constraint_type\":\"one_of\",\"values\":[\"17\",\"18\"]}";
    private static final String GOOD = tools(ACCOUNT, AMOUNT, "");
    private static final String TRANSFER =
            "{\"account\":" + ACCOUNT + ",\"amount\":" + AMOUNT + ",\"invoice\":" + INVOICE + "}";

    @TempDir
    Path directory;

    private IssuerServer server;

    @BeforeEach
    void startServer() throws Exception {
        server = new IssuerServer(
                KeyRing.createIfAbsent(directory.resolve("keys.jwks")),
                false,
                10_000,
                new InMemoryTaskStore(),
                new InMemoryStartStore(),
                TEMPLATES);
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    private static String tools(String account, String amount, String more) {
        return "{\"bank:transfer\":{\"account\":" + account + ",\"amount\":" + amount + more + ",\"invoice\":" + INVOICE
                + "},\"bank:balance\":{}}";
    }

    private static String digest(String tools) {
        return Sha256.labelOf(Jcs.canonicalBytes(StartRequests.parse(tools)));
    }

    private static String start(String template, String more) {
        return "{\"type\":\"errand_start\",\"template\":\"" + template
                + "\",\"parameters\":{\"invoices\":[\"17\",\"18\"]}" + more + "}";
    }

    private static String agreed(String digest) {
        return ",\"digest\":\"" + digest + "\"";
    }

    private static String details(String start, String tools) {
        return "[" + start + (tools == null ? "" : ",{\"type\":\"attenuating_agent_token\",\"tools\":" + tools + "}")
                + "]";
    }

    /** A start under consent: what the human's token holds, and what the agent asks for. */
    private static Call call(String consent, String asked) {
        Call call = StartRequests.start().details(asked);
        if (consent != null) {
            call.human.put("authorization_details", StartRequests.parse(consent));
            call.human.computeIfPresent("authorization_details", (n, v) -> new Raw(Jcs.canonical((JsonValue) v)));
        }
        return call;
    }

    /** JSON as it stands. */
    private record Raw(String json) {
        @Override
        public String toString() {
            return json;
        }
    }

    private static Map<String, JsonValue> granted(Reply reply) {
        JsonArray details = (JsonArray) reply.body().get("authorization_details");
        return details.values().stream()
                .map(JsonObject.class::cast)
                .filter(each -> "attenuating_agent_token".equals(each.string("type")))
                .findFirst()
                .orElseThrow()
                .object("tools")
                .members();
    }

    @Test
    void start_whatTheHumanAgreedTo_isGranted() {
        Call call = call("[" + start("task", agreed(digest(GOOD))) + "]", details(start("task", ""), GOOD));

        Reply reply = call.send(server);

        assertThat(reply.status()).as(reply.raw().body()).isEqualTo(200);
        assertThat(Jcs.canonical(granted(reply).get("bank:transfer"))).isEqualTo(TRANSFER);
        assertThat(granted(reply)).containsKey("bank:balance");
        JsonObject task = StartRequests.claims(reply.token()).object("task");
        assertThat(Jcs.canonical(task.object("parameters"))).isEqualTo("{\"invoices\":[\"17\",\"18\"]}");
        assertThat(call.again().send(server).token()).as("the same request").isEqualTo(reply.token());
    }

    @Test
    void start_byAClaim_isGranted_andNeedsNoEntryForParameters() {
        Call call = call(null, details(start("claim", ""), GOOD));
        call.human.put("errand_values", digest(GOOD));

        Reply reply = call.send(server);

        assertThat(Jcs.canonical(granted(reply).get("bank:transfer"))).isEqualTo(TRANSFER);
    }

    @Test
    void start_withoutConsent_mustFixTheValuesAllTheSame() {
        assertThat(granted(call(null, details(start("free", ""), GOOD)).send(server)))
                .containsKey("bank:transfer");
        assertThat(granted(call(null, details(start("free", ""), null)).send(server)))
                .containsOnlyKeys("bank:balance");
        assertThat(granted(call(null, details(start("free", ""), "{\"bank:transfer\":{},\"bank:balance\":{}}"))
                        .send(server)))
                .containsOnlyKeys("bank:balance");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"constraint_type\":\"exact\",\"value\":501}",
                "{\"constraint_type\":\"one_of\",\"values\":[1,501]}",
                "{\"constraint_type\":\"exact\",\"value\":\"120\"}"
            })
    void start_aValueBeyondTheTemplate_isRefused_evenIfTheHumanAgreed(String amount) {
        String tools = tools(ACCOUNT, amount, "");
        Reply reply = call("[" + start("task", agreed(digest(tools))) + "]", details(start("task", ""), tools))
                .send(server);

        assertThat(reply.error()).isEqualTo("invalid_authorization_details");
    }

    @Test
    void start_anArgumentThatMayBeAbsent_isFixedAsAbsentOrToItsValue() {
        String noted = tools(ACCOUNT, AMOUNT, ",\"note\":{\"constraint_type\":\"exact\",\"value\":\"rent\"}");
        Reply reply = call("[" + start("task", agreed(digest(noted))) + "]", details(start("task", ""), noted))
                .send(server);

        assertThat(Jcs.canonical(granted(reply).get("bank:transfer")))
                .contains("\"note\":{\"constraint_type\":\"exact\",\"value\":\"rent\"}");
    }

    @Test
    void start_severalValuesWithinARange_areGranted() {
        String tools = tools(ACCOUNT, "{\"constraint_type\":\"one_of\",\"values\":[120,500]}", "");
        Reply reply = call("[" + start("task", agreed(digest(tools))) + "]", details(start("task", ""), tools))
                .send(server);

        assertThat(Jcs.canonical(granted(reply).get("bank:transfer"))).contains("[120,500]");
    }

    @Test
    void start_digestOfTheRequest_mustBeThatOfItsTools() {
        assertThat(call(null, details(start("free", agreed(digest(GOOD))), GOOD))
                        .send(server)
                        .status())
                .isEqualTo(200);
        assertThat(call(null, details(start("free", agreed(digest("{}"))), GOOD))
                        .send(server)
                        .error())
                .isEqualTo("invalid_authorization_details");
        assertThat(call(null, details(start("free", ",\"digest\":\"x\""), GOOD))
                        .send(server)
                        .error())
                .isEqualTo("invalid_authorization_details");
    }

    /** One way to have another value than the human agreed to. */
    private record Way(String what, Call call) {}

    /** The agent cannot widen, choose or replace a pinned value. */
    @TestFactory
    Stream<DynamicTest> ways() {
        List<Way> ways = new ArrayList<>();
        String any = "{\"constraint_type\":\"wildcard\"}";
        String other = "{\"constraint_type\":\"exact\",\"value\":\"XX99\"}";
        String both = "{\"constraint_type\":\"one_of\",\"values\":[\"DE42\",\"XX99\"]}";
        Map<String, String> asked = new java.util.LinkedHashMap<>();
        asked.put("another account", tools(other, AMOUNT, ""));
        asked.put("one more account", tools(both, AMOUNT, ""));
        asked.put("any account", tools(any, AMOUNT, ""));
        asked.put(
                "all accounts but one",
                tools("{\"constraint_type\":\"not_one_of\",\"excluded\":[\"DE42\"]}", AMOUNT, ""));
        asked.put(
                "an account in a clause",
                tools("{\"constraint_type\":\"any\",\"constraints\":[" + ACCOUNT + "]}", AMOUNT, ""));
        asked.put(
                "accounts below a path",
                tools("{\"constraint_type\":\"path_containment\",\"root\":\"DE42\"}", AMOUNT, ""));
        asked.put("another amount", tools(ACCOUNT, "{\"constraint_type\":\"exact\",\"value\":499}", ""));
        asked.put("a range of amounts", tools(ACCOUNT, "{\"constraint_type\":\"range\",\"max\":500}", ""));
        asked.put("the amount as a text", tools(ACCOUNT, "{\"constraint_type\":\"exact\",\"value\":\"120\"}", ""));
        asked.put(
                "an account that may be absent",
                tools("{\"constraint_type\":\"exact\",\"value\":\"DE42\",\"optional\":true}", AMOUNT, ""));
        asked.put(
                "a note of its own",
                tools(ACCOUNT, AMOUNT, ",\"note\":{\"constraint_type\":\"exact\",\"value\":\"to Eve\"}"));
        asked.put("any note", tools(ACCOUNT, AMOUNT, ",\"note\":" + any));
        asked.put("any other argument", tools(ACCOUNT, AMOUNT, ",\"*\":" + any));
        asked.put("any arguments", "{\"bank:transfer\":{},\"bank:balance\":{}}");
        asked.put(
                "no account",
                "{\"bank:transfer\":{\"amount\":" + AMOUNT + ",\"invoice\":" + INVOICE + "},\"bank:balance\":{}}");
        asked.put("one invoice alone", GOOD.replace("[\"17\",\"18\"]", "[\"17\"]"));
        asked.put("the values in another order", GOOD.replace("[\"17\",\"18\"]", "[\"18\",\"17\"]"));
        asked.put("one operation more", GOOD.replace("\"bank:balance\":{}", "\"bank:balance\":{},\"bank:other\":{}"));
        asked.forEach((what, tools) -> ways.add(new Way(
                what, call("[" + start("task", agreed(digest(GOOD))) + "]", details(start("task", ""), tools)))));
        ways.add(new Way(
                "no entry at all",
                call("[" + start("task", agreed(digest(GOOD))) + "]", details(start("task", ""), null))));
        ways.add(new Way("no digest", call("[" + start("task", "") + "]", details(start("task", ""), GOOD))));
        ways.add(new Way(
                "the digest in its own request alone",
                call("[" + start("task", "") + "]", details(start("task", agreed(digest(GOOD))), GOOD))));
        ways.add(new Way(
                "the digest of other parameters",
                call(
                        "[" + start("task", agreed(digest(GOOD))).replace("[\"17\",\"18\"]", "[\"17\"]") + ","
                                + start("task", "") + "]",
                        details(start("task", ""), GOOD))));
        ways.add(new Way(
                "the digest of another template",
                call(
                        "[" + start("free", agreed(digest(GOOD))) + "," + start("task", "") + "]",
                        details(start("task", ""), GOOD))));
        Call byClaim = call("[" + start("task", "") + "]", details(start("task", ""), GOOD));
        byClaim.human.put("errand_values", digest(GOOD));
        ways.add(new Way("a claim where the entry is asked for", byClaim));
        ways.add(new Way(
                "the entry where a claim is asked for",
                call("[" + start("claim", agreed(digest(GOOD))) + "]", details(start("claim", ""), GOOD))));
        Call list = call(null, details(start("claim", ""), GOOD));
        list.human.put("errand_values", List.of(digest(GOOD)));
        ways.add(new Way("a claim that is a list", list));
        Call empty = call(null, details(start("claim", ""), null));
        empty.human.put("errand_values", digest("{}"));
        ways.add(new Way("the digest of nothing", empty));
        Call claimed = call(null, details(start("claim", ""), tools(other, AMOUNT, "")));
        claimed.human.put("errand_values", digest(GOOD));
        ways.add(new Way("another account than the claim's", claimed));
        Call header = call(null, details(start("claim", ""), GOOD));
        header.headers.put("errand_values", digest(GOOD));
        ways.add(new Way("the claim as a header", header));
        Call form = call(null, details(start("claim", ""), GOOD));
        form.form.put("errand_values", digest(GOOD));
        ways.add(new Way("the claim in the form", form));
        ways.add(new Way(
                "two entries of tools",
                call(
                        "[" + start("task", agreed(digest(GOOD))) + "]",
                        details(start("task", ""), GOOD)
                                .replaceFirst(
                                        "]$",
                                        ",{\"type\":\"attenuating_agent_token\",\"tools\":" + tools(other, AMOUNT, "")
                                                + "}]"))));
        ways.add(new Way(
                "two members of one name",
                call(
                        "[" + start("task", agreed(digest(GOOD))) + "]",
                        details(
                                start("task", ""),
                                GOOD.replaceFirst("\"account\":", "\"account\":" + other + ",\"account\":")))));
        assertThat(ways).hasSizeGreaterThanOrEqualTo(30);
        return ways.stream()
                .map(way -> DynamicTest.dynamicTest(way.what, () -> {
                    Reply reply = way.call.send(server);
                    if (reply.status() == 200) {
                        assertThat(granted(reply)).doesNotContainKey("bank:transfer");
                    } else {
                        assertThat(reply.error()).isIn("invalid_authorization_details", "invalid_grant");
                    }
                }));
    }
}
