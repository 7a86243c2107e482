# SPDX-License-Identifier: Apache-2.0
# The library itself: sinter::sinter, headers only.
include(GNUInstallDirs)
include(backend)
include(kernels)
include(stablehlo)
include(cuda_libraries)

add_library(sinter INTERFACE)
add_library(sinter::sinter ALIAS sinter)
target_compile_features(sinter INTERFACE cxx_std_20)

sinter_find_highway()
sinter_find_xsimd()
sinter_use_backend(sinter)

# Headers that need a library or a compiler of their own stand in a second set, which is installed but not compiled alone by
# the self-containment check.
set(opt_in "/sinter/cuda/|/(cub|cublaslt|cuda|cudnn|device_launch|eigen|npz|xsimd)[^/]*\\.hpp$")
if(NOT TARGET Highway::headers)
  string(APPEND opt_in "|/highway\\.hpp$")
endif()
file(GLOB_RECURSE SINTER_HEADERS CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/include/sinter/*.hpp")
set(SINTER_OPT_IN_HEADERS ${SINTER_HEADERS})
list(FILTER SINTER_OPT_IN_HEADERS INCLUDE REGEX "${opt_in}")
list(FILTER SINTER_HEADERS EXCLUDE REGEX "${opt_in}")
target_sources(sinter
  INTERFACE
    FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}/include" FILES ${SINTER_HEADERS}
    FILE_SET opt_in TYPE HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}/include" FILES ${SINTER_OPT_IN_HEADERS})
set_target_properties(sinter PROPERTIES INTERFACE_HEADER_SETS_TO_VERIFY HEADERS)
