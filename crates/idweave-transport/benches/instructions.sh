#!/bin/sh
# Instructions a call, by hand on reqwest and through the transport: those of 200
# calls less those of 100, on one thread, so that start-up does not count.
# Needs valgrind. Prints both numbers and their ratio; ends with 1 above 1.10.
set -eu
cd "$(dirname "$0")/.."
binary=$(cargo bench --quiet --bench instructions --no-run --message-format=json |
    sed -n 's/.*"name":"instructions".*"executable":"\([^"]*\)".*/\1/p' | tail -n 1)
work=$(mktemp -d)
"$binary" serve >"$work/base" &
server=$!
trap 'kill $server; rm -rf "$work"' EXIT
while ! [ -s "$work/base" ]; do :; done
base=$(cat "$work/base")

count() { # client, calls
    valgrind --tool=callgrind --callgrind-out-file="$work/out" "$binary" "$1" "$base" "$2" 2>&1 |
        sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}

a_call() {
    echo $((($(count "$1" 200) - $(count "$1" 100)) / 100))
}

by_hand=$(a_call reqwest)
ours=$(a_call idweave)
ratio=$(awk "BEGIN { printf \"%.3f\", $ours / $by_hand }")
echo "reqwest by hand: $by_hand instructions a call"
echo "idweave:         $ours instructions a call ($ratio times)"
awk "BEGIN { exit $ratio > 1.10 }"
