#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Checks what users see when they are wrong.   run.sh [--broken] <scratch folder> <compiler> <flag>... -- <file>...
#
# A file opens with what the compiler's output must contain, each on a line of its own:
#   // expect: sinter::add: shapes do not broadcast
#   // lines: 12      at most so many lines of output (default 12)
#   // errors: 1      at most so many errors (default 1)
# It must not compile as it stands, and must compile with -DSINTER_FIXED, which --broken leaves to another compiler.
set -u

# Scratch folder, compiler and flags come through the environment, so that xargs can run several at once.
fail() { printf 'FAIL %s: %s\n' "$(basename "$file")" "$1"; sed 's/^/    /' "$text"; exit 1; }

# One file as it stands.
check_broken() {
  file=$1 text=$scratch/$(basename "$1" .cpp).txt
  want_lines=$(sed -n 's|^// lines: ||p' "$file") want_errors=$(sed -n 's|^// errors: ||p' "$file")

  # $flags holds one flag a word: none of ours contains a space.
  if LC_ALL=C $compiler $flags -fsyntax-only "$file" >"$text" 2>&1; then fail "it compiles; it must be an error"; fi
  grep -q '^// expect: ' "$file" || fail "it has no line '// expect: ...'"
  sed -n 's|^// expect: ||p' "$file" >"$text.expect"
  while IFS= read -r expected; do
    grep -qF -e "$expected" "$text" || fail "the output lacks '$expected'"
  done <"$text.expect"
  lines=$(wc -l <"$text")
  [ "$lines" -le "${want_lines:-12}" ] || fail "$lines lines of output; at most ${want_lines:-12} are readable"
  errors=$(grep -c ' error: ' "$text")
  [ "$errors" -le "${want_errors:-1}" ] || fail "$errors errors; one mistake is ${want_errors:-1} error"
}

# Fixed files: together, each in a namespace of its own; where that fails one after the other, which tells the one that fails.
check_fixed() {
  all=$(mktemp "$scratch/fixed.XXXXXX") text=$all.txt
  cat "$@" | grep '^#include' | sort -u >"$all"
  for file; do printf 'namespace %s {\n#include "%s"\n}\n' "$(basename "$file" .cpp)_fixed" "$(realpath "$file")"; done >>"$all"
  LC_ALL=C $compiler $flags -DSINTER_FIXED -fsyntax-only -x c++ "$all" >"$text" 2>&1 && return
  for file; do
    LC_ALL=C $compiler $flags -DSINTER_FIXED -fsyntax-only "$file" >"$text" 2>&1 || fail "it does not compile with -DSINTER_FIXED"
  done
}

case $1 in
  --check-broken) check_broken "$2"; exit 0 ;;
  --check-fixed) shift; check_fixed "$@"; exit 0 ;;
esac

broken= flags=
if [ "$1" = --broken ]; then broken=yes; shift; fi
scratch=$1 compiler=$2
shift 2
while [ "$1" != -- ]; do flags="$flags $1"; shift; done
shift
[ $# -gt 0 ] || { echo "no files to check"; exit 0; }
rm -rf "$scratch"
mkdir -p "$scratch"

# The header is parsed once for all files, whatever they include first.
header=$(for flag in $flags; do case $flag in -I*) ls "${flag#-I}/sinter/sinter.hpp" 2>/dev/null; esac; done | head -n 1)
if [ -n "$header" ]; then
  if $compiler --version | grep -q clang; then
    $compiler $flags -x c++-header "$header" -o "$scratch/parsed.pch" || exit 1
    flags="-include-pch $scratch/parsed.pch $flags"
  else
    echo '#include <sinter/sinter.hpp>' >"$scratch/parsed.hpp"
    $compiler $flags -x c++-header "$scratch/parsed.hpp" -o "$scratch/parsed.hpp.gch" || exit 1
    flags="-include $scratch/parsed.hpp $flags"
  fi
fi

export scratch compiler flags
at_once=$(nproc 2>/dev/null || echo 2)
printf '%s\n' "$@" | xargs -P "$at_once" -n 1 sh "$0" --check-broken || exit 1
if [ -n "$broken" ]; then echo "$# files: each fails with its text"; exit 0; fi
printf '%s\n' "$@" | xargs -P "$at_once" -n 20 sh "$0" --check-fixed || exit 1
echo "$# files: each fails with its text and compiles when fixed"
