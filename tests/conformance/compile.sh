#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Launches a compiler on a file of cases. If that fails, halves the cases until those that do not compile stand alone, and registers these
# as such, so that one case never breaks the build.   sh compile.sh <compiler> <command> ... -o <object> ... -c <source>
compiler=$1
shift
object=
source=
last=
for word; do
  case $last in
    -o) object=$word ;;
    -c) source=$word ;;
  esac
  last=$word
done
case $source in
  *_[0-9]*.cpp) ;;
  *) exec "$@" ;;  # the precompiled header, and what is no file of cases
esac
total=$(sed -n 's|^// cases: ||p' "$source")
log=$object.log

# compile <from> <to> <object> <flag> <command>...: these cases alone. A compiler that does not end is stopped.
compile() {
  from=$1 to=$2 made=$3 flag=$4
  shift 4
  for word; do
    shift
    [ "$word" = "$object" ] && word=$made
    set -- "$@" "$word"
  done
  if command -v timeout >/dev/null; then set -- timeout $((180 + 10 * (to - from))) "$@"; fi
  "$@" $flag -DCONFORMANCE_FROM="$from" -DCONFORMANCE_TO="$to" >"$log" 2>&1
}

if compile 0 "$total" "$object" -DCONFORMANCE_ALL "$@"; then
  cat "$log"
  rm -f "$log"
  exit 0
fi
if ! compile 0 0 "$object" -DCONFORMANCE_CANARY "$@"; then  # then nothing compiles, and no case is to blame
  cat "$log"
  exit 1
fi
parts=
queue="0:$total"
while [ -n "$queue" ]; do
  range=${queue%% *}
  case $queue in *' '*) queue=${queue#* } ;; *) queue= ;; esac
  from=${range%:*} to=${range#*:}
  part=$object.$from.o
  if [ "$range" != "0:$total" ] && compile "$from" "$to" "$part" -DCONFORMANCE_PART "$@"; then
    parts="$parts $part"
  elif [ $((to - from)) -gt 1 ]; then
    middle=$(((from + to) / 2))
    queue="$from:$middle $middle:$to $queue"
    queue=${queue% }
  else
    why=$(grep -m1 -E 'error|terminated|Killed' "$log" | sed 's/.*error: //' | tr -cd 'A-Za-z0-9 _:.,()<>=+*/-' | cut -c1-160)
    printf '#define CONFORMANCE_BROKEN 1\n#define CONFORMANCE_WHY "%s"\n' "${why:-the_compiler_did_not_end}" >"$part.hpp"
    compile "$from" "$to" "$part" "-include $part.hpp" "$@" || { cat "$log"; exit 1; }  # then it is no case that is broken
    parts="$parts $part"
  fi
done
"$compiler" -r -nostdlib -o "$object" $parts
