# errand completion bash: source <(errand completion bash)
_errand() {
  local current=${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "agent approve audit check completion demo diff explain init keys learn log login mcp-serve promote prove ready replay run schema task test token verify verify-log --help --version" -- "$current"))
    return
  fi
  if [ "$COMP_CWORD" -eq 2 ]; then
    case ${COMP_WORDS[1]} in
      audit) COMPREPLY=($(compgen -W "scopes candidate" -- "$current")) ;;
      completion) COMPREPLY=($(compgen -W "bash zsh fish" -- "$current")) ;;
      keys) COMPREPLY=($(compgen -W "new" -- "$current")) ;;
      log) COMPREPLY=($(compgen -W "adopt" -- "$current")) ;;
      schema) COMPREPLY=($(compgen -W "catalogue template" -- "$current")) ;;
      token) COMPREPLY=($(compgen -W "start derive proof kubeconfig end human svid" -- "$current")) ;;
    esac
  fi
  if [ ${#COMPREPLY[@]} -eq 0 ]; then COMPREPLY=($(compgen -f -- "$current")); fi
}
complete -o filenames -F _errand errand ./errand
