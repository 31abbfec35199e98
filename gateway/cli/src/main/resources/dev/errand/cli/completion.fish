# errand completion fish: errand completion fish | source
complete -c errand -n __fish_use_subcommand -f -a "agent approve audit check completion demo diff explain init keys learn log login mcp-serve promote prove ready replay run schema task test token verify verify-log"
complete -c errand -n __fish_use_subcommand -l help -l version
complete -c errand -n "__fish_seen_subcommand_from audit; and test (count (commandline -opc)) -eq 2" -f -a "scopes candidate"
complete -c errand -n "__fish_seen_subcommand_from completion; and test (count (commandline -opc)) -eq 2" -f -a "bash zsh fish"
complete -c errand -n "__fish_seen_subcommand_from keys; and test (count (commandline -opc)) -eq 2" -f -a "new"
complete -c errand -n "__fish_seen_subcommand_from log; and test (count (commandline -opc)) -eq 2" -f -a "adopt"
complete -c errand -n "__fish_seen_subcommand_from schema; and test (count (commandline -opc)) -eq 2" -f -a "catalogue template"
complete -c errand -n "__fish_seen_subcommand_from token; and test (count (commandline -opc)) -eq 2" -f -a "start derive proof kubeconfig end human svid"
