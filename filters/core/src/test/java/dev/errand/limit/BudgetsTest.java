package dev.errand.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BudgetsTest {
    private static List<String> names(Budgets budgets) {
        return IntStream.range(0, budgets.size()).mapToObj(budgets::name).toList();
    }

    @Test
    void names_areInTheirOrder_howeverTheyCame() {
        Budgets budgets = new Budgets.Builder(2)
                .add("token:2", 7)
                .add("task", 3)
                .add("calls", 1)
                .add("token:10", 5)
                .add("op:vault:kv.read", 0)
                .build();
        assertThat(names(budgets)).containsExactly("calls", "op:vault:kv.read", "task", "token:10", "token:2");
        assertThat(budgets.asMap())
                .containsExactly(
                        entry("calls", 1L),
                        entry("op:vault:kv.read", 0L),
                        entry("task", 3L),
                        entry("token:10", 5L),
                        entry("token:2", 7L));
    }

    @Test
    void sameName_keepsTheLeast() {
        Budgets budgets = new Budgets.Builder(4)
                .add("task", 3)
                .add("token:0", 9)
                .add("token:0", 4)
                .add("token:0", 6)
                .add("task", 5)
                .build();
        assertThat(budgets.asMap()).containsExactly(entry("task", 3L), entry("token:0", 4L));
    }

    @Test
    void get_findsEachAndNoOther() {
        Budgets.Builder builder = new Budgets.Builder(0);
        IntStream.range(0, 40).forEach(i -> builder.add("token:" + i, i));
        Budgets budgets = builder.build();
        assertThat(budgets.size()).isEqualTo(40);
        IntStream.range(0, 40)
                .forEach(i -> assertThat(budgets.get("token:" + i)).isEqualTo(i));
        assertThat(budgets.get("token:40")).isNull();
        assertThat(budgets.get("")).isNull();
    }

    @Test
    void built_isNotChangedByItsBuilder() {
        Budgets.Builder builder = new Budgets.Builder(1).add("calls", 2);
        Budgets first = builder.build();
        Budgets second = builder.add("calls", 1).add("task", 4).build();
        assertThat(first.asMap()).containsExactly(entry("calls", 2L));
        assertThat(second.asMap()).containsExactly(entry("calls", 1L), entry("task", 4L));
    }

    @Test
    void equality_isOfNamesAndWhatIsLeft() {
        Budgets one = new Budgets.Builder(2).add("calls", 1).add("task", 2).build();
        Budgets same = new Budgets.Builder(5).add("task", 2).add("calls", 1).build();
        assertThat(one).isEqualTo(same).hasSameHashCodeAs(same).hasToString("{calls=1, task=2}");
        assertThat(one)
                .isNotEqualTo(
                        new Budgets.Builder(2).add("calls", 1).add("task", 3).build());
        assertThat(one)
                .isNotEqualTo(
                        new Budgets.Builder(2).add("calls", 1).add("tasks", 2).build());
        assertThat(new Budgets.Builder(3).build()).isSameAs(Budgets.NONE);
    }
}
