package dev.errand.state;

import java.util.List;

class InMemoryStartStoreTest extends StartStoreContract {
    private final InMemoryStartStore store = new InMemoryStartStore();

    @Override
    protected List<InMemoryStartStore> replicas() {
        return List.of(store, store);
    }
}
