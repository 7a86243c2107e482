# SPDX-License-Identifier: Apache-2.0
# What only our own tests, benchmarks and examples get: warnings, ccache and nvcc where they exist. Users' targets never see these.
option(SINTER_CCACHE "Compile our own targets through ccache where it is installed" ON)

add_library(sinter_warnings INTERFACE)
target_compile_options(sinter_warnings INTERFACE -Wall -Wextra -Wconversion -Wshadow $<$<BOOL:${SINTER_WARNINGS_AS_ERRORS}>:-Werror>
  # g++ 12's own AVX-512 intrinsics read an undefined register on purpose (_mm512_undefined_ps), and it warns of itself.
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-maybe-uninitialized;-Wno-uninitialized>)

find_program(SINTER_CCACHE_PROGRAM ccache)
if(SINTER_CCACHE AND SINTER_CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # A precompiled header is found again only under this sloppiness; the base directory lets fresh clones share one cache.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${SINTER_CCACHE_PROGRAM})
endif()

# SINTER_NVCC: what compiles .cu files, or nothing where it was not found or SINTER_CUDA is OFF.
if(SINTER_CUDA)
  find_program(SINTER_NVCC nvcc HINTS ENV CUDAToolkit_ROOT ENV CUDA_PATH PATHS /usr/local/cuda PATH_SUFFIXES bin)
  mark_as_advanced(SINTER_NVCC)
else()
  set(SINTER_NVCC "")
endif()
