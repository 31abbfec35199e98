package dev.errand.it;

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
            case "kv.scan" -> "scan secret/metadata/" + path;
            case "transit.key.read" -> "read " + resource.replace("transit/", "transit/keys/");
            case "transit.sign", "transit.verify", "transit.encrypt", "transit.decrypt" ->
                "write " + resource.replace("transit/", operation.replace('.', '/') + "/");
            case "database.credentials" -> "read " + resource.replace("database/", "database/creds/");
            case "database.static-credentials" -> "read " + resource.replace("database/", "database/static-creds/");
            case "pki.issue", "pki.sign" -> "write " + resource.replace("pki/", operation.replace('.', '/') + "/");
            case "pki.revoke" -> "write pki/revoke";
            case "pki.certificate.read" -> "read " + resource.replace("pki/", "pki/cert/");
            case "pki.certificate.list" -> "list pki/certs/";
            case "ssh.sign", "ssh.issue" -> "write " + resource.replace("ssh/", operation.replace('.', '/') + "/");
            case "ssh.credentials" -> "write " + resource.replace("ssh/", "ssh/creds/");
            case "ssh.ca.read" -> "read ssh/config/ca";
            case "aws.credentials" -> "read " + resource.replace("aws/", "aws/creds/");
            case "lease.renew" -> "write sys/leases/renew";
            case "lease.revoke" -> "write sys/leases/revoke";
            case "mount.read" -> "read sys/internal/ui/mounts/" + resource;
            case "health" -> "read sys/health";
            case "seal-status" -> "read sys/seal-status";
            default -> operation + ' ' + resource;
        };
    }
}
