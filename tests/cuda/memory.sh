#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The most memory that a step of nvcc takes, in MB, which is the same in every run.   memory.sh <at most> <object> <nvcc> <flag>... <source>
set -u
most=$1 object=$2
shift 2
[ -x /usr/bin/time ] || { echo "skipped: GNU time is missing; install it with: sudo apt-get install time"; exit 0; }
/usr/bin/time -o "$object.time" -f '%M' "$@" -c -o "$object" || exit 1
awk -v most="$most" '{ printf "%.0f MB, at most %d\n", $1 / 1024, most; exit $1 / 1024 > most }' "$object.time"
