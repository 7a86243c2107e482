#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds a program for aarch64, and <scratch folder>/run.sh, which runs it under qemu.
#   aarch64.sh <scratch folder> <qemu> <Highway's include folder> <source> <compiler> <flag>...
set -u
scratch=$1 qemu=$2 highway=$3 source=$4
shift 4
# Highway alone: the folder may hold all headers of this machine, which are not those of aarch64.
mkdir -p "$scratch/include"
ln -sfn "$highway/hwy" "$scratch/include/hwy"
rm -f "$scratch/run.sh"
# Apart, for ccache keeps only what is compiled without linking.
"$@" "-I$scratch/include" -c "$source" -o "$scratch/program.o" || exit 1
"$@" -static -pthread "$scratch/program.o" -o "$scratch/program" || exit 1
printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$qemu" "$scratch/program" >"$scratch/run.sh"
chmod +x "$scratch/run.sh"
