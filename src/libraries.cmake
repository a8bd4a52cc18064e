# libholdfast and libholdfast_torch: the archives of their rooms, whole. Without HOLDFAST_SHARED the
# archives are all there is, and the export macros are empty.

include(GenerateExportHeader)

if(HOLDFAST_SHARED)
  add_library(holdfast SHARED "${HOLDFAST_NOTHING}")
  add_library(holdfast::core ALIAS holdfast)
  set_target_properties(holdfast PROPERTIES EXPORT_NAME core)
  set(shared_libraries holdfast)
  holdfast_link_whole(holdfast ${HOLDFAST_CORE_ROOMS})
  if(HOLDFAST_WITH_TORCH)
    add_library(holdfast_torch_shared SHARED "${HOLDFAST_NOTHING}")
    add_library(holdfast::torch ALIAS holdfast_torch_shared)
    set_target_properties(holdfast_torch_shared PROPERTIES EXPORT_NAME torch OUTPUT_NAME holdfast_torch)
    list(APPEND shared_libraries holdfast_torch_shared)
    holdfast_link_whole(holdfast_torch_shared torch)
    target_link_libraries(holdfast_torch_shared PUBLIC holdfast)
  endif()

  foreach(library IN LISTS shared_libraries)
    holdfast_configure_target(${library})
    target_compile_features(${library} INTERFACE cxx_std_20)
    target_include_directories(${library} INTERFACE
      "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>"
      "$<BUILD_INTERFACE:${HOLDFAST_GENERATED_INCLUDE}>"
      "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
    # Beside the Python modules, which find them there, as they do in a wheel.
    set_target_properties(${library} PROPERTIES
      LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/python/holdfast"
      INSTALL_RPATH "$ORIGIN")
    if(NOT SKBUILD)   # a wheel holds no symbolic links
      set_target_properties(${library} PROPERTIES
        VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
    endif()
  endforeach()
  if(HOLDFAST_WITH_TORCH)   # in site-packages, torch is next to holdfast
    set_property(TARGET holdfast_torch_shared APPEND PROPERTY INSTALL_RPATH "$ORIGIN/../torch/lib")
  endif()
  set(export_of_core holdfast)
  set(export_of_torch holdfast_torch_shared)
else()
  add_library(holdfast::core ALIAS holdfast_loop)
  if(HOLDFAST_WITH_TORCH)
    add_library(holdfast::torch ALIAS holdfast_torch)
  endif()
  set(export_of_core holdfast_base)
  set(export_of_torch holdfast_torch)
endif()

generate_export_header(${export_of_core} BASE_NAME HOLDFAST
  EXPORT_FILE_NAME "${HOLDFAST_GENERATED_INCLUDE}/holdfast/export.hpp")
if(HOLDFAST_WITH_TORCH)
  generate_export_header(${export_of_torch} BASE_NAME HOLDFAST_TORCH
    EXPORT_FILE_NAME "${HOLDFAST_GENERATED_INCLUDE}/holdfast/torch/export.hpp")
endif()
