#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What generate, compile.sh and the runner make of cases that fail in each way.   selfcheck.sh <scratch> <selfcheck> <generate> <compiler>
scratch=$1 program=$2 generate=$3 compiler=$4
own=$(cd "$(dirname "$0")" && pwd)
rm -rf "$scratch"
mkdir -p "$scratch/modules/deeper" && cd "$scratch" || exit 1
bad=0
same() {  # same <what> <file> <file>
  diff "$2" "$3" >difference && return
  printf '%s:\n' "$1"
  cat difference
  bad=1
}

# The runner.
printf 'id\tfile\nown/passes.mlir\tx\nown/differs_int64.mlir\tx\nown/absent.mlir\tx\nown/dynamic.mlir\tx\n' >manifest.tsv
"$program" --seconds 1 --cases cases.tsv --manifest manifest.tsv >table.txt || { echo "the runner fails"; bad=1; }
cat >expected.tsv <<'END'
did not compile	own/broken.mlir	why
failed	own/crashes.mlir	crashes with signal 11
relaxed	own/differs_float32.mlir	element 0 of 2 is 1.0000004768371582, expected 1 (4 units)
failed	own/differs_infinity.mlir	element 0 of 2 is inf, expected 3.4028234663852886e+38 (1 units)
failed	own/differs_int64.mlir	element 1 of 2 is 7, expected 6
failed	own/differs_narrow.mlir	element 1 of 2 is -1, expected -0.75 (4 units)
failed	own/differs_zeros.mlir	element 1 of 2 is 0, expected -0 (0 units)
not in scope	own/dynamic.mlir	dynamic shapes
failed	own/loops.mlir	does not end within 1 s
strict	own/passes.mlir	
failed	own/throws.mlir	throws something
failed	own/unknown.mlir	2:8: expected an op of StableHLO or CHLO that sinter knows at 'stablehlo.unheard_of : tensor<f32>'
END
same "verdicts" expected.tsv cases.tsv
tail -n 3 table.txt >totals.txt
cat >expected.txt <<'END'
not in the manifest: strict 0.0 %, relaxed 11.1 %, of 9
mean of the families: strict 8.3 %, relaxed 12.5 %, of 12
total: strict 25.0 %, relaxed 25.0 %, of 4
END
same "totals" expected.txt totals.txt
cut -f2 cases.tsv | grep -v -e passes -e float32 -e dynamic >known.txt
"$program" --seconds 1 --known known.txt >known.log || { echo "known failures fail"; tail -n 3 known.log; bad=1; }
echo own/passes.mlir >>known.txt
"$program" --seconds 1 --known known.txt >known.log && { echo "a case that passes counts as known failure"; bad=1; }

# Files of cases, of which one does not compile.
printf '// head\n\n// -----\nfunc.func @f() {\n  check.expect_eq\n}\n// ----- more\nfunc.func @no_check()\n  // -----\nfunc.func @g() { "a\\b\t\001?? end" check. }' >modules/two.mlir
printf 'func.func @bad() { check.broken }\n' >modules/deeper/bad_float32.mlir
printf 'func.func @good() { check. }\n' >modules/deeper/bad_int32.mlir
"$generate" modules cases_ 1 || bad=1
cat >judge.hpp <<'END'
#include <cstdio>
#include <string_view>
namespace conformance {
struct verdict {};
struct entry {
  const char *id, *why;
  void (*run)(verdict&);
  const entry* next;
  static inline const entry* first = nullptr;
  entry(const char* name, void (*f)(verdict&), const char* reason = "") : id(name), why(reason), run(f), next(first) { first = this; }
};
template <class T> void run(verdict&) {
  static_assert(std::string_view(T::value).find("check.broken") == std::string_view::npos, "this one");
  std::printf("%d bytes", static_cast<int>(sizeof T::value) - 1);
}
}
END
cat >main.cpp <<'END'
#include "judge.hpp"
int main() {
  conformance::verdict v;
  for (const auto* e = conformance::entry::first; e; e = e->next) std::printf("%s: ", e->id), e->run ? e->run(v) : void(std::printf("%s", e->why)), std::printf("\n");
}
END
sh "$own/compile.sh" "$compiler" "$compiler" -std=c++20 -I. -o cases.o -c "$PWD/cases_0.cpp" || { echo "compile.sh fails"; bad=1; }
"$compiler" -std=c++20 main.cpp cases.o -o cases && ./cases | sort >compiled.txt
cat >expected_compiled.txt <<'END'
deeper/bad_float32.mlir#0: static assertion failed: this one
deeper/bad_int32.mlir#0: 29 bytes
two.mlir#1: 37 bytes
two.mlir#3: 39 bytes
END
same "cases of which one does not compile" expected_compiled.txt compiled.txt
# At most so many of a family; nothing is written again that is the same.
"$generate" modules some_ 2 1 && cat some_0.cpp some_1.cpp | grep -c 'run<c[0-9]' >count.txt
[ "$(cat count.txt)" = 2 ] || { echo "of each family one: $(cat count.txt)"; bad=1; }
touch -d '2001-01-01' some_0.cpp && "$generate" modules some_ 2 1
[ some_0.cpp -ot modules/two.mlir ] || { echo "a file is written again"; bad=1; }
# What breaks every file is no fault of a case.
echo '#error of the library' >>judge.hpp
sh "$own/compile.sh" "$compiler" "$compiler" -std=c++20 -I. -o cases.o -c "$PWD/cases_0.cpp" >broken.log && { echo "a broken header passes"; bad=1; }
exit $bad
