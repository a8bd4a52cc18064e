# The build type, and a quicker linker and a compiler cache where the machine has them.

if(PROJECT_IS_TOP_LEVEL)
  if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "The kind of build" FORCE)
  endif()
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

  find_program(HOLDFAST_CCACHE ccache)
  mark_as_advanced(HOLDFAST_CCACHE)
  if(HOLDFAST_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # Of precompiled headers it has to be told that a changed time stamp is no change.
    set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_SLOPPINESS=pch_defines,time_macros "${HOLDFAST_CCACHE}")
  endif()

  if(HOLDFAST_DEVELOPER_MODE)
    include(CheckCXXSourceCompiles)
    foreach(linker mold lld)
      set(CMAKE_REQUIRED_LINK_OPTIONS "-fuse-ld=${linker}")
      check_cxx_source_compiles("int main() { return 0; }" HOLDFAST_LINKS_WITH_${linker})
      if(HOLDFAST_LINKS_WITH_${linker})
        add_link_options("-fuse-ld=${linker}")
        break()
      endif()
    endforeach()
    unset(CMAKE_REQUIRED_LINK_OPTIONS)
  endif()
endif()
