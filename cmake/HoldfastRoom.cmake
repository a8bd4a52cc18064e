# What every target of the project is compiled with, and how a room becomes a library.

add_library(holdfast_options INTERFACE)
target_compile_features(holdfast_options INTERFACE cxx_std_20)
# The same bits everywhere: a multiply and an add are fused only where the source says so.
target_compile_options(holdfast_options INTERFACE -ffp-contract=off)
target_link_options(holdfast_options INTERFACE -Wl,--as-needed
  $<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,SHARED_LIBRARY>:-Wl,--no-undefined>)

add_library(holdfast_warnings INTERFACE)
target_compile_options(holdfast_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wextra-semi
  -Wfloat-conversion -Wcast-align -Wformat=2 -Wimplicit-fallthrough
  $<$<BOOL:${HOLDFAST_WERROR}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 warns of overlapping copies in std::string's own operator+ (its bug 105651).
  target_compile_options(holdfast_warnings INTERFACE -Wno-restrict)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # GCC 12's own std::stable_sort calls what it declares deprecated, and Clang says so at every use.
  target_compile_options(holdfast_warnings INTERFACE -Wno-deprecated-declarations)
endif()

# holdfast_configure_target(<target>): language, flags and visibility of a compiled target.
function(holdfast_configure_target target)
  set_target_properties(${target} PROPERTIES
    CXX_EXTENSIONS OFF
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON
    POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(${target} PRIVATE
    $<BUILD_INTERFACE:holdfast_options> $<BUILD_INTERFACE:holdfast_warnings>)
endfunction()

# holdfast_compile_quickly(<target>): for tests and Python modules, which hold no hot loop.
function(holdfast_compile_quickly target)
  target_compile_options(${target} PRIVATE $<$<BOOL:${HOLDFAST_DEVELOPER_MODE}>:-O1>)
endfunction()

set(HOLDFAST_NOTHING "${PROJECT_BINARY_DIR}/generated/nothing.cpp")   # where CMake wants a source
if(NOT EXISTS "${HOLDFAST_NOTHING}")
  file(WRITE "${HOLDFAST_NOTHING}" "")
endif()

# holdfast_precompile(<target> <kind> [LIBRARIES <library>...] [HEADERS <header>...])
# Has the standard library and these headers parsed once for all targets of a kind. Sources include
# what they use all the same: a release and the second compiler build without.
function(holdfast_precompile target kind)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "LIBRARIES;HEADERS")
  if(NOT HOLDFAST_PRECOMPILED_HEADERS)
    return()
  endif()
  set(precompiled holdfast_precompiled_${kind})
  if(NOT TARGET ${precompiled})
    add_library(${precompiled} OBJECT "${HOLDFAST_NOTHING}")
    holdfast_configure_target(${precompiled})
    foreach(property COMPILE_OPTIONS POSITION_INDEPENDENT_CODE)
      get_property(value TARGET ${target} PROPERTY ${property})
      set_property(TARGET ${precompiled} PROPERTY ${property} ${value})
    endforeach()
    target_link_libraries(${precompiled} PRIVATE ${arg_LIBRARIES})
    target_precompile_headers(${precompiled} PRIVATE ${arg_HEADERS}
      <algorithm> <array> <atomic> <chrono> <cmath> <cstdint> <filesystem> <functional> <map> <memory>
      <mutex> <optional> <set> <span> <sstream> <string> <string_view> <unordered_map> <utility>
      <variant> <vector>)
  endif()
  target_precompile_headers(${target} REUSE_FROM ${precompiled})
endfunction()

# holdfast_add_room(<room> [PUBLIC <library>...] [PRIVATE <library>...])
# Makes holdfast_<room> of every .cpp below the calling folder. It links the rooms that
# rooms.cmake allows, and no other; a room without sources is headers alone.
function(holdfast_add_room room)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "PUBLIC;PRIVATE")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  set(target holdfast_${room})
  list(TRANSFORM HOLDFAST_MAY_INCLUDE_${room} PREPEND holdfast_ OUTPUT_VARIABLE rooms)

  if(sources)
    set(scope PUBLIC)
    add_library(${target} STATIC ${sources})
    holdfast_configure_target(${target})
    holdfast_precompile(${target} room)
    target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/src")
    target_link_libraries(${target} PRIVATE ${arg_PRIVATE} Threads::Threads)
    set_target_properties(${target} PROPERTIES
      HOLDFAST_OTHER_LIBRARIES "Threads::Threads;${arg_PRIVATE};${arg_PUBLIC}")
  else()
    set(scope INTERFACE)
    message(STATUS "holdfast: the room ${room} has no sources")
    add_library(${target} INTERFACE)
  endif()
  # Installed as archives, the last room of a component stands for all of it.
  set(exported room_${room})
  if(room STREQUAL "loop")
    set(exported core)
  elseif(room STREQUAL "torch")
    set(exported torch)
  endif()
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${exported})
  target_compile_features(${target} ${scope} cxx_std_20)
  target_include_directories(${target} ${scope}
    "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>"
    "$<BUILD_INTERFACE:${HOLDFAST_GENERATED_INCLUDE}>"
    "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
  target_link_libraries(${target} ${scope} ${rooms} ${arg_PUBLIC})
endfunction()

# holdfast_link_whole(<target> <room>...): links every object of these rooms' archives, and what those
# need of other libraries. They are linked as files: as targets they would bring the archives of the
# rooms that they may include, once more.
function(holdfast_link_whole target)
  set(archives "")
  set(other_libraries "")
  foreach(room IN LISTS ARGN)
    set(library holdfast_${room})
    target_include_directories(${target} PRIVATE
      "$<TARGET_PROPERTY:${library},INTERFACE_INCLUDE_DIRECTORIES>")
    get_target_property(type ${library} TYPE)
    if(type STREQUAL "STATIC_LIBRARY")
      add_dependencies(${target} ${library})
      list(APPEND archives "$<TARGET_FILE:${library}>")
      get_target_property(others ${library} HOLDFAST_OTHER_LIBRARIES)
      list(APPEND other_libraries ${others})
    endif()
  endforeach()
  if(archives)
    list(JOIN archives "," archives)
    target_link_libraries(${target} PRIVATE "$<LINK_LIBRARY:WHOLE_ARCHIVE,${archives}>" ${other_libraries})
  endif()
endfunction()
