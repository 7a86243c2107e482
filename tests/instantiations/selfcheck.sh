#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows that count.sh counts right, and accepts and refuses what it should.   selfcheck.sh <scratch folder> <clang>
set -u
count=$(dirname "$0")/count.sh scratch=$1 clang=$2
rm -rf "$scratch"
mkdir -p "$scratch"

program() {  # program <name> <how many class templates> <how many function templates>
  cat >"$scratch/$1.cpp" <<END
namespace sinter {
template <int N> struct chain : chain<N - 1> {};
template <> struct chain<0> {};
template <int N> int call() { if constexpr (N > 1) return call<N - 1>(); else return 0; }
}
namespace others { template <int N> struct chain : chain<N - 1> {}; template <> struct chain<0> {}; }
sinter::chain<$2> a;
others::chain<50> b;
int c = sinter::call<$3>();
END
}
run() { sh "$count" "$1" "$scratch/recorded" "$scratch/out" "$clang" -std=c++20 -ftemplate-depth=500 -- "$scratch"/*.cpp 2>&1; }
try() {  # try <what> <accepted|refused> <part of the output>
  output=$(run check) && verdict=accepted || verdict=refused
  case "$verdict $output" in
    "$2 "*"$3"*) ;;
    *) printf '%s: it was %s, expected %s with "%s":\n%s\n' "$1" "$verdict" "$2" "$3" "$output"; exit 1 ;;
  esac
}

echo '# a line to keep' >"$scratch/recorded"
program one 200 100
program two 10 20
run record >"$scratch/printed"
printf '# a line to keep\none 200 100\ntwo 10 20\n' | diff - "$scratch/recorded" || { echo 'the record is wrong'; exit 1; }
try 'the same' accepted '2 programs'
program one 206 97
try 'within 3 %' accepted '2 programs'
program one 207 100
try 'more' refused 'one instantiates 207 class templates of sinter, recorded are 200: find out why, or record it'
program one 200 96
try 'fewer' refused 'one instantiates only 96 function templates of sinter, recorded are 100: record it'
program one 200 100
program three 1 1
try 'a new program' refused 'three is not recorded'
rm "$scratch/two.cpp" "$scratch/three.cpp"
try 'one program less' refused 'two is recorded and no program'
echo 'int x = ;' >"$scratch/two.cpp"
try 'an error' refused 'a program does not compile'
echo 'count.sh tells right from wrong in 7 cases'
