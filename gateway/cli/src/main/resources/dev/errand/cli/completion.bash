# errand completion bash: source <(errand completion bash)
_errand_options() {
  local words=
  case ${1}${2:+ $2} in
    # begin of the options
    "agent") words="--allow --ask --calls --chain --children --derive --dev --environment --from --gateway --help --instruction-digest --instruction-ref --issuer --keep-env --key --lifetime --listen --listen-route --mcp --param --peer --purpose --sequence --standing --subject-token --svid --template --tls --token --version --wait" ;;
    "approve") words="--digest --gateway --help --human --offer --refuse --version" ;;
    "audit") words="--help --version" ;;
    "audit candidate") words="--examples --help --json --log --template --version" ;;
    "audit scopes") words="--candidate --config --help --json --log --proposal --template --version" ;;
    "check") words="--config --credentials --dot --headers --help --json --limit --operations --scenarios --strict --vacuity --version" ;;
    "completion") words="--help --version" ;;
    "demo") words="--help --keep --verbose --version" ;;
    "diff") words="--help --json --limit --markdown --template --version" ;;
    "explain") words="--config --help --json --log --version" ;;
    "export") words="--help --version" ;;
    "export ocsf") words="--help --log --version" ;;
    "gateway-config") words="--certificate --config --help --key --listen --route --traffic --version" ;;
    "init") words="--dev --help --mcp --mcp-token --openapi --port --upstream --version" ;;
    "keys") words="--help --version" ;;
    "keys new") words="--algorithm --credential --help --use --version" ;;
    "learn") words="--candidate --config --headroom --help --log --runs --seed --template --version" ;;
    "log") words="--help --version" ;;
    "log adopt") words="--config --help --version" ;;
    "login") words="--acr-values --authorization-details --client-id --device --help --issuer --max-age --out --port --resource --scope --version" ;;
    "mcp-serve") words="--help --listen --token --version" ;;
    "promote") words="--config --help --version" ;;
    "prove") words="--help --log --version" ;;
    "ready") words="--help --version" ;;
    "replay") words="--config --help --json --log --permitted --template --version" ;;
    "run") words="--config --help --version" ;;
    "schema") words="--help --version" ;;
    "schema catalogue") words="--help --markdown --version" ;;
    "schema properties") words="--help --version" ;;
    "schema template") words="--help --markdown --version" ;;
    "standing") words="--help --version" ;;
    "standing end") words="--help --operator --token --version --why" ;;
    "standing list") words="--agent --cursor --help --human --json --limit --operator --template --token --version" ;;
    "task") words="--help --json --log --version" ;;
    "test") words="--help --json --version" ;;
    "token") words="--help --version" ;;
    "token derive") words="--actor --bounds --certificate --child-key --help --instruction --key --lifetime --max-depth --parent --tools --version" ;;
    "token end") words="--chain --gateway --help --issuer --key --token --version" ;;
    "token human") words="--approver --audience --claim --dev --help --lifetime --sub --template --version" ;;
    "token kubeconfig") words="--authority --certificate --help --token --url --version" ;;
    "token proof") words="--args --audience --help --key --method --nonce --token --tool --url --version" ;;
    "token start") words="--ask --certificate --gateway --help --instruction --issuer --key --param --purpose --sequence --standing --subject-token --subject-token-type --svid --template --tools --version" ;;
    "token svid") words="--audience --dev --help --id --lifetime --template --version" ;;
    "verify") words="--anchors --args --at --audience --chain --help --nonce --pop --require-aat-aud --require-aud --tool --version" ;;
    "verify-log") words="--help --json --keys --quorum --seen --version --witness" ;;
    # end of the options
    *) if [ -n "$2" ]; then _errand_options "$1" "" && return; fi ;;
  esac
  echo "$words"
}
_errand() {
  local current=${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "agent approve audit check completion demo diff explain export gateway-config init keys learn log login mcp-serve promote prove ready replay run schema standing task test token verify verify-log --help --version" -- "$current"))
    return
  fi
  case $current in
    -*)
      COMPREPLY=($(compgen -W "$(_errand_options "${COMP_WORDS[1]}" "${COMP_WORDS[2]}")" -- "$current"))
      return
      ;;
  esac
  if [ "$COMP_CWORD" -eq 2 ]; then
    case ${COMP_WORDS[1]} in
      audit) COMPREPLY=($(compgen -W "scopes candidate" -- "$current")) ;;
      completion) COMPREPLY=($(compgen -W "bash zsh fish" -- "$current")) ;;
      export) COMPREPLY=($(compgen -W "ocsf" -- "$current")) ;;
      keys) COMPREPLY=($(compgen -W "new" -- "$current")) ;;
      log) COMPREPLY=($(compgen -W "adopt" -- "$current")) ;;
      schema) COMPREPLY=($(compgen -W "catalogue properties template" -- "$current")) ;;
      standing) COMPREPLY=($(compgen -W "list end" -- "$current")) ;;
      token) COMPREPLY=($(compgen -W "start derive proof kubeconfig end human svid" -- "$current")) ;;
    esac
  fi
  if [ ${#COMPREPLY[@]} -eq 0 ]; then COMPREPLY=($(compgen -f -- "$current")); fi
}
complete -o filenames -F _errand errand ./errand
