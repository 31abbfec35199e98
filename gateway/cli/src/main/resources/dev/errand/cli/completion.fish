# errand completion fish: errand completion fish | source
complete -c errand -n __fish_use_subcommand -f -a "agent approve audit check completion demo diff explain export gateway-config init keys learn log login mcp-serve promote prove ready replay run schema standing task test token verify verify-log"
complete -c errand -n __fish_use_subcommand -l help -l version
complete -c errand -n "__fish_seen_subcommand_from audit; and test (count (commandline -opc)) -eq 2" -f -a "scopes candidate"
complete -c errand -n "__fish_seen_subcommand_from completion; and test (count (commandline -opc)) -eq 2" -f -a "bash zsh fish"
complete -c errand -n "__fish_seen_subcommand_from export; and test (count (commandline -opc)) -eq 2" -f -a "ocsf"
complete -c errand -n "__fish_seen_subcommand_from keys; and test (count (commandline -opc)) -eq 2" -f -a "new"
complete -c errand -n "__fish_seen_subcommand_from log; and test (count (commandline -opc)) -eq 2" -f -a "adopt"
complete -c errand -n "__fish_seen_subcommand_from schema; and test (count (commandline -opc)) -eq 2" -f -a "catalogue properties template"
complete -c errand -n "__fish_seen_subcommand_from standing; and test (count (commandline -opc)) -eq 2" -f -a "list end"
complete -c errand -n "__fish_seen_subcommand_from token; and test (count (commandline -opc)) -eq 2" -f -a "start derive proof kubeconfig end human svid"
# begin of the options
complete -c errand -n "__fish_seen_subcommand_from agent" -l allow -l ask -l calls -l chain -l children -l derive -l dev -l environment -l from -l gateway -l help -l instruction-digest -l instruction-ref -l issuer -l keep-env -l key -l lifetime -l listen -l listen-route -l mcp -l param -l peer -l purpose -l sequence -l standing -l subject-token -l svid -l template -l tls -l token -l version -l wait
complete -c errand -n "__fish_seen_subcommand_from approve" -l digest -l gateway -l help -l human -l offer -l refuse -l version
complete -c errand -n "__fish_seen_subcommand_from audit" -l help -l version
complete -c errand -n "__fish_seen_subcommand_from audit; and __fish_seen_subcommand_from candidate" -l examples -l help -l json -l log -l template -l version
complete -c errand -n "__fish_seen_subcommand_from audit; and __fish_seen_subcommand_from scopes" -l candidate -l config -l help -l json -l log -l proposal -l template -l version
complete -c errand -n "__fish_seen_subcommand_from check" -l config -l credentials -l dot -l headers -l help -l json -l limit -l operations -l scenarios -l strict -l vacuity -l version
complete -c errand -n "__fish_seen_subcommand_from completion" -l help -l version
complete -c errand -n "__fish_seen_subcommand_from demo" -l help -l keep -l verbose -l version
complete -c errand -n "__fish_seen_subcommand_from diff" -l help -l json -l limit -l markdown -l template -l version
complete -c errand -n "__fish_seen_subcommand_from explain" -l config -l help -l json -l log -l version
complete -c errand -n "__fish_seen_subcommand_from export" -l help -l version
complete -c errand -n "__fish_seen_subcommand_from export; and __fish_seen_subcommand_from ocsf" -l help -l log -l version
complete -c errand -n "__fish_seen_subcommand_from gateway-config" -l certificate -l config -l help -l key -l listen -l route -l traffic -l version
complete -c errand -n "__fish_seen_subcommand_from init" -l dev -l help -l mcp -l mcp-token -l openapi -l port -l upstream -l version
complete -c errand -n "__fish_seen_subcommand_from keys" -l help -l version
complete -c errand -n "__fish_seen_subcommand_from keys; and __fish_seen_subcommand_from new" -l algorithm -l credential -l help -l use -l version
complete -c errand -n "__fish_seen_subcommand_from learn" -l candidate -l config -l headroom -l help -l log -l runs -l seed -l template -l version
complete -c errand -n "__fish_seen_subcommand_from log" -l help -l version
complete -c errand -n "__fish_seen_subcommand_from log; and __fish_seen_subcommand_from adopt" -l config -l help -l version
complete -c errand -n "__fish_seen_subcommand_from login" -l acr-values -l authorization-details -l client-id -l device -l help -l issuer -l max-age -l out -l port -l resource -l scope -l version
complete -c errand -n "__fish_seen_subcommand_from mcp-serve" -l help -l listen -l token -l version
complete -c errand -n "__fish_seen_subcommand_from promote" -l config -l help -l version
complete -c errand -n "__fish_seen_subcommand_from prove" -l help -l log -l version
complete -c errand -n "__fish_seen_subcommand_from ready" -l help -l version
complete -c errand -n "__fish_seen_subcommand_from replay" -l config -l help -l json -l log -l permitted -l template -l version
complete -c errand -n "__fish_seen_subcommand_from run" -l config -l help -l version
complete -c errand -n "__fish_seen_subcommand_from schema" -l help -l version
complete -c errand -n "__fish_seen_subcommand_from schema; and __fish_seen_subcommand_from catalogue" -l help -l markdown -l version
complete -c errand -n "__fish_seen_subcommand_from schema; and __fish_seen_subcommand_from properties" -l help -l version
complete -c errand -n "__fish_seen_subcommand_from schema; and __fish_seen_subcommand_from template" -l help -l markdown -l version
complete -c errand -n "__fish_seen_subcommand_from standing" -l help -l version
complete -c errand -n "__fish_seen_subcommand_from standing; and __fish_seen_subcommand_from end" -l help -l operator -l token -l version -l why
complete -c errand -n "__fish_seen_subcommand_from standing; and __fish_seen_subcommand_from list" -l agent -l cursor -l help -l human -l json -l limit -l operator -l template -l token -l version
complete -c errand -n "__fish_seen_subcommand_from task" -l help -l json -l log -l version
complete -c errand -n "__fish_seen_subcommand_from test" -l help -l json -l version
complete -c errand -n "__fish_seen_subcommand_from token" -l help -l version
complete -c errand -n "__fish_seen_subcommand_from token; and __fish_seen_subcommand_from derive" -l actor -l bounds -l certificate -l child-key -l help -l instruction -l key -l lifetime -l max-depth -l parent -l tools -l version
complete -c errand -n "__fish_seen_subcommand_from token; and __fish_seen_subcommand_from end" -l chain -l gateway -l help -l issuer -l key -l token -l version
complete -c errand -n "__fish_seen_subcommand_from token; and __fish_seen_subcommand_from human" -l approver -l audience -l claim -l dev -l help -l lifetime -l sub -l template -l version
complete -c errand -n "__fish_seen_subcommand_from token; and __fish_seen_subcommand_from kubeconfig" -l authority -l certificate -l help -l token -l url -l version
complete -c errand -n "__fish_seen_subcommand_from token; and __fish_seen_subcommand_from proof" -l args -l audience -l help -l key -l method -l nonce -l token -l tool -l url -l version
complete -c errand -n "__fish_seen_subcommand_from token; and __fish_seen_subcommand_from start" -l ask -l certificate -l gateway -l help -l instruction -l issuer -l key -l param -l purpose -l sequence -l standing -l subject-token -l subject-token-type -l svid -l template -l tools -l version
complete -c errand -n "__fish_seen_subcommand_from token; and __fish_seen_subcommand_from svid" -l audience -l dev -l help -l id -l lifetime -l template -l version
complete -c errand -n "__fish_seen_subcommand_from verify" -l anchors -l args -l at -l audience -l chain -l help -l nonce -l pop -l require-aat-aud -l require-aud -l tool -l version
complete -c errand -n "__fish_seen_subcommand_from verify-log" -l help -l json -l keys -l quorum -l seen -l version -l witness
# end of the options
