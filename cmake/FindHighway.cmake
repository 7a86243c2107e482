# SPDX-License-Identifier: Apache-2.0
# Finds Highway's headers: Highway::headers, Highway_INCLUDE_DIR. sinter uses Highway's static dispatch alone, which needs no
# library, so this looks for neither libhwy nor its CMake package (whose targets would link libhwy to every user).
find_path(Highway_INCLUDE_DIR hwy/highway.h)
mark_as_advanced(Highway_INCLUDE_DIR)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Highway REQUIRED_VARS Highway_INCLUDE_DIR)
if(Highway_FOUND AND NOT TARGET Highway::headers)
  add_library(Highway::headers INTERFACE IMPORTED GLOBAL)
  target_include_directories(Highway::headers INTERFACE "${Highway_INCLUDE_DIR}")
endif()
