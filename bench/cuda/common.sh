# SPDX-License-Identifier: Apache-2.0
# What run.sh and peers.sh share: steps with time limits, each of which leaves a row, and the report that is made of the rows.
# Before it is read: $out, the folder of results, and $seconds, what the whole may take.
root=$(cd "$own/../.." && pwd)
mkdir -p "$out" || exit 2
out=$(cd "$out" && pwd)
rows=$out/rows log=$out/log build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
trap 'exit 2' HUP INT TERM
start=$(date +%s) end=$(($(date +%s) + seconds))
smi=${SINTER_NVIDIA_SMI:-nvidia-smi}

left() { echo $((end - $(date +%s))); }
row() { printf 'step\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" >>"$rows"; echo "$1: $2 ($3 s) $4"; }
# limited <seconds> <command>...: at most so long, and no longer than what is left.
limited() {
  limit=$1
  shift
  [ "$(left)" -ge "$limit" ] || limit=$(left)
  [ "$limit" -gt 0 ] || return 124
  timeout -k 5 "$limit" "$@"
}
# step <what> <seconds> <command>...: runs it, keeps what it prints, leaves a row.
step() {
  what=$1 most=$2
  shift 2
  began=$(date +%s) said=$build/said_$(echo "$what" | tr ' /' '__')
  limited "$most" "$@" >"$said" 2>&1
  code=$?
  { echo "--- $what: $*"; cat "$said"; } >>"$log"
  note=$(grep -v '^$' "$said" | tail -n 1 | tr '\t' ' ' | cut -c 1-200)
  case $code in
    0) row "$what" passed $(($(date +%s) - began)) "$note" ;;
    124 | 137) row "$what" failed $(($(date +%s) - began)) "ended at its time limit" ;;
    *) row "$what" failed $(($(date +%s) - began)) "$note" ;;
  esac
  return $code
}
make_report() {
  ${CXX:-c++} -std=c++20 -O1 "$own/report.cpp" -o "$build/report" || { echo "no C++ compiler for the report; set CXX"; exit 2; }
  "$build/report" "$out" "$rows"
  code=$?
  echo "written: $out/report.json, $out/report.md, $out/report.svg"
  exit $code
}
# stop <step> <why>: nothing more can be done.
stop() {
  row "$1" failed 0 "$2"
  make_report
}
