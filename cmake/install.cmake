# SPDX-License-Identifier: Apache-2.0
# Installs the headers and the CMake package, so that find_package(sinter) works.
include(CMakePackageConfigHelpers)
set(SINTER_PACKAGE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/sinter")

install(TARGETS sinter EXPORT sinterTargets FILE_SET HEADERS FILE_SET opt_in)
install(EXPORT sinterTargets NAMESPACE sinter:: DESTINATION "${SINTER_PACKAGE_DIR}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/sinterConfigVersion.cmake" COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES cmake/sinterConfig.cmake cmake/backend.cmake cmake/kernels.cmake cmake/stablehlo.cmake cmake/cuda_libraries.cmake
              cmake/FindHighway.cmake cmake/FindXsimd.cmake
              "${PROJECT_BINARY_DIR}/sinterConfigVersion.cmake"
        DESTINATION "${SINTER_PACKAGE_DIR}")
install(FILES cmake/stablehlo/embed.cpp cmake/stablehlo/literal.hpp DESTINATION "${SINTER_PACKAGE_DIR}/stablehlo")
