package dev.errand.load;

import io.gatling.javaapi.core.Simulation;

/** Agents that all call in one task: its state is a single record, which every call changes. */
public final class HotTask extends Simulation {
    public HotTask() {
        Call call = new Call(1);
        setUp(call.closed("hot task", call.permitted())).maxDuration(Call.longest());
    }
}
