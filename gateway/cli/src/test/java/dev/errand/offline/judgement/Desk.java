package dev.errand.offline.judgement;

import dev.errand.config.Faults;
import dev.errand.offline.learn.TemplateText;
import dev.errand.operation.OperationCatalogue;
import dev.errand.template.CatalogueDirectory;
import dev.errand.template.CatalogueLoader;
import dev.errand.template.Policies;
import dev.errand.template.Template;
import dev.errand.template.TemplateParser;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The travel desk that the corpus is about: its catalogue, and two templates for each task. */
final class Desk {
    private Desk() {}

    static final String CATALOGUE = """
            catalogue: desk
            resolver: template
            operations:
              - {id: customer.read, match: {method: GET, path: "/customers/{id}"}, effect: read, resource: "customers/{id}"}
              - {id: flight.search, match: {method: GET, path: "/flights"}, effect: list, resource: flights}
              - {id: policy.read, match: {method: GET, path: "/policies/{id}"}, effect: read, resource: "policies/{id}"}
              - {id: booking.read, match: {method: GET, path: "/bookings/{id}"}, effect: read, resource: "{id}"}
              - {id: invoice.read, match: {method: GET, path: "/invoices/{id}"}, effect: read, resource: "{id}"}
              - {id: mail.read, match: {method: GET, path: "/mails/{id}"}, effect: read, resource: "mails/{id}", yields: untrusted}
              - {id: booking.change, match: {method: PATCH, path: "/bookings/{id}"}, effect: write, resource: "{id}", params: {flight: "body:/flight"}, needs: {trusted: [resource, flight]}, record: [flight]}
              - {id: booking.cancel, match: {method: DELETE, path: "/bookings/{id}"}, effect: delete, resource: "{id}", needs: {trusted: [resource]}}
              - {id: refund.pay, match: {method: POST, path: "/refunds/{id}"}, effect: write, resource: "{id}", params: {account: "body:/account", amount: "body:/amount"}, needs: {trusted: [resource, account, amount]}, record: [account, amount]}
              - {id: invoice.pay, match: {method: POST, path: "/invoices/{id}/payment"}, effect: write, resource: "{id}", params: {account: "body:/account", amount: "body:/amount"}, needs: {trusted: [resource, account, amount]}, record: [account, amount]}
              - {id: claim.pay, match: {method: POST, path: "/claims/{id}"}, effect: write, resource: "{id}", params: {account: "body:/account", amount: "body:/amount"}, needs: {trusted: [resource, account, amount]}, record: [account, amount]}
              - {id: mail.send, match: {method: POST, path: "/mails"}, effect: write, resource: mails, params: {to: "body:/to"}, needs: {trusted: [to]}, record: [to]}
              - {id: user.create, match: {method: PUT, path: "/users/{id}"}, effect: admin, resource: "users/{id}", needs: {trusted: [resource]}}
              - {id: user.grant, match: {method: POST, path: "/users/{id}/roles"}, effect: admin, resource: "users/{id}", params: {role: "body:/role"}, needs: {trusted: [resource, role]}, record: [role]}
            """;

    private static final OperationCatalogue READ = read();

    private static final String HEAD = """
            template: %s
            agents: ["spiffe://example.org/agent/desk"]
            humans: {issuer: "https://idp.example.org", consent: task}
            lifetime: 30m
            parameters: {bookings: {list: "[A-Z0-9]{6}", max: 8}}
            """;

    /** What an operator grants who does not know yet what the task needs. */
    private static final String WIDE = HEAD + """
            allow:
              "desk:*": {effects: [read, list, write, delete, admin]}
            on-violation: {not-granted: deny, repeated: {denials: 1000, within: 1m, then: deny}}
            """;

    private static final Map<String, String> PINNED = Map.of(
            "rebook", "desk:booking.change: {resource: {one_of: \"{bookings}\"}, flight: {pinned: true}}",
            "refund", """
                    desk:booking.cancel: {resource: {one_of: "{bookings}"}}
                      desk:refund.pay: {resource: {one_of: "{bookings}"}, account: {pinned: true}, amount: {pinned: {range: {max: 1000}}}}""",
            "pay",
                    "desk:invoice.pay: {resource: {one_of: \"{bookings}\"}, account: {pinned: true}, amount: {pinned: {range:"
                            + " {max: 1000}}}}",
            "reply", "desk:mail.send: {resource: {exact: mails}, to: {pinned: true}}",
            "onboard", """
                    desk:user.create: {resource: {pinned: true}}
                      desk:user.grant: {resource: {pinned: true}, role: {pinned: {one_of: [clerk, reader]}}}""",
            "claim",
                    "desk:claim.pay: {resource: {one_of: \"{bookings}\"}, account: {pinned: true}, amount: {range: {max: 5000}}}");

    /** What the human fixes of a task, and who is asked about the rest. */
    static String pinned(String task) {
        return HEAD.formatted(task) + """
                allow:
                  "desk:*": {effects: [read, list]}
                """ + "  " + PINNED.get(task) + "\n" + """
                limits: {calls: 60}
                flow: enforce
                on-violation: {flow: ask, not-granted: deny, repeated: {denials: 1000, within: 1m, then: deny}}
                ask: {by: {issuer: "https://idp.example.org", clients: [approvals]}, pending: 16}
                """;
    }

    static String wide(String task) {
        return WIDE.formatted(task);
    }

    static OperationCatalogue catalogue() {
        return READ;
    }

    private static OperationCatalogue read() {
        Faults faults = new Faults();
        OperationCatalogue catalogue = CatalogueLoader.parse("desk.yaml", CATALOGUE, Path.of("."), faults);
        if (catalogue == null || !faults.isEmpty()) {
            throw new IllegalStateException(faults.toString());
        }
        return catalogue;
    }

    static Template template(String text) {
        return template("template", text);
    }

    /** What stands beside the running template, in a file of its own. */
    static Template candidate(String text) {
        return template("task.candidate.yaml", TemplateText.candidate(text));
    }

    private static Template template(String file, String text) {
        Faults faults = new Faults();
        return new TemplateParser()
                .parse(file, text, new CatalogueDirectory(List.of(catalogue())), faults)
                .orElseThrow(() -> new IllegalStateException(faults + "\n" + text));
    }

    static Policies policies(Template... templates) {
        Map<String, Template> byName = new java.util.HashMap<>();
        for (Template template : templates) {
            byName.put(template.name(), template);
        }
        return new Policies("", Map.of("desk", catalogue()), byName);
    }
}
