# Finds LibTorch and defines LibTorch::LibTorch (its CPU part: torch_cpu, c10), without
# TorchConfig.cmake's global flags and its search for CUDA. Looked for, in this order:
#   - Torch_DIR, or CMAKE_PREFIX_PATH, as for find_package(Torch)
#   - the torch package of the chosen Python (Python_EXECUTABLE), which is not imported
# Sets LibTorch_FOUND, LibTorch_VERSION, LibTorch_LIBRARY_DIR.

set(_LibTorch_hints "")
if(Torch_DIR)
  list(APPEND _LibTorch_hints "${Torch_DIR}/../../..")
endif()
foreach(_LibTorch_prefix IN LISTS CMAKE_PREFIX_PATH)
  # torch.utils.cmake_prefix_path is <torch>/share/cmake; a LibTorch archive is <libtorch>.
  list(APPEND _LibTorch_hints "${_LibTorch_prefix}" "${_LibTorch_prefix}/../..")
endforeach()
if(Python_EXECUTABLE)
  execute_process(
    COMMAND "${Python_EXECUTABLE}" -c
      "import importlib.util as u; s = u.find_spec('torch'); print(s.submodule_search_locations[0] if s else '')"
    OUTPUT_VARIABLE _LibTorch_python OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  list(APPEND _LibTorch_hints ${_LibTorch_python})
endif()

# Only the hints: /usr/include may hold another LibTorch's headers.
find_path(LibTorch_ROOT_DIR include/torch/csrc/api/include/torch/version.h
          HINTS ${_LibTorch_hints} NO_DEFAULT_PATH)
mark_as_advanced(LibTorch_ROOT_DIR)
if(LibTorch_ROOT_DIR)
  set(LibTorch_LIBRARY_DIR "${LibTorch_ROOT_DIR}/lib")
  # Recent releases moved the numbers to torch/headeronly/version.h.
  foreach(_LibTorch_header torch/headeronly torch/csrc/api/include/torch)
    set(_LibTorch_header "${LibTorch_ROOT_DIR}/include/${_LibTorch_header}/version.h")
    if(EXISTS "${_LibTorch_header}" AND NOT LibTorch_VERSION)
      file(STRINGS "${_LibTorch_header}" _LibTorch_lines
           REGEX "#define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
      string(REGEX MATCHALL "[0-9]+" _LibTorch_numbers "${_LibTorch_lines}")
      list(JOIN _LibTorch_numbers "." LibTorch_VERSION)
    endif()
  endforeach()
  # A LibTorch that was built for the old std::string cannot be linked with anything of ours.
  set(LibTorch_CXX11_ABI TRUE)
  if(EXISTS "${LibTorch_ROOT_DIR}/share/cmake/Torch/TorchConfig.cmake")
    file(STRINGS "${LibTorch_ROOT_DIR}/share/cmake/Torch/TorchConfig.cmake" _LibTorch_old_abi
         REGEX "_GLIBCXX_USE_CXX11_ABI=0")
    if(_LibTorch_old_abi)
      set(LibTorch_CXX11_ABI FALSE)
    endif()
  endif()
endif()
foreach(_LibTorch_name torch_cpu c10)
  find_library(LibTorch_${_LibTorch_name}_LIBRARY ${_LibTorch_name}
               HINTS "${LibTorch_LIBRARY_DIR}" NO_DEFAULT_PATH)
  mark_as_advanced(LibTorch_${_LibTorch_name}_LIBRARY)
endforeach()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch
  REQUIRED_VARS LibTorch_ROOT_DIR LibTorch_torch_cpu_LIBRARY LibTorch_c10_LIBRARY LibTorch_CXX11_ABI
  VERSION_VAR LibTorch_VERSION)
if(LibTorch_FOUND AND NOT TARGET LibTorch::LibTorch)
  add_library(LibTorch::LibTorch INTERFACE IMPORTED GLOBAL)
  target_include_directories(LibTorch::LibTorch SYSTEM INTERFACE
    "${LibTorch_ROOT_DIR}/include" "${LibTorch_ROOT_DIR}/include/torch/csrc/api/include")
  target_link_libraries(LibTorch::LibTorch INTERFACE
    "${LibTorch_torch_cpu_LIBRARY}" "${LibTorch_c10_LIBRARY}")
endif()
