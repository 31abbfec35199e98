package dev.errand.it;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Collects cases, by what they must be refused as. */
final class Cases {
    private final Scene scene;
    private final List<Case> all = new ArrayList<>();

    Cases(Scene scene) {
        this.scene = scene;
    }

    Scene scene() {
        return scene;
    }

    List<Case> all() {
        return List.copyOf(all);
    }

    /** A token or chain that does not verify. */
    Cases token(String step, String name, Supplier<Attempt> attempt) {
        return add(step + " " + name, attempt, 401, "invalid-token", step, false);
    }

    /** A root signed by the gateway's own key, with one change in its claims. */
    Cases root(String step, String name, UnaryOperator<String> claims) {
        return token(step, name, () -> Attempt.by(scene.forged(claims)));
    }

    /** A child signed by the root's holder, with one change in its claims. */
    Cases child(String step, String name, UnaryOperator<String> claims) {
        return token(step, name, () -> Attempt.by(scene.derived(claims)));
    }

    /** A proof that does not verify. */
    Cases proof(String step, String name, Supplier<Attempt> attempt) {
        return add(step + " " + name, attempt, 401, "invalid-proof", step, false);
    }

    /** Another refusal of an unverified caller. */
    Cases refused(int status, String code, String name, Supplier<Attempt> attempt) {
        return add(name, attempt, status, code, null, false);
    }

    /** A refusal of a verified holder. */
    Cases holder(int status, String code, @Nullable String step, String name, Supplier<Attempt> attempt) {
        return add(name, attempt, status, code, step, true);
    }

    Cases add(
            String name, Supplier<Attempt> attempt, int status, String code, @Nullable String step, boolean verified) {
        all.add(new Case(name, attempt, scene.gateway(), status, code, step, verified));
        return this;
    }

    /** The last case is sent to the second replica. */
    Cases atTheReplica() {
        Case last = all.remove(all.size() - 1);
        all.add(new Case(
                last.name(),
                last.attempt(),
                scene.replica(),
                last.status(),
                last.code(),
                last.step(),
                last.verified()));
        return this;
    }
}
