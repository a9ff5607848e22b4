# Seconds after which a test counts as hung; generous, as tests/run --full runs many more cases.
set(GEMMACT_TEST_TIMEOUT 3600)

# Tests of more than ten seconds say so by COST, about their seconds, and 100 where they take two processors: the long ones
# begin first, as in a fresh clone ctest knows of none how long it takes.

# gemmact_instrumented(test…): the label asan for what runs under AddressSanitizer in such a build.
function(gemmact_instrumented)
  if(GEMMACT_SANITIZE MATCHES "address")
    set_property(TEST ${ARGN} APPEND PROPERTY LABELS asan)
  endif()
endfunction()

# gemmact_test(NAME name SOURCES … [LIBRARIES …] [LABELS …] [TIMEOUT seconds]): one GoogleTest executable, one ctest entry.
# Libraries default to the static library, whose internal symbols a test of a layer needs. Label cpu unless given.
function(gemmact_test)
  cmake_parse_arguments(arg "" "NAME;TIMEOUT" "SOURCES;LIBRARIES;LABELS" ${ARGN})
  if(NOT arg_LABELS)
    set(arg_LABELS cpu)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT ${GEMMACT_TEST_TIMEOUT})
  endif()
  add_executable(${arg_NAME} ${arg_SOURCES})
  set_target_properties(${arg_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests/bin)
  target_link_libraries(${arg_NAME} PRIVATE gemmact_options gemmact_static ${arg_LIBRARIES} gemmact_fmt GTest::gtest
                                            GTest::gtest_main Threads::Threads)
  add_test(NAME ${arg_NAME} COMMAND ${arg_NAME} --gtest_brief=1)
  set_tests_properties(${arg_NAME} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT})
  gemmact_instrumented(${arg_NAME})
endfunction()

# gemmact_emulated_test(NAME name SOURCES … [LIBRARIES …] [LABELS …] [TIMEOUT seconds]): kernels compiled by the C++ compiler
# for the emulator. Such an executable never links the library: the same headers, compiled for another side, are in it.
function(gemmact_emulated_test)
  cmake_parse_arguments(arg "" "NAME;TIMEOUT" "SOURCES;LIBRARIES;LABELS" ${ARGN})
  if(NOT arg_LABELS)
    set(arg_LABELS emulator)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT ${GEMMACT_TEST_TIMEOUT})
  endif()
  add_executable(${arg_NAME} ${arg_SOURCES})
  set_target_properties(${arg_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests/bin)
  target_link_libraries(${arg_NAME} PRIVATE gemmact_options gemmact_emulator ${arg_LIBRARIES} gemmact_fmt GTest::gtest
                                            GTest::gtest_main Threads::Threads)
  add_test(NAME ${arg_NAME} COMMAND ${arg_NAME} --gtest_brief=1)
  set_tests_properties(${arg_NAME} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT})
  gemmact_instrumented(${arg_NAME})
endfunction()
