package dev.errand.gateway.it;

/** How Vault's audit device calls what the shipped catalogue of Vault names. */
final class VaultAudit {
    private VaultAudit() {}

    /** An operation in the words of Vault's audit: its operation and its path. */
    static String words(String operation, String resource) {
        String path = resource.startsWith("secret/") ? resource.substring("secret/".length()) : "";
        return switch (operation) {
            case "kv.read" -> "read secret/data/" + path;
            case "kv.write" -> "write secret/data/" + path;
            case "kv.delete" -> "delete secret/data/" + path;
            case "kv.delete-versions" -> "write secret/delete/" + path;
            case "kv.undelete" -> "write secret/undelete/" + path;
            case "kv.destroy" -> "write secret/destroy/" + path;
            case "kv.subkeys" -> "read secret/subkeys/" + path;
            case "kv.list" -> "list secret/metadata/" + (path.isEmpty() ? "" : path + '/');
            case "kv.metadata.read" -> "read secret/metadata/" + path;
            case "kv.metadata.write" -> "write secret/metadata/" + path;
            case "kv.metadata.delete" -> "delete secret/metadata/" + path;
            case "kv.config.read" -> "read secret/config";
            case "kv.config.write" -> "write secret/config";
            case "transit.key.read" -> "read " + resource.replace("transit/", "transit/keys/");
            case "transit.sign", "transit.verify", "transit.encrypt", "transit.decrypt" ->
                "write " + resource.replace("transit/", operation.replace('.', '/') + "/");
            case "aws.credentials" -> "read " + resource.replace("aws/", "aws/creds/");
            case "token.lookup-self" -> "read auth/token/lookup-self";
            case "token.renew-self" -> "write auth/token/renew-self";
            case "lease.renew" -> "write sys/leases/renew";
            case "lease.revoke" -> "write sys/leases/revoke";
            case "mount.read" -> "read sys/internal/ui/mounts/" + resource;
            case "health" -> "read sys/health";
            default -> operation + ' ' + resource;
        };
    }
}
