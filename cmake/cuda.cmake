# Programs that nvcc compiles: the tests that need a GPU. The library itself never needs nvcc.

# gemmact_device_test(NAME name SOURCE file.cu [DEPENDS files…]): one program of one source for sm_80, sm_89, sm_90a and, as
# PTX of compute_80, whatever comes later. Label device; where it finds no GPU it exits with 77, and counts as skipped. Where
# it cannot be built, the test is there all the same, skipped with the reason.
function(gemmact_device_test)
  cmake_parse_arguments(arg "" "NAME;SOURCE" "" ${ARGN})
  set(reason "")
  if(NOT CUDAToolkit_NVCC_EXECUTABLE)
    set(reason "built where there is no nvcc")
  elseif(GEMMACT_SANITIZE OR GEMMACT_COVERAGE)
    set(reason "not built with a sanitizer or for coverage, which nvcc's code has no part in")
  endif()
  if(reason)
    add_test(NAME ${arg_NAME} COMMAND ${CMAKE_COMMAND} -E echo "skipped: ${reason}")
    set_tests_properties(${arg_NAME} PROPERTIES LABELS device SKIP_REGULAR_EXPRESSION "skipped: ")
    return()
  endif()
  set(source ${CMAKE_CURRENT_SOURCE_DIR}/${arg_SOURCE})
  set(object ${CMAKE_CURRENT_BINARY_DIR}/${arg_NAME}.o)
  set(program ${PROJECT_BINARY_DIR}/tests/bin/${arg_NAME})
  set(nvcc ${CUDAToolkit_NVCC_EXECUTABLE} -ccbin ${CMAKE_CXX_COMPILER})
  set(targets -gencode arch=compute_80,code=[sm_80,compute_80] -gencode arch=compute_89,code=sm_89 -gencode
              arch=compute_90a,code=sm_90a)
  set(warnings -Xcompiler -Wall,-Wextra)
  if(GEMMACT_WERROR)
    list(APPEND warnings -Werror all-warnings)
  endif()
  # Constant expressions of kernels/base are for the device alone there, and the expectations are computed by the host.
  add_custom_command(
    OUTPUT ${object}
    COMMAND ${CMAKE_CXX_COMPILER_LAUNCHER} ${nvcc} -std=c++20 -O1 -lineinfo --expt-relaxed-constexpr ${warnings} ${targets}
            -I${PROJECT_SOURCE_DIR} -MD -MF ${object}.d -MT ${object} -c ${source} -o ${object}
    DEPENDS ${source} DEPFILE ${object}.d COMMENT "Compiling ${arg_NAME} for GPUs" VERBATIM)
  add_custom_command(
    OUTPUT ${program}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/tests/bin
    COMMAND ${nvcc} ${targets} ${object} -o ${program}
    DEPENDS ${object} COMMENT "Linking ${arg_NAME}" VERBATIM)
  add_custom_target(${arg_NAME} ALL DEPENDS ${program})
  add_test(NAME ${arg_NAME} COMMAND ${program})
  set_tests_properties(${arg_NAME} PROPERTIES LABELS device SKIP_RETURN_CODE 77 TIMEOUT ${GEMMACT_TEST_TIMEOUT})
endfunction()
