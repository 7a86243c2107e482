#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs programs on one thread and on two; all must print what the first does.   compare.sh <scratch folder> <program>...
set -u
scratch=$1
shift
mkdir -p "$scratch"
"$1" >"$scratch/expected" || { cat "$scratch/expected"; echo "$1 failed"; exit 1; }
[ "$(wc -l <"$scratch/expected")" -ge 25 ] || { echo "too few digests"; exit 1; }
status=0
for program; do
  for threads in 1 2; do
    "$program" "$threads" >"$scratch/printed" || { echo "$program failed"; status=1; }
    if ! cmp -s "$scratch/expected" "$scratch/printed"; then
      echo "$program on $threads threads differs from $1:"
      diff "$scratch/expected" "$scratch/printed" | grep '^[<>]' | cut -c1-150
      status=1
    fi
  done
done
[ $status != 0 ] || echo "$# programs print the same $(wc -l <"$scratch/expected") lines on 1 and 2 threads"
exit $status
