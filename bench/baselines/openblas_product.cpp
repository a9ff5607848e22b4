// OpenBLAS is loaded at run time, so that the time its threads spin after a call can be set before (it reads its
// environment once): 26 ms would be stolen from whatever is timed next.
#include "bench/baselines/convert.hpp"
#include "bench/baselines/product.hpp"

#if defined(GEMMACT_BENCH_OPENBLAS)
#include <cblas.h>
#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>

namespace gemmact_bench {
namespace {

class openblas_product final : public product_library {
 public:
  openblas_product(pool& threads, void* library) : threads_(threads), library_(library) {}
  ~openblas_product() override { dlclose(library_); }

  // False where a function is missing: another BLAS under this name.
  bool load() {
    const bool all = find(gemm_, "cblas_sgemm") && find(gemv_, "cblas_sgemv") && find(config_, "openblas_get_config") &&
                     find(core_, "openblas_get_corename") && find(set_threads_, "openblas_set_num_threads");
    if (all) set_threads_(threads_.threads());
    return all;
  }

  std::string name() const override { return "OpenBLAS"; }
  std::string version() const override { return fmt::format("{}, kernels for {}", config_(), core_()); }

  void multiply(const product_problem& p, const float* a, const float* b, float* c) override {
    if (p.rows == 1 && !p.transpose_a) {
      gemv_(CblasRowMajor, p.transpose_b ? CblasNoTrans : CblasTrans, int(p.transpose_b ? p.cols : p.depth),
            int(p.transpose_b ? p.depth : p.cols), 1.0f, b, int(p.transpose_b ? p.depth : p.cols), a, 1, 0.0f, c, 1);
    } else if (p.cols == 1 && p.transpose_b) {
      gemv_(CblasRowMajor, CblasNoTrans, int(p.rows), int(p.depth), 1.0f, a, int(p.depth), b, 1, 0.0f, c, 1);
    } else {
      gemm_(CblasRowMajor, p.transpose_a ? CblasTrans : CblasNoTrans, p.transpose_b ? CblasTrans : CblasNoTrans,
            int(p.rows), int(p.cols), int(p.depth), 1.0f, a, int(p.transpose_a ? p.rows : p.depth), b,
            int(p.transpose_b ? p.depth : p.cols), 0.0f, c, int(p.cols));
    }
  }

  void multiply_16_bit(const product_problem& p, const float* a, const void* b, int type, float* scratch,
                       float* c) override {
    to_floats(threads_, type, b, p.depth * p.cols, scratch);
    multiply(p, a, scratch, c);
  }

 private:
  template <class F>
  bool find(F*& function, const char* name) {
    function = reinterpret_cast<F*>(dlsym(library_, name));
    return function != nullptr;
  }

  pool& threads_;
  void* library_;
  decltype(&cblas_sgemm) gemm_ = nullptr;
  decltype(&cblas_sgemv) gemv_ = nullptr;
  char* (*config_)(void) = nullptr;
  char* (*core_)(void) = nullptr;
  void (*set_threads_)(int) = nullptr;
};

}  // namespace

std::unique_ptr<product_library> make_openblas_product(pool& threads, std::string* reason) {
  setenv("OPENBLAS_THREAD_TIMEOUT", "22", 0);  // 2^22 clocks, some 2 ms; longer than any pause within a turn
  void* library = dlopen(GEMMACT_BENCH_OPENBLAS, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    *reason = fmt::format("{} was there when this was built and cannot be loaded now", GEMMACT_BENCH_OPENBLAS);
    return nullptr;
  }
  auto product = std::make_unique<openblas_product>(threads, library);
  if (product->load()) return product;
  *reason = fmt::format("{} lacks a function of OpenBLAS", GEMMACT_BENCH_OPENBLAS);
  return nullptr;
}

}  // namespace gemmact_bench
#else
namespace gemmact_bench {
std::unique_ptr<product_library> make_openblas_product(pool&, std::string* reason) {
  *reason = "OpenBLAS was not found when this was built";
  return nullptr;
}
}  // namespace gemmact_bench
#endif
