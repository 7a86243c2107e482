# SPDX-License-Identifier: Apache-2.0
# Finds xsimd's headers: Xsimd::headers, Xsimd_INCLUDE_DIR. Not through xsimd's own package: Debian's (8.1.0) links a library xtl
# that it does not install.
find_path(Xsimd_INCLUDE_DIR xsimd/xsimd.hpp)
mark_as_advanced(Xsimd_INCLUDE_DIR)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Xsimd REQUIRED_VARS Xsimd_INCLUDE_DIR)
if(Xsimd_FOUND AND NOT TARGET Xsimd::headers)
  add_library(Xsimd::headers INTERFACE IMPORTED GLOBAL)
  target_include_directories(Xsimd::headers INTERFACE "${Xsimd_INCLUDE_DIR}")
endif()
