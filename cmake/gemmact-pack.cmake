# gemmact_add_pack(target PROBLEMS problems.json ARCH sm_80 sm_90 OUTPUT my.pack): compiles the kernels that the problems need
# into a file, for products that run where there is no NVRTC; name it in GEMMACT_PACK there. problems.json is what
# `gemmact pack --help` says. Needs the command gemmact and, at build time, NVRTC; no GPU.
function(gemmact_add_pack target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "PROBLEMS;OUTPUT" "ARCH")
  if(NOT arg_PROBLEMS OR NOT arg_OUTPUT OR NOT arg_ARCH OR arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "gemmact_add_pack(${target}) needs PROBLEMS, ARCH and OUTPUT, and nothing else")
  endif()
  if(TARGET gemmact_command)
    set(command gemmact_command)
  else()
    find_program(GEMMACT_COMMAND_PROGRAM gemmact HINTS ${GEMMACT_COMMAND_HINT} DOC "The command gemmact, for packs" REQUIRED)
    set(command ${GEMMACT_COMMAND_PROGRAM})
  endif()
  get_filename_component(problems ${arg_PROBLEMS} ABSOLUTE)
  get_filename_component(output ${arg_OUTPUT} ABSOLUTE BASE_DIR ${CMAKE_CURRENT_BINARY_DIR})
  list(JOIN arg_ARCH "," architectures)
  add_custom_command(OUTPUT ${output} COMMAND ${command} pack ${problems} --arch ${architectures} -o ${output}
                     DEPENDS ${problems} ${command} COMMENT "Compiling kernels into ${arg_OUTPUT}" VERBATIM)
  add_custom_target(${target} ALL DEPENDS ${output})
endfunction()
