# Sourced by .ci/run and .ci/full: prints each command, runs it, and ends with the time of each.

export CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-never}"

times=()

step() {
  printf '\n== %s\n' "$*"
  local start=$SECONDS
  "$@"
  times+=("$(printf '%5d s  %s' "$((SECONDS - start))" "$*")")
}

# What a machine does not have is left out, and said.
skip() {
  printf '\n== left out: %s\n' "$*"
  times+=("left out  $*")
}

summary() {
  printf '\n== %s in %d minutes\n' "$0" "$(((SECONDS + 59) / 60))"
  printf '%s\n' "${times[@]}"
}
