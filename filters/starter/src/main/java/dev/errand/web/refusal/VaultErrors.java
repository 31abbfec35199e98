package dev.errand.web.refusal;

import dev.errand.json.JsonWriter;
import dev.errand.operation.RefusalStyle;
import org.springframework.http.MediaType;

/** The list of errors of Vault and OpenBao (HTTP API, "Error response"). */
final class VaultErrors implements RefusalForm {
    @Override
    public boolean fits(RefusalContent told) {
        return told.style() == RefusalStyle.VAULT;
    }

    @Override
    public MediaType contentType() {
        return MediaType.APPLICATION_JSON;
    }

    @Override
    public byte[] body(RefusalContent told) {
        JsonWriter json = new JsonWriter().object().name("errors").array();
        return json.element(told.message()).endArray().end().toBytes();
    }
}
