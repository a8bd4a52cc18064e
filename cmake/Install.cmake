# cmake --install: headers, libraries, and the package that find_package(holdfast) reads. A tree holds
# the shared libraries, the static archives, or both; cmake/holdfast-config.cmake.in tells them apart.

include(CMakePackageConfigHelpers)
set(HOLDFAST_CONFIG_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/holdfast")

set(not_installed "")
if(NOT HOLDFAST_WITH_TORCH)
  set(not_installed PATTERN torch EXCLUDE)
endif()
install(DIRECTORY include/ "${HOLDFAST_GENERATED_INCLUDE}/" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  FILES_MATCHING PATTERN "*.hpp" ${not_installed})

# holdfast_install(<component> <shared|static> <target>...)
function(holdfast_install component flavour)
  set(name holdfast-${component}-${flavour})
  install(TARGETS ${ARGN} EXPORT ${name}
    LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
  install(EXPORT ${name} NAMESPACE holdfast::${flavour}:: DESTINATION "${HOLDFAST_CONFIG_DIR}")
endfunction()

if(HOLDFAST_SHARED)
  holdfast_install(core shared holdfast)
  if(HOLDFAST_WITH_TORCH)
    # A C++ host finds LibTorch where it was found here.
    set_property(TARGET holdfast_torch_shared APPEND PROPERTY INSTALL_RPATH "${LibTorch_LIBRARY_DIR}")
    holdfast_install(torch shared holdfast_torch_shared)
  endif()
endif()
if(HOLDFAST_STATIC OR NOT HOLDFAST_SHARED)
  list(TRANSFORM HOLDFAST_CORE_ROOMS PREPEND holdfast_ OUTPUT_VARIABLE archives)
  holdfast_install(core static ${archives})
  if(HOLDFAST_WITH_TORCH)
    holdfast_install(torch static holdfast_torch)
  endif()
  install(FILES cmake/FindLibZip.cmake cmake/FindLibTorch.cmake DESTINATION "${HOLDFAST_CONFIG_DIR}")
endif()

configure_package_config_file(cmake/holdfast-config.cmake.in "${PROJECT_BINARY_DIR}/holdfast-config.cmake"
  INSTALL_DESTINATION "${HOLDFAST_CONFIG_DIR}" NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
# 0.x promises nothing from one minor version to the next.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/holdfast-config-version.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/holdfast-config.cmake" "${PROJECT_BINARY_DIR}/holdfast-config-version.cmake"
  DESTINATION "${HOLDFAST_CONFIG_DIR}")
