package dev.errand.load;

import io.gatling.javaapi.core.Simulation;

/** Agents that each call as fast as they are answered, every one in a task of its own. */
public final class Steady extends Simulation {
    public Steady() {
        Call call = new Call(Call.users());
        setUp(call.closed("steady", call.permitted())).maxDuration(Call.longest());
    }
}
