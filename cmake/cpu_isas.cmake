# The CPU device's inner loops, compiled once for each instruction set; the best one is chosen at run time.
set(isas baseline)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  list(APPEND isas avx2 avx512)
  set(isa_flags_avx2 -march=x86-64-v3)
  set(isa_flags_avx512 -march=x86-64-v4 -mprefer-vector-width=512)
endif()
set(GEMMACT_CPU_ISAS ${isas} CACHE STRING "Instruction sets of the CPU device: ${isas}, or fewer")
# Selects may be computed on both sides, errno is not used; otherwise plain IEEE: no reassociation, no contraction but
# where fma is written.
set(isa_common_flags -O3 -fno-math-errno -fno-trapping-math -ffp-contract=off)

function(gemmact_isa_library isa)
  set(sources "")
  foreach(file operations product row)
    list(APPEND sources ${PROJECT_SOURCE_DIR}/host/cpu/loops/${file}.cpp)
  endforeach()
  set(declarations "")
  set(entries "")
  foreach(stem ${GEMMACT_ACTIVATIONS})
    set(source ${PROJECT_BINARY_DIR}/generated/loops_${isa}_${stem}.cpp)
    set(header ${GEMMACT_ACTIVATION_FILE_${stem}})
    file(CONFIGURE OUTPUT ${source} @ONLY CONTENT "#include \"@header@\"
#include \"host/cpu/loops/activation.hpp\"
extern \"C\" const gemmact_isa::activation_maps gemmact_@isa@_@stem@_maps[2];
const gemmact_isa::activation_maps gemmact_@isa@_@stem@_maps[2] = {
    gemmact::cpu::maps_of<gemmact::activation::@stem@<gemmact::accuracy::accurate>>(),
    gemmact::cpu::maps_of<gemmact::activation::@stem@<gemmact::accuracy::fast>>()};
")
    list(APPEND sources ${source})
    string(APPEND declarations "extern \"C\" const activation_maps gemmact_${isa}_${stem}_maps[2];\n")
    string(APPEND entries "      gemmact_${isa}_${stem}_maps,\n")
  endforeach()
  set(table ${PROJECT_BINARY_DIR}/generated/loops_${isa}.cpp)
  file(CONFIGURE OUTPUT ${table} @ONLY CONTENT "#include \"host/cpu/isa_abi.hpp\"
using namespace gemmact_isa;
@declarations@
extern \"C\" const product_maps gemmact_@isa@_product_maps;
extern \"C\" const row_maps gemmact_@isa@_row_maps;
extern \"C\" const operation_maps gemmact_@isa@_operation_maps[2];
extern \"C\" const isa gemmact_isa_@isa@;
namespace {
const activation_maps* activation(int index, int fast) {
  static const activation_maps* const all[] = {
@entries@  };
  return all[index] + (fast != 0 ? 1 : 0);
}
}  // namespace
const isa gemmact_isa_@isa@ = {\"@isa@\", &gemmact_@isa@_product_maps, &gemmact_@isa@_row_maps,
                               gemmact_@isa@_operation_maps, activation};
")
  # A product is written as multiply and add, and is meant to be one instruction where there is one.
  set_source_files_properties(${PROJECT_SOURCE_DIR}/host/cpu/loops/product.cpp PROPERTIES COMPILE_OPTIONS
                              -ffp-contract=fast)
  add_library(gemmact_loops_${isa} OBJECT ${sources} ${table})
  target_link_libraries(gemmact_loops_${isa} PRIVATE gemmact_options)
  target_compile_options(gemmact_loops_${isa} PRIVATE ${isa_common_flags} ${isa_flags_${isa}})
  target_compile_definitions(gemmact_loops_${isa} PRIVATE gemmact=gemmact_${isa} GEMMACT_ISA=${isa})
endfunction()
