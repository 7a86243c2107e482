# SPDX-License-Identifier: Apache-2.0
# find_package(sinter): gives sinter::sinter. Set SINTER_BACKEND (highway, xsimd, scalar) before it to choose the SIMD backend.
include("${CMAKE_CURRENT_LIST_DIR}/sinterTargets.cmake")
list(PREPEND CMAKE_MODULE_PATH "${CMAKE_CURRENT_LIST_DIR}")
if(NOT TARGET Highway::headers)
  find_package(Highway QUIET MODULE)
endif()
if(NOT TARGET Xsimd::headers)
  find_package(Xsimd QUIET MODULE)
endif()
list(POP_FRONT CMAKE_MODULE_PATH)
include("${CMAKE_CURRENT_LIST_DIR}/backend.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/kernels.cmake")
sinter_use_backend(sinter::sinter)
