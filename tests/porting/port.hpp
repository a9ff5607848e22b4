// The functions that docs/from_cublaslt.md shows.
#pragma once
extern "C" {
#include "from_cublaslt/port.h"

gemmact_status forward_plan(gemmact_context*, const matmul*, const epilogue*, gemmact_plan**);
gemmact_status input_grad_plan(gemmact_context*, const matmul*, const epilogue*, gemmact_plan**);
gemmact_status weight_grad_plan(gemmact_context*, const matmul*, const epilogue*, gemmact_plan**);
gemmact_status weight_grad_columns_plan(gemmact_context*, const matmul*, const epilogue*, gemmact_plan**);
gemmact_status same_roles_plan(gemmact_context*, const matmul*, const epilogue*, gemmact_plan**);
gemmact_status scaled_plan(gemmact_context*, const matmul*, gemmact_type type_c, int64_t ldc, gemmact_plan**);
gemmact_status relu_aux_bias_plan(gemmact_context*, int64_t M, int64_t N, int64_t K, gemmact_plan**);
gemmact_status relu_aux_bias_run(const gemmact_plan*, void* a, void* b, void* bias, void* d, void* mask,
                                 void* workspace, void* stream);
gemmact_status drelu_bgrad_plan(gemmact_context*, int64_t M, int64_t N, int64_t K, gemmact_plan**);
gemmact_status drelu_bgrad_run(const gemmact_plan*, void* a, void* b, void* bias, void* d, void* mask, void* workspace,
                               void* stream);
gemmact_status bgradb_plan(gemmact_context*, int64_t M, int64_t N, int64_t K, gemmact_plan**);
gemmact_status bgradb_run(const gemmact_plan*, void* a, void* b, void* bias, void* d, void* workspace, void* stream);
}
