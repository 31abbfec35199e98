package dev.errand.cli;

import dev.errand.operation.OperationForm;
import java.util.ArrayList;
import java.util.List;

/** Operations as {@code check --operations} prints them: a line each, in columns. */
final class OperationListing {
    private OperationListing() {}

    static List<String> lines(List<OperationForm> forms) {
        List<List<String>> rows = forms.stream()
                .map(form -> List.of(
                        form.method(),
                        form.path(),
                        form.id(),
                        form.effect().wire(),
                        form.resource().isEmpty() ? "resource by the resolver" : "resource " + form.resource(),
                        form.arguments().isEmpty() ? "" : "arguments " + String.join(", ", form.arguments())))
                .toList();
        int columns = rows.isEmpty() ? 0 : rows.get(0).size();
        int[] widths = new int[columns];
        rows.forEach(row -> {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        });
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                if (widths[i] > 0) {
                    line.append(line.isEmpty() ? "" : "  ")
                            .append(row.get(i))
                            .append(" ".repeat(widths[i] - row.get(i).length()));
                }
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }
}
