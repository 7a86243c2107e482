#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs every build of digests.cpp on one thread and on two, and a build by clang 19 where it is installed; all must print the same.
#   compare.sh <scratch folder> <clang or NOTFOUND> <source> <flag>... -- <program>...
set -u
scratch=$1 clang=$2 source=$3
shift 3
flags=
while [ "$1" != -- ]; do flags="$flags $1"; shift; done
shift
case $clang in
  *NOTFOUND) echo "clang++-19 is not installed: only one compiler was compared" ;;
  *)
    # $flags holds one flag a word: none of ours contains a space.
    $clang $flags -march=native -O1 -DNDEBUG -w "$source" -o "$scratch/digests_clang" -pthread || exit 1
    set -- "$@" "$scratch/digests_clang"
    ;;
esac
"$1" >"$scratch/expected" || exit 1
[ "$(wc -l <"$scratch/expected")" -ge 25 ] || { echo "too few digests"; exit 1; }
status=0
for program; do
  for threads in 1 2; do
    "$program" "$threads" >"$scratch/printed" || { echo "$program failed"; status=1; }
    if ! cmp -s "$scratch/expected" "$scratch/printed"; then
      echo "$(basename "$program") on $threads threads differs from $(basename "$1"):"
      diff "$scratch/expected" "$scratch/printed" | grep '^[<>]' | cut -c1-150
      status=1
    fi
  done
done
[ $status != 0 ] || echo "$# programs print the same $(wc -l <"$scratch/expected") lines on 1 and 2 threads"
exit $status
