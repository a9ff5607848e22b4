#include <fmt/format.h>

#include <Eigen/Core>
#include <algorithm>
#include <vector>

#include "bench/baselines/convert.hpp"
#include "bench/baselines/product.hpp"
#include "bench/core/types.hpp"

namespace gemmact_bench {

void to_floats(int type, const void* in, int64_t count, float* out) {
  if (type == GEMMACT_F16) to_floats<Eigen::half>(in, count, out);
  else if (type == GEMMACT_BF16) to_floats<Eigen::bfloat16>(in, count, out);
  else std::copy_n(static_cast<const float*>(in), count, out);
}

void to_floats(pool& threads, int type, const void* in, int64_t count, float* out) {
  threads.share(count, 4096, count, 1 << 16, [&](int64_t begin, int64_t end) {
    const char* from = static_cast<const char*>(in) + begin * bytes_of(gemmact_type(type));
    to_floats(type, from, end - begin, out + begin);
  });
}

namespace {

using matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using stride = Eigen::OuterStride<>;
using view = Eigen::Map<const matrix, 0, stride>;
using target = Eigen::Map<matrix, 0, stride>;

constexpr int64_t least_work = 1 << 20;  // operations below which a second thread costs more than it brings

int64_t work(const product_problem& p) { return 2 * p.rows * p.cols * p.depth; }

// Eigen's product, shared out by columns or rows of the result, whichever are more: each thread's part is one call.
class eigen_product final : public product_library {
 public:
  explicit eigen_product(pool& threads) : threads_(threads) { Eigen::initParallel(); }

  std::string name() const override { return "Eigen"; }
  std::string version() const override {
    return fmt::format("{}.{}.{}, SIMD {}", EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION,
                       Eigen::SimdInstructionSetsInUse());
  }

  void multiply(const product_problem& p, const float* a, const float* b, float* c) override {
    if (p.cols >= p.rows) {
      threads_.share(p.cols, 16, work(p), least_work, [&](int64_t begin, int64_t end) {
        const float* part = b + begin * (p.transpose_b ? p.depth : 1);
        one({p.rows, end - begin, p.depth, p.transpose_a, p.transpose_b}, a, p.transpose_a ? p.rows : p.depth, part,
            p.transpose_b ? p.depth : p.cols, c + begin, p.cols);
      });
    } else {
      threads_.share(p.rows, 16, work(p), least_work, [&](int64_t begin, int64_t end) {
        const float* part = a + begin * (p.transpose_a ? 1 : p.depth);
        one({end - begin, p.cols, p.depth, p.transpose_a, p.transpose_b}, part, p.transpose_a ? p.rows : p.depth, b,
            p.transpose_b ? p.depth : p.cols, c + begin * p.cols, p.cols);
      });
    }
  }

  void multiply_16_bit(const product_problem& p, const float* a, const void* b, int type, float* scratch,
                       float* c) override {
    if (!p.transpose_b) {
      to_floats(threads_, type, b, p.depth * p.cols, scratch);
      multiply(p, a, scratch, c);
      return;
    }
    // A block of rows of B is converted into the thread's own cache and multiplied from there.
    const int64_t block = std::max<int64_t>(16, (int64_t(1) << 17) / p.depth / 16 * 16);
    threads_.share(p.cols, 16, work(p), least_work, [&](int64_t begin, int64_t end) {
      float* own = scratch + begin * p.depth;
      for (int64_t col = begin; col < end; col += block) {
        const int64_t cols = std::min(block, end - col);
        to_floats(type, static_cast<const char*>(b) + col * p.depth * 2, cols * p.depth, own);
        one({p.rows, cols, p.depth, false, true}, a, p.depth, own, p.depth, c + col, p.cols);
      }
    });
  }

 private:
  static void one(const product_problem& p, const float* a, int64_t lda, const float* b, int64_t ldb, float* c,
                  int64_t ldc) {
    target out(c, p.rows, p.cols, stride(ldc));
    if (p.transpose_a) {
      out.noalias() = view(a, p.depth, p.rows, stride(lda)).transpose() * view(b, p.depth, p.cols, stride(ldb));
    } else if (p.transpose_b && p.rows == 1) {
      // With a vector Eigen's matrix-vector product is chosen when this is compiled.
      Eigen::Map<Eigen::VectorXf>(c, p.cols).noalias() =
          view(b, p.cols, p.depth, stride(ldb)) * Eigen::Map<const Eigen::VectorXf>(a, p.depth);
    } else if (p.transpose_b) {
      out.noalias() = view(a, p.rows, p.depth, stride(lda)) * view(b, p.cols, p.depth, stride(ldb)).transpose();
    } else {
      out.noalias() = view(a, p.rows, p.depth, stride(lda)) * view(b, p.depth, p.cols, stride(ldb));
    }
  }

  pool& threads_;
};

}  // namespace

std::unique_ptr<product_library> make_eigen_product(pool& threads) { return std::make_unique<eigen_product>(threads); }

}  // namespace gemmact_bench
