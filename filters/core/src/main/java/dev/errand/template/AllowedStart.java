package dev.errand.template;

import dev.errand.task.Approvers;
import dev.errand.task.HumanPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * What a human must do to allow a task at the page of the gateway ({@code start}).
 *
 * @param signIn how the human must have signed in
 * @param named whether the agent's request must name its human
 * @param confirm whether the human types the second half of the code
 */
public record AllowedStart(Approvers signIn, boolean named, boolean confirm) {
    /** How the human must sign in to allow many runs: anew, whatever the template says of one run. */
    public Approvers freshSignIn() {
        return new Approvers(signIn.humans(), signIn.clients(), signIn.acr(), null, true, signIn.notStarter());
    }

    /** @param maxAge how long ago the human may have signed in; zero for a new sign-in */
    static AllowedStart of(Set<String> acr, Duration maxAge, boolean named, boolean confirm) {
        HumanPolicy anybody = new HumanPolicy(null, List.of(), null, false);
        boolean fresh = maxAge.isZero();
        return new AllowedStart(
                new Approvers(anybody, Set.of(), acr, fresh ? null : maxAge, fresh, false), named, confirm);
    }
}
