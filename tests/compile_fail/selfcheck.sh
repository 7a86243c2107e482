#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows that run.sh accepts a good file and refuses each kind of bad one.   selfcheck.sh <scratch folder> <compiler>
set -u
run=$(dirname "$0")/run.sh scratch=$1 compiler=$2
rm -rf "$scratch"
mkdir -p "$scratch"
broken='template <int N> struct rule { static_assert(N == 3, "sinter::test: 4 is not 3"); };'

try() {  # try <name> <accepted|refused> <part of the output>
  output=$(sh "$run" "$scratch/out" "$compiler" -std=c++20 -- "$scratch/$1.cpp" 2>&1) && verdict=accepted || verdict=refused
  case "$verdict $output" in
    "$2 "*"$3"*) ;;
    *) printf '%s: it was %s, expected %s with "%s":\n%s\n' "$1" "$verdict" "$2" "$3" "$output"; exit 1 ;;
  esac
}

printf '%s\n' '// expect: 4 is not 3' "$broken" '#ifndef SINTER_FIXED' 'template struct rule<4>;' '#endif' >"$scratch/good.cpp"
printf '%s\n' '// expect: 4 is not 3' "$broken" >"$scratch/compiles.cpp"
printf '%s\n' '// expect: 5 is not 3' "$broken" 'template struct rule<4>;' >"$scratch/text.cpp"
printf '%s\n' "$broken" 'template struct rule<4>;' >"$scratch/silent.cpp"
printf '%s\n' '// expect: 4 is not 3' "$broken" 'template struct rule<4>;' >"$scratch/unfixed.cpp"
printf '%s\n' '// expect: 4 is not 3' '// lines: 1' "$broken" 'template struct rule<4>;' >"$scratch/long.cpp"
printf '%s\n' '// expect: 4 is not 3' '// lines: 99' "$broken" 'template struct rule<4>; template struct rule<5>;' >"$scratch/many.cpp"
try good accepted '1 files'
try compiles refused 'it compiles'
try text refused 'lacks'
try silent refused 'no line'
try unfixed refused 'does not compile with'
try long refused 'lines of output'
try many refused 'errors;'
echo "run.sh tells right from wrong in 7 cases"
