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

# One file; scratch folder, compiler and flags come through the environment, so that xargs can run several at once.
check_one() {
  file=$1 text=$scratch/$(basename "$1" .cpp).txt
  want_lines=$(sed -n 's|^// lines: ||p' "$file") want_errors=$(sed -n 's|^// errors: ||p' "$file")
  fail() { printf 'FAIL %s: %s\n' "$(basename "$file")" "$1"; sed 's/^/    /' "$text"; exit 1; }

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
  [ -z "${broken:-}" ] || return 0
  LC_ALL=C $compiler $flags -DSINTER_FIXED -fsyntax-only "$file" >"$text" 2>&1 || fail "it does not compile with -DSINTER_FIXED"
}

if [ "$1" = --one ]; then
  check_one "$2"
  exit 0
fi

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

export scratch compiler flags broken
printf '%s\n' "$@" | xargs -P "$(nproc 2>/dev/null || echo 2)" -n 1 sh "$0" --one || exit 1
if [ -n "$broken" ]; then echo "$# files: each fails with its text"; else echo "$# files: each fails with its text and compiles when fixed"; fi
