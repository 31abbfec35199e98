#compdef errand
# errand completion zsh: source <(errand completion zsh)
_errand_options() {
  case ${1}${2:+ $2} in
    # begin of the options
    "agent") compadd -- --allow --ask --calls --chain --children --derive --dev --environment --from --gateway --help --instruction-digest --instruction-ref --issuer --keep-env --key --lifetime --listen --listen-route --mcp --param --peer --purpose --sequence --standing --subject-token --svid --template --tls --token --version --wait ;;
    "approve") compadd -- --digest --gateway --help --human --offer --refuse --version ;;
    "audit") compadd -- --help --version ;;
    "audit candidate") compadd -- --examples --help --json --log --template --version ;;
    "audit scopes") compadd -- --candidate --config --help --json --log --proposal --template --version ;;
    "check") compadd -- --config --credentials --dot --headers --help --json --limit --operations --scenarios --strict --vacuity --version ;;
    "completion") compadd -- --help --version ;;
    "demo") compadd -- --help --keep --verbose --version ;;
    "diff") compadd -- --help --json --limit --markdown --template --version ;;
    "explain") compadd -- --config --help --json --log --version ;;
    "export") compadd -- --help --version ;;
    "export ocsf") compadd -- --help --log --version ;;
    "gateway-config") compadd -- --certificate --config --help --key --listen --route --traffic --version ;;
    "init") compadd -- --dev --help --mcp --mcp-token --openapi --port --upstream --version ;;
    "keys") compadd -- --help --version ;;
    "keys new") compadd -- --algorithm --credential --help --use --version ;;
    "learn") compadd -- --candidate --config --headroom --help --log --runs --seed --template --version ;;
    "log") compadd -- --help --version ;;
    "log adopt") compadd -- --config --help --version ;;
    "login") compadd -- --acr-values --authorization-details --client-id --device --help --issuer --max-age --out --port --resource --scope --version ;;
    "mcp-serve") compadd -- --help --listen --token --version ;;
    "promote") compadd -- --config --help --version ;;
    "prove") compadd -- --help --log --version ;;
    "ready") compadd -- --help --version ;;
    "replay") compadd -- --config --help --json --log --permitted --template --version ;;
    "run") compadd -- --config --help --version ;;
    "schema") compadd -- --help --version ;;
    "schema catalogue") compadd -- --help --markdown --version ;;
    "schema properties") compadd -- --help --version ;;
    "schema template") compadd -- --help --markdown --version ;;
    "standing") compadd -- --help --version ;;
    "standing end") compadd -- --help --operator --token --version --why ;;
    "standing list") compadd -- --agent --cursor --help --human --json --limit --operator --template --token --version ;;
    "task") compadd -- --help --json --log --version ;;
    "test") compadd -- --help --json --version ;;
    "token") compadd -- --help --version ;;
    "token derive") compadd -- --actor --bounds --certificate --child-key --help --instruction --key --lifetime --max-depth --parent --tools --version ;;
    "token end") compadd -- --chain --gateway --help --issuer --key --token --version ;;
    "token human") compadd -- --approver --audience --claim --dev --help --lifetime --sub --template --version ;;
    "token kubeconfig") compadd -- --authority --certificate --help --token --url --version ;;
    "token proof") compadd -- --args --audience --help --key --method --nonce --token --tool --url --version ;;
    "token start") compadd -- --ask --certificate --gateway --help --instruction --issuer --key --param --purpose --sequence --standing --subject-token --subject-token-type --svid --template --tools --version ;;
    "token svid") compadd -- --audience --dev --help --id --lifetime --template --version ;;
    "verify") compadd -- --anchors --args --at --audience --chain --help --nonce --pop --require-aat-aud --require-aud --tool --version ;;
    "verify-log") compadd -- --help --json --keys --quorum --seen --version --witness ;;
    # end of the options
    *) if [[ -n $2 ]]; then _errand_options "$1"; fi ;;
  esac
}
_errand() {
  if (( CURRENT == 2 )); then
    compadd -- agent approve audit check completion demo diff explain export gateway-config init keys learn log login mcp-serve promote prove ready replay run schema standing task test token verify verify-log --help --version
  elif [[ $words[CURRENT] == -* ]]; then
    _errand_options "$words[2]" "$words[3]"
  elif (( CURRENT == 3 )); then
    case $words[2] in
      audit) compadd -- scopes candidate ;;
      completion) compadd -- bash zsh fish ;;
      export) compadd -- ocsf ;;
      keys) compadd -- new ;;
      log) compadd -- adopt ;;
      schema) compadd -- catalogue properties template ;;
      standing) compadd -- list end ;;
      token) compadd -- start derive proof kubeconfig end human svid ;;
      *) _files ;;
    esac
  else
    _files
  fi
}
compdef _errand errand
