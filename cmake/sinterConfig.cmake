# SPDX-License-Identifier: Apache-2.0
# find_package(sinter): gives sinter::sinter. Set SINTER_BACKEND (highway, scalar) before it to choose the SIMD backend.
include("${CMAKE_CURRENT_LIST_DIR}/sinterTargets.cmake")
if(NOT TARGET Highway::headers)
  list(PREPEND CMAKE_MODULE_PATH "${CMAKE_CURRENT_LIST_DIR}")
  find_package(Highway QUIET MODULE)
  list(POP_FRONT CMAKE_MODULE_PATH)
endif()
include("${CMAKE_CURRENT_LIST_DIR}/backend.cmake")
sinter_use_backend(sinter::sinter)
