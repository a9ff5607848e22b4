# gemmact_options: what every target of ours is compiled with.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(PROJECT_IS_TOP_LEVEL)
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
  set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
  set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
endif()

add_library(gemmact_options INTERFACE)
# Includes are quoted and rooted at the repository; generated text is rooted at the build tree's generated/.
target_include_directories(gemmact_options INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/generated)
target_compile_options(gemmact_options INTERFACE -Wall -Wextra)
if(NOT CMAKE_UNITY_BUILD)  # a source's own names may be another's parameters
  target_compile_options(gemmact_options INTERFACE -Wshadow)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION MATCHES "^12\\.")
  # GCC 105651: in one place or another, as inlining goes, a literal + a std::string is warned of as memory that overlaps.
  target_compile_options(gemmact_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict>)
endif()
# Instrumentation hides from the compiler what is initialised and in bounds: it then warns of what is right, the standard
# library's own headers included. The same sources are compiled with -Werror without it.
if(GEMMACT_SANITIZE OR GEMMACT_COVERAGE)
  target_compile_options(gemmact_options INTERFACE -Wno-maybe-uninitialized)
elseif(GEMMACT_WERROR)
  target_compile_options(gemmact_options INTERFACE -Werror)
endif()
if(GEMMACT_SANITIZE)
  target_compile_options(gemmact_options INTERFACE -fsanitize=${GEMMACT_SANITIZE} -fno-omit-frame-pointer
                         -fno-sanitize-recover=all)
  target_link_options(gemmact_options INTERFACE -fsanitize=${GEMMACT_SANITIZE})
endif()
if(GEMMACT_COVERAGE)
  target_compile_options(gemmact_options INTERFACE --coverage)
  target_link_options(gemmact_options INTERFACE --coverage)
endif()
