#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Counts the class and function templates of sinter's that clang instantiates for small programs: what compiling costs, without a clock.
#   count.sh check <recorded> <scratch folder> <clang> <flag>... -- <program>...     fails where a figure is more than 3 % off
#   count.sh record <recorded> <scratch folder> <clang> <flag>... -- <program>...    writes the figures down
set -u
task=$1 recorded=$2 scratch=$3 clang=$4 flags=
shift 4
while [ "$1" != -- ]; do flags="$flags $1"; shift; done
shift
rm -rf "$scratch"
mkdir -p "$scratch"

status=0
for file; do
  program=$(basename "$file" .cpp)
  # $flags holds one flag a word: none of ours contains a space.
  $clang $flags -fsyntax-only -Xclang "-ftime-trace=$scratch/$program.json" -Xclang -ftime-trace-granularity=0 "$file" || { status=1; continue; }
  # One event a line; those of other libraries depend on their versions.
  tr '{' '\n' <"$scratch/$program.json" | awk -v program="$program" '
    /"name":"InstantiateClass"/ { kind = 1; next }
    /"name":"InstantiateFunction"/ { kind = 2; next }
    kind && /"detail":"sinter::/ { ++count[kind] }
    { kind = 0 }
    END { printf "%s %d %d\n", program, count[1], count[2] }' >>"$scratch/counted"
  rm "$scratch/$program.json"
done
[ $status = 0 ] || { echo "a program does not compile"; exit 1; }

if [ "$task" = record ]; then
  { sed -n '/^#/p' "$recorded" 2>/dev/null; cat "$scratch/counted"; } >"$scratch/recorded" && cp "$scratch/recorded" "$recorded"
  cat "$scratch/counted"
  exit
fi
awk '
  /^#/ { next }
  FNR == NR { classes[$1] = $2; functions[$1] = $3; next }
  function compare(kind, now, before) {
    if (now * 100 > before * 103)
      printf "%s instantiates %d %s of sinter, recorded are %d: find out why, or record it\n", $1, now, kind, before
    else if (now * 100 < before * 97) printf "%s instantiates only %d %s of sinter, recorded are %d: record it\n", $1, now, kind, before
    else return
    bad = 1
  }
  !($1 in classes) { printf "%s is not recorded: record it\n", $1; bad = 1; next }
  { compare("class templates", $2, classes[$1]); compare("function templates", $3, functions[$1]); delete classes[$1]; ++programs }
  END {
    for (program in classes) { printf "%s is recorded and no program: record it\n", program; bad = 1 }
    if (bad) print "record with: cmake --build <build> --target record_instantiations"
    else printf "%d programs instantiate what is recorded\n", programs
    exit bad
  }' "$recorded" "$scratch/counted"
