# holdfast_add_test_program(<target> <room>... SOURCES <source>... [BESIDE <room>...])
# A GoogleTest program with the rooms' archives linked whole, and from the archives of the rooms
# beside what is called for. A test whose suite's name ends in
# `Long` is labelled `long`, and runs in `make test-all` alone.
function(holdfast_add_test_program target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;BESIDE;LABELS")
  add_executable(${target} ${arg_SOURCES})
  holdfast_configure_target(${target})
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  holdfast_compile_quickly(${target})
  holdfast_precompile(${target} test LIBRARIES GTest::gtest HEADERS <gtest/gtest.h>)
  holdfast_link_whole(${target} ${arg_UNPARSED_ARGUMENTS})
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/tests")
  target_compile_definitions(${target} PRIVATE HOLDFAST_TEST_DATA="${PROJECT_SOURCE_DIR}/tests")
  list(TRANSFORM arg_BESIDE PREPEND holdfast_)
  target_link_libraries(${target} PRIVATE ${arg_BESIDE} GTest::gtest_main rapidcheck)
  set(long "*Long.*:*Long/*")
  set(not_here "")
  set(environment "")
  if(CMAKE_CXX_FLAGS_RELWITHDEBINFO MATCHES "fsanitize=thread")
    # ThreadSanitizer ends a forked child that starts threads. These run under the other sanitizers.
    set(not_here ":Logging.InAChild*:Logging.AChildThat*:Workspaces.OfAnotherProcess*")
    string(APPEND not_here ":Watching.EveryProcess*:Watching.TheLastGood*:Watching.StaysWithTheParent")
    set(environment ENVIRONMENT "TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/support/tsan.supp")
  endif()
  if(CMAKE_CXX_FLAGS_RELWITHDEBINFO MATCHES "fsanitize=address")
    # GCC 12's AddressSanitizer lets a process fork while another thread holds its allocator's lock, which hangs the first;
    # and what that thread's stack held is a leak in a child that exits, as in the second.
    set(not_here ":Workspaces.OfAnotherProcess*:Logging.AChildThatEnds*")
  endif()
  gtest_discover_tests(${target} TEST_PREFIX "${target}." TEST_FILTER "-${long}${not_here}"
    DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 300 LABELS "${arg_LABELS}" ${environment})
  gtest_discover_tests(${target} TEST_PREFIX "${target}." TEST_FILTER "${long}"
    DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 5400 LABELS "long;${arg_LABELS}")
endfunction()

# holdfast_add_suite(<kind>): tests/<kind>/*_test.cpp as one program over all core rooms.
function(holdfast_add_suite kind)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${kind}/*_test.cpp")
  if(sources)
    holdfast_add_test_program(test_${kind} ${HOLDFAST_CORE_ROOMS} SOURCES ${sources} LABELS ${kind})
  endif()
endfunction()

# holdfast_add_fuzzers(): each tests/fuzz/<name>_fuzz.cpp is a libFuzzer program fuzz_<name>.
function(holdfast_add_fuzzers)
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/fuzz/*_fuzz.cpp")
  foreach(source IN LISTS sources)
    get_filename_component(name "${source}" NAME_WE)
    string(REGEX REPLACE "_fuzz$" "" name "${name}")
    add_executable(fuzz_${name} "${source}")
    holdfast_configure_target(fuzz_${name})
    target_include_directories(fuzz_${name} PRIVATE "${PROJECT_SOURCE_DIR}/src" "${CMAKE_CURRENT_SOURCE_DIR}")
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    target_link_libraries(fuzz_${name} PRIVATE holdfast_loop)
  endforeach()
endfunction()

# holdfast_add_corpus_tests(): the same fuzzers as functions of one GoogleTest program, which runs each over its corpus.
function(holdfast_add_corpus_tests)
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/fuzz/*_fuzz.cpp")
  set(entries "")
  foreach(source IN LISTS sources)
    get_filename_component(name "${source}" NAME_WE)
    string(REGEX REPLACE "_fuzz$" "" name "${name}")
    set_source_files_properties("${source}" PROPERTIES
      COMPILE_DEFINITIONS "LLVMFuzzerTestOneInput=fuzz_${name}" SKIP_PRECOMPILE_HEADERS ON)
    string(APPEND entries "HOLDFAST_FUZZER(${name})\n")
  endforeach()
  file(CONFIGURE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/fuzz/fuzzers.inc" CONTENT "${entries}" @ONLY)
  holdfast_add_test_program(test_fuzz_corpus ${HOLDFAST_CORE_ROOMS} LABELS fuzz
    SOURCES ${sources} "${CMAKE_CURRENT_SOURCE_DIR}/fuzz/corpus_test.cpp")
  target_include_directories(test_fuzz_corpus PRIVATE "${CMAKE_CURRENT_BINARY_DIR}/fuzz")
endfunction()
