// A number of 640 bits (MPFR), just enough of one to evaluate formulas.
#pragma once
#include <mpfr.h>

namespace gemmact::reference {

class real {
 public:
  real(double v = 0) {
    mpfr_init2(v_, 640);
    mpfr_set_d(v_, v, MPFR_RNDN);
  }
  static real from_decimal(const char* text) {
    real v;
    mpfr_set_str(v.v_, text, 10, MPFR_RNDN);
    return v;
  }
  real(const real& other) : real() { mpfr_set(v_, other.v_, MPFR_RNDN); }
  real& operator=(const real& other) {
    mpfr_set(v_, other.v_, MPFR_RNDN);
    return *this;
  }
  ~real() { mpfr_clear(v_); }

  double to_double() const { return mpfr_get_d(v_, MPFR_RNDN); }
  bool is_zero() const { return mpfr_zero_p(v_) != 0; }
  int compare(const real& other) const { return mpfr_cmp(v_, other.v_); }

  // f(result, this) and f(result, this, other), as MPFR's functions are.
  real apply(int (*f)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t)) const {
    real y;
    f(y.v_, v_, MPFR_RNDN);
    return y;
  }
  real apply(int (*f)(mpfr_ptr, mpfr_srcptr, mpfr_srcptr, mpfr_rnd_t), const real& other) const {
    real y;
    f(y.v_, v_, other.v_, MPFR_RNDN);
    return y;
  }
  friend real operator+(const real& a, const real& b) { return a.apply(mpfr_add, b); }
  friend real operator-(const real& a, const real& b) { return a.apply(mpfr_sub, b); }
  friend real operator*(const real& a, const real& b) { return a.apply(mpfr_mul, b); }
  friend real operator/(const real& a, const real& b) { return a.apply(mpfr_div, b); }
  friend real operator-(const real& a) { return real(0) - a; }

 private:
  mpfr_t v_;
};

}  // namespace gemmact::reference
