#compdef errand
# errand completion zsh: source <(errand completion zsh)
_errand() {
  if (( CURRENT == 2 )); then
    compadd -- agent approve audit check completion demo diff explain init keys learn log login mcp-serve promote prove ready replay run schema task test token verify verify-log --help --version
  elif (( CURRENT == 3 )); then
    case $words[2] in
      audit) compadd -- scopes candidate ;;
      completion) compadd -- bash zsh fish ;;
      keys) compadd -- new ;;
      log) compadd -- adopt ;;
      schema) compadd -- catalogue template ;;
      token) compadd -- start derive proof kubeconfig end human svid ;;
      *) _files ;;
    esac
  else
    _files
  fi
}
compdef _errand errand
